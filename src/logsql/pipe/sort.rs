//! `sort by (a desc, b) limit N offset M partition by (c) rank as r`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::fields::listed;
use super::sorting::{Key, Plan, sorting};
use super::top::{parse_rank, print_rank};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "sort",
    aliases: &["order"],
    syntax: "sort by (field desc, …) desc offset M limit N partition by (field, …) rank as name",
    en: "Sorts rows by fields, by all fields where none is named; with `limit` only the first rows are kept.",
    ko: "필드로 행을 정렬합니다. 필드가 없으면 모든 필드로 정렬합니다. `limit`이 있으면 앞의 행만 남깁니다.",
    example: "* | sort by (_time desc) limit 100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Sort {
    plan: Plan,
}

/// `(a desc, b asc)`.
pub(super) fn parse_keys(cursor: &mut Cursor<'_>) -> Parsed<Vec<Key>> {
    let mut keys = Vec::new();
    cursor.in_parens(|cursor| {
        let field = cursor.field()?;
        let descending = cursor.take("desc");
        if !descending {
            cursor.take("asc");
        }
        keys.push(Key { field, descending });
        Ok(())
    })?;
    Ok(keys)
}

/// Appends ` by (a desc, b)`.
pub(super) fn print_keys(keys: &[Key], out: &mut String) {
    if !keys.is_empty() {
        let key = |key: &Key| format!("{}{}", quoted(&key.field), if key.descending { " desc" } else { "" });
        out.push_str(&format!(" by ({})", keys.iter().map(key).collect::<Vec<_>>().join(", ")));
    }
}

impl Sort {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut plan = Plan::default();
        if cursor.take("by") || cursor.is(&["("]) {
            plan.keys = parse_keys(cursor)?;
        }
        plan.descending = cursor.take("desc");
        if !plan.descending {
            cursor.take("asc");
        }
        loop {
            let span = cursor.span();
            if cursor.take("offset") {
                let offset = cursor.integer()?;
                if plan.offset > 0 {
                    return fault(span, Problem::Twice("offset"));
                }
                plan.offset = offset;
            } else if cursor.take("limit") {
                let limit = cursor.integer()?;
                if plan.limit > 0 {
                    return fault(span, Problem::Twice("limit"));
                }
                plan.limit = limit;
            } else if cursor.is(&["rank"]) {
                plan.rank = Some(parse_rank(cursor)?);
            } else if cursor.take("partition") {
                if !plan.partition.is_empty() {
                    return fault(span, Problem::Twice("partition by"));
                }
                cursor.take("by");
                plan.partition = cursor.fields_in_parens()?;
            } else if !plan.partition.is_empty() && plan.limit == 0 {
                return cursor.wanted(What::Limit);
            } else {
                return Ok(Self { plan });
            }
        }
    }

    /// Whether rows go on with the fields they have.
    pub(in super::super) fn adds_nothing(&self) -> bool {
        self.plan.rank.is_none()
    }

    /// Whether it keeps all rows.
    pub(in super::super) fn is_unlimited(&self) -> bool {
        self.plan.limit == 0
    }

    /// What it looks at first, whether the greatest come first, and how many rows it keeps of all; `None` where it keeps
    /// all, or some of each partition.
    pub(super) fn best(&self) -> Option<(&str, bool, usize)> {
        let plan = &self.plan;
        let key = plan.keys.first().filter(|_| plan.limit > 0 && plan.partition.is_empty())?;
        let wanted = usize::try_from(plan.limit.saturating_add(plan.offset)).ok()?;
        Some((&key.field, plan.descending != key.descending, wanted))
    }

    /// The stage over rows whose `_time` still is the stored one, or no longer.
    pub(in super::super) fn stage_over(&self, stored: bool) -> Box<dyn Stage + '_> {
        let text = || {
            let mut out = String::new();
            self.print(&mut out);
            out
        };
        sorting(&self.plan, stored, Box::new(text))
    }

    /// Takes over an offset that follows; not after a limit or another offset, where it would mean something else.
    pub(in super::super) fn fold_offset(&mut self, offset: u64) -> bool {
        let fold = self.plan.offset == 0 && self.plan.limit == 0;
        if fold {
            self.plan.offset = offset;
        }
        fold
    }

    /// Takes over a limit that follows.
    pub(in super::super) fn fold_limit(&mut self, limit: u64) -> bool {
        let fold = limit > 0 && self.plan.partition.is_empty();
        if fold && (self.plan.limit == 0 || limit < self.plan.limit) {
            self.plan.limit = limit;
        }
        fold
    }
}

impl Step for Sort {
    fn print(&self, out: &mut String) {
        let plan = &self.plan;
        out.push_str("sort");
        print_keys(&plan.keys, out);
        out.push_str(if plan.descending { " desc" } else { "" });
        if !plan.partition.is_empty() {
            out.push_str(&format!(" partition by ({})", listed(&plan.partition)));
        }
        if plan.offset > 0 {
            out.push_str(&format!(" offset {}", plan.offset));
        }
        if plan.limit > 0 {
            out.push_str(&format!(" limit {}", plan.limit));
        }
        print_rank(plan.rank.as_deref(), out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.plan.needs(needs);
    }

    fn work(&self) -> Work {
        self.plan.work()
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(self.stage_over(false))
    }
}

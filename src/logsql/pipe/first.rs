//! `first N by (a, b) partition by (c) rank as r`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, fault};
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::fields::listed;
use super::sort::{parse_keys, print_keys};
use super::sorting::Plan;
use super::top::{parse_rank, print_rank};
use super::topk::topk;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "first",
    aliases: &[],
    syntax: "first N by (field desc, …) partition by (field, …) rank as name",
    en: "Keeps the first N rows in the order of the fields, one where no number is given.",
    ko: "필드 순서로 처음 N개 행을 남깁니다. 숫자가 없으면 하나입니다.",
    example: "* | first 3 by (duration) partition by (path)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct First {
    plan: Plan,
}

impl First {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { plan: parse_ends(cursor, false)? })
    }
}

/// `N by (a desc, b) partition by (c) rank as r`.
pub(super) fn parse_ends(cursor: &mut Cursor<'_>, descending: bool) -> Parsed<Plan> {
    let mut plan = Plan { descending, limit: 1, ..Plan::default() };
    if !cursor.is(&["by", "partition", "rank", "("]) && !cursor.pipe_ends() {
        let span = cursor.span();
        plan.limit = cursor.integer()?;
        if plan.limit == 0 {
            return fault(span, Problem::OutOfRange("0".to_owned()));
        }
    }
    if cursor.take("by") || cursor.is(&["("]) {
        plan.keys = parse_keys(cursor)?;
    }
    if cursor.take("partition") {
        cursor.take("by");
        plan.partition = cursor.fields_in_parens()?;
    }
    if cursor.is(&["rank"]) {
        plan.rank = Some(parse_rank(cursor)?);
    }
    Ok(plan)
}

/// Appends the canonical form.
pub(super) fn print_ends(pipe: &str, plan: &Plan, out: &mut String) {
    out.push_str(pipe);
    if plan.limit != 1 {
        out.push_str(&format!(" {}", plan.limit));
    }
    print_keys(&plan.keys, out);
    if !plan.partition.is_empty() {
        out.push_str(&format!(" partition by ({})", listed(&plan.partition)));
    }
    print_rank(plan.rank.as_deref(), out);
}

impl Step for First {
    fn print(&self, out: &mut String) {
        print_ends("first", &self.plan, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.plan.needs(needs);
    }

    fn work(&self) -> Work {
        self.plan.work()
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let text = || {
            let mut out = String::new();
            self.print(&mut out);
            out
        };
        Ok(topk(&self.plan, Box::new(text)))
    }
}

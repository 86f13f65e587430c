//! `replace ("old", "new") at field limit N`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::update::update;
use super::{Query, RowFilter, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "replace",
    aliases: &[],
    syntax: "replace if (filter) (\"old\", \"new\") at field limit N",
    en: "Replaces a text in a field, the message where none is named.",
    ko: "필드의 글자를 바꿉니다. 필드가 없으면 메시지입니다.",
    example: "* | replace (\"secret=\", \"***\") at path",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Replace {
    old: String,
    new: String,
    target: Target,
}

/// What `replace` and `replace_regexp` have in common.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub condition: Option<RowFilter>,
    pub field: String,
    /// 0 for no limit.
    pub limit: u64,
}

impl Target {
    /// `at field limit N`.
    pub(super) fn parse(condition: Option<RowFilter>, cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let field = if cursor.take("at") { cursor.field()? } else { "_msg".to_owned() };
        let limit = if cursor.take("limit") { cursor.integer()? } else { 0 };
        Ok(Self { condition, field, limit })
    }

    pub(super) fn print(&self, pipe: &str, old: &str, new: &str, out: &mut String) {
        out.push_str(pipe);
        print_if(self.condition.as_ref(), out);
        out.push_str(&format!(" ({}, {})", quoted(old), quoted(new)));
        if self.field != "_msg" {
            out.push_str(&format!(" at {}", quoted(&self.field)));
        }
        if self.limit > 0 {
            out.push_str(&format!(" limit {}", self.limit));
        }
    }

    pub(super) fn needs(&self, needs: &mut Needs) {
        if let Some(condition) = self.condition.as_ref().filter(|_| needs.has(&self.field)) {
            condition.needs(needs);
        }
    }

    /// How often at most.
    pub(super) fn times(&self) -> usize {
        if self.limit == 0 { usize::MAX } else { usize::try_from(self.limit).unwrap_or(usize::MAX) }
    }
}

impl Replace {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        cursor.expect("(")?;
        let old = cursor.compound()?;
        cursor.expect(",")?;
        let new = cursor.compound()?;
        cursor.expect(")")?;
        Ok(Self { old, new, target: Target::parse(condition, cursor)? })
    }
}

impl Step for Replace {
    fn print(&self, out: &mut String) {
        self.target.print("replace", &self.old, &self.new, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.target.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.target.condition.as_ref(), run)?;
        Ok(update(&self.target.field, condition, |value| {
            if self.old.is_empty() {
                value.to_owned()
            } else {
                value.replacen(&self.old, &self.new, self.target.times())
            }
        }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.target.condition {
            condition.visit_queries(visit);
        }
    }
}

//! `last N by (a, b) partition by (c) rank as r`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::first::{parse_ends, print_ends};
use super::sorting::Plan;
use super::topk::topk;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "last",
    aliases: &[],
    syntax: "last N by (field desc, …) partition by (field, …) rank as name",
    en: "Keeps the last N rows in the order of the fields, one where no number is given.",
    ko: "필드 순서로 마지막 N개 행을 남깁니다. 숫자가 없으면 하나입니다.",
    example: "* | last 3 by (duration) partition by (path)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Last {
    plan: Plan,
}

impl Last {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { plan: parse_ends(cursor, true)? })
    }
}

impl Step for Last {
    fn print(&self, out: &mut String) {
        print_ends("last", &self.plan, out);
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

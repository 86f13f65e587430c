//! `filter …`: rows that pass a filter, after other pipes.

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::{Batch, Query, RowFilter, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "filter",
    aliases: &["where"],
    syntax: "filter <filter>",
    en: "Keeps the rows that pass the filter; the name may be left out.",
    ko: "필터를 통과한 행만 남깁니다. 이름은 생략할 수 있습니다.",
    example: "* | stats by (ip) count(*) as hits | filter hits:>100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The filter.
    pub filter: RowFilter,
}

impl Filter {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { filter: filter::parse(cursor)? })
    }
}

impl Step for Filter {
    fn print(&self, out: &mut String) {
        out.push_str("filter ");
        self.filter.print(out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.filter.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let test = self.filter.compile(run)?;
        Ok(Box::new(Each(move |batch: Batch| {
            let keep = test.rows(&batch);
            batch.filtered(&keep)
        })))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        self.filter.visit_queries(visit);
    }
}

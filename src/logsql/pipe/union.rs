//! `union (query)`: the rows of another query after these.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::Event;
use super::{Batch, Query, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "union",
    aliases: &[],
    syntax: "union (query)",
    en: "Adds the rows of another query after these.",
    ko: "다른 쿼리의 행을 뒤에 더합니다.",
    example: "status:=500 | union (status:=502)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Union {
    query: Box<Query>,
}

impl Union {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let query = Box::new(Query::parse_in_parens(cursor)?);
        cursor.note(|_| Event::Flows);
        Ok(Self { query })
    }
}

impl Step for Union {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("union ({})", self.query));
    }

    fn needs(&self, _: &mut Needs) {}

    fn work(&self) -> Work {
        Work::Then
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Appending { query: &self.query, enough: false }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        visit(&mut self.query);
    }
}

struct Appending<'p> {
    query: &'p Query,
    enough: bool,
}

impl Stage for Appending<'_> {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let flow = out(batch)?;
        self.enough |= flow == Flow::Enough;
        Ok(flow)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        if self.enough { Ok(()) } else { run.sub_query(self.query, out) }
    }
}

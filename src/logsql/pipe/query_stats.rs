//! `query_stats`: what a query cost on the server.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "query_stats",
    aliases: &[],
    syntax: "query_stats",
    en: "Shows what executing the query cost: blocks, rows, values and bytes read. Only a server knows.",
    ko: "쿼리를 실행하며 읽은 블록, 행, 값, 바이트를 보여 줍니다. 서버에서만 알 수 있습니다.",
    example: "_time:5m | query_stats",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct QueryStats;

impl QueryStats {
    pub(super) fn parse(_: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self)
    }
}

impl Step for QueryStats {
    fn print(&self, out: &mut String) {
        out.push_str("query_stats");
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Server
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Err(Stop::ServerOnly("query_stats"))
    }
}

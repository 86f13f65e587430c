//! `block_stats`: about the storage of a server; nothing that files have.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "block_stats",
    aliases: &[],
    syntax: "block_stats",
    en: "How much room each field takes in the storage blocks of the server.",
    ko: "서버 저장 블록에서 필드마다 차지하는 공간을 보여 줍니다.",
    example: "* | block_stats",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct BlockStats;

impl BlockStats {
    pub(super) fn parse(_: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self)
    }
}

impl Step for BlockStats {
    fn print(&self, out: &mut String) {
        out.push_str("block_stats");
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Server
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Err(Stop::ServerOnly("block_stats"))
    }
}

//! `blocks_count`: about the storage of a server; nothing that files have.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::Step;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "blocks_count",
    aliases: &[],
    syntax: "blocks_count as result",
    en: "How many storage blocks of the server hold the rows.",
    ko: "행이 들어 있는 서버 저장 블록의 수를 셉니다.",
    example: "* | blocks_count",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct BlocksCount {
    name: String,
}

impl BlocksCount {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let named = cursor.take("as") || !cursor.is(&["", "|"]);
        Ok(Self { name: if named { cursor.result(How::Made)? } else { "blocks_count".to_owned() } })
    }
}

impl Step for BlocksCount {
    fn print(&self, out: &mut String) {
        out.push_str("blocks_count");
        if self.name != "blocks_count" {
            out.push_str(&format!(" as {}", quoted(&self.name)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Server
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Err(Stop::ServerOnly("blocks_count"))
    }
}

//! `pack_logfmt fields (a, b*) as result`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::logfmt;
use super::Step;
use super::pack_json::Packing;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "pack_logfmt",
    aliases: &[],
    syntax: "pack_logfmt fields (name, prefix*) as result",
    en: "Packs fields into a logfmt line.",
    ko: "필드를 logfmt 한 줄로 묶습니다.",
    example: "* | pack_logfmt fields (ip, path) as summary",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct PackLogfmt(Packing);

impl PackLogfmt {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Packing::parse(cursor).map(Self)
    }
}

impl Step for PackLogfmt {
    fn print(&self, out: &mut String) {
        self.0.print("pack_logfmt", out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(self.0.stage(|fields| logfmt(fields.iter().copied())))
    }
}

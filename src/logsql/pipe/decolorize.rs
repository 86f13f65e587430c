//! `decolorize field`: without ANSI colours.

use super::super::cursor::Cursor;
use super::super::exec::{Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::without_colors;
use super::Step;
use super::update::update;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "decolorize",
    aliases: &[],
    syntax: "decolorize field",
    en: "Removes ANSI colour codes from a field, the message where none is named.",
    ko: "필드에서 ANSI 색상 코드를 지웁니다. 필드가 없으면 메시지입니다.",
    example: "* | decolorize",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Decolorize {
    field: String,
}

impl Decolorize {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { field: if cursor.pipe_ends() { "_msg".to_owned() } else { cursor.field()? } })
    }
}

impl Step for Decolorize {
    fn print(&self, out: &mut String) {
        out.push_str("decolorize");
        if self.field != "_msg" {
            out.push_str(&format!(" {}", quoted(&self.field)));
        }
    }

    fn needs(&self, _: &mut super::Needs) {}

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(update(&self.field, None, without_colors))
    }
}

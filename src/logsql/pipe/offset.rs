//! `offset N`: without the first rows.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "offset",
    aliases: &["skip"],
    syntax: "offset N",
    en: "Skips the first N rows.",
    ko: "처음 N개 행을 건너뜁니다.",
    example: "* | offset 100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Offset {
    /// How many rows.
    pub rows: u64,
}

impl Offset {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { rows: cursor.count()? })
    }
}

impl Step for Offset {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("offset {}", self.rows));
    }

    fn needs(&self, _: &mut Needs) {}

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(ToSkip(usize::try_from(self.rows).unwrap_or(usize::MAX))))
    }
}

/// How many rows are still to be skipped.
struct ToSkip(usize);

impl Stage for ToSkip {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let skipped = self.0.min(batch.rows);
        self.0 -= skipped;
        if skipped == batch.rows {
            Ok(Flow::More)
        } else if skipped == 0 {
            out(batch)
        } else {
            out(batch.gather(&(skipped..batch.rows).collect::<Vec<_>>()))
        }
    }
}

//! `limit N`: the first rows.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "limit",
    aliases: &["head"],
    syntax: "limit N",
    en: "Keeps the first N rows, 10 where no number is given.",
    ko: "처음 N개 행만 남깁니다. 숫자가 없으면 10개입니다.",
    example: "* | limit 100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Limit {
    /// How many rows.
    pub rows: u64,
}

impl Limit {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { rows: if cursor.pipe_ends() { 10 } else { cursor.count()? } })
    }
}

impl Step for Limit {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("limit {}", self.rows));
    }

    fn needs(&self, _: &mut Needs) {}

    fn work(&self) -> Work {
        Work::Ends(self.rows)
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Remaining(usize::try_from(self.rows).unwrap_or(usize::MAX))))
    }
}

/// How many rows may still pass.
struct Remaining(usize);

impl Stage for Remaining {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        if self.0 == 0 {
            return Ok(Flow::Enough);
        }
        let batch = if batch.rows > self.0 { batch.gather(&(0..self.0).collect::<Vec<_>>()) } else { batch };
        self.0 -= batch.rows;
        let flow = out(batch)?;
        Ok(if self.0 == 0 { Flow::Enough } else { flow })
    }
}

//! `sample N`: about one row of N, chosen at random. The choice follows from the rows' own number, so the same query
//! over the same rows gives the same answer.

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::{Parsed, Problem, fault};
use super::super::registry::{Doc, Sort as Kind};
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "sample",
    aliases: &[],
    syntax: "sample N",
    en: "Keeps about one row of N, chosen at random.",
    ko: "약 N개 중 한 행을 무작위로 남깁니다.",
    example: "* | sample 100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Sample {
    one_of: u64,
}

impl Sample {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let span = cursor.span();
        match cursor.count()? {
            0 => fault(span, Problem::OutOfRange("0".to_owned())),
            one_of => Ok(Self { one_of }),
        }
    }
}

impl Step for Sample {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("sample {}", self.one_of));
    }

    fn needs(&self, _: &mut Needs) {}

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let mut number = 0_u64;
        Ok(Box::new(Each(move |batch: Batch| {
            let mut chosen = || {
                number += 1;
                super::super::xxhash::hash64(&number.to_le_bytes()).is_multiple_of(self.one_of)
            };
            let keep: Vec<bool> = (0..batch.rows).map(|_| chosen()).collect();
            batch.filtered(&keep)
        })))
    }
}

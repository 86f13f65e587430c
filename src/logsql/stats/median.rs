//! `median(a, b)`: the value in the middle.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::quantile;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "median",
    aliases: &[],
    syntax: "median(field, …)",
    en: "The value in the middle; of an even number of values the later one.",
    ko: "가운데 값. 값이 짝수 개면 뒤의 값입니다.",
    example: "* | stats median(duration) as mid",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Median {
    fields: Vec<String>,
}

impl Median {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Median {
    fn print(&self, out: &mut String) {
        super::print_call("median", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        quantile::at(&self.fields, 0.5)
    }
}

//! `sum_len(a, b)`: the length of all values in bytes.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::PerValue;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "sum_len",
    aliases: &[],
    syntax: "sum_len(field, …)",
    en: "The sum of the lengths of the values in bytes.",
    ko: "값 길이(바이트)의 합.",
    example: "* | stats sum_len(_msg) as bytes",
};

/// The function.
#[derive(Debug, Clone)]
pub struct SumLen {
    fields: Vec<String>,
}

impl SumLen {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for SumLen {
    fn print(&self, out: &mut String) {
        super::print_call("sum_len", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerValue::boxed(
            &self.fields,
            |sum: &mut usize, value| {
                *sum += value.len();
                0
            },
            |sum| sum.to_string(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Length(self.fields.clone()), Print::Count)
    }
}

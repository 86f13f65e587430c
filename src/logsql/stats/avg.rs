//! `avg(a, b)`: the average of all numbers.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::sum::{Sums, Total};
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "avg",
    aliases: &[],
    syntax: "avg(field, …)",
    en: "The average of the numbers in the fields; NaN where there is none.",
    ko: "필드에 있는 숫자의 평균. 숫자가 없으면 NaN입니다.",
    example: "* | stats avg(duration) as mean",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Avg {
    fields: Vec<String>,
}

impl Avg {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Avg {
    fn print(&self, out: &mut String) {
        super::print_call("avg", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        Sums::boxed(&self.fields, Total::average)
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Sum(self.fields.clone()), Print::Mean)
    }
}

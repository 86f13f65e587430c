//! `rate_sum(a, b)`: the sum for each second of the time range.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::sum::Sums;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "rate_sum",
    aliases: &[],
    syntax: "rate_sum(field, …)",
    en: "The sum of the numbers for each second of the query's time range.",
    ko: "쿼리 시간 범위의 초당 숫자 합.",
    example: "_time:5m | stats rate_sum(bytes) as throughput",
};

/// The function.
#[derive(Debug, Clone)]
pub struct RateSum {
    fields: Vec<String>,
}

impl RateSum {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for RateSum {
    fn print(&self, out: &mut String) {
        super::print_call("rate_sum", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, seconds: Option<f64>) -> Box<dyn Accumulator + 'f> {
        Sums::boxed(&self.fields, move |total| total.sum() / seconds.unwrap_or(1.0))
    }

    fn tally(&self, seconds: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Sum(self.fields.clone()), Print::PerSecond(seconds.unwrap_or(1.0)))
    }
}

//! `sum(a, b)`: the sum of all numbers.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::number::{float_text, parse_number};
use super::PerValue;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "sum",
    aliases: &[],
    syntax: "sum(field, …)",
    en: "The sum of the numbers in the fields; NaN where there is none.",
    ko: "필드에 있는 숫자의 합. 숫자가 없으면 NaN입니다.",
    example: "* | stats sum(bytes) as total",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Sum {
    fields: Vec<String>,
}

impl Sum {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Sum {
    fn print(&self, out: &mut String) {
        super::print_call("sum", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerValue::boxed(
            &self.fields,
            |sum: &mut Total, value| {
                sum.add(value);
                0
            },
            |sum| float_text(sum.sum()),
        )
    }
}

/// A sum and how many numbers went into it.
#[derive(Debug, Default)]
pub(super) struct Total {
    sum: f64,
    count: u64,
}

impl Total {
    pub(super) fn add(&mut self, value: &str) {
        if let Some(number) = parse_number(value) {
            self.sum += number;
            self.count += 1;
        }
    }

    /// `NaN` over nothing.
    pub(super) fn sum(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.sum }
    }

    /// `NaN` over nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn average(&self) -> f64 {
        self.sum / self.count as f64
    }
}

//! `quantile(0.99, a, b)`: the value below which this part of the values lies.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::number::parse_f64;
use super::super::order::{in_place, less};
use super::super::problem::Parsed;
use super::super::problem::{Problem, fault};
use super::super::registry::{Doc, Sort};
use super::PerValue;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "quantile",
    aliases: &[],
    syntax: "quantile(phi, field, …)",
    en: "The value below which the part phi (0 to 1) of the values lies.",
    ko: "값 중 phi(0~1)만큼이 그보다 작은 값.",
    example: "* | stats quantile(0.99, duration) as p99",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Quantile {
    phi: f64,
    written: String,
    fields: Vec<String>,
}

impl Quantile {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let mut fields = super::parse_fields(cursor)?;
        cursor.no_field_after(mark);
        let written = fields.remove(0);
        let Some(phi) = parse_f64(&written) else {
            return fault(cursor.span_since(mark), Problem::BadNumber(written));
        };
        if !(0.0..=1.0).contains(&phi) {
            return fault(cursor.span_since(mark), Problem::OutOfRange(written));
        }
        if fields.is_empty() {
            fields.push("*".to_owned());
        }
        Ok(Self { phi, written, fields })
    }
}

impl Stat for Quantile {
    fn print(&self, out: &mut String) {
        super::print_call_first("quantile", &self.written, &self.fields, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        at(&self.fields, self.phi)
    }
}

/// The values, with the least and the greatest as they were found on the way: where values have no consistent order,
/// those need not be the first and the last of the sorted ones.
#[derive(Default)]
struct Values {
    all: Vec<Box<str>>,
    least: Box<str>,
    greatest: Box<str>,
}

impl Values {
    fn add(&mut self, value: &str) -> usize {
        if self.all.is_empty() || less(value, &self.least) {
            self.least = value.into();
        }
        if self.all.is_empty() || less(&self.greatest, value) {
            self.greatest = value.into();
        }
        self.all.push(value.into());
        value.len() + 16
    }

    fn at(&self, phi: f64) -> &str {
        if self.all.len() < 2 || phi <= 0.0 {
            return &self.least;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "phi is from 0 to 1"
        )]
        let place = (phi * self.all.len() as f64) as usize;
        if phi >= 1.0 { &self.greatest } else { in_place(&self.all, place).unwrap_or(&self.greatest) }
    }
}

/// The quantile of the values of the fields.
pub(super) fn at(fields: &[String], phi: f64) -> Box<dyn Accumulator + '_> {
    PerValue::boxed(fields, Values::add, move |values| values.at(phi).to_owned())
}

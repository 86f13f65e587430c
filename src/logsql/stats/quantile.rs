//! `quantile(0.99, a, b)`: the value below which this part of the values lies.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::number::parse_f64;
use super::super::order::{compare, sort};
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

/// The quantile of the values of the fields.
pub(super) fn at(fields: &[String], phi: f64) -> Box<dyn Accumulator + '_> {
    PerValue::boxed(
        fields,
        |values: &mut Vec<Box<str>>, value| {
            values.push(value.into());
            value.len() + 16
        },
        move |values| {
            sort(values, |a, b| compare(a, b));
            if values.is_empty() {
                return String::new();
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "phi is from 0 to 1"
            )]
            let index = (phi * values.len() as f64) as usize;
            values[index.min(values.len() - 1)].to_string()
        },
    )
}

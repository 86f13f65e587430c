//! `histogram(a)`: how many numbers lie in each of the ranges that VictoriaMetrics uses.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::number::parse_number;
use super::super::order::natural;
use super::super::problem::Parsed;
use super::super::problem::{Problem, fault};
use super::super::registry::{Doc, Sort};
use super::PerValue;
use super::{Accumulator, Stat};
use std::collections::BTreeMap;

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "histogram",
    aliases: &[],
    syntax: "histogram(field)",
    en: "How many numbers lie in which range, as a JSON array; 18 ranges for each factor of ten.",
    ko: "범위별 숫자의 수를 담은 JSON 배열. 10배마다 범위가 18개입니다.",
    example: "* | stats histogram(duration) as h",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Histogram {
    fields: Vec<String>,
}

impl Histogram {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let fields = cursor.fields_in_parens()?;
        if fields.len() == 1 {
            return Ok(Self { fields });
        }
        let problem = Problem::Arguments { name: "histogram".to_owned(), takes: "1", got: fields.len() };
        fault(cursor.span_since(mark), problem)
    }
}

impl Stat for Histogram {
    fn print(&self, out: &mut String) {
        super::print_call("histogram", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerValue::boxed(
            &self.fields,
            |counts: &mut BTreeMap<i32, u64>, value| {
                if let Some(range) = parse_number(value).and_then(range_of) {
                    *counts.entry(range).or_default() += 1;
                }
                0
            },
            |counts| {
                let mut parts: Vec<(String, u64)> =
                    counts.iter().map(|(range, hits)| (range_text(*range), *hits)).collect();
                parts.sort_by(|a, b| natural(&a.0, &b.0));
                let parts: Vec<String> =
                    parts.iter().map(|(range, hits)| format!(r#"{{"vmrange":"{range}","hits":{hits}}}"#)).collect();
                // The server writes no opening bracket where it has no number.
                format!("[{}]", parts.join(","))
            },
        )
    }
}

const PER_TEN: i32 = 18;
const RANGES: i32 = 27 * PER_TEN;

/// The number of the range, from 1e-9 on: -1 below the first, [`RANGES`] above the last; none for negative numbers.
fn range_of(value: f64) -> Option<i32> {
    if value.is_nan() || value < 0.0 {
        return None;
    }
    let position = (value.log10() + 9.0) * f64::from(PER_TEN);
    if position < 0.0 {
        return Some(-1);
    }
    if position >= f64::from(RANGES) {
        return Some(RANGES);
    }
    #[expect(clippy::cast_possible_truncation, reason = "below RANGES")]
    let index = position as i32;
    // A bound belongs to the range that it ends.
    Some(if position == f64::from(index) && index > 0 { index - 1 } else { index })
}

fn range_text(range: i32) -> String {
    let bound = |index: i32| {
        let factor = 10_f64.powf(1.0 / f64::from(PER_TEN));
        let value = (0..index).fold(1e-9, |value: f64, _| value * factor);
        let text = format!("{value:.3e}");
        // Exponents have a sign and two digits.
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    match range {
        -1 => "0...1.000e-09".to_owned(),
        RANGES => "1.000e+18...+Inf".to_owned(),
        range => format!("{}...{}", bound(range), bound(range + 1)),
    }
}

//! `stddev(a, b)`: the standard deviation of all numbers.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::number::{float_text, parse_f64};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::{Accumulator, PerRow, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "stddev",
    aliases: &[],
    syntax: "stddev(field, …)",
    en: "The standard deviation of the numbers in the fields; NaN where there is none.",
    ko: "필드에 있는 숫자의 표준 편차. 숫자가 없으면 NaN입니다.",
    example: "* | stats stddev(duration) as spread",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Stddev {
    fields: Vec<String>,
}

impl Stddev {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Stddev {
    fn print(&self, out: &mut String) {
        super::print_call("stddev", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            |spread: &mut Spread, batch, row| {
                for (_, column) in batch.matching(&self.fields) {
                    if let Some(number) = parse_f64(column.get(row)) {
                        spread.add(number);
                    }
                }
                0
            },
            |spread| float_text((spread.squares / spread.count).sqrt()),
        )
    }
}

/// The mean and the sum of the squared distances from it, number by number.
#[derive(Debug, Default)]
struct Spread {
    mean: f64,
    squares: f64,
    count: f64,
}

impl Spread {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        let mean = self.mean + (number - self.mean) / self.count;
        self.squares += (number - self.mean) * (number - mean);
        self.mean = mean;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn numbers_spread_around_their_mean() {
        let rows: &[&[(&str, &str)]] = &[&[("a", "2"), ("b", "8")], &[("a", "x")], &[("a", "4"), ("b", "6")]];
        assert_eq!(
            run_rows("* | stats stddev(a) r, stddev(a, b) s, stddev(c) t", rows),
            ["r=1 s=2.23606797749979 t=NaN"]
        );
    }
}

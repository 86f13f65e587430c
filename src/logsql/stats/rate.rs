//! `rate()`: rows for each second of the time range.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::number::float_text;
use super::super::problem::Parsed;
use super::super::problem::{Problem, fault};
use super::super::registry::{Doc, Sort};
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "rate",
    aliases: &[],
    syntax: "rate()",
    en: "The number of rows for each second of the query's time range.",
    ko: "쿼리 시간 범위의 초당 행 수.",
    example: "_time:5m | stats rate() as per_second",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Rate;

impl Rate {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let fields = cursor.fields_in_parens()?;
        if fields.is_empty() {
            Ok(Self)
        } else {
            let problem = Problem::Arguments { name: "rate".to_owned(), takes: "0", got: fields.len() };
            fault(cursor.span_since(mark), problem)
        }
    }
}

impl Stat for Rate {
    fn print(&self, out: &mut String) {
        out.push_str("rate()");
    }

    fn needs(&self, needs: &mut Needs) {
        let _ = needs;
    }

    fn accumulator<'f>(&'f self, seconds: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            |rows: &mut f64, _, _| {
                *rows += 1.0;
                0
            },
            move |rows| float_text(*rows / seconds.unwrap_or(1.0)),
        )
    }

    fn tally(&self, seconds: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Rows, Print::PerSecond(seconds.unwrap_or(1.0)))
    }
}

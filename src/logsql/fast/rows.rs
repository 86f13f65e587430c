//! Rows borrowed from where they were read: a column for each field that a plan asked for, in the order in which it
//! asked. Nothing is copied that was not escaped.

use std::borrow::Cow;

use super::super::batch::Column;
use super::super::exec::Flow;
use super::super::time::rfc3339_text;

/// The values of one field in some rows.
#[derive(Debug)]
pub enum Cells<'b> {
    /// The same value in every row; empty for a field that is not there.
    Same(Cow<'b, str>),
    /// A value for each row.
    Texts(Cow<'b, [Cow<'b, str>]>),
    /// A number for each row, and the value that each number stands for.
    Codes {
        /// The numbers.
        codes: Cow<'b, [u32]>,
        /// The values.
        texts: &'b [Box<str>],
        /// Which list of values it is: under the same one, a number has the same value in all rows that one taker
        /// gets. A list may grow.
        list: u64,
    },
    /// Instants in nanoseconds, which read as RFC 3339.
    Times(Cow<'b, [i64]>),
    /// A column of a batch.
    Column(&'b Column),
}

impl Cells<'_> {
    /// The value in a row.
    pub fn get(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Same(value) => Cow::Borrowed(value),
            Self::Texts(values) => Cow::Borrowed(values.get(row).map_or("", |value| value)),
            Self::Codes { codes, texts, .. } => Cow::Borrowed(code_text(codes, texts, row)),
            Self::Times(times) => times.get(row).map_or(Cow::Borrowed(""), |time| Cow::Owned(rfc3339_text(*time))),
            Self::Column(column) => Cow::Borrowed(column.get(row)),
        }
    }

    /// Calls with the value of each of these rows, and with its place among them.
    pub fn each(&self, rows: &[u32], mut see: impl FnMut(usize, &str)) {
        let rows = rows.iter().map(|row| *row as usize).enumerate();
        match self {
            Self::Same(value) => rows.for_each(|(at, _)| see(at, value)),
            Self::Texts(values) => rows.for_each(|(at, row)| see(at, &values[row])),
            Self::Codes { codes, texts, .. } => rows.for_each(|(at, row)| see(at, code_text(codes, texts, row))),
            Self::Times(times) => {
                let (mut last, mut text) = (0, rfc3339_text(0));
                for (at, row) in rows {
                    if times[row] != last {
                        (last, text) = (times[row], rfc3339_text(times[row]));
                    }
                    see(at, &text);
                }
            }
            Self::Column(column) => rows.for_each(|(at, row)| see(at, column.get(row))),
        }
    }
}

fn code_text<'t>(codes: &[u32], texts: &'t [Box<str>], row: usize) -> &'t str {
    codes.get(row).and_then(|code| texts.get(*code as usize)).map_or("", |text| text)
}

/// Some rows.
#[derive(Debug)]
pub struct Rows<'b> {
    /// How many.
    pub count: usize,
    /// Their values, a column for each name that was asked for.
    pub cells: Vec<Cells<'b>>,
}

/// Takes rows on a thread of its own.
pub trait Take: Send {
    /// Takes some rows; the first has this place in the order of all rows, the others follow.
    fn take(&mut self, place: u64, rows: &Rows<'_>) -> Flow;

    /// There are no more rows for this taker.
    fn end(self: Box<Self>);
}

/// Makes takers, one for each thread.
pub type Takers<'t> = &'t (dyn Fn() -> Box<dyn Take + 't> + Sync);

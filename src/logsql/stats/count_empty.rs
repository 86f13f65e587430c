//! `count_empty(a, b)`: the number of rows in which none of the fields has a value.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "count_empty",
    aliases: &[],
    syntax: "count_empty(field, …)",
    en: "The number of rows in which none of the fields has a value.",
    ko: "어느 필드에도 값이 없는 행 수.",
    example: "* | stats count_empty(user) as n",
};

/// The function.
#[derive(Debug, Clone)]
pub struct CountEmpty {
    fields: Vec<String>,
}

impl CountEmpty {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for CountEmpty {
    fn print(&self, out: &mut String) {
        super::print_call("count_empty", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            move |rows: &mut u64, batch, row| {
                let counts = batch.matching(&self.fields).iter().all(|(_, column)| column.get(row).is_empty());
                *rows += u64::from(counts);
                0
            },
            |rows| rows.to_string(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Empty(self.fields.clone()), Print::Count)
    }
}

//! `count(a, b)`: the number of rows, or of those in which any of the fields has a value.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "count",
    aliases: &[],
    syntax: "count(field, …)",
    en: "The number of rows, or of those in which any of the fields has a value.",
    ko: "행 수, 또는 필드 중 하나라도 값이 있는 행 수.",
    example: "* | stats count(user) as n",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Count {
    fields: Vec<String>,
}

impl Count {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Count {
    fn print(&self, out: &mut String) {
        super::print_call("count", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        if !super::is_all(&self.fields) {
            needs.add_all(&self.fields);
        }
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let all = super::is_all(&self.fields);
        PerRow::boxed(
            move |rows: &mut u64, batch, row| {
                let counts = all || batch.matching(&self.fields).iter().any(|(_, column)| !column.get(row).is_empty());
                *rows += u64::from(counts);
                0
            },
            |rows| rows.to_string(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        let keep = if super::is_all(&self.fields) { Keep::Rows } else { Keep::Filled(self.fields.clone()) };
        Tally::new(keep, Print::Count)
    }
}

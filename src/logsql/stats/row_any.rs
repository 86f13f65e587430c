//! `row_any(a, b)`: one of the rows as a JSON object.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::text::json_object;
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "row_any",
    aliases: &[],
    syntax: "row_any(field, …)",
    en: "One of the rows as a JSON object.",
    ko: "행 하나를 JSON 객체로 보여 줍니다.",
    example: "* | stats by (ip) row_any(user_agent, path) as seen",
};

/// The function.
#[derive(Debug, Clone)]
pub struct RowAny {
    fields: Vec<String>,
}

impl RowAny {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for RowAny {
    fn print(&self, out: &mut String) {
        super::print_call("row_any", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            |chosen: &mut Option<Vec<(String, String)>>, batch, row| {
                if chosen.is_none() {
                    let mut fields = super::row_fields(batch, &self.fields, row);
                    fields.sort();
                    *chosen = Some(fields);
                }
                0
            },
            |chosen| {
                let fields = chosen.iter().flatten();
                json_object(fields.map(|(name, value)| (name.as_str(), value.as_str())))
            },
        )
    }
}

//! `row_max(x, a, b)`: the row in which a field is greatest, as a JSON object.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::order::less;
use super::super::problem::{Problem, fault};
use super::super::quote::quoted;
use super::super::text::json_object;
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "row_max",
    aliases: &[],
    syntax: "row_max(by, field, …)",
    en: "The row with the greatest value of the first field, as a JSON object.",
    ko: "첫 필드의 값이 가장 큰 행을 JSON 객체로 보여 줍니다.",
    example: "* | stats by (path) row_max(duration, ip, user) as seen",
};

/// The function.
#[derive(Debug, Clone)]
pub struct RowMax {
    by: String,
    fields: Vec<String>,
}

impl RowMax {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let mut fields = super::parse_fields(cursor)?;
        let by = fields.remove(0);
        if by.ends_with('*') {
            return fault(cursor.span_since(mark), Problem::Wildcard(by));
        }
        if fields.is_empty() {
            fields.push("*".to_owned());
        }
        Ok(Self { by, fields })
    }
}

impl Stat for RowMax {
    fn print(&self, out: &mut String) {
        super::print_call_first("row_max", &quoted(&self.by), &self.fields, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.by);
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            |best: &mut (String, Vec<(String, String)>), batch, row| {
                let value = batch.column(&self.by).get(row);
                if !value.is_empty() && (best.0.is_empty() || less(&best.0, value)) {
                    *best = (value.to_owned(), super::row_fields(batch, &self.fields, row));
                }
                0
            },
            |best| json_object(best.1.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        )
    }
}

//! What `row_min` and `row_max` share: the row in which a field comes first in some order, as a JSON object.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::{Parsed, Problem, fault};
use super::super::quote::quoted;
use super::super::text::json_object;
use super::{Accumulator, PerRow};

/// The field that decides, and the fields that are shown.
#[derive(Debug, Clone)]
pub(super) struct Best {
    by: String,
    fields: Vec<String>,
}

impl Best {
    /// `(by, field, …)`.
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

    pub(super) fn print(&self, name: &str, out: &mut String) {
        super::print_call_first(name, &quoted(&self.by), &self.fields, out);
    }

    pub(super) fn needs(&self, needs: &mut Needs) {
        needs.add(&self.by);
        needs.add_all(&self.fields);
    }

    /// Keeps the row whose value is `better` than all before it.
    pub(super) fn accumulator<'f>(&'f self, better: fn(&str, &str) -> bool) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            move |best: &mut (String, Vec<(String, String)>), batch, row| {
                let value = batch.column(&self.by).get(row);
                if !value.is_empty() && (best.0.is_empty() || better(value, &best.0)) {
                    *best = (value.to_owned(), super::row_fields(batch, &self.fields, row));
                }
                0
            },
            |best| json_object(best.1.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        )
    }
}

//! What `row_min`, `row_max`, `field_min` and `field_max` share: the row in which a field comes first in some order.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::pipe::listed;
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

    /// `(by, field)` of whole names.
    pub(super) fn parse_pair(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Self> {
        let mark = cursor.mark();
        let mut fields = cursor.fields_in_parens()?;
        if fields.len() != 2 {
            let problem = Problem::Arguments { name: name.to_owned(), takes: "2", got: fields.len() };
            return fault(cursor.span_since(mark), problem);
        }
        Ok(Self { by: fields.remove(0), fields })
    }

    /// Appends `name(by, field)`.
    pub(super) fn print_pair(&self, name: &str, out: &mut String) {
        out.push_str(&format!("{name}({}, {})", quoted(&self.by), listed(&self.fields)));
    }

    /// Keeps the value of the field in the row whose value is `better` than all before it.
    pub(super) fn value_accumulator<'f>(&'f self, better: fn(&str, &str) -> bool) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            move |best: &mut (String, String), batch, row| {
                let value = batch.column(&self.by).get(row);
                if !value.is_empty() && (best.0.is_empty() || better(value, &best.0)) {
                    let field = self.fields.first().map_or("", |field| batch.column(field).get(row));
                    *best = (value.to_owned(), field.to_owned());
                }
                0
            },
            |best| best.1.clone(),
        )
    }
}

//! `=foo`, `=foo*`, `exact(foo)`: the whole value, or how it begins.

use super::super::cursor::Cursor;
use super::super::exec::{AnyText, Needs, Run, Stop};
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call_with_prefix, field_name, one_text};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "exact",
    aliases: &[],
    syntax: "field:=value, field:=prefix*, field:!=value",
    en: "Rows whose field is exactly the value, or begins with the prefix.",
    ko: "필드 값이 정확히 일치하거나 접두사로 시작하는 행.",
    example: "status:=404 path:=\"/admin\"* !method:=GET",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Exact {
    /// The field.
    pub field: String,
    /// The value or its beginning.
    pub value: String,
    /// Whether only the beginning is given.
    pub is_prefix: bool,
}

pub(super) fn parse_operator(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    cursor.advance();
    let value = cursor.argument();
    let is_prefix = cursor.is(&["*"]) && !cursor.spaced();
    if is_prefix {
        cursor.advance();
    }
    Ok(Filter::Exact(Exact { field: field_name(field), value, is_prefix }))
}

pub(super) fn parse_function(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = field_name(field);
    call_with_prefix(cursor, field, |value, is_prefix| Filter::Exact(Exact { field: name, value, is_prefix }))
}

impl Leaf for Exact {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push('=');
        out.push_str(&quoted(&self.value));
        out.push_str(if self.is_prefix { "*" } else { "" });
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        one_text(&self.field, &self.value)
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let wanted = self.value.clone();
        Ok(if self.is_prefix {
            Test::value(&self.field, move |value| value.starts_with(&wanted))
        } else {
            Test::value(&self.field, move |value| value == wanted)
        })
    }
}

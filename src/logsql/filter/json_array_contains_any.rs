//! `tags:json_array_contains_any(a, b)`: a JSON array that has one of the values.

use std::collections::HashSet;

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::json::array_values;
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call_glued, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "json_array_contains_any",
    aliases: &[],
    syntax: "field:json_array_contains_any(value, …)",
    en: "Rows whose field is a JSON array with at least one of the values.",
    ko: "필드가 값 중 하나라도 들어 있는 JSON 배열인 행.",
    example: "tags:json_array_contains_any(prod,staging)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct JsonArrayContainsAny {
    field: String,
    values: Vec<String>,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    call_glued(cursor, field, |values| {
        Ok(Filter::JsonArrayContainsAny(JsonArrayContainsAny { field: field_name(field), values }))
    })
}

impl Leaf for JsonArrayContainsAny {
    fn print(&self, out: &mut String) {
        let values: Vec<String> = self.values.iter().map(|value| quoted(value)).collect();
        out.push_str(&format!("{}{}({})", field_prefix(&self.field), DOC.name, values.join(",")));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let values: HashSet<String> = self.values.iter().cloned().collect();
        Ok(Test::value(&self.field, move |value| array_values(value).iter().any(|element| values.contains(element))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn arrays_are_searched_by_element() {
        let rows: &[&[(&str, &str)]] =
            &[&[("a", r#"["prod","eu"]"#)], &[("a", r#"["production",1]"#)], &[("a", "prod")], &[("a", "[]")]];
        assert_eq!(run_rows("a:json_array_contains_any(prod, x)", rows), [r#"a=["prod","eu"]"#]);
        assert_eq!(run_rows("a:json_array_contains_any(1)", rows), [r#"a=["production",1]"#]);
        assert_eq!(run_rows("a:json_array_contains_any()", rows), Vec::<String>::new());
    }
}

//! `unroll by (a, b)`: a row for each element of JSON arrays.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::json::array_values;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::registry::{Doc, Sort as Kind};
use super::fields::listed_by;
use super::rows::{AddFields, Extra};
use super::update::Keep;
use super::{Query, RowFilter, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "unroll",
    aliases: &[],
    syntax: "unroll if (filter) by (field, …)",
    en: "Makes a row of each element of the JSON arrays in these fields.",
    ko: "필드에 있는 JSON 배열의 원소마다 행을 만듭니다.",
    example: "* | unroll by (tags)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Unroll {
    condition: Option<RowFilter>,
    fields: Vec<String>,
}

impl Unroll {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        cursor.take("by");
        let mark = cursor.mark();
        let fields = if cursor.is(&["("]) { cursor.fields_in_parens()? } else { cursor.fields_listed()? };
        if fields.is_empty() {
            return cursor.wanted(What::Field);
        }
        if fields.iter().any(|field| field == "*") {
            return fault(cursor.span_since(mark), Problem::Wildcard("*".to_owned()));
        }
        Ok(Self { condition, fields })
    }
}

impl Step for Unroll {
    fn print(&self, out: &mut String) {
        out.push_str("unroll");
        print_if(self.condition.as_ref(), out);
        out.push_str(&listed_by(&self.fields));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let expand = |batch: &super::Batch, row: usize| {
            let arrays: Vec<Vec<String>> =
                self.fields.iter().map(|field| array_values(batch.column(field).get(row))).collect();
            let rows = arrays.iter().map(Vec::len).max().unwrap_or(0).max(1);
            let element = |index: usize| -> Extra {
                let value = |array: &Vec<String>| array.get(index).cloned().unwrap_or_default();
                self.fields.iter().cloned().zip(arrays.iter().map(value)).collect()
            };
            (0..rows).map(element).collect()
        };
        Ok(Box::new(AddFields { condition, keep: Keep::default(), expand }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

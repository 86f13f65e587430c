//! `values(a, b) limit N`: all values as a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::text::json_array;
use super::PerValue;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "values",
    aliases: &[],
    syntax: "values(field, …) limit N",
    en: "All values of the fields as a JSON array, empty ones too.",
    ko: "필드의 모든 값(빈 값 포함)을 담은 JSON 배열.",
    example: "* | stats values(path) limit 10 as paths",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Values {
    fields: Vec<String>,
    /// 0 for no limit.
    limit: u64,
}

impl Values {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)?, limit: super::parse_limit(cursor)? })
    }
}

impl Stat for Values {
    fn print(&self, out: &mut String) {
        super::print_call("values", &self.fields, self.limit, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let limit = self.limit;
        PerValue::boxed(
            &self.fields,
            move |values: &mut Vec<Box<str>>, value| {
                if limit > 0 && values.len() as u64 >= limit {
                    return 0;
                }
                values.push(value.into());
                value.len() + 16
            },
            |values| json_array(values.iter()),
        )
    }
}

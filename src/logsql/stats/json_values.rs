//! `json_values(a, b) limit N`: the rows as a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::text::{json_array, json_object};
use super::PerRow;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "json_values",
    aliases: &[],
    syntax: "json_values(field, …) limit N",
    en: "The rows as a JSON array of objects, fields in the order of their names.",
    ko: "행을 객체로 담은 JSON 배열. 필드는 이름 순서입니다.",
    example: "* | stats json_values(ip, path) limit 3 as rows",
};

/// The function.
#[derive(Debug, Clone)]
pub struct JsonValues {
    fields: Vec<String>,
    /// 0 for no limit.
    limit: u64,
}

impl JsonValues {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)?, limit: super::parse_limit(cursor)? })
    }
}

impl Stat for JsonValues {
    fn print(&self, out: &mut String) {
        super::print_call("json_values", &self.fields, self.limit, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let limit = self.limit;
        PerRow::boxed(
            move |rows: &mut Vec<String>, batch, row| {
                if limit > 0 && rows.len() as u64 >= limit {
                    return 0;
                }
                let mut fields = super::row_fields(batch, &self.fields, row);
                fields.sort();
                let text = json_object(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let kept = text.len() + 24;
                rows.push(text);
                kept
            },
            |rows| json_array(rows.iter()),
        )
    }
}

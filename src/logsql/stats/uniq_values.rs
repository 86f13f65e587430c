//! `uniq_values(a, b) limit N`: the values, each once, as a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::order::Reading;
use super::super::pdqsort::sort;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::text::json_array;
use super::PerValue;
use super::{Accumulator, Stat};
use std::collections::HashSet;

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "uniq_values",
    aliases: &[],
    syntax: "uniq_values(field, …) limit N",
    en: "The values of the fields, each once and in order, as a JSON array; empty ones are left out.",
    ko: "필드의 값을 하나씩 순서대로 담은 JSON 배열. 빈 값은 뺍니다.",
    example: "* | stats uniq_values(user) limit 10 as users",
};

/// The function.
#[derive(Debug, Clone)]
pub struct UniqValues {
    fields: Vec<String>,
    /// 0 for no limit.
    limit: u64,
}

impl UniqValues {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)?, limit: super::parse_limit(cursor)? })
    }
}

impl Stat for UniqValues {
    fn print(&self, out: &mut String) {
        super::print_call("uniq_values", &self.fields, self.limit, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let limit = self.limit;
        PerValue::boxed(
            &self.fields,
            |seen: &mut HashSet<Box<str>>, value| {
                if value.is_empty() || seen.contains(value) {
                    return 0;
                }
                seen.insert(value.into());
                value.len() + 48
            },
            move |seen| {
                let mut values: Vec<Reading<'_>> = seen.iter().map(|value| Reading::new(value)).collect();
                // The server sorts from an order that is another each time; ours is the same each time.
                values.sort_unstable_by_key(|value| value.text);
                sort(&mut values, Reading::less);
                json_array(super::limited(values, limit).into_iter().map(|value| value.text))
            },
        )
    }
}

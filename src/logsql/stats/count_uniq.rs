//! `count_uniq(a, b) limit N`: the number of different values, or combinations of values; empty ones do not count.

use super::super::batch::Batch;
use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::pipe::push_normal;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::PerRow;
use super::{Accumulator, Stat};
use std::collections::HashSet;

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "count_uniq",
    aliases: &[],
    syntax: "count_uniq(field, …) limit N",
    en: "The number of different values, or combinations of values; empty ones do not count.",
    ko: "서로 다른 값(조합)의 수. 빈 값은 세지 않습니다.",
    example: "* | stats count_uniq(remote_addr) as clients",
};

/// The function.
#[derive(Debug, Clone)]
pub struct CountUniq {
    fields: Vec<String>,
    /// 0 for no limit.
    limit: u64,
}

impl CountUniq {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_names(cursor)?, limit: super::parse_limit(cursor)? })
    }
}

impl Stat for CountUniq {
    fn print(&self, out: &mut String) {
        super::print_call("count_uniq", &self.fields, self.limit, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let limit = self.limit;
        PerRow::boxed(
            move |seen: &mut HashSet<Box<str>>, batch, row| {
                if limit > 0 && seen.len() as u64 >= limit {
                    return 0;
                }
                match key(batch, &self.fields, row) {
                    Some(key) if !seen.contains(key.as_str()) => {
                        let kept = key.len() + 48;
                        seen.insert(key.into());
                        kept
                    }
                    _ => 0,
                }
            },
            |seen| seen.len().to_string(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        let print = if self.limit > 0 { Print::CountUpTo(self.limit) } else { Print::Count };
        Tally::new(Keep::Different(self.fields.clone()), print)
    }
}

/// The values of a row as one text; `None` where all are empty.
pub(super) fn key(batch: &Batch, fields: &[String], row: usize) -> Option<String> {
    let mut key = String::new();
    if let [only] = fields {
        push_normal(batch.column(only).get(row), &mut key);
        return (!key.is_empty()).then_some(key);
    }
    let mut filled = false;
    for field in fields {
        let value = batch.column(field).get(row);
        filled |= !value.is_empty();
        key.push_str(&value.len().to_string());
        key.push(' ');
        key.push_str(value);
    }
    filled.then_some(key)
}

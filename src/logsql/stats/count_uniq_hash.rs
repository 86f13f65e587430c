//! `count_uniq_hash(a, b) limit N`: the number of different values, counted by hashes: less memory, very rarely one too few.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::xxhash::hash64;
use super::PerRow;
use super::count_uniq::key;
use super::{Accumulator, Stat};
use std::collections::HashSet;

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "count_uniq_hash",
    aliases: &[],
    syntax: "count_uniq_hash(field, …) limit N",
    en: "The number of different values, counted by hashes: less memory, very rarely one too few.",
    ko: "해시로 센 서로 다른 값의 수. 메모리를 덜 쓰지만 아주 드물게 적게 셉니다.",
    example: "* | stats count_uniq_hash(remote_addr) as clients",
};

/// The function.
#[derive(Debug, Clone)]
pub struct CountUniqHash {
    fields: Vec<String>,
    /// 0 for no limit.
    limit: u64,
}

impl CountUniqHash {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_names(cursor)?, limit: super::parse_limit(cursor)? })
    }
}

impl Stat for CountUniqHash {
    fn print(&self, out: &mut String) {
        super::print_call("count_uniq_hash", &self.fields, self.limit, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        let limit = self.limit;
        PerRow::boxed(
            move |seen: &mut HashSet<u64>, batch, row| {
                if limit > 0 && seen.len() as u64 >= limit {
                    return 0;
                }
                match key(batch, &self.fields, row) {
                    Some(key) => usize::from(seen.insert(hash64(key.as_bytes()))) * 16,
                    _ => 0,
                }
            },
            |seen| seen.len().to_string(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        let print = if self.limit > 0 { Print::CountUpTo(self.limit) } else { Print::Count };
        Tally::new(Keep::DifferentHashes(self.fields.clone()), print)
    }
}

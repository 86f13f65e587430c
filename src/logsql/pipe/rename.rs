//! `rename a as b, c* as d*`: pairs are done one after another.

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::copy::{needs_of_pairs, parse_pairs, print_pairs};
use super::fields::moved_name;
use super::{Batch, name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "rename",
    aliases: &["mv"],
    syntax: "rename source as target, prefix* as other*",
    en: "Renames fields, or all fields of a prefix.",
    ko: "필드나 접두사가 같은 모든 필드의 이름을 바꿉니다.",
    example: "* | rename remote_addr as client",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Rename {
    pairs: Vec<(String, String)>,
}

impl Rename {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { pairs: parse_pairs(cursor)? })
    }
}

impl Step for Rename {
    fn print(&self, out: &mut String) {
        print_pairs("rename", &self.pairs, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_pairs(&self.pairs, needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Each(|mut batch: Batch| {
            for (from, to) in &self.pairs {
                rename_one(&mut batch, from, to);
            }
            batch
        })))
    }
}

fn rename_one(batch: &mut Batch, from: &str, to: &str) {
    let all = std::mem::take(&mut batch.columns);
    let (moved, kept): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(name, _)| super::super::batch::matches_one(from, name));
    batch.columns = kept;
    if moved.is_empty() && !from.ends_with('*') {
        let column = batch.column(from).clone();
        batch.set(&name(to), column);
        batch.hidden.retain(|(name, _)| &**name != from);
    }
    for (known, column) in moved {
        batch.set(&name(&moved_name(from, to, &known)), column);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn renamed_fields_overwrite() {
        assert_eq!(run_rows("* | rename a as b", &[&[("a", "1"), ("b", "2")]]), ["b=1"]);
        assert_eq!(run_rows("* | mv a* z*", &[&[("ab", "1"), ("c", "2")]]), ["c=2 zb=1"]);
    }
}

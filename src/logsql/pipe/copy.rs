//! `copy a as b, c* as d*`: pairs are done one after another.

use super::super::batch::matches_one;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::problem::What;
use super::super::quote::quoted_wildcard;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::Step;
use super::fields::moved_name;
use super::{Batch, Column, name};
use std::sync::Arc;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "copy",
    aliases: &["cp"],
    syntax: "copy source as target, prefix* as other*",
    en: "Copies fields, or all fields of a prefix, to other names.",
    ko: "필드나 접두사가 같은 모든 필드를 다른 이름으로 복사합니다.",
    example: "* | copy remote_addr as client",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Copy {
    pairs: Vec<(String, String)>,
}

impl Copy {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { pairs: parse_pairs(cursor)? })
    }
}

/// `a as b, c d`.
pub(super) fn parse_pairs(cursor: &mut Cursor<'_>) -> Parsed<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    loop {
        let from = cursor.field_or_wildcard()?;
        cursor.take("as");
        pairs.push((from, cursor.result_or_wildcard(How::MadeAtOnce)?));
        if cursor.pipe_ends() {
            return Ok(pairs);
        }
        if !cursor.take(",") {
            return cursor.wanted(What::EndOfPipe);
        }
    }
}

/// Appends the pairs.
pub(super) fn print_pairs(pipe: &str, pairs: &[(String, String)], out: &mut String) {
    let pairs: Vec<String> =
        pairs.iter().map(|(from, to)| format!("{} as {}", quoted_wildcard(from), quoted_wildcard(to))).collect();
    out.push_str(&format!("{pipe} {}", pairs.join(", ")));
}

/// The fields before the pipe that those after it come from.
pub(super) fn needs_of_pairs(pairs: &[(String, String)], needs: &mut Needs) {
    for (from, to) in pairs.iter().rev() {
        if from.ends_with('*') || to.ends_with('*') {
            *needs = Needs::All;
        } else if needs.has(to) {
            needs.made(to);
            needs.add(from);
        }
    }
}

impl Step for Copy {
    fn print(&self, out: &mut String) {
        print_pairs("copy", &self.pairs, out);
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
                copy_one(&mut batch, from, to);
            }
            batch
        })))
    }
}

fn copy_one(batch: &mut Batch, from: &str, to: &str) {
    let found: Vec<_> = batch.columns.iter().filter(|(name, _)| matches_one(from, name)).cloned().collect();
    if found.is_empty() && !from.ends_with('*') {
        let column = batch.hidden.iter().find(|(name, _)| &**name == from).map(|(_, column)| column.clone());
        batch.set(&name(to), column.unwrap_or_else(|| Arc::new(Column::Same(String::new()))));
    }
    for (known, column) in found {
        batch.set(&name(&moved_name(from, to, &known)), column);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn pairs_run_in_order_and_missing_fields_overwrite() {
        assert_eq!(run_rows("* | copy a as b, b as c", &[&[("a", "1"), ("b", "2")]]), ["a=1 b=1 c=1"]);
        assert_eq!(run_rows("* | copy x as b", &[&[("a", "1"), ("b", "2")]]), ["a=1"]);
        assert_eq!(run_rows("* | copy a* as z*", &[&[("ab", "1"), ("c", "2")]]), ["ab=1 c=2 zb=1"]);
    }
}

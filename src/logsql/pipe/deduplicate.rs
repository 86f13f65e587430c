//! `deduplicate by (a, b)`: of rows that are alike the first.

use std::collections::HashSet;

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, What};
use super::super::registry::{Doc, Sort as Kind};
use super::fields::listed;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "deduplicate",
    aliases: &[],
    syntax: "deduplicate by (field, …)",
    en: "Keeps the first of the rows whose fields are alike; all fields where none is named.",
    ko: "필드 값이 같은 행 가운데 첫 행만 남깁니다. 필드가 없으면 모든 필드를 비교합니다.",
    example: "* | deduplicate by (request_id)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Deduplicate {
    /// Empty for all fields.
    fields: Vec<String>,
}

impl Deduplicate {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let by = cursor.take("by");
        let listed = cursor.is(&["("]);
        let fields = if listed {
            cursor.fields_in_parens()?
        } else if cursor.pipe_ends() {
            Vec::new()
        } else {
            let mut fields = vec![cursor.field()?];
            while cursor.take(",") {
                fields.push(cursor.field()?);
            }
            fields
        };
        if fields.is_empty() && (by || listed) { cursor.wanted(What::Field) } else { Ok(Self { fields }) }
    }

    /// What tells a row apart from others; names come along where all fields count.
    fn key(&self, batch: &Batch, row: usize) -> String {
        let mut key = String::new();
        let mut push = |text: &str| key.push_str(&format!("{} {text}", text.len()));
        if self.fields.is_empty() {
            let mut present: Vec<(&str, &str)> =
                batch.columns.iter().map(|(name, column)| (&**name, column.get(row))).collect();
            present.retain(|(_, value)| !value.is_empty());
            present.sort_unstable();
            present.iter().for_each(|(name, value)| {
                push(name);
                push(value);
            });
        }
        self.fields.iter().for_each(|field| push(batch.column(field).get(row)));
        key
    }
}

impl Step for Deduplicate {
    fn print(&self, out: &mut String) {
        out.push_str("deduplicate");
        if !self.fields.is_empty() {
            out.push_str(&format!(" by ({})", listed(&self.fields)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        if self.fields.is_empty() {
            *needs = Needs::All;
        }
        needs.add_all(&self.fields);
    }

    fn work(&self) -> Work {
        Work::Distinct
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Sieve { pipe: self, seen: HashSet::new() }))
    }
}

struct Sieve<'p> {
    pipe: &'p Deduplicate,
    seen: HashSet<String>,
}

impl Stage for Sieve<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let mut kept = 0;
        let mut keep = Vec::with_capacity(batch.rows);
        for row in 0..batch.rows {
            let key = self.pipe.key(&batch, row);
            let size = key.len() + 64;
            let new = self.seen.insert(key);
            kept += if new { size } else { 0 };
            keep.push(new);
        }
        run.keep(kept, &|| {
            let mut text = String::new();
            self.pipe.print(&mut text);
            text
        })?;
        let batch = batch.filtered(&keep);
        if batch.rows == 0 { Ok(Flow::More) } else { out(batch) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn the_first_of_equal_rows_stays() {
        let rows: &[&[(&str, &str)]] = &[
            &[("a", "1"), ("b", "x")],
            &[("b", "x"), ("a", "1")],
            &[("a", "1"), ("b", "y")],
            &[("a", "1"), ("b", "x"), ("c", "")],
        ];
        assert_eq!(run_rows("* | deduplicate", rows), ["a=1 b=x", "a=1 b=y"]);
        assert_eq!(run_rows("* | deduplicate by (a)", rows), ["a=1 b=x"]);
        assert_eq!(run_rows("* | deduplicate a, b", rows), ["a=1 b=x", "a=1 b=y"]);
    }
}

//! `coalesce(a, b) default "text" as result`: the first of some fields that is not empty.

use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::{Parsed, What};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::fields::listed;
use super::{Batch, Column, Step, name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "coalesce",
    aliases: &[],
    syntax: "coalesce(field, …) default value as result",
    en: "Sets a field to the first of the fields that is not empty, or to the default.",
    ko: "비어 있지 않은 첫 필드의 값을, 모두 비었으면 기본값을 결과 필드에 넣습니다.",
    example: "* | coalesce(x_forwarded_for, remote_addr) default unknown as client",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Coalesce {
    from: Vec<String>,
    /// Empty for none.
    otherwise: String,
    to: String,
}

impl Coalesce {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let from = cursor.fields_in_parens()?;
        if from.is_empty() {
            return cursor.wanted(What::Field);
        }
        let otherwise = if cursor.take("default") { cursor.compound()? } else { String::new() };
        cursor.expect("as")?;
        Ok(Self { from, otherwise, to: cursor.result(How::Made)? })
    }
}

impl Step for Coalesce {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("coalesce({})", listed(&self.from)));
        if !self.otherwise.is_empty() {
            out.push_str(&format!(" default {}", quoted(&self.otherwise)));
        }
        out.push_str(&format!(" as {}", quoted(&self.to)));
    }

    fn needs(&self, needs: &mut Needs) {
        if needs.has(&self.to) {
            needs.made(&self.to);
            needs.add_all(&self.from);
        }
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Each(|mut batch: Batch| {
            let columns: Vec<_> = self.from.iter().map(|field| batch.column(field).clone()).collect();
            let first = |row: usize| columns.iter().map(|column| column.get(row)).find(|value| !value.is_empty());
            let chosen: Column = (0..batch.rows).map(|row| first(row).unwrap_or(&self.otherwise)).collect();
            batch.set(&name(&self.to), Arc::new(chosen));
            batch
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn the_first_value_that_is_there_is_taken() {
        let rows: &[&[(&str, &str)]] = &[&[("a", ""), ("b", "x")], &[("a", "y"), ("b", "z")], &[("c", "1")]];
        assert_eq!(run_rows("* | coalesce(a, b) default none as r | fields r", rows), ["r=x", "r=y", "r=none"]);
        assert_eq!(run_rows("* | coalesce(a, b) as a | fields a", rows), ["a=x", "a=y", ""]);
    }
}

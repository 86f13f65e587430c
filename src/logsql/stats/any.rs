//! `any(field)`: one of the values.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::problem::{Parsed, Problem, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort};
use super::{Accumulator, PerRow, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "any",
    aliases: &[],
    syntax: "any(field)",
    en: "One of the values of the field that are not empty.",
    ko: "비어 있지 않은 값 가운데 하나.",
    example: "* | stats by (ip) any(user_agent) as agent",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Any {
    field: String,
}

impl Any {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let mut fields = super::parse_names(cursor)?;
        match (fields.pop(), fields.len()) {
            (Some(field), 0) => Ok(Self { field }),
            (_, more) => fault(
                cursor.span_since(mark),
                Problem::Arguments { name: DOC.name.to_owned(), takes: "1", got: more + 1 },
            ),
        }
    }
}

impl Stat for Any {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("any({})", quoted(&self.field)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerRow::boxed(
            |chosen: &mut String, batch, row| {
                if chosen.is_empty() {
                    batch.column(&self.field).get(row).clone_into(chosen);
                }
                0
            },
            |chosen| chosen.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn a_value_that_is_there_is_taken() {
        let rows: &[&[(&str, &str)]] = &[&[("a", "")], &[("a", "x")], &[("b", "y")]];
        assert_eq!(run_rows("* | stats any(a) r, any(b) s, any(c) t", rows), ["r=x s=y"]);
    }
}

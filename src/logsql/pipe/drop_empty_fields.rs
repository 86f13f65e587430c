//! `drop_empty_fields`: without empty values, and without rows that have nothing else.

use super::super::batch::Builder;
use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::rows::send;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "drop_empty_fields",
    aliases: &[],
    syntax: "drop_empty_fields",
    en: "Drops empty fields, and rows without any other.",
    ko: "빈 필드와, 빈 필드뿐인 행을 뺍니다.",
    example: "* | drop_empty_fields",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct DropEmptyFields;

impl DropEmptyFields {
    pub(super) fn parse(_: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self)
    }
}

impl Step for DropEmptyFields {
    fn print(&self, out: &mut String) {
        out.push_str("drop_empty_fields");
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Dropping))
    }
}

struct Dropping;

impl Stage for Dropping {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let mut builder = Builder::default();
        for row in 0..batch.rows {
            let fields = batch.columns.iter().map(|(name, column)| (&**name, column.get(row)));
            let mut fields = fields.filter(|(_, value)| !value.is_empty()).peekable();
            if fields.peek().is_some() {
                builder.push(fields);
            }
        }
        send(builder, out)
    }
}

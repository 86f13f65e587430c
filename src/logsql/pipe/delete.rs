//! `delete a, b*`: all fields but these.

use super::super::batch::matches_any;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::fields::listed;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "delete",
    aliases: &["del", "rm", "drop"],
    syntax: "delete name, prefix*",
    en: "Drops these fields.",
    ko: "이 필드를 뺍니다.",
    example: "* | delete _stream_id, http.*",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Delete {
    names: Vec<String>,
}

impl Delete {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { names: cursor.fields_listed()? })
    }
}

impl Step for Delete {
    fn print(&self, out: &mut String) {
        out.push_str("delete ");
        out.push_str(&listed(&self.names));
    }

    fn needs(&self, needs: &mut Needs) {
        for name in &self.names {
            needs.made(name);
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Each(|mut batch: Batch| {
            batch.columns.retain(|(name, _)| !matches_any(&self.names, name));
            batch.hidden.retain(|(name, _)| !matches_any(&self.names, name));
            batch
        })))
    }
}

//! `field_names as result`: which fields the rows have.

use std::collections::BTreeMap;

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::group::fields_batch;
use super::update::Collect;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "field_names",
    aliases: &[],
    syntax: "field_names as result",
    en: "Gives the names of the fields that the rows have, with the number of rows.",
    ko: "행에 있는 필드 이름과 행 수를 보여 줍니다.",
    example: "* | field_names",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct FieldNames {
    to: String,
}

impl FieldNames {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let named = cursor.take("as") || !cursor.is(&["", "|"]);
        Ok(Self { to: if named { cursor.result(How::Made)? } else { "name".to_owned() } })
    }
}

impl Step for FieldNames {
    fn print(&self, out: &mut String) {
        out.push_str("field_names");
        if self.to != "name" {
            out.push_str(&format!(" as {}", quoted(&self.to)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Groups
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Collect {
            state: BTreeMap::<String, usize>::new(),
            push: |names: &mut BTreeMap<String, usize>, batch: Batch, _: &Run<'_>| {
                for (name, _) in &batch.columns {
                    *names.entry(if name.is_empty() { "_msg".to_owned() } else { name.to_string() }).or_default() +=
                        batch.rows;
                }
                Ok(Flow::More)
            },
            finish: |names: &mut BTreeMap<String, usize>, _: &Run<'_>, out: Out<'_>| {
                if names.is_empty() {
                    return Ok(());
                }
                let hits = names.values().map(|hits| hits.to_string()).collect();
                let columns = [(self.to.clone(), names.keys().collect()), ("hits".to_owned(), hits)];
                out(fields_batch(names.len(), columns)).map(|_| ())
            },
        }))
    }
}

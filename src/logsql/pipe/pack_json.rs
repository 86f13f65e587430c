//! `pack_json fields (a, b*) as result`.

use std::sync::Arc;

use super::super::batch::matches_any;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::json_object;
use super::super::trace::How;
use super::fields::listed;
use super::{Batch, Column, Step, name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "pack_json",
    aliases: &[],
    syntax: "pack_json fields (name, prefix*) as result",
    en: "Packs fields into a JSON object, empty ones left out.",
    ko: "필드를 JSON 객체로 묶습니다. 빈 필드는 뺍니다.",
    example: "* | pack_json fields (ip, path) as summary",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct PackJson(Packing);

impl PackJson {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Packing::parse(cursor).map(Self)
    }
}

/// Which fields go where.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    /// Empty for all.
    names: Vec<String>,
    to: String,
}

impl Packing {
    /// `fields (a, b*) as result`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut names = if cursor.take("fields") { cursor.wildcards_in_parens()? } else { Vec::new() };
        if names.iter().any(|name| name == "*") {
            names.clear();
        }
        cursor.take("as");
        let to = if cursor.pipe_ends() { "_msg".to_owned() } else { cursor.result(How::Made)? };
        Ok(Self { names, to })
    }

    pub(super) fn print(&self, pipe: &str, out: &mut String) {
        out.push_str(pipe);
        if !self.names.is_empty() {
            out.push_str(&format!(" fields ({})", listed(&self.names)));
        }
        if self.to != "_msg" {
            out.push_str(&format!(" as {}", quoted(&self.to)));
        }
    }

    pub(super) fn needs(&self, needs: &mut Needs) {
        if needs.has(&self.to) {
            needs.made(&self.to);
            if self.names.is_empty() {
                *needs = Needs::All;
            }
            needs.add_all(&self.names);
        }
    }

    /// The stage that sets the field to what `pack` makes of the others.
    pub(super) fn stage<'p>(&'p self, pack: fn(&[(&str, &str)]) -> String) -> Box<dyn Stage + 'p> {
        let to = name(&self.to);
        Box::new(Each(move |mut batch: Batch| {
            let wanted = |name: &str| self.names.is_empty() || matches_any(&self.names, name);
            let chosen: Vec<_> = batch.columns.iter().filter(|(name, _)| wanted(name)).collect();
            let packed: Column = (0..batch.rows)
                .map(|row| {
                    let fields: Vec<(&str, &str)> =
                        chosen.iter().map(|(name, column)| (&**name, column.get(row))).collect();
                    pack(&fields)
                })
                .collect();
            batch.set(&to, Arc::new(packed));
            batch
        }))
    }
}

impl Step for PackJson {
    fn print(&self, out: &mut String) {
        self.0.print("pack_json", out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(self.0.stage(|fields| json_object(fields.iter().copied())))
    }
}

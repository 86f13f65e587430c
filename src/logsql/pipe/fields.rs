//! `fields a, b*`: only these fields, empty where a named one is missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::batch::matches_any;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::quoted_wildcard;
use super::super::registry::{Doc, Sort as Kind};
use super::{Batch, Column, Step, name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "fields",
    aliases: &["keep"],
    syntax: "fields name, prefix*",
    en: "Keeps these fields and drops all others.",
    ko: "이 필드만 남기고 나머지는 뺍니다.",
    example: "* | fields _time, remote_addr, path",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Fields {
    names: Vec<String>,
}

impl Fields {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { names: cursor.fields_listed()? })
    }

    /// The names, where none of them is a `prefix*`.
    pub(in super::super) fn whole_names(&self) -> Option<Vec<String>> {
        let whole = self.names.iter().all(|name| !name.ends_with('*'));
        let mut names: Vec<String> = Vec::new();
        self.names.iter().filter(|_| whole).for_each(|name| {
            if !names.contains(name) {
                names.push(name.clone());
            }
        });
        whole.then_some(names)
    }

    /// The field, where it is one by its whole name.
    pub(in super::super) fn single(&self) -> Option<&str> {
        match self.names.as_slice() {
            [only] if !only.ends_with('*') => Some(only),
            _ => None,
        }
    }
}

/// Names and prefixes in canonical form.
pub(in super::super) fn listed(names: &[String]) -> String {
    names.iter().map(|name| quoted_wildcard(name)).collect::<Vec<_>>().join(", ")
}

/// ` by (a, b)`; without parentheses where a name ends in `*`, which stands in them for nothing that can be read.
pub(super) fn listed_by(names: &[String]) -> String {
    if names.iter().any(|name| name.ends_with('*')) {
        format!(" by {}", listed(names))
    } else {
        format!(" by ({})", listed(names))
    }
}

/// The name that a field gets when `from` becomes `to`.
pub(super) fn moved_name(from: &str, to: &str, name: &str) -> String {
    match (from.strip_suffix('*'), to.strip_suffix('*')) {
        (Some(prefix), Some(other)) => format!("{other}{}", name.strip_prefix(prefix).unwrap_or(name)),
        _ => to.to_owned(),
    }
}

impl Step for Fields {
    fn print(&self, out: &mut String) {
        out.push_str("fields ");
        out.push_str(&listed(&self.names));
    }

    fn needs(&self, needs: &mut Needs) {
        let mut only = Needs::Only(BTreeSet::new());
        for name in &self.names {
            if name.ends_with('*') || needs.has(name) {
                only.add(name);
            }
        }
        *needs = only;
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Each(|mut batch: Batch| {
            batch.columns.retain(|(name, _)| matches_any(&self.names, name));
            for wanted in self.names.iter().filter(|name| !name.ends_with('*')) {
                if batch.position(wanted).is_none() {
                    let hidden = batch.hidden.iter().find(|(name, _)| **name == **wanted).map(|(_, c)| c.clone());
                    let column = hidden.unwrap_or_else(|| Arc::new(Column::Same(String::new())));
                    batch.columns.push((name(wanted), column));
                }
            }
            batch.hidden.clear();
            batch
        })))
    }
}

//! What `copy` and `rename` share: pairs of names that are done one after another.

use std::sync::Arc;

use super::super::batch::matches_one;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::problem::{Parsed, What};
use super::super::quote::quoted_wildcard;
use super::super::trace::How;
use super::fields::moved_name;
use super::{Batch, Column, Step, name};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Pairs<const MOVES: bool> {
    pairs: Vec<(String, String)>,
}

impl<const MOVES: bool> Pairs<MOVES> {
    /// `a as b, c d`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut pairs = Vec::new();
        loop {
            let from = cursor.field_or_wildcard()?;
            cursor.take("as");
            pairs.push((from, cursor.result_or_wildcard(How::MadeAtOnce)?));
            if cursor.pipe_ends() {
                return Ok(Self { pairs });
            }
            if !cursor.take(",") {
                return cursor.wanted(What::EndOfPipe);
            }
        }
    }
}

impl<const MOVES: bool> Step for Pairs<MOVES> {
    fn print(&self, out: &mut String) {
        let pipe = if MOVES { "rename" } else { "copy" };
        let pairs: Vec<String> = self
            .pairs
            .iter()
            .map(|(from, to)| format!("{} as {}", quoted_wildcard(from), quoted_wildcard(to)))
            .collect();
        out.push_str(&format!("{pipe} {}", pairs.join(", ")));
    }

    fn needs(&self, needs: &mut Needs) {
        for (from, to) in self.pairs.iter().rev() {
            if from.ends_with('*') || to.ends_with('*') {
                *needs = Needs::All;
            } else if needs.has(to) {
                needs.made(to);
                needs.add(from);
            }
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let one = if MOVES { rename_one } else { copy_one };
        Ok(Box::new(Each(move |mut batch: Batch| {
            self.pairs.iter().for_each(|(from, to)| one(&mut batch, from, to));
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

fn rename_one(batch: &mut Batch, from: &str, to: &str) {
    let all = std::mem::take(&mut batch.columns);
    let (moved, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|(name, _)| matches_one(from, name));
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

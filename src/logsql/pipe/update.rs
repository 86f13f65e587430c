//! What pipes share that change the values of one field, or set one field from others.

use std::sync::Arc;

use super::super::batch::Column;
use super::super::trace::How;
use super::{Batch, Each, Flow, Out, Run, Stage, Stop, Test, name, rows_if};

/// A stage that puts `change(value)` in place of each value of a field, where the condition holds.
pub(super) fn update<'p>(
    field: &str,
    condition: Option<Test>,
    change: impl Fn(&str) -> String + 'p,
) -> Box<dyn Stage + 'p> {
    let field = name(field);
    Box::new(Each(move |mut batch: Batch| {
        let keep = rows_if(condition.as_ref(), &batch);
        if !keep.contains(&true) {
            return batch;
        }
        let old = batch.column(&field).clone();
        let new = map_column(
            &old,
            batch.rows,
            |row, value| {
                if keep[row] { change(value) } else { value.to_owned() }
            },
            !keep.contains(&false),
        );
        batch.set(&field, Arc::new(new));
        batch
    }))
}

/// A column made value by value; a column of one value stays one where every row is treated alike.
pub(super) fn map_column(
    column: &Column,
    rows: usize,
    mut change: impl FnMut(usize, &str) -> String,
    alike: bool,
) -> Column {
    match column {
        Column::Same(value) if alike => Column::Same(change(0, value)),
        column => (0..rows).map(|row| change(row, column.get(row))).collect(),
    }
}

/// A stage that sets a field to `compute(value of another field)`.
pub(super) fn derive<'p>(from: &str, to: &str, compute: impl Fn(&str) -> String + 'p) -> Box<dyn Stage + 'p> {
    let (from, to) = (from.to_owned(), name(to));
    Box::new(Each(move |mut batch: Batch| {
        let column = batch.column(&from).clone();
        let new = map_column(&column, batch.rows, |_, value| compute(value), true);
        batch.set(&to, Arc::new(new));
        batch
    }))
}

/// How new values go together with those that a row has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Keep {
    /// A value that is there stays.
    pub original: bool,
    /// A value that is there stays where the new one is empty.
    pub over_empty: bool,
}

impl Keep {
    /// `keep_original_fields` or `skip_empty_results`.
    pub(super) fn parse(cursor: &mut super::Cursor<'_>) -> Self {
        let original = cursor.take("keep_original_fields");
        let over_empty = !original && cursor.take("skip_empty_results");
        Self { original, over_empty }
    }

    /// What it means for the name of a result.
    pub(super) fn how(self, conditional: bool) -> How {
        if conditional || self.original || self.over_empty { How::MadeForSome } else { How::Made }
    }

    pub(super) fn print(self, out: &mut String) {
        if self.original {
            out.push_str(" keep_original_fields");
        }
        if self.over_empty {
            out.push_str(" skip_empty_results");
        }
    }

    /// The value that the row has afterwards.
    pub(super) fn choose<'v>(self, old: &'v str, new: &'v str) -> &'v str {
        if !old.is_empty() && (self.original || self.over_empty && new.is_empty()) { old } else { new }
    }
}

/// A stage that collects everything and hands on what `finish` makes of it.
pub(super) struct Collect<S, P, F> {
    /// What is collected.
    pub state: S,
    /// Takes a batch.
    pub push: P,
    /// Makes the answer.
    pub finish: F,
}

impl<S, P, F> Stage for Collect<S, P, F>
where
    P: FnMut(&mut S, Batch, &Run<'_>) -> Result<Flow, Stop>,
    F: FnMut(&mut S, &Run<'_>, Out<'_>) -> Result<(), Stop>,
{
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        (self.push)(&mut self.state, batch, run)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        (self.finish)(&mut self.state, run, out)
    }
}

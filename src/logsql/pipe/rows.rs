//! What pipes share that give each row further fields, whose names only the row itself tells.

use super::super::batch::Builder;
use super::update::Keep;
use super::{Batch, Flow, Out, Run, Stage, Stop, Test, rows_if};

/// Fields that are added to a row.
pub(super) type Extra = Vec<(String, String)>;

/// A stage that adds fields to each row; a row may also become several.
pub(super) struct AddFields<F> {
    /// Rows for which it does not hold stay as they are.
    pub condition: Option<Test>,
    /// How the fields go together with those that are there.
    pub keep: Keep,
    /// The rows that a row becomes: the fields to add to each.
    pub expand: F,
}

impl<F: FnMut(&Batch, usize) -> Vec<Extra>> Stage for AddFields<F> {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let take = rows_if(self.condition.as_ref(), &batch);
        if !take.contains(&true) {
            return out(batch);
        }
        let mut builder = Builder::default();
        for (row, take) in take.iter().enumerate() {
            let versions = if *take { (self.expand)(&batch, row) } else { vec![Extra::new()] };
            for extra in &versions {
                push_row(&mut builder, &batch, row, extra, self.keep);
            }
        }
        send(builder, out)
    }
}

/// Adds a row of a batch with further fields.
pub(super) fn push_row(builder: &mut Builder, batch: &Batch, row: usize, extra: &Extra, keep: Keep) {
    let old = batch.columns.iter().map(|(name, column)| (&**name, column.get(row)));
    let new = extra.iter().map(|(name, value)| (name.as_str(), keep.choose(batch.column(name).get(row), value)));
    builder.push(old.chain(new));
}

/// Hands the built batches on.
pub(super) fn send(builder: Builder, out: Out<'_>) -> Result<Flow, Stop> {
    for batch in builder.finish() {
        if out(batch)? == Flow::Enough {
            return Ok(Flow::Enough);
        }
    }
    Ok(Flow::More)
}

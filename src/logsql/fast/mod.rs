//! The fast way of a query's first steps: filter, groups and functions run on all cores where the rows are read, over
//! columns that borrow from what was read. Which queries can go this way is decided by their plan; all others, and those
//! that meet values which stand against it, go through the plain stages, whose answers these are to the letter.

mod check;
mod distinct;
mod fold;
mod group;
mod keys;
#[cfg(test)]
mod pieces;
mod rows;
mod state;

pub use rows::{Cells, Rows, Take, Takers};

pub(super) use fold::{Best, Fold, Folded, Went, run};
pub(super) use state::{Keep, Print, Tally};

#[cfg(test)]
mod tests;

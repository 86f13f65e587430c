//! Compiled filters: which rows of a batch pass, column by column.

use super::super::batch::{Batch, Column};

/// A test of one value.
pub(in super::super) type ValueTest = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// A compiled filter.
pub(in super::super) enum Test {
    /// All rows or none.
    Always(bool),
    /// All of them.
    And(Vec<Test>),
    /// Any of them.
    Or(Vec<Test>),
    /// Not this one.
    Not(Box<Test>),
    /// A test of a field's value.
    Value(String, ValueTest),
    /// A comparison of two fields.
    Pair(String, String, fn(&str, &str) -> bool),
}

impl Test {
    /// A test of a field's value.
    pub(in super::super) fn value(field: &str, test: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::Value(field.to_owned(), Box::new(test))
    }

    /// Calls with the name of each field that it reads.
    pub(in super::super) fn fields(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Always(_) => {}
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.fields(see)),
            Self::Not(inner) => inner.fields(see),
            Self::Value(field, _) => see(field),
            Self::Pair(one, other, _) => [one, other].into_iter().for_each(|field| see(field)),
        }
    }

    /// Which rows pass.
    pub(in super::super) fn rows(&self, batch: &Batch) -> Vec<bool> {
        let mut keep = vec![true; batch.rows];
        self.narrow(batch, &mut keep);
        keep
    }

    /// Takes the rows that do not pass out of `keep`; rows that are out already are not tested.
    fn narrow(&self, batch: &Batch, keep: &mut [bool]) {
        match self {
            Self::Always(true) => {}
            Self::Always(false) => keep.fill(false),
            Self::And(parts) => {
                for part in parts {
                    if !keep.contains(&true) {
                        return;
                    }
                    part.narrow(batch, keep);
                }
            }
            Self::Or(parts) => {
                let mut open = keep.to_vec();
                for part in parts {
                    if !open.contains(&true) {
                        break;
                    }
                    let mut passed = open.clone();
                    part.narrow(batch, &mut passed);
                    open.iter_mut().zip(&passed).for_each(|(open, passed)| *open &= !passed);
                }
                keep.iter_mut().zip(&open).for_each(|(keep, open)| *keep &= !open);
            }
            Self::Not(inner) => {
                let mut passed = keep.to_vec();
                inner.narrow(batch, &mut passed);
                keep.iter_mut().zip(&passed).for_each(|(keep, passed)| *keep &= !passed);
            }
            Self::Value(field, test) => match &**batch.column(field) {
                Column::Same(value) => {
                    if !test(value) {
                        keep.fill(false);
                    }
                }
                column => {
                    for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                        *keep = test(column.get(row));
                    }
                }
            },
            Self::Pair(a, b, test) => {
                let (a, b) = (batch.column(a), batch.column(b));
                for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                    *keep = test(a.get(row), b.get(row));
                }
            }
        }
    }
}

//! A compiled filter over borrowed rows. Of values that repeat, each is tested once.

use super::super::filter::{Test, ValueTest};
use super::rows::{Cells, Rows};

/// A filter with the fields that it reads as columns.
pub(super) enum Check<'t> {
    Always(bool),
    And(Vec<Check<'t>>),
    Or(Vec<Check<'t>>),
    Not(Box<Check<'t>>),
    Value { column: usize, test: &'t ValueTest, known: Known },
    Pair { columns: [usize; 2], test: fn(&str, &str) -> bool },
}

/// What a test said of numbered values.
#[derive(Default)]
pub(super) struct Known {
    list: u64,
    /// By number; `None` is not asked yet.
    passes: Vec<Option<bool>>,
}

impl<'t> Check<'t> {
    /// The filter over columns in the order of `names`; `None` where it reads another field.
    pub(super) fn new(test: &'t Test, names: &[String]) -> Option<Self> {
        let column = |field: &str| names.iter().position(|name| name == field);
        let all = |parts: &'t [Test]| parts.iter().map(|part| Self::new(part, names)).collect::<Option<Vec<_>>>();
        Some(match test {
            Test::Always(passes) => Self::Always(*passes),
            Test::And(parts) => Self::And(all(parts)?),
            Test::Or(parts) => Self::Or(all(parts)?),
            Test::Not(inner) => Self::Not(Box::new(Self::new(inner, names)?)),
            Test::Value(field, test) => Self::Value { column: column(field)?, test, known: Known::default() },
            Test::Pair(one, other, test) => Self::Pair { columns: [column(one)?, column(other)?], test: *test },
        })
    }

    /// The rows that pass, in order.
    pub(super) fn select(&mut self, rows: &Rows<'_>, selected: &mut Vec<u32>) {
        selected.clear();
        let count = u32::try_from(rows.count).unwrap_or(u32::MAX);
        match self {
            Self::Always(true) => selected.extend(0..count),
            Self::Always(false) => {}
            _ => {
                let mut keep = vec![true; rows.count];
                self.narrow(rows, &mut keep);
                selected.extend((0..count).filter(|row| keep[*row as usize]));
            }
        }
    }

    /// Takes the rows that do not pass out of `keep`; those that are out already are not tested.
    pub(super) fn narrow(&mut self, rows: &Rows<'_>, keep: &mut [bool]) {
        match self {
            Self::Always(true) => {}
            Self::Always(false) => keep.fill(false),
            Self::And(parts) => parts.iter_mut().for_each(|part| part.narrow(rows, keep)),
            Self::Or(parts) => {
                let mut open = keep.to_vec();
                for part in parts {
                    let mut passed = open.clone();
                    part.narrow(rows, &mut passed);
                    open.iter_mut().zip(&passed).for_each(|(open, passed)| *open &= !passed);
                }
                keep.iter_mut().zip(&open).for_each(|(keep, open)| *keep &= !open);
            }
            Self::Not(inner) => {
                let mut passed = keep.to_vec();
                inner.narrow(rows, &mut passed);
                keep.iter_mut().zip(&passed).for_each(|(keep, passed)| *keep &= !passed);
            }
            Self::Value { column, test, known } => narrow_by_value(&rows.cells[*column], test, known, keep),
            Self::Pair { columns: [one, other], test } => {
                let (one, other) = (&rows.cells[*one], &rows.cells[*other]);
                for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                    *keep = test(&one.get(row), &other.get(row));
                }
            }
        }
    }
}

fn narrow_by_value(cells: &Cells<'_>, test: &ValueTest, known: &mut Known, keep: &mut [bool]) {
    match cells {
        Cells::Same(value) => {
            if !test(value) {
                keep.fill(false);
            }
        }
        Cells::Codes { codes, texts, list } => {
            if known.list != *list {
                *known = Known { list: *list, passes: Vec::new() };
            }
            known.passes.resize(texts.len(), None);
            for (keep, code) in keep.iter_mut().zip(codes.iter()).filter(|(keep, _)| **keep) {
                let passes = &mut known.passes[*code as usize];
                *keep = *passes.get_or_insert_with(|| test(&texts[*code as usize]));
            }
        }
        Cells::Texts(values) => {
            for (keep, value) in keep.iter_mut().zip(values.iter()).filter(|(keep, _)| **keep) {
                *keep = test(value);
            }
        }
        cells => {
            for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                *keep = test(&cells.get(row));
            }
        }
    }
}

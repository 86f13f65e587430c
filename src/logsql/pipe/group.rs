//! Rows that belong together because their values are the same: `stats by`, `uniq`, `top`.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::super::batch::{Batch, Column};
use super::super::number::{parse_i64, parse_u64};
use super::name;

/// Groups in the order in which they first came.
#[derive(Debug)]
pub(super) struct Groups {
    /// How many values make a key.
    width: usize,
    index: HashMap<Box<str>, usize>,
    keys: Vec<Box<str>>,
    buffer: String,
}

impl Groups {
    pub(super) fn new(width: usize) -> Self {
        Self { width, index: HashMap::new(), keys: Vec::new(), buffer: String::new() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The number of the group of these values, a new one where they are new; counts the bytes that it takes to `kept`.
    ///
    /// A single value is a number where it is one: `1_000` and `1000` are one group.
    pub(super) fn of<'v>(&mut self, values: impl Iterator<Item = &'v str>, kept: &mut usize) -> usize {
        self.buffer.clear();
        for value in values {
            if self.width == 1 {
                push_normal(value, &mut self.buffer);
            } else {
                // The length keeps apart what would otherwise run into each other.
                self.buffer.push_str(&value.len().to_string());
                self.buffer.push(' ');
                self.buffer.push_str(value);
            }
        }
        if let Some(group) = self.index.get(self.buffer.as_str()) {
            return *group;
        }
        let group = self.keys.len();
        let key: Box<str> = self.buffer.as_str().into();
        *kept += key.len() * 2 + 96;
        self.index.insert(key.clone(), group);
        self.keys.push(key);
        group
    }

    /// The values of some groups, a column for each field.
    pub(super) fn columns(&self, fields: &[String], range: Range<usize>) -> Vec<(String, Column)> {
        let mut columns = vec![Column::default(); fields.len()];
        for key in self.keys.get(range).unwrap_or_default() {
            for (column, value) in columns.iter_mut().zip(self.split(key)) {
                column.push(value);
            }
        }
        fields.iter().cloned().zip(columns).collect()
    }

    /// The values of one group.
    pub(super) fn values(&self, group: usize) -> Vec<&str> {
        self.keys.get(group).map_or_else(Vec::new, |key| self.split(key))
    }

    fn split<'k>(&self, key: &'k str) -> Vec<&'k str> {
        if self.width == 1 {
            return vec![key];
        }
        let mut values = Vec::with_capacity(self.width);
        let mut rest = key;
        while let Some((length, after)) = rest.split_once(' ') {
            let Some((value, after)) = length.parse().ok().and_then(|length: usize| after.split_at_checked(length))
            else {
                break;
            };
            values.push(value);
            rest = after;
        }
        values
    }
}

/// Groups and how many rows each has: what `uniq` and `top` collect.
#[derive(Debug)]
pub(super) struct Counted<'p> {
    fields: &'p [String],
    pub(super) groups: Groups,
    pub(super) hits: Vec<u64>,
}

impl<'p> Counted<'p> {
    pub(super) fn new(fields: &'p [String]) -> Self {
        Self { fields, groups: Groups::new(fields.len()), hits: Vec::new() }
    }

    /// Takes the rows of a batch in; says how many bytes that keeps.
    pub(super) fn add(&mut self, batch: &Batch) -> usize {
        let columns: Vec<_> = self.fields.iter().map(|field| &**batch.column(field)).collect();
        let mut kept = 0;
        for row in 0..batch.rows {
            let group = self.groups.of(columns.iter().map(|column| column.get(row)), &mut kept);
            if group == self.hits.len() {
                self.hits.push(0);
            }
            self.hits[group] += 1;
        }
        kept
    }
}

/// Appends a value; an integer without its underscores.
pub(in super::super) fn push_normal(value: &str, out: &mut String) {
    let number = if value.contains('_') || value == "-0" {
        parse_u64(value).map(|n| n.to_string()).or_else(|| parse_i64(value).map(|n| n.to_string()))
    } else {
        None
    };
    out.push_str(number.as_deref().unwrap_or(value));
}

/// A batch of these columns.
pub(super) fn fields_batch(rows: usize, columns: impl IntoIterator<Item = (String, Column)>) -> Batch {
    let mut batch = Batch { rows, ..Batch::default() };
    for (field, column) in columns {
        batch.set(&name(&field), Arc::new(column));
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_run_into_each_other() {
        let mut groups = Groups::new(2);
        let mut kept = 0;
        let pairs = [["a", "bc"], ["ab", "c"], ["", "abc"], ["a", "bc"], ["1 ", "2"], ["1", " 2"]];
        let numbers: Vec<usize> = pairs.iter().map(|pair| groups.of(pair.iter().copied(), &mut kept)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 3, 4]);
        assert_eq!(groups.values(3), ["1 ", "2"]);
    }

    #[test]
    fn one_number_is_one_group_however_it_is_written() {
        let mut groups = Groups::new(1);
        let mut kept = 0;
        let numbers: Vec<usize> = ["1_000", "1000", "01000", "-1_0", "-10"]
            .iter()
            .map(|v| groups.of(std::iter::once(*v), &mut kept))
            .collect();
        assert_eq!(numbers, [0, 0, 1, 2, 2]);
        assert_eq!(groups.values(0), ["1000"]);
    }
}

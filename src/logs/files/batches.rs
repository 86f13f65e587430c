//! Columns out of entries: what a scan hands to the query. A name that one line has and another lacks is empty there,
//! so that lines of any shape share a batch.

use std::sync::Arc;

use hashbrown::HashMap;

use super::columns::Columns;
use super::formats::entry::{Entry, Field, Wanted};
use super::formats::{text, time};
use crate::logsql::{Batch, Column, Name};

/// A batch is full at so many rows.
const ROWS: usize = 2_048;

/// It is also full at so many bytes: a line can be megabytes long.
const BYTES: usize = 4 << 20;

/// And at so many names: a stranger may choose them in JSON, and each costs a place in every row.
const NAMES: usize = 512;

/// Collects entries into batches.
pub struct Batches<'a> {
    wanted: &'a Wanted,
    /// The wanted ones of the known fields, without the time.
    fields: Vec<Field>,
    columns: &'a Columns<'a>,
    rows: usize,
    bytes: usize,
    /// The columns in the order in which they came up, and where each name is.
    collected: Vec<(Name, Collected)>,
    places: HashMap<Name, usize>,
    /// The fields that were made, one column for each that can be.
    made: Vec<(Name, Collected)>,
    /// Where the known fields are.
    known: [Option<usize>; Field::ALL.len()],
    /// The time printed last, which the next line often has too.
    time: (i64, String),
}

/// A column that is being filled; rows at its end may still be missing from it.
#[derive(Default)]
struct Collected {
    text: String,
    ends: Vec<usize>,
}

impl Collected {
    /// Sets the value of a row that is not set yet.
    fn set(&mut self, row: usize, value: &str) {
        self.pad(row);
        self.text.push_str(value);
        self.ends.push(self.text.len());
    }

    /// Leaves rows empty up to this one.
    fn pad(&mut self, row: usize) {
        self.ends.resize(row.max(self.ends.len()), self.text.len());
    }
}

impl<'a> Batches<'a> {
    /// Batches with the wanted fields; those that `columns` makes are hidden in them.
    pub fn new(wanted: &'a Wanted, columns: &'a Columns<'a>) -> Self {
        let fields = Field::ALL.into_iter().filter(|field| wanted.field(*field) && *field != Field::Time).collect();
        Self {
            wanted,
            fields,
            columns,
            rows: 0,
            bytes: 0,
            collected: Vec::new(),
            places: HashMap::new(),
            made: Vec::new(),
            known: [None; Field::ALL.len()],
            time: (0, time::print(0)),
        }
    }

    /// Adds a line that belongs at an instant; gives the batch that it completes. A line without a time of its own
    /// gets the instant as a hidden `_time`; it may not share a batch with lines that have one.
    pub fn push(&mut self, entry: &Entry<'_>, at: i64) -> Option<Batch> {
        if self.wanted.field(Field::Time) {
            if self.time.0 != at {
                self.time = (at, time::print(at));
            }
            if entry.time.is_some() {
                let place = self.known_place(Field::Time);
                self.collected[place].1.set(self.rows, &self.time.1);
            } else {
                let printed = std::mem::take(&mut self.time.1);
                self.hide(Field::Time.name(), &printed);
                self.time.1 = printed;
            }
        }
        for index in 0..self.fields.len() {
            let field = self.fields[index];
            let value = entry.field(field);
            if !value.is_empty() && !entry.names(field.name()) {
                let place = self.known_place(field);
                self.set(place, &text::lossless(value));
            }
        }
        for (name, value) in entry.others() {
            if !value.is_empty() && self.wanted.name(name) {
                let place = self.place(name);
                self.set(place, &text::lossless(value));
            }
        }
        let columns = self.columns;
        for (name, value) in columns.make(entry) {
            self.hide(name, &value);
        }
        self.rows += 1;
        let full = self.rows >= ROWS || self.bytes >= BYTES || self.collected.len() >= NAMES;
        if full { self.take() } else { None }
    }

    /// Sets a hidden field of the row at hand.
    fn hide(&mut self, name: &str, value: &str) {
        let place = self.made.iter().position(|(known, _)| **known == *name).unwrap_or_else(|| {
            self.made.push((name.into(), Collected::default()));
            self.made.len() - 1
        });
        self.made[place].1.set(self.rows, value);
        self.bytes += value.len();
    }

    fn set(&mut self, place: usize, value: &str) {
        // A name that came twice keeps its first value.
        if self.collected[place].1.ends.len() <= self.rows {
            self.collected[place].1.set(self.rows, value);
            self.bytes += value.len();
        }
    }

    fn known_place(&mut self, field: Field) -> usize {
        match self.known[field as usize] {
            Some(place) => place,
            None => {
                let place = self.place(field.name());
                self.known[field as usize] = Some(place);
                place
            }
        }
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let name: Name = name.into();
        self.places.insert(Arc::clone(&name), self.collected.len());
        self.collected.push((name, Collected::default()));
        self.collected.len() - 1
    }

    /// What was collected since the last batch; `None` where that is nothing.
    pub fn take(&mut self) -> Option<Batch> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        self.known = [None; Field::ALL.len()];
        self.places.clear();
        let done = |collected: Vec<(Name, Collected)>| {
            let column = |mut column: Collected| {
                column.pad(rows);
                Arc::new(Column::Each { text: column.text, ends: column.ends })
            };
            collected.into_iter().map(|(name, collected)| (name, column(collected))).collect()
        };
        let columns = done(std::mem::take(&mut self.collected));
        let hidden = done(std::mem::take(&mut self.made));
        (rows > 0).then_some(Batch { rows, columns, hidden })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_shape_share_a_batch() {
        let (wanted, columns) = (Wanted::all(), Columns::default());
        let mut batches = Batches::new(&wanted, &columns);
        let mut entry = Entry::default();
        for (time, pairs) in [
            (1_000_000_000, vec![("a", "1"), ("b", "2")]),
            (1_000_000_000, vec![("b", "3"), ("c", "4")]),
            (2_000_000_000, vec![]),
            (3_000_000_000, vec![("a", "5"), ("status", "200")]),
        ] {
            entry.clear();
            entry.time = Some(time);
            entry.set(Field::Status, &b"100"[..]);
            for (name, value) in pairs {
                entry.push(name, value.as_bytes());
            }
            assert!(batches.push(&entry, time).is_none());
        }
        let batch = batches.take().unwrap();
        let values = |name: &str| (0..batch.rows).map(|row| batch.column(name).get(row)).collect::<Vec<_>>();
        assert_eq!(values("_time"), [1, 1, 2, 3].map(|second| format!("1970-01-01T00:00:0{second}Z")));
        assert_eq!(values("a"), ["1", "", "", "5"]);
        assert_eq!(values("b"), ["2", "3", "", ""]);
        assert_eq!(values("c"), ["", "4", "", ""]);
        // The line's own name wins over the format's.
        assert_eq!(values("status"), ["100", "100", "100", "200"]);
        assert!(batches.take().is_none());
    }

    #[test]
    fn a_line_without_a_time_belongs_somewhere_all_the_same() {
        let (wanted, columns) = (Wanted::all(), Columns::default());
        let mut batches = Batches::new(&wanted, &columns);
        let mut entry = Entry::default();
        entry.set(Field::Msg, &b"x"[..]);
        assert!(batches.push(&entry, 5_000_000_000).is_none());
        let batch = batches.take().unwrap();
        assert_eq!(batch.column("_time").get(0), "1970-01-01T00:00:05Z");
        assert_eq!(batch.to_rows()[0].iter().collect::<Vec<_>>(), [("_msg", "x")]);
    }

    #[test]
    fn a_batch_is_full_by_rows_bytes_and_names() {
        let (wanted, columns) = (Wanted::all(), Columns::default());
        let first_full = |value: &str, name: &dyn Fn(usize) -> String| {
            let mut batches = Batches::new(&wanted, &columns);
            (1..).find(|row| {
                let mut entry = Entry::default();
                entry.push(name(*row), value.as_bytes());
                batches.push(&entry, 0).is_some()
            })
        };
        assert_eq!(first_full("x", &|_| "a".to_owned()), Some(ROWS));
        assert_eq!(first_full(&"x".repeat(1 << 20), &|_| "a".to_owned()), Some(4));
        assert_eq!(first_full("x", &|row| row.to_string()), Some(NAMES));
    }
}

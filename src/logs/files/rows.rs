//! Rows out of entries. Names are shared between the rows of a scan.

use std::sync::Arc;

use hashbrown::HashSet;

use super::columns::Columns;
use super::formats::entry::Entry;
use super::formats::time;
use crate::logs::Row;

/// Names beyond this many are not shared: a stranger may choose them in JSON.
const MOST_NAMES: usize = 4_096;

/// Makes rows.
pub struct Rows<'a> {
    columns: &'a Columns<'a>,
    names: HashSet<Arc<str>>,
    /// The time printed last, which the next line often has too.
    time: (i64, String),
}

impl<'a> Rows<'a> {
    /// Rows with the fields that `columns` makes hidden in them.
    pub fn new(columns: &'a Columns<'a>) -> Self {
        Self { columns, names: HashSet::new(), time: (0, time::print(0)) }
    }

    /// A row of everything that an entry holds, `_time` first.
    pub fn row(&mut self, entry: &Entry<'_>) -> Row {
        let mut row = Row::new();
        if let Some(time) = entry.time {
            if self.time.0 != time {
                self.time = (time, time::print(time));
            }
            row.push(self.name("_time"), self.time.1.clone());
        }
        for (name, value) in entry.texts() {
            row.push(self.name(name), value.into_owned());
        }
        for (name, value) in self.columns.make(entry) {
            row.push_hidden(self.name(name), value.into_owned());
        }
        row
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(shared) = self.names.get(name) {
            return Arc::clone(shared);
        }
        let new: Arc<str> = name.into();
        if self.names.len() < MOST_NAMES {
            self.names.insert(Arc::clone(&new));
        }
        new
    }
}

//! Rows on their way through a query: columns of text, many values in one allocation. A batch has one list of names;
//! a field that is not in it is missing from all of its rows, and reads as empty.

use std::sync::{Arc, LazyLock};

use crate::logs::Row;

/// The values of one field in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The same value in every row.
    Same(String),
    /// A value for each row: all texts one after another, and where each ends.
    Each {
        /// The texts.
        text: String,
        /// The end of each.
        ends: Vec<usize>,
    },
}

impl Default for Column {
    fn default() -> Self {
        Self::Each { text: String::new(), ends: Vec::new() }
    }
}

impl Column {
    /// The value in a row; empty beyond the end.
    pub fn get(&self, row: usize) -> &str {
        match self {
            Self::Same(value) => value,
            Self::Each { text, ends } => {
                let start = row.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
                ends.get(row).and_then(|end| text.get(start..*end)).unwrap_or("")
            }
        }
    }

    /// Adds a value at the end; does nothing to a column of one value.
    pub fn push(&mut self, value: &str) {
        if let Self::Each { text, ends } = self {
            text.push_str(value);
            ends.push(text.len());
        }
    }

    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        match self {
            Self::Same(value) => value.len(),
            Self::Each { text, ends } => text.len() + ends.len() * size_of::<usize>(),
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Column {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Self {
        let mut column = Self::default();
        for value in values {
            column.push(value.as_ref());
        }
        column
    }
}

/// A field's name, shared.
pub type Name = Arc<str>;

/// Some rows with the same fields.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// How many rows.
    pub rows: usize,
    /// Names and values, in order; no name twice.
    pub columns: Vec<(Name, Arc<Column>)>,
    /// Fields that answer to their name where no column has it, and are otherwise not there: what a source worked out
    /// beside what was logged.
    pub hidden: Vec<(Name, Arc<Column>)>,
}

static MISSING: LazyLock<Arc<Column>> = LazyLock::new(|| Arc::new(Column::Same(String::new())));

impl Batch {
    /// Whether it has this field.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| &**known == name)
    }

    /// A field's values; all empty where it is missing.
    pub fn column(&self, name: &str) -> &Arc<Column> {
        let all = self.columns.iter().chain(&self.hidden);
        all.into_iter().find(|(known, _)| &**known == name).map_or(&MISSING, |(_, column)| column)
    }

    /// Sets a field, in place where it exists.
    pub fn set(&mut self, name: &Name, column: Arc<Column>) {
        match self.position(name) {
            Some(index) => self.columns[index].1 = column,
            None => self.columns.push((name.clone(), column)),
        }
    }

    /// The columns that match any of these names or `prefix*`. A single whole name is there even where it is missing.
    pub fn matching<'b>(&'b self, filters: &'b [String]) -> Vec<(&'b str, &'b Column)> {
        if let [only] = filters
            && !only.ends_with('*')
        {
            return vec![(only, &**self.column(only))];
        }
        let mut found: Vec<(&str, &Column)> = self
            .columns
            .iter()
            .filter(|(name, _)| matches_any(filters, name))
            .map(|(name, column)| (&**name, &**column))
            .collect();
        for filter in filters.iter().filter(|filter| !filter.ends_with('*')) {
            if !found.iter().any(|(name, _)| name == filter) {
                found.push((filter, &**self.column(filter)));
            }
        }
        found
    }

    /// The rows at these positions, in this order.
    pub fn gather(&self, rows: &[usize]) -> Self {
        let pick = |column: &Arc<Column>| match &**column {
            Column::Same(_) => column.clone(),
            Column::Each { .. } => Arc::new(rows.iter().map(|row| column.get(*row)).collect()),
        };
        let pick_all = |columns: &[(Name, Arc<Column>)]| {
            columns.iter().map(|(name, column)| (name.clone(), pick(column))).collect()
        };
        Self { rows: rows.len(), columns: pick_all(&self.columns), hidden: pick_all(&self.hidden) }
    }

    /// The rows for which `keep` is set.
    pub fn filtered(self, keep: &[bool]) -> Self {
        let rows: Vec<usize> = keep.iter().enumerate().filter(|(_, keep)| **keep).map(|(row, _)| row).collect();
        if rows.len() == self.rows { self } else { self.gather(&rows) }
    }

    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.size()).sum()
    }

    /// The rows as they cross the room's border.
    pub fn to_rows(&self) -> Vec<Row> {
        let row = |index: usize| {
            let mut row = Row::new();
            for (name, column) in &self.columns {
                row.push(name.clone(), column.get(index));
            }
            for (name, column) in &self.hidden {
                row.push_hidden(name.clone(), column.get(index));
            }
            row
        };
        (0..self.rows).map(row).collect()
    }
}

/// Whether a name equals one of the filters or begins with one that ends in `*`.
pub(super) fn matches_any(filters: &[String], name: &str) -> bool {
    filters.iter().any(|filter| matches_one(filter, name))
}

/// Whether a name equals the filter or begins with what stands before its `*`.
pub(super) fn matches_one(filter: &str, name: &str) -> bool {
    match filter.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => filter == name,
    }
}

/// Collects rows into batches: a new one begins where the list of names changes, or when it is full.
#[derive(Debug, Default)]
pub struct Builder {
    /// Shown fields first, then `hidden` hidden ones.
    names: Vec<Name>,
    hidden: usize,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    done: Vec<Batch>,
}

/// A batch is handed on at this size.
const FULL: usize = 1 << 20;

impl Builder {
    /// Adds a row. Of a name that comes twice the last value counts.
    pub fn push<'r>(&mut self, fields: impl Iterator<Item = (&'r str, &'r str)> + Clone) {
        self.push_with_hidden(fields, std::iter::empty());
    }

    /// Adds a row with fields that only answer to their name.
    pub fn push_with_hidden<'r>(
        &mut self,
        fields: impl Iterator<Item = (&'r str, &'r str)> + Clone,
        hidden: impl Iterator<Item = (&'r str, &'r str)> + Clone,
    ) {
        let all = fields.clone().chain(hidden.clone());
        let known = |index: usize, name: &str| self.names.get(index).is_some_and(|known| &**known == name);
        let (shown, extra) = (fields.clone().count(), hidden.clone().count());
        let same = shown + extra == self.names.len()
            && extra == self.hidden
            && all.clone().enumerate().all(|(index, (name, _))| known(index, name));
        if same && self.rows > 0 {
            for (column, (_, value)) in self.columns.iter_mut().zip(all) {
                self.bytes += value.len();
                column.push(value);
            }
        } else {
            self.flush();
            self.begin(fields, hidden);
        }
        self.rows += 1;
        if self.bytes >= FULL {
            self.flush();
        }
    }

    /// Begins a batch with this row.
    fn begin<'r>(
        &mut self,
        fields: impl Iterator<Item = (&'r str, &'r str)>,
        hidden: impl Iterator<Item = (&'r str, &'r str)>,
    ) {
        self.names.clear();
        let mut values: Vec<&str> = Vec::new();
        for (name, value) in fields {
            match self.names.iter().position(|known| **known == *name) {
                Some(index) => values[index] = value,
                None => {
                    self.names.push(Name::from(name));
                    values.push(value);
                }
            }
        }
        self.hidden = 0;
        for (name, value) in hidden {
            self.names.push(Name::from(name));
            values.push(value);
            self.hidden += 1;
        }
        self.bytes = values.iter().map(|value| value.len()).sum();
        self.columns = values.into_iter().map(|value| Column::from_iter([value])).collect();
    }

    fn flush(&mut self) {
        if self.rows > 0 {
            let columns = std::mem::take(&mut self.columns).into_iter().map(Arc::new);
            let mut columns: Vec<(Name, Arc<Column>)> = self.names.iter().cloned().zip(columns).collect();
            let hidden = columns.split_off(columns.len() - self.hidden);
            self.done.push(Batch { rows: self.rows, columns, hidden });
        }
        self.rows = 0;
        self.bytes = 0;
        self.columns = self.names.iter().map(|_| Column::default()).collect();
    }

    /// The batches that are full.
    pub fn ready(&mut self) -> Vec<Batch> {
        std::mem::take(&mut self.done)
    }

    /// All batches.
    pub fn finish(mut self) -> Vec<Batch> {
        self.flush();
        self.done
    }
}

/// Batches of rows; hidden fields come along under their names where no shown field has that name.
pub fn from_rows(rows: &[Row]) -> Vec<Batch> {
    let mut builder = Builder::default();
    for row in rows {
        builder.push_with_hidden(row.iter(), row.hidden());
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_batch_begins_where_names_change() {
        let mut builder = Builder::default();
        builder.push([("a", "1"), ("b", "2")].into_iter());
        builder.push([("a", "3"), ("b", "")].into_iter());
        builder.push([("b", "4"), ("b", "5")].into_iter());
        let batches = builder.finish();
        assert_eq!(batches.iter().map(|batch| batch.rows).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((batches[0].column("a").get(1), batches[0].column("c").get(1)), ("3", ""));
        assert_eq!((batches[1].columns.len(), batches[1].column("b").get(0)), (1, "5"));
    }

    #[test]
    fn rows_are_picked_by_position() {
        let row = |a: &str| [("a", a.to_owned()), ("b", "x".to_owned())].into_iter().collect::<Row>();
        let batch = from_rows(&[row("1"), row("2"), row("3")]).remove(0);
        let picked = batch.gather(&[2, 0]);
        assert_eq!((picked.column("a").get(0), picked.column("a").get(1), picked.rows), ("3", "1", 2));
    }
}

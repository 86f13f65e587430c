//! The rows of an answer as they arrive: kept in the batches they came in (so that a worker can share them without a
//! copy), with the columns that were seen, their widths, and an order made elsewhere. Never looks at a row on its own.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::logs::Row;
use crate::text::width;

/// No column is wider than this at first; a person can widen it.
pub const WIDEST: usize = 48;
/// At most so many rows are kept; an answer that has more is marked as cut.
pub const MOST: usize = 200_000;

/// Rows in the order in which they arrived. Cloning is cheap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    batches: Vec<Arc<Vec<Row>>>,
    /// How many rows come before each batch.
    starts: Vec<usize>,
    len: usize,
}

impl Rows {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row of a number.
    pub fn get(&self, number: usize) -> Option<&Row> {
        let batch = self.starts.partition_point(|start| *start <= number).checked_sub(1)?;
        self.batches[batch].get(number - self.starts[batch])
    }

    /// Adds a batch.
    pub fn push(&mut self, batch: Arc<Vec<Row>>) {
        self.starts.push(self.len);
        self.len += batch.len();
        self.batches.push(batch);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.batches.iter().flat_map(|batch| batch.iter())
    }
}

/// A column: a field's name, and the cells that its widest value takes, up to [`WIDEST`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The field.
    pub name: Arc<str>,
    /// Cells.
    pub width: usize,
    /// Whether every value seen is a number or empty: shown at the right.
    pub numeric: bool,
}

/// The columns of some rows, in the order in which they first come. `_time` goes to the front and `_msg`, `_stream`
/// and `_stream_id` to the back, where they hide nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    places: HashMap<Arc<str>, usize>,
}

impl Columns {
    /// Those of a batch. Measures every value, so it belongs into a worker.
    pub fn of(batch: &[Row]) -> Self {
        let mut columns = Self::default();
        for (name, value) in batch.iter().flat_map(Row::iter) {
            columns.widen(name, width::width(value).min(WIDEST), value.is_empty() || value.parse::<f64>().is_ok());
        }
        columns
    }

    fn widen(&mut self, name: &str, cells: usize, numeric: bool) {
        if let Some(place) = self.places.get(name) {
            let column = &mut self.columns[*place];
            column.width = column.width.max(cells);
            column.numeric &= numeric;
        } else {
            let name: Arc<str> = name.into();
            self.places.insert(Arc::clone(&name), self.columns.len());
            let width = cells.max(width::width(&name).min(WIDEST));
            self.columns.push(Column { name, width, numeric });
        }
    }

    /// Takes in those of a later batch.
    pub fn merge(&mut self, later: &Self) {
        for column in &later.columns {
            self.widen(&column.name, column.width, column.numeric);
        }
    }

    /// In the order in which they are shown.
    pub fn shown(&self) -> Vec<&Column> {
        let mut shown: Vec<_> = self.columns.iter().collect();
        shown.sort_by_key(|column| match &*column.name {
            "_time" => 0,
            "_msg" => 2,
            "_stream" => 3,
            "_stream_id" => 4,
            _ => 1,
        });
        shown
    }
}

/// By what rows are ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorting {
    /// The field.
    pub field: Arc<str>,
    /// Largest first.
    pub descending: bool,
}

/// A cell as it is compared. Empty cells come last in either direction.
#[derive(PartialEq)]
enum Key<'a> {
    Number(f64),
    Address(IpAddr),
    Text(&'a str),
    Empty,
}

impl<'a> Key<'a> {
    fn of(value: &'a str) -> Self {
        if value.is_empty() {
            return Self::Empty;
        }
        match value.parse::<f64>() {
            Ok(number) if !number.is_nan() => Self::Number(number),
            _ => value.parse().map_or(Self::Text(value), Self::Address),
        }
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Address(_) => 1,
            Self::Text(_) => 2,
            Self::Empty => 3,
        }
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Address(one), Self::Address(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => return self.kind().cmp(&other.kind()),
        };
        if descending { order.reverse() } else { order }
    }
}

/// The numbers of the rows in order; rows that compare as equal stay as they came. Takes its time on many rows.
pub fn order(rows: &Rows, sorting: &Sorting) -> Vec<u32> {
    let keys: Vec<Key<'_>> = rows.iter().map(|row| Key::of(row.get(&sorting.field))).collect();
    let mut numbers: Vec<u32> = (0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).collect();
    let key = |number: &u32| &keys[usize::try_from(*number).unwrap_or_default()];
    numbers.sort_by(|one, other| key(one).compare(key(other), sorting.descending));
    numbers
}

/// The columns that are in sight from `first` on, each with the cells it gets: whole ones with a gap of `gap` between
/// them, and a last one that is cut where at least `least` cells are left for it.
pub fn in_sight(widths: &[usize], first: usize, cells: usize, gap: usize) -> Vec<(usize, usize)> {
    const LEAST: usize = 4;
    let mut shown = Vec::new();
    let mut left = cells;
    for (number, width) in widths.iter().enumerate().skip(first) {
        let before = if shown.is_empty() { 0 } else { gap };
        let room = left.saturating_sub(before);
        let given = (*width).min(room);
        if given == 0 || (given < *width && given < LEAST && !shown.is_empty()) {
            break;
        }
        shown.push((number, given));
        left = room - given;
    }
    shown
}

/// The first column to show, so that `wanted` is in sight and as little moves as possible.
pub fn scrolled(widths: &[usize], first: usize, wanted: usize, cells: usize, gap: usize) -> usize {
    if wanted <= first {
        return wanted;
    }
    let whole = |from: usize| {
        let shown = in_sight(widths, from, cells, gap);
        shown.iter().any(|(number, given)| *number == wanted && *given == widths[wanted])
    };
    (first..wanted).find(|from| whole(*from)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(batches: &[&[&[(&str, &str)]]]) -> Rows {
        let mut rows = Rows::default();
        for batch in batches {
            rows.push(Arc::new(batch.iter().map(|row| row.iter().copied().collect()).collect()));
        }
        rows
    }

    fn sorted(values: &[&str], descending: bool) -> Vec<String> {
        let mut all = Rows::default();
        all.push(Arc::new(values.iter().map(|value| [("f", *value)].into_iter().collect()).collect()));
        let numbers = order(&all, &Sorting { field: "f".into(), descending });
        numbers.iter().map(|number| all.get(*number as usize).unwrap().get("f").to_owned()).collect()
    }

    #[test]
    fn rows_are_found_across_batches() {
        let rows = rows(&[&[&[("a", "1")], &[("a", "2")]], &[], &[&[("a", "3")]]]);
        let found: Vec<_> = (0..4).map(|number| rows.get(number).map(|row| row.get("a"))).collect();
        assert_eq!(found, [Some("1"), Some("2"), Some("3"), None]);
        assert_eq!(rows.iter().count(), rows.len());
    }

    #[test]
    fn columns_are_measured_in_cells_and_merge() {
        let first = rows(&[&[&[("_msg", "x"), ("path", "/서울"), ("status", "200"), ("_time", "t")]]]);
        let mut columns = Columns::of(&first.iter().cloned().collect::<Vec<_>>());
        columns.merge(&Columns::of(&[[("status", "-"), ("host", "a\u{1b}b")].into_iter().collect()]));
        let shown: Vec<_> =
            columns.shown().iter().map(|column| (column.name.to_string(), column.width, column.numeric)).collect();
        let expected =
            [("_time", 5, false), ("path", 5, false), ("status", 6, false), ("host", 6, false), ("_msg", 4, false)];
        assert_eq!(shown, expected.map(|(name, width, numeric)| (name.to_owned(), width, numeric)));
    }

    #[test]
    fn cells_sort_as_what_they_are_and_empty_ones_last() {
        assert_eq!(sorted(&["10", "9", "", "1.5"], false), ["1.5", "9", "10", ""]);
        assert_eq!(sorted(&["10", "9", "", "1.5"], true), ["10", "9", "1.5", ""]);
        assert_eq!(sorted(&["10.0.0.10", "10.0.0.9"], false), ["10.0.0.9", "10.0.0.10"]);
        assert_eq!(sorted(&["나", "가", "5"], false), ["5", "가", "나"]);
    }

    proptest! {
        #[test]
        fn an_order_is_a_permutation_that_is_sorted_and_stable(values in prop::collection::vec("[0-9]{0,2}|[a-c]", 0..50), descending: bool) {
            let mut all = Rows::default();
            all.push(Arc::new(values.iter().map(|value| [("f", value.as_str())].into_iter().collect()).collect()));
            let numbers = order(&all, &Sorting { field: "f".into(), descending });
            let mut seen = numbers.clone();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..values.len() as u32).collect::<Vec<_>>());
            for pair in numbers.windows(2) {
                let [one, other] = [Key::of(&values[pair[0] as usize]), Key::of(&values[pair[1] as usize])];
                match one.compare(&other, descending) {
                    Ordering::Greater => prop_assert!(false, "{:?}", pair),
                    Ordering::Equal => prop_assert!(pair[0] < pair[1]),
                    Ordering::Less => {}
                }
            }
        }

        #[test]
        fn columns_in_sight_fit_and_follow_each_other(widths in prop::collection::vec(1_usize..60, 1..20), first in 0_usize..20, cells in 0_usize..200) {
            let shown = in_sight(&widths, first, cells, 2);
            let taken: usize = shown.iter().map(|(_, given)| given).sum::<usize>() + 2 * shown.len().saturating_sub(1);
            prop_assert!(taken <= cells);
            for (place, (number, given)) in shown.iter().enumerate() {
                prop_assert_eq!(*number, first + place);
                prop_assert!(*given >= 1 && *given <= widths[*number]);
                // Only the last may be cut.
                prop_assert!(*given == widths[*number] || place + 1 == shown.len());
            }
            if cells > 0 && first < widths.len() { prop_assert!(!shown.is_empty()); }
        }

        #[test]
        fn scrolling_brings_a_column_into_sight(widths in prop::collection::vec(1_usize..60, 1..20), first in 0_usize..20, wanted in 0_usize..20, cells in 1_usize..200) {
            let (first, wanted) = (first % widths.len(), wanted % widths.len());
            let start = scrolled(&widths, first, wanted, cells, 2);
            let shown = in_sight(&widths, start, cells, 2);
            prop_assert!(shown.iter().any(|(number, _)| *number == wanted), "{:?} from {}", shown, start);
            // What is in sight whole already does not move.
            let before = in_sight(&widths, first, cells, 2);
            if before.iter().any(|(number, given)| *number == wanted && *given == widths[wanted]) { prop_assert_eq!(start, first); }
        }
    }
}

//! What every table of a list does alike: a filter, an order, and a selection that stays on its thing and on its line
//! of the screen whatever the order does. Knows nothing of what is listed.

use std::cmp::Ordering;

use super::filter::Filter;
use super::table::{Hit, TableState};
use crate::tui::pane::{Pointer, Step};

/// Rows scrolled by one turn of the wheel.
const WHEEL: usize = 3;

/// A list with columns `C`, whose things are told apart by `K`.
#[derive(Debug, Clone)]
pub struct Listing<C, K> {
    /// The filter.
    pub filter: Filter,
    /// The column sorted by, and whether downwards.
    pub sort: (C, bool),
    /// Where one is.
    pub table: TableState,
    /// Indices of the things in the order shown.
    order: Vec<usize>,
    selected: Option<K>,
}

impl<C: Copy + PartialEq, K: PartialEq> Listing<C, K> {
    /// An empty one, sorted so.
    pub fn new(column: C, down: bool) -> Self {
        Self {
            filter: Filter::default(),
            sort: (column, down),
            table: TableState::default(),
            order: Vec::new(),
            selected: None,
        }
    }

    /// Puts `count` things in order and keeps the selection on its thing. Equal ones keep the order of `tie`, whatever
    /// the direction: nothing jumps.
    pub fn arrange(
        &mut self,
        count: usize,
        passes: impl Fn(&Filter, usize) -> bool,
        compare: impl Fn(C, usize, usize) -> Ordering,
        tie: impl Fn(usize, usize) -> Ordering,
        key: impl Fn(usize) -> K,
    ) {
        let (column, down) = self.sort;
        self.order = (0..count).filter(|index| passes(&self.filter, *index)).collect();
        self.order.sort_by(|one, other| {
            let by = compare(column, *one, *other);
            (if down { by.reverse() } else { by }).then_with(|| tie(*one, *other))
        });
        let at = self.selected.as_ref().and_then(|known| self.order.iter().position(|index| key(*index) == *known));
        match at {
            Some(row) => self.table.follow(row, self.order.len()),
            None => {
                self.table.keep_in_sight(self.order.len());
                self.note(key);
            }
        }
    }

    /// Forgets the selection: the things to come are others.
    pub fn restart(&mut self) {
        self.selected = None;
        (self.table.selected, self.table.offset) = (0, 0);
    }

    /// How many things pass the filter.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The thing in a row.
    pub fn at(&self, row: usize) -> Option<usize> {
        self.order.get(row).copied()
    }

    /// The thing that is selected.
    pub fn current(&self) -> Option<usize> {
        self.at(self.table.selected)
    }

    /// The place of the column sorted by, and whether downwards: for [`super::table::Table::sort`].
    pub fn sorted_by(&self, columns: &[C]) -> Option<(usize, bool)> {
        columns.iter().position(|column| *column == self.sort.0).map(|at| (at, self.sort.1))
    }

    /// Sorts by the column under the cursor; a second time the other way round. To be arranged afterwards.
    pub fn turn(&mut self, columns: &[C], begins_downwards: impl Fn(C) -> bool) {
        let column = columns.get(self.table.column).copied().unwrap_or(self.sort.0);
        let down = if self.sort.0 == column { !self.sort.1 } else { begins_downwards(column) };
        self.sort = (column, down);
    }

    /// Takes a step.
    pub fn step(&mut self, step: Step, key: impl Fn(usize) -> K) {
        self.table.step(step, self.order.len());
        self.note(key);
    }

    /// Takes the mouse. Says whether a heading was pressed, so that it is to be sorted by it.
    pub fn pointer(&mut self, pointer: Pointer, key: impl Fn(usize) -> K) -> bool {
        let mut heading = false;
        match pointer {
            Pointer::Scroll(_, step) => (0..WHEEL).for_each(|_| self.table.step(step, self.order.len())),
            Pointer::Press(place) => match self.table.at(place, self.order.len()) {
                Some(Hit::Row(row, column)) => {
                    self.table.selected = row;
                    self.table.column = column.unwrap_or(self.table.column);
                }
                Some(Hit::Heading(column)) => {
                    self.table.column = column;
                    heading = true;
                }
                None => {}
            },
        }
        self.note(key);
        heading
    }

    fn note(&mut self, key: impl Fn(usize) -> K) {
        self.selected = self.current().map(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(listing: &mut Listing<u8, &'static str>, things: &[&'static str]) {
        listing.arrange(
            things.len(),
            |filter, index| filter.passes(things[index]),
            |_, one, other| things[one].cmp(things[other]),
            |one, other| one.cmp(&other),
            |index| things[index],
        );
    }

    #[test]
    fn the_selection_stays_on_its_thing() {
        let mut listing = Listing::new(0_u8, false);
        let things = ["b", "a", "c"];
        arranged(&mut listing, &things);
        assert_eq!(listing.current(), Some(1));
        listing.step(Step::Down, |index| things[index]);
        assert_eq!(listing.current(), Some(0), "b");
        let more = ["0", "a", "b", "c"];
        arranged(&mut listing, &more);
        assert_eq!(listing.current(), Some(2), "still b");
        listing.turn(&[0], |_| true);
        arranged(&mut listing, &more);
        assert_eq!((listing.sort, listing.current()), ((0, true), Some(2)));
        let gone = ["x"];
        arranged(&mut listing, &gone);
        assert_eq!(listing.current(), Some(0), "what is left");
    }
}

//! An input that gives the rows of a plain one to several takers, piece by piece: what tests compare with.

use std::borrow::Cow;
use std::cell::Cell;

use super::super::exec::{Flow, Input, Out, Scan, Stop};
use super::rows::{Cells, Rows, Takers};
use crate::logs::Row;

/// Rows in pieces of three.
pub(in super::super) struct Pieces<'r> {
    rows: &'r [Row],
    spreads: Cell<u32>,
    scans: Cell<u32>,
}

impl<'r> Pieces<'r> {
    /// Rows that can be read both ways.
    pub(in super::super) const fn new(rows: &'r [Row]) -> Self {
        Self { rows, spreads: Cell::new(0), scans: Cell::new(0) }
    }

    /// How often they were given to takers.
    pub(in super::super) fn spreads(&self) -> u32 {
        self.spreads.get()
    }

    /// How often they were handed over in order.
    pub(in super::super) fn scans(&self) -> u32 {
        self.scans.get()
    }
}

impl Input for Pieces<'_> {
    fn scan(&self, scan: &Scan, out: Out<'_>) -> Result<(), Stop> {
        self.scans.set(self.scans.get() + 1);
        self.rows.to_vec().scan(scan, out)
    }

    fn spread(&self, _: &Scan, names: &[String], takers: Takers<'_>) -> Option<Result<(), Stop>> {
        self.spreads.set(self.spreads.get() + 1);
        let mut takers = [takers(), takers(), takers()];
        for (piece, rows) in self.rows.chunks(3).enumerate() {
            let values = |name: &String| rows.iter().map(|row| Cow::Borrowed(row.get(name))).collect::<Vec<_>>();
            let cells = names.iter().map(|name| Cells::Texts(values(name).into())).collect();
            let rows = Rows { count: rows.len(), cells };
            if takers[piece * 7 % 3].take(piece as u64 * 3, &rows) == Flow::Enough {
                break;
            }
        }
        // In another order than that in which they began.
        let [one, two, three] = takers;
        [three, one, two].into_iter().for_each(|taker| taker.end());
        Some(Ok(()))
    }
}

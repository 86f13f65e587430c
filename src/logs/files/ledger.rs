//! The lines of a file that did not parse: how many, and the first few. A file is scanned again for every query, and
//! from different places; the ledger remembers which bytes it has counted, so that no line counts twice.

use std::ops::Range;

/// How many lines are kept as they stand.
const SAMPLES: usize = 5;

/// How much of a line is kept.
const SAMPLE_LENGTH: usize = 200;

/// What did not parse.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Counted ranges of the content, in order, none touching the next.
    covered: Vec<Range<u64>>,
    count: u64,
    samples: Vec<Sample>,
}

/// A line that did not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Where it begins in the content.
    pub offset: u64,
    /// Its first bytes.
    pub start: Vec<u8>,
    /// Its number from 1, once somebody asked.
    pub number: Option<u64>,
}

impl Ledger {
    /// Enters the unparsed lines of a range that was read, each with its offset.
    pub fn enter(&mut self, range: Range<u64>, unparsed: &[Sample]) {
        if range.is_empty() {
            return;
        }
        for sample in unparsed {
            if self.covers(sample.offset) {
                continue;
            }
            self.count += 1;
            if self.samples.len() < SAMPLES {
                self.samples.push(sample.clone());
            }
        }
        self.cover(range);
    }

    fn covers(&self, offset: u64) -> bool {
        let after = self.covered.partition_point(|range| range.start <= offset);
        after.checked_sub(1).is_some_and(|index| self.covered[index].contains(&offset))
    }

    fn cover(&mut self, range: Range<u64>) {
        let first = self.covered.partition_point(|other| other.end < range.start);
        let last = self.covered.partition_point(|other| other.start <= range.end);
        let merged = self.covered[first..last]
            .iter()
            .fold(range, |sum, other| sum.start.min(other.start)..sum.end.max(other.end));
        self.covered.splice(first..last, [merged]);
    }

    /// How many lines did not parse.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The first few that were met.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Notes the number of the line at an offset.
    pub fn number(&mut self, offset: u64, number: u64) {
        for sample in self.samples.iter_mut().filter(|sample| sample.offset == offset) {
            sample.number = Some(number);
        }
    }
}

impl Sample {
    /// A line that begins at an offset.
    pub fn new(offset: u64, line: &[u8]) -> Self {
        Self { offset, start: line[..line.len().min(SAMPLE_LENGTH)].to_vec(), number: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_counts_once_however_often_it_is_read() {
        let mut ledger = Ledger::default();
        let at = |offset| Sample::new(offset, b"x");
        ledger.enter(100..200, &[at(150)]);
        ledger.enter(0..120, &[at(10)]);
        ledger.enter(0..300, &[at(10), at(150), at(250)]);
        assert_eq!((ledger.count(), ledger.covered.len()), (3, 1));
        assert!(ledger.covers(0) && ledger.covers(299) && !ledger.covers(300));
        assert_eq!(ledger.samples().len(), 3);
        assert_eq!(Sample::new(0, &[b'x'; 1_000]).start.len(), SAMPLE_LENGTH);
    }

    proptest! {
        #[test]
        fn every_unparsed_line_of_what_was_read_counts_exactly_once(
            ranges in proptest::collection::vec((0..100_u64, 0..30_u64), 0..20),
        ) {
            let mut ledger = Ledger::default();
            let mut read = std::collections::BTreeSet::new();
            for (start, length) in ranges {
                let range = start..start + length;
                // Every third byte is an unparsed line.
                let unparsed: Vec<_> = range.clone().filter(|at| at % 3 == 0).map(|at| Sample::new(at, b"")).collect();
                read.extend(unparsed.iter().map(|sample| sample.offset));
                ledger.enter(range, &unparsed);
                prop_assert!(ledger.covered.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
            prop_assert_eq!(ledger.count(), read.len() as u64);
        }
    }
}

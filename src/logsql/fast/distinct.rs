//! Distinct values of each group: pairs of group and fingerprint, kept in a few hundred shares by the fingerprint, so
//! that the table that tells old from new stays in the processor's cache and shares are counted on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use hashbrown::HashTable;

/// Shares; a power of two.
const SHARES: usize = 256;

/// A share is looked through for pairs that are already there when it has grown by so many.
const GROWN: usize = 1 << 14;

/// A value of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pair {
    low: u64,
    high: u64,
    group: u32,
}

impl Pair {
    fn hash(&self) -> u64 {
        // The lowest bits choose the share.
        (self.low >> 8 ^ self.low << 56) ^ u64::from(self.group).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[derive(Default)]
struct Share {
    pairs: Vec<Pair>,
    /// How many pairs there may be before they are looked through.
    room: usize,
}

/// The pairs that one thread saw.
pub(super) struct Distinct {
    shares: Vec<Share>,
    pairs: usize,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { shares: (0..SHARES).map(|_| Share { pairs: Vec::new(), room: GROWN }).collect(), pairs: 0 }
    }
}

/// Pairs seen.
struct Seen(HashTable<Pair>);

impl Seen {
    /// Whether the pair is new.
    fn is_new(&mut self, pair: Pair) -> bool {
        match self.0.entry(pair.hash(), |known| *known == pair, Pair::hash) {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(entry) => {
                entry.insert(pair);
                true
            }
        }
    }
}

impl Distinct {
    /// Notes a value of a group.
    pub(super) fn add(&mut self, group: u32, value: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (low, high) = (value as u64, (value >> 64) as u64);
        #[expect(clippy::cast_possible_truncation, reason = "the lowest bits")]
        let share = &mut self.shares[low as usize % SHARES];
        share.pairs.push(Pair { low, high, group });
        self.pairs += 1;
        if share.pairs.len() >= share.room {
            let before = share.pairs.len();
            let mut seen = Seen(HashTable::with_capacity(before));
            share.pairs.retain(|pair| seen.is_new(*pair));
            share.room = share.pairs.len() + share.pairs.len().max(GROWN);
            share.pairs.shrink_to(share.room.min(before));
            self.pairs -= before - share.pairs.len();
        }
    }

    /// Bytes that it takes, roughly.
    pub(super) const fn size(&self) -> usize {
        self.pairs * size_of::<Pair>() * 3 / 2
    }

    /// How many different values each of so many groups has. Each thread's pairs come with the group's number for its
    /// own number.
    pub(super) fn count(threads: &[(Self, Vec<u32>)], groups: usize) -> Vec<u64> {
        let counts: Vec<AtomicU64> = (0..groups).map(|_| AtomicU64::new(0)).collect();
        let pairs: usize = threads.iter().map(|(distinct, _)| distinct.pairs).sum();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut seen = Seen(HashTable::new());
            loop {
                let share = next.fetch_add(1, Ordering::Relaxed);
                if share >= SHARES {
                    break;
                }
                seen.0.clear();
                count_share(threads, share, &mut seen, &counts);
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        // A thread costs as much as some thousand pairs.
        let helpers = (pairs / 20_000).min(cores - 1);
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(work);
            }
            work();
        });
        counts.into_iter().map(AtomicU64::into_inner).collect()
    }
}

fn count_share(threads: &[(Distinct, Vec<u32>)], share: usize, seen: &mut Seen, counts: &[AtomicU64]) {
    // Neighbours are often of one group, the only one even: its count is added to once.
    let (mut group, mut new) = (0, 0_u64);
    for (distinct, numbers) in threads {
        for pair in &distinct.shares[share].pairs {
            let pair = Pair { group: numbers[pair.group as usize], ..*pair };
            if seen.is_new(pair) {
                if pair.group != group {
                    counts[group as usize].fetch_add(new, Ordering::Relaxed);
                    (group, new) = (pair.group, 0);
                }
                new += 1;
            }
        }
    }
    if let Some(count) = counts.get(group as usize) {
        count.fetch_add(new, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::fingerprint;
    use super::*;

    #[test]
    fn each_value_of_a_group_counts_once_whichever_thread_saw_it() {
        let (mut one, mut other) = (Distinct::default(), Distinct::default());
        for value in 0..60_000_u32 {
            one.add(value % 3, fingerprint(&(value % 30_000).to_le_bytes()));
            // The same values under other numbers of the groups, and some more.
            other.add(2 - value % 3, fingerprint(&(value % 30_003).to_le_bytes()));
        }
        let counts = Distinct::count(&[(one, vec![0, 1, 2]), (other, vec![2, 1, 0])], 4);
        assert_eq!(counts, [10_001, 10_001, 10_001, 0]);
    }

    #[test]
    fn what_comes_again_and_again_takes_no_more_room() {
        let mut distinct = Distinct::default();
        for value in 0..3_000_000_u32 {
            distinct.add(0, fingerprint(&(value % 100).to_le_bytes()));
        }
        assert!(distinct.pairs < SHARES * GROWN, "{}", distinct.pairs);
        assert_eq!(Distinct::count(&[(distinct, vec![0])], 1), [100]);
    }
}

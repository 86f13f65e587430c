//! The sort of the server's language: pattern-defeating quicksort, step by step as Go's `sort` package does it. Where an
//! order is consistent and has no ties, any sort gives the same; values of mixed kinds have no such order, and then the
//! outcome is what these very comparisons and swaps make of it. Never panics, whatever the comparison says.

/// Up to so many items are sorted by insertion.
const FEW: usize = 12;
/// From so many on a pivot is the median of three medians, and a nearly sorted run is mended rather than partitioned.
const MANY: usize = 50;

/// Sorts by `less`, which need not be consistent.
pub fn sort<T>(items: &mut [T], less: impl FnMut(&T, &T) -> bool) {
    let length = items.len();
    Sorter { items, less }.sort(0, length, bits(length));
}

/// Whether no item goes before the one in front of it.
pub fn is_sorted<T>(items: &[T], mut less: impl FnMut(&T, &T) -> bool) -> bool {
    items.windows(2).rev().all(|pair| !less(&pair[1], &pair[0]))
}

/// How many bits a number has.
fn bits(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}

/// What choosing a pivot tells about a range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Increasing,
    Decreasing,
    Unknown,
}

/// Items and their order. Ranges are from `start` up to and without `end`.
struct Sorter<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

impl<T, F: FnMut(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&mut self, a: usize, b: usize) -> bool {
        (self.less)(&self.items[a], &self.items[b])
    }

    /// `bad_pivots` is how many very unbalanced partitions are still let pass.
    fn sort(&mut self, mut start: usize, mut end: usize, mut bad_pivots: u32) {
        let mut balanced = true;
        let mut partitioned = true;
        loop {
            let length = end - start;
            if length <= FEW {
                return self.insertion_sort(start, end);
            }
            if bad_pivots == 0 {
                return self.heap_sort(start, end);
            }
            if !balanced {
                self.break_patterns(start, end);
                bad_pivots -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(start, end);
            if hint == Hint::Decreasing {
                self.items[start..end].reverse();
                pivot = (end - 1) - (pivot - start);
                hint = Hint::Increasing;
            }
            if balanced && partitioned && hint == Hint::Increasing && self.mend(start, end) {
                return;
            }
            if start > 0 && !self.less(start - 1, pivot) {
                // The pivot equals the greatest item before the range: what equals it is in its place already.
                start = self.partition_equal(start, end, pivot);
                continue;
            }
            let middle;
            (middle, partitioned) = self.partition(start, end, pivot);
            let (left, right) = (middle - start, end - middle);
            if left < right {
                balanced = left >= length / 8;
                self.sort(start, middle, bad_pivots);
                start = middle + 1;
            } else {
                balanced = right >= length / 8;
                self.sort(middle + 1, end, bad_pivots);
                end = middle;
            }
        }
    }

    fn insertion_sort(&mut self, start: usize, end: usize) {
        for next in start + 1..end {
            let mut at = next;
            while at > start && self.less(at, at - 1) {
                self.items.swap(at, at - 1);
                at -= 1;
            }
        }
    }

    fn heap_sort(&mut self, start: usize, end: usize) {
        let length = end - start;
        for root in (0..=(length - 1) / 2).rev() {
            self.sift_down(start, root, length);
        }
        for last in (0..length).rev() {
            self.items.swap(start, start + last);
            self.sift_down(start, 0, last);
        }
    }

    /// Moves an item down to its place in the heap of `length` items that begins at `first`.
    fn sift_down(&mut self, first: usize, mut root: usize, length: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= length {
                return;
            }
            if child + 1 < length && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.items.swap(first + root, first + child);
            root = child;
        }
    }

    /// Puts what is less than the pivot before it and the rest behind. Gives its new place, and whether nothing but the
    /// pivot had to move.
    fn partition(&mut self, start: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        let mut untouched = true;
        loop {
            while low <= high && self.less(low, start) {
                low += 1;
            }
            while low <= high && !self.less(high, start) {
                high -= 1;
            }
            if low > high {
                self.items.swap(high, start);
                return (high, untouched);
            }
            untouched = false;
            self.items.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Puts what equals the pivot before what is greater; nothing may be less. Gives the place of the first greater one.
    fn partition_equal(&mut self, start: usize, end: usize, pivot: usize) -> usize {
        self.items.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        loop {
            while low <= high && !self.less(start, low) {
                low += 1;
            }
            while low <= high && self.less(start, high) {
                high -= 1;
            }
            if low > high {
                return low;
            }
            self.items.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Sorts a range in which few items are out of order; gives up, with `false`, where it has more.
    fn mend(&mut self, start: usize, end: usize) -> bool {
        const STEPS: usize = 5;
        let mut at = start + 1;
        for _ in 0..STEPS {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - start < MANY {
                return false;
            }
            self.items.swap(at, at - 1);
            if at - start >= 2 {
                // Down to the first of all items, not of the range: where the order is consistent it stops before.
                for place in (1..at).rev() {
                    if !self.less(place, place - 1) {
                        break;
                    }
                    self.items.swap(place, place - 1);
                }
            }
            if end - at >= 2 {
                for place in at + 1..end {
                    if !self.less(place, place - 1) {
                        break;
                    }
                    self.items.swap(place, place - 1);
                }
            }
        }
        false
    }

    /// Swaps three items around the middle with others, so that what made a partition unbalanced is gone.
    fn break_patterns(&mut self, start: usize, end: usize) {
        let length = end - start;
        let mut random = length as u64;
        let mask = (1_u64 << bits(length)) - 1;
        let middle = start + length / 4 * 2;
        for place in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            #[expect(clippy::cast_possible_truncation, reason = "the mask is below twice the length")]
            let other = (random & mask) as usize;
            self.items.swap(place, start + if other < length { other } else { other - length });
        }
    }

    fn choose_pivot(&mut self, start: usize, end: usize) -> (usize, Hint) {
        /// The swaps of four medians, all three in each.
        const ALL_SWAPS: usize = 4 * 3;
        let length = end - start;
        let mut swaps = 0;
        let [mut low, mut middle, mut high] = [1, 2, 3].map(|quarter| start + length / 4 * quarter);
        if length >= MANY {
            low = self.median(low - 1, low, low + 1, &mut swaps);
            middle = self.median(middle - 1, middle, middle + 1, &mut swaps);
            high = self.median(high - 1, high, high + 1, &mut swaps);
        }
        let pivot = self.median(low, middle, high, &mut swaps);
        let hint = match swaps {
            0 => Hint::Increasing,
            ALL_SWAPS => Hint::Decreasing,
            _ => Hint::Unknown,
        };
        (pivot, hint)
    }

    /// The place of the one in the middle of three; counts how many of them had to change their order.
    fn median(&mut self, mut a: usize, mut b: usize, mut c: usize, swaps: &mut usize) -> usize {
        self.order(&mut a, &mut b, swaps);
        self.order(&mut b, &mut c, swaps);
        self.order(&mut a, &mut b, swaps);
        b
    }

    fn order(&mut self, a: &mut usize, b: &mut usize, swaps: &mut usize) {
        if self.less(*b, *a) {
            *swaps += 1;
            std::mem::swap(a, b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What items are compared by, and how they lie at first.
    #[derive(Debug, Clone, Copy)]
    enum Kind {
        Distinct,
        FewValues,
        /// Ascending but for a few.
        Rising,
        Falling,
        /// Up and down again.
        Pipe,
        /// As in rock, paper, scissors.
        Circle,
        /// Any two in an order of their own, each way.
        Chance,
        /// An order with a few exceptions.
        Mostly,
        Always,
        Never,
    }

    fn mix(number: u64) -> u64 {
        let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ number >> 31
    }

    impl Kind {
        fn value(self, length: u64, index: u64) -> u64 {
            let random = mix(length * 4096 + index);
            match self {
                Self::Distinct => random,
                Self::FewValues => random % 5,
                Self::Rising if index % 61 == 7 => 0,
                Self::Falling => length - index,
                Self::Pipe if index >= length / 2 => length - index,
                Self::Circle => random % 7,
                _ => index,
            }
        }

        fn less(self, a: u64, b: u64) -> bool {
            match self {
                Self::Circle => (1..=3).contains(&((b + 7 - a) % 7)),
                Self::Chance => mix(a * 4096 + b).is_multiple_of(2),
                Self::Mostly => (a < b) != mix(a * 4096 + b).is_multiple_of(64),
                Self::Always => true,
                Self::Never => false,
                _ => a < b,
            }
        }
    }

    const LENGTHS: [u64; 10] = [2, 12, 13, 30, 49, 50, 101, 333, 1000, 2500];

    /// A digest of all comparisons and of the order that came out, as Go 1.24 made them.
    #[rustfmt::skip]
    const RECORDED: [(Kind, [u32; 10]); 10] = [
        (Kind::Distinct, [0x42f3_aa95, 0x3667_cb77, 0xcde8_62c8, 0xc8ad_b08d, 0x121f_9f83, 0x8f3a_0335, 0x97d0_2baf, 0x3996_b34a, 0x4316_30f8, 0x167e_1527]),
        (Kind::FewValues, [0x4581_dfa7, 0x3b15_c918, 0xb5b8_78ee, 0x5ad2_2c58, 0xf864_d5d7, 0xf9ee_a4c9, 0xa0cd_1024, 0xdbc5_20f1, 0xf02e_c558, 0x21c7_543a]),
        (Kind::Rising, [0x42f3_aa95, 0x956a_8c34, 0x7b6d_0e18, 0xd8d8_6115, 0x9594_c56a, 0xad9d_bc15, 0x2ee7_a0f9, 0xd069_8fe2, 0x4916_3e4c, 0x8f0a_ed73]),
        (Kind::Falling, [0x4581_dfa7, 0xa59c_22c3, 0x7eb1_96fe, 0xd716_5c5c, 0x4842_cda6, 0x8d95_c54c, 0xc0ae_8a84, 0x7af8_fd98, 0xeb6d_5ed5, 0xce71_5065]),
        (Kind::Pipe, [0x42f3_aa95, 0x3f5e_33aa, 0x1f8a_6994, 0x05b4_8100, 0x6914_5ee6, 0xa170_98f8, 0x161b_743e, 0x3d18_e161, 0xfce2_e414, 0xaafd_6925]),
        (Kind::Circle, [0x4581_dfa7, 0x5f7a_a086, 0x1769_2481, 0xd83f_327e, 0x0bbf_220d, 0x78ab_2dd1, 0xd3a3_2e43, 0x6958_fe73, 0x9795_45c9, 0x84df_f761]),
        (Kind::Chance, [0x4581_dfa7, 0xa97a_cbc6, 0xcc6d_07f3, 0x7698_7a1a, 0x5597_826d, 0xf30c_0514, 0x4526_522a, 0x031e_5173, 0xb958_92ef, 0x1f6b_90ed]),
        (Kind::Mostly, [0x4581_dfa7, 0xa730_9e44, 0xf032_1571, 0x8c6c_a8ac, 0x3447_bc67, 0xe8b3_9518, 0xed6b_01c5, 0x9b95_21fa, 0xb4b8_10a5, 0xc997_e9d3]),
        (Kind::Always, [0x4581_dfa7, 0xa59c_22c3, 0x82c3_bd5c, 0xe474_ca2b, 0x61e6_33dd, 0x48d0_f41f, 0x3bb4_b58e, 0xcf70_c652, 0xa2e5_ab82, 0x28bb_9255]),
        (Kind::Never, [0x42f3_aa95, 0x6e07_5e84, 0x61df_6271, 0xa9b5_a6a4, 0x0136_07c3, 0x1b89_75b3, 0x4db8_6a75, 0x79da_4a78, 0x4452_8847, 0x5a59_4b35]),
    ];

    #[test]
    fn comparisons_and_outcome_are_those_of_go() {
        for (kind, digests) in RECORDED {
            for (length, recorded) in LENGTHS.into_iter().zip(digests) {
                let mut digest = 0_u64;
                let mut note = |number: u64| {
                    digest = (digest ^ (number + 1)).wrapping_mul(0x100_0000_01b3);
                    digest ^= digest >> 29;
                };
                let mut items: Vec<(u64, u64)> = (0..length).map(|index| (index, kind.value(length, index))).collect();
                sort(&mut items, |a, b| {
                    note(a.0);
                    note(b.0);
                    kind.less(a.1, b.1)
                });
                items.iter().for_each(|item| note(item.0));
                assert_eq!(digest & 0xffff_ffff, u64::from(recorded), "{kind:?} {length}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_consistent_order_is_sorted(mut items in proptest::collection::vec(0..200_u8, 0..300)) {
            let mut same = items.clone();
            same.sort_unstable();
            proptest::prop_assert_eq!(is_sorted(&items, |a, b| a < b), items == same);
            sort(&mut items, |a, b| a < b);
            proptest::prop_assert!(is_sorted(&items, |a, b| a < b));
            proptest::prop_assert_eq!(items, same);
        }

        #[test]
        fn any_order_keeps_everything(length in 0..400_usize, answers in proptest::collection::vec(proptest::bool::ANY, 1..50)) {
            let mut items: Vec<usize> = (0..length).collect();
            let mut answers = answers.into_iter().cycle();
            sort(&mut items, |_, _| answers.next().unwrap_or_default());
            items.sort_unstable();
            proptest::prop_assert!(items.into_iter().eq(0..length));
        }
    }
}

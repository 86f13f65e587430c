//! Distinct numbers, counted exactly while they are few enough to matter.

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

/// A small set of numbers that grows into a hash set, up to a ceiling.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub enum Distinct {
    /// None yet.
    #[default]
    None,
    /// A few.
    Few(u8, [u32; 5]),
    /// Many.
    Many(Box<HashSet<u32>>),
}

impl Distinct {
    /// Past this many, distinct values are no longer told apart: far above every threshold.
    pub const CEILING: usize = 20_000;

    /// Adds a number.
    pub fn insert(&mut self, number: u32) {
        match self {
            Self::None => *self = Self::Few(1, [number, 0, 0, 0, 0]),
            Self::Few(count, numbers) => {
                let used = usize::from(*count);
                if numbers[..used].contains(&number) {
                } else if let Some(slot) = numbers.get_mut(used) {
                    *slot = number;
                    *count += 1;
                } else {
                    let mut set: HashSet<u32> = numbers.iter().copied().collect();
                    set.insert(number);
                    *self = Self::Many(Box::new(set));
                }
            }
            Self::Many(set) if set.len() < Self::CEILING => {
                set.insert(number);
            }
            Self::Many(_) => {}
        }
    }

    /// Whether a number is among them.
    pub fn contains(&self, number: u32) -> bool {
        match self {
            Self::None => false,
            Self::Few(count, numbers) => numbers[..usize::from(*count)].contains(&number),
            Self::Many(set) => set.contains(&number),
        }
    }

    /// Leaves out half of many. Which half depends on `turn`, so that the same ones do not stay for ever.
    pub(super) fn halve(&mut self, turn: i64) {
        let stays = |number: &u32| (i64::from(*number).wrapping_mul(0x9e37_79b9) >> 20).wrapping_add(turn) % 2 == 0;
        if let Self::Many(set) = self {
            let few = set.iter().min().copied();
            set.retain(stays);
            set.extend(few.filter(|_| set.is_empty()));
            set.shrink_to_fit();
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Few(count, _) => usize::from(*count),
            Self::Many(set) => set.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in no order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::None => Box::new(std::iter::empty()),
            Self::Few(count, numbers) => Box::new(numbers[..usize::from(*count)].iter().copied()),
            Self::Many(set) => Box::new(set.iter().copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_grows_and_keeps_every_number_once() {
        let mut set = Distinct::default();
        for number in (0..12).chain(0..12) {
            set.insert(number);
        }
        assert_eq!(set.len(), 12);
        assert_eq!(set.iter().count(), 12);
    }

    #[test]
    fn halving_leaves_about_half_and_never_nothing() {
        let mut set = Distinct::default();
        (0..1_000).for_each(|number| set.insert(number));
        set.halve(1);
        assert!((400..600).contains(&set.len()), "{}", set.len());
        (0..40).for_each(|turn| set.halve(turn));
        assert!((1..400).contains(&set.len()), "{}", set.len());
    }
}

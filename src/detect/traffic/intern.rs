//! Strings as small numbers, up to a ceiling: an attacker who invents a new string for every request must not be able
//! to fill the memory.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// New numbers by their old ones.
#[derive(Debug, Clone, Default)]
pub struct Renumbering(Vec<u32>);

impl Renumbering {
    /// For so many old numbers, none of them kept so far.
    pub fn new(old: usize) -> Self {
        Self(vec![Interner::OVERFLOW; old])
    }

    /// Gives an old number a new one.
    pub fn set(&mut self, old: u32, new: u32) {
        if let Some(place) = self.0.get_mut(old as usize) {
            *place = new;
        }
    }

    /// The new number; the overflow for what was not kept.
    pub fn of(&self, old: u32) -> u32 {
        self.0.get(old as usize).copied().unwrap_or(Interner::OVERFLOW)
    }

    /// Whether an old number was kept.
    pub fn keeps(&self, old: u32) -> bool {
        self.of(old) != Interner::OVERFLOW
    }
}

/// Strings by number and numbers by string. Past the ceiling every new string is [`Interner::OVERFLOW`].
#[derive(Debug, Clone)]
pub struct Interner {
    texts: Vec<Box<str>>,
    /// The places of the texts, by their hash.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    ceiling: usize,
}

impl Interner {
    /// The number of every string that came after the ceiling was reached.
    pub const OVERFLOW: u32 = u32::MAX;

    /// An empty one that keeps at most `ceiling` strings.
    pub fn new(ceiling: usize) -> Self {
        Self { texts: Vec::new(), numbers: HashTable::new(), hasher: DefaultHashBuilder::default(), ceiling }
    }

    /// The number of a string that is known.
    pub fn known(&self, text: &str) -> Option<u32> {
        self.find(text, self.hasher.hash_one(text))
    }

    fn find(&self, text: &str, hash: u64) -> Option<u32> {
        self.numbers.find(hash, |number| self.text(*number) == text).copied()
    }

    /// The number of a string, and whether it is new.
    pub fn number(&mut self, text: &str) -> (u32, bool) {
        let hash = self.hasher.hash_one(text);
        if let Some(number) = self.find(text, hash) {
            return (number, false);
        }
        if self.texts.len() >= self.ceiling {
            return (Self::OVERFLOW, false);
        }
        (self.push(text.into(), hash), true)
    }

    fn push(&mut self, text: Box<str>, hash: u64) -> u32 {
        let number = u32::try_from(self.texts.len()).unwrap_or(Self::OVERFLOW);
        self.texts.push(text);
        let (texts, hasher) = (&self.texts, &self.hasher);
        let hash_of = |number: &u32| hasher.hash_one(texts.get(*number as usize).map_or("", |text| text));
        self.numbers.insert_unique(hash, number, hash_of);
        number
    }

    /// Keeps the strings that are used, with a fact about each, in their order, and gives their new numbers.
    pub fn keep<T>(&mut self, facts: &mut Vec<T>, is_used: impl Fn(u32) -> bool) -> Renumbering {
        self.numbers.clear();
        let (texts, old_facts) = (std::mem::take(&mut self.texts), std::mem::take(facts));
        let mut numbers = Renumbering::new(texts.len());
        for (old, (text, fact)) in (0..).zip(texts.into_iter().zip(old_facts)) {
            if is_used(old) {
                facts.push(fact);
                let hash = self.hasher.hash_one(&*text);
                numbers.set(old, self.push(text, hash));
            }
        }
        numbers
    }

    /// The string of a number; `""` for the overflow.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// Whether three quarters of the room are taken.
    pub fn is_nearly_full(&self) -> bool {
        self.texts.len() >= self.ceiling / 4 * 3
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_left_out_and_makes_room() {
        let mut interner = Interner::new(3);
        let mut facts: Vec<&str> = ["a", "b", "c"].into_iter().inspect(|text| _ = interner.number(text)).collect();
        let numbers = interner.keep(&mut facts, |number| number != 1);
        assert_eq!([0, 1, 2].map(|old| numbers.of(old)), [0, Interner::OVERFLOW, 1]);
        assert_eq!((facts, interner.known("c"), interner.known("b")), (vec!["a", "c"], Some(1), None));
        assert_eq!(interner.number("d"), (2, true));
    }

    #[test]
    fn numbers_are_stable_and_end_at_the_ceiling() {
        let mut interner = Interner::new(2);
        assert_eq!(interner.number("a"), (0, true));
        assert_eq!(interner.number("b"), (1, true));
        assert_eq!(interner.number("a"), (0, false));
        assert_eq!(interner.number("c"), (Interner::OVERFLOW, false));
        assert_eq!((interner.text(1), interner.text(Interner::OVERFLOW)), ("b", ""));
    }
}

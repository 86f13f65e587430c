//! Strings as small numbers, up to a ceiling: an attacker who invents a new string for every request must not be able
//! to fill the memory.

use hashbrown::HashMap;

/// Strings by number and numbers by string. Past the ceiling every new string is [`Interner::OVERFLOW`].
#[derive(Debug)]
pub struct Interner {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    ceiling: usize,
}

impl Interner {
    /// The number of every string that came after the ceiling was reached.
    pub const OVERFLOW: u32 = u32::MAX;

    /// An empty one that keeps at most `ceiling` strings.
    pub fn new(ceiling: usize) -> Self {
        Self { numbers: HashMap::new(), texts: Vec::new(), ceiling }
    }

    /// The number of a string, and whether it is new.
    pub fn number(&mut self, text: &str) -> (u32, bool) {
        if let Some(&number) = self.numbers.get(text) {
            return (number, false);
        }
        if self.texts.len() >= self.ceiling {
            return (Self::OVERFLOW, false);
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(Self::OVERFLOW);
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        (number, true)
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
    fn numbers_are_stable_and_end_at_the_ceiling() {
        let mut interner = Interner::new(2);
        assert_eq!(interner.number("a"), (0, true));
        assert_eq!(interner.number("b"), (1, true));
        assert_eq!(interner.number("a"), (0, false));
        assert_eq!(interner.number("c"), (Interner::OVERFLOW, false));
        assert_eq!((interner.text(1), interner.text(Interner::OVERFLOW)), ("b", ""));
    }
}

//! Which lines of a block can matter at all: those that hold a text which the query wants in some field. Finding them
//! is many times faster than taking lines apart. A line with a backslash always counts: it may spell the text otherwise.

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::columns::{Columns, Origin};
use super::formats::Kind;
use super::formats::entry::Field;
use crate::logsql::AnyText;

/// A search for texts.
pub enum Search {
    /// For one.
    One(Box<Finder<'static>>),
    /// For any of several.
    Any(Box<AhoCorasick>),
}

/// A text shorter than this is found in too many lines to be worth the search.
const SHORTEST: usize = 3;

impl Search {
    /// The search that leaves the fewest lines; `None` where lines of this kind do not hold the texts as they are.
    /// `untimed`: whether a line may be read without knowing the time of the line before.
    pub fn new(texts: &[AnyText], kind: Kind, columns: &Columns<'_>, untimed: bool) -> Option<Self> {
        let as_logged = |(name, text): &(String, String)| {
            let field = Field::named(name);
            let kept = match (kind, columns.origin(name)) {
                // Only the line as a whole may stand in a row without a time of its own.
                (Kind::Access, None) => {
                    field.is_some_and(|field| field != Field::Time) && (untimed || name != Field::Msg.name())
                }
                (Kind::Json, None) => untimed && field != Some(Field::Time),
                // The items of a list are joined with commas.
                (Kind::Json, Some(origin)) => untimed && !matches!(origin, Origin::Client(..)) && !text.contains(','),
                _ => false,
            };
            kept && text.len() >= SHORTEST && !text.contains(['\\', '\n', '\r'])
        };
        let shortest = |any: &&AnyText| any.iter().map(|(_, text)| text.len()).min().unwrap_or(0);
        let best = texts.iter().filter(|any| !any.is_empty() && any.iter().all(as_logged)).max_by_key(shortest)?;
        match best.as_slice() {
            [(_, only)] => Some(Self::One(Box::new(Finder::new(only).into_owned()))),
            several => AhoCorasick::new(several.iter().map(|(_, text)| text)).ok().map(|any| Self::Any(Box::new(any))),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::One(finder) => finder.find(bytes),
            Self::Any(any) => any.find(bytes).map(|found| found.start()),
        }
    }
}

/// The lines of a block one after another, those passed over that a search does not find.
pub struct Lines<'block, 'search> {
    bytes: &'block [u8],
    at: usize,
    search: Option<&'search Search>,
    /// Where the next text and the next backslash are; the end where there is none.
    text: usize,
    backslash: usize,
}

impl<'block, 'search> Lines<'block, 'search> {
    /// All lines, or those that are found.
    pub const fn new(bytes: &'block [u8], search: Option<&'search Search>) -> Self {
        Self { bytes, at: 0, search, text: 0, backslash: 0 }
    }

    /// Goes to the beginning of the next line that can matter.
    fn pass_over(&mut self, search: &Search) {
        let from_here = |found: Option<usize>| found.map_or(self.bytes.len(), |found| self.at + found);
        if self.text < self.at || self.at == 0 {
            self.text = from_here(search.find(&self.bytes[self.at..]));
        }
        if self.backslash < self.at || self.at == 0 {
            self.backslash = from_here(memchr::memchr(b'\\', &self.bytes[self.at..]));
        }
        let next = self.text.min(self.backslash);
        let start = memchr::memrchr(b'\n', &self.bytes[self.at..next]).map_or(self.at, |end| self.at + end + 1);
        self.at = if next == self.bytes.len() { next } else { start };
    }
}

impl<'block> Iterator for Lines<'block, '_> {
    type Item = &'block [u8];

    /// The next line without its end.
    fn next(&mut self) -> Option<&'block [u8]> {
        if let Some(search) = self.search {
            self.pass_over(search);
        }
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at = (self.at + end + 1).min(self.bytes.len());
        let line = &rest[..end];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_passed_over_holds_neither_text_nor_backslash(
            content in proptest::collection::vec(prop_oneof![Just("\n"), Just("abc"), Just("ab"), Just("\\"), Just("xyz"), Just(" ")], 0..40),
        ) {
            let content = content.concat();
            let searches = [
                Search::One(Box::new(Finder::new("abc").into_owned())),
                Search::Any(Box::new(AhoCorasick::new(["abc", "xyz"]).unwrap())),
            ];
            for (search, texts) in searches.iter().zip([&["abc"][..], &["abc", "xyz"]]) {
                let found: Vec<_> = Lines::new(content.as_bytes(), Some(search)).collect();
                let expected: Vec<_> = Lines::new(content.as_bytes(), None)
                    .filter(|line| {
                        let line = std::str::from_utf8(line).unwrap();
                        line.contains('\\') || texts.iter().any(|text| line.contains(text))
                    })
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}

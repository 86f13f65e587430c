//! Rows of one block as columns that borrow from it: what a query's fast way takes. Short values that repeat (a status,
//! a method) are numbered, so that each is looked at once.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use super::columns::{Columns, Origin};
use super::formats::entry::{Entry, Field, Wanted};
use super::formats::text;
use crate::logsql::{Cells, Rows, rfc3339_text};

/// Where the value of a column comes from.
pub struct Source<'a> {
    name: &'a str,
    field: Option<Field>,
    origin: Option<&'a Origin>,
}

/// What the names are in a content.
pub fn sources<'a>(names: &'a [String], columns: &'a Columns<'a>) -> Vec<Source<'a>> {
    let source = |name: &'a String| Source { name, field: Field::named(name), origin: columns.origin(name) };
    names.iter().map(source).collect()
}

impl<'a> Source<'a> {
    /// Its name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The known field of that name.
    pub const fn field(&self) -> Option<Field> {
        self.field
    }

    /// How it is made where a line lacks it.
    pub const fn origin(&self) -> Option<&'a Origin> {
        self.origin
    }

    fn value<'line>(&self, entry: &Entry<'line>, columns: &Columns<'_>) -> Cow<'line, str> {
        let value = text::lossless_cow(entry.value(self.name, self.field));
        match self.origin {
            Some(origin) if value.is_empty() => columns.value(origin, entry),
            _ => value,
        }
    }
}

/// The fields that a format has to look for.
pub fn wanted(names: &[String], columns: &Columns<'_>) -> Wanted {
    let mut wanted = Wanted::only(names);
    columns.want(&mut wanted);
    wanted
}

/// Numbers the short values of one column, for one thread.
pub struct Coder {
    list: u64,
    /// Packed values with their numbers; open addressing.
    slots: Vec<(u64, u32)>,
    texts: Vec<Box<str>>,
    /// Not, once a value was too long or there were too many.
    works: bool,
}

const SLOTS: usize = 1024;
const MOST_CODES: usize = 256;
const VACANT: u64 = u64::MAX;

/// The number of a new list of values.
pub fn next_list() -> u64 {
    static LISTS: AtomicU64 = AtomicU64::new(0);
    LISTS.fetch_add(1, Ordering::Relaxed)
}

impl Default for Coder {
    fn default() -> Self {
        Self { list: next_list(), slots: vec![(VACANT, 0); SLOTS], texts: Vec::new(), works: true }
    }
}

impl Coder {
    fn code(&mut self, value: &str) -> Option<u32> {
        let packed = pack(value.as_bytes())?;
        let mut at = (packed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        loop {
            let slot = &mut self.slots[at % SLOTS];
            if slot.0 == packed {
                return Some(slot.1);
            }
            if slot.0 == VACANT {
                if self.texts.len() >= MOST_CODES {
                    return None;
                }
                *slot = (packed, u32::try_from(self.texts.len()).ok()?);
                self.texts.push(value.into());
                return Some(slot.1);
            }
            at += 1;
        }
    }
}

/// Up to seven bytes and their number as one integer.
fn pack(bytes: &[u8]) -> Option<u64> {
    let bits = match *bytes {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e] => u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]),
        [a, b, c, d, e, f] => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
        [a, b, c, d, e, f, g] => u64::from_le_bytes([a, b, c, d, e, f, g, 0]),
        _ => return None,
    };
    Some(bits | (bytes.len() as u64) << 56)
}

/// The rows of one block.
pub struct Slab<'a, 'block> {
    columns: &'a Columns<'a>,
    sources: &'a [Source<'a>],
    coders: &'a mut [Coder],
    values: Vec<Values<'block>>,
    count: usize,
}

enum Values<'block> {
    Codes(Vec<u32>),
    Texts(Vec<Cow<'block, str>>),
    Times(Vec<i64>),
}

/// A block has room for about so many rows.
const ROOM: usize = 2_048;

impl<'a, 'block> Slab<'a, 'block> {
    /// No rows yet.
    pub fn new(columns: &'a Columns<'a>, sources: &'a [Source<'a>], coders: &'a mut [Coder]) -> Self {
        let values = sources.iter().zip(coders.iter()).map(|(source, coder)| match source.field {
            Some(Field::Time) => Values::Times(Vec::with_capacity(ROOM)),
            _ if coder.works => Values::Codes(Vec::with_capacity(ROOM)),
            _ => Values::Texts(Vec::with_capacity(ROOM)),
        });
        Self { columns, sources, values: values.collect(), coders, count: 0 }
    }

    /// Adds a line that belongs at an instant.
    pub fn push(&mut self, entry: &Entry<'block>, at: i64) {
        let columns = self.columns;
        self.add(at, |_, source| match source.field {
            // A line may name something `_time` that is no time; the others have theirs, which is given apart.
            Some(Field::Time) if !entry.names(source.name) => Cow::Borrowed(""),
            _ => source.value(entry, columns),
        });
    }

    /// Adds a row: the value of each column by its number, empty for a time that is the row's own.
    pub fn add(&mut self, at: i64, mut value: impl FnMut(usize, &Source<'_>) -> Cow<'block, str>) {
        for (index, values) in self.values.iter_mut().enumerate() {
            let (source, coder) = (&self.sources[index], &mut self.coders[index]);
            let value = value(index, source);
            match values {
                Values::Codes(codes) => match coder.code(&value) {
                    Some(code) => codes.push(code),
                    None => {
                        coder.works = false;
                        let text = |code: &u32| Cow::Owned(coder.texts[*code as usize].to_string());
                        *values = Values::Texts(codes.iter().map(text).chain(std::iter::once(value)).collect());
                    }
                },
                Values::Texts(texts) if value.is_empty() && source.field == Some(Field::Time) => {
                    texts.push(Cow::Owned(rfc3339_text(at)));
                }
                Values::Texts(texts) => texts.push(value),
                Values::Times(times) if value.is_empty() => times.push(at),
                Values::Times(times) => {
                    let texts = times.iter().map(|time| Cow::Owned(rfc3339_text(*time)));
                    *values = Values::Texts(texts.chain(std::iter::once(value)).collect());
                }
            }
        }
        self.count += 1;
    }

    /// The rows.
    pub fn rows(&self) -> Rows<'_> {
        let cells = self.values.iter().zip(self.coders.iter()).map(|(values, coder)| match values {
            Values::Codes(codes) => Cells::Codes { codes: Cow::Borrowed(codes), texts: &coder.texts, list: coder.list },
            Values::Texts(texts) => Cells::Texts(Cow::Borrowed(texts)),
            Values::Times(times) => Cells::Times(Cow::Borrowed(times)),
        });
        Rows { count: self.count, cells: cells.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_numbered_until_there_are_too_many() {
        let mut coder = Coder::default();
        for value in ["", "200", "20", "2", "1234567", "404", "POST", "서울"] {
            let code = coder.code(value).unwrap();
            assert_eq!((coder.code(value), &*coder.texts[code as usize]), (Some(code), value));
        }
        assert_eq!(coder.code("12345678"), None);
        let last = (0..1_000).find(|number| coder.code(&format!("n{number}")).is_none());
        assert_eq!(last, Some(MOST_CODES - 8));
        assert_eq!(coder.code("404").map(|code| &*coder.texts[code as usize]), Some("404"));
    }
}

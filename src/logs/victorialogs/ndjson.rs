//! Newline-delimited JSON as VictoriaLogs sends it, straight from bytes to rows: one flat object a line, every value
//! a string. Lines may be cut anywhere between chunks. Memory is bounded by the longest line, and that by a ceiling.
//! Does no I/O.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashSet;
use memchr::{memchr, memchr2};

use crate::logs::Row;

mod printable;

pub use printable::Printable;

/// A line longer than this ends the answer. A row holds at most 2 MB, but `json_values()` and the like can make one
/// value out of many rows.
pub const MAX_LINE: usize = 64 << 20;

/// At most so many different field names are kept to be shared between rows; more are made anew for each row.
const MAX_NAMES: usize = 4096;

/// Why a line is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadLine {
    /// No flat JSON object: in the middle of an answer this is how the server reports a failure.
    NotARow(String),
    /// The line is longer than [`MAX_LINE`].
    TooLong,
}

/// What becomes of the lines of an answer.
pub trait Take {
    /// What they are gathered in.
    type Into: Default + Send + 'static;

    /// Takes a line that is not empty; `None` where it is no flat object.
    fn take(&mut self, line: &str, into: &mut Self::Into) -> Option<()>;

    /// How many rows were gathered.
    fn count(into: &Self::Into) -> usize;
}

/// Takes chunks of bytes, gives rows, or whatever else is to become of the lines.
#[derive(Debug)]
pub struct Decoder<T = Rows> {
    /// The beginning of a line whose end has not come yet.
    unfinished: Vec<u8>,
    max_line: usize,
    take: T,
}

impl<T: Default> Default for Decoder<T> {
    fn default() -> Self {
        Self { unfinished: Vec::new(), max_line: MAX_LINE, take: T::default() }
    }
}

impl<T: Take> Decoder<T> {
    /// Reads the lines that end in this chunk. Rows before a bad line are in `rows`.
    pub fn feed(&mut self, mut chunk: &[u8], rows: &mut T::Into) -> Result<(), BadLine> {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = (&chunk[..end], &chunk[end + 1..]);
            chunk = rest;
            if self.unfinished.is_empty() {
                self.line(line, rows)?;
            } else {
                self.keep(line)?;
                let whole = std::mem::take(&mut self.unfinished);
                self.line(&whole, rows)?;
                // The room is used again for the next cut line, unless this one was a giant.
                if whole.capacity() <= 1 << 20 {
                    self.unfinished = whole;
                    self.unfinished.clear();
                }
            }
        }
        self.keep(chunk)
    }

    /// Reads what stands after the last line break; a server that is done leaves nothing there.
    pub fn finish(&mut self, rows: &mut T::Into) -> Result<(), BadLine> {
        let rest = std::mem::take(&mut self.unfinished);
        self.line(&rest, rows)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), BadLine> {
        if self.unfinished.len() + part.len() > self.max_line {
            return Err(BadLine::TooLong);
        }
        self.unfinished.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &[u8], rows: &mut T::Into) -> Result<(), BadLine> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Ok(());
        }
        // Log fields can hold bytes that are no UTF-8; they become U+FFFD.
        let text = std::str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed);
        self.take.take(&text, rows).ok_or_else(|| BadLine::NotARow(text.into_owned()))
    }
}

/// Lines become rows.
#[derive(Debug, Default)]
pub struct Rows {
    names: Names,
    /// How many fields the last row had.
    width: usize,
    /// How many bytes the next row's values are given room for.
    bytes: usize,
}

impl Take for Rows {
    type Into = Vec<Row>;

    fn take(&mut self, line: &str, into: &mut Vec<Row>) -> Option<()> {
        into.push(self.row(line)?);
        Some(())
    }

    fn count(into: &Vec<Row>) -> usize {
        into.len()
    }
}

impl Rows {
    /// One line; `None` where it is no flat object.
    fn row(&mut self, line: &str) -> Option<Row> {
        let mut scan = Scan { text: line, at: 0 };
        let mut row = Row::with_capacity(self.width, self.bytes);
        let mut place = 0;
        scan.expect(b'{')?;
        if !scan.next_is(b'}') {
            loop {
                let name = scan.name(&mut self.names, place)?;
                scan.expect(b':')?;
                if let Some(value) = scan.value()? {
                    row.push(name, &value);
                }
                place += 1;
                if scan.next_is(b'}') {
                    break;
                }
                scan.expect(b',')?;
            }
        }
        // The next row is hardly longer by more than an eighth.
        (self.width, self.bytes) = (row.len(), row.bytes() + row.bytes() / 8);
        scan.is_at_end().then_some(row)
    }
}

/// Field names shared between rows. Rows of one answer mostly have the same names in the same order.
#[derive(Debug, Default)]
struct Names {
    in_order: Vec<Arc<str>>,
    others: HashSet<Arc<str>>,
}

impl Names {
    fn shared(&mut self, name: &str, place: usize) -> Arc<str> {
        if let Some(known) = self.in_order.get(place)
            && **known == *name
        {
            return Arc::clone(known);
        }
        let shared = match self.others.get(name) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = Arc::from(name);
                if self.others.len() < MAX_NAMES {
                    self.others.insert(Arc::clone(&new));
                }
                new
            }
        };
        if place < self.in_order.len() {
            self.in_order[place] = Arc::clone(&shared);
        } else if place == self.in_order.len() && place < MAX_NAMES {
            self.in_order.push(Arc::clone(&shared));
        }
        shared
    }
}

/// A place in a line.
struct Scan<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Scan<'text> {
    fn rest(&self) -> &'text [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        self.at += blanks;
    }

    fn next_is(&mut self, wanted: u8) -> bool {
        self.skip_blanks();
        let found = self.rest().first() == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.next_is(wanted).then_some(())
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    fn name(&mut self, names: &mut Names, place: usize) -> Option<Arc<str>> {
        self.expect(b'"')?;
        let (raw, escaped) = self.string()?;
        Some(if escaped { names.shared(&unescape(raw)?, place) } else { names.shared(raw, place) })
    }

    /// A value as text: strings unescaped, anything else as it stands in JSON. `Some(None)` for `null`.
    fn value(&mut self) -> Option<Option<Cow<'text, str>>> {
        if self.next_is(b'"') {
            let (raw, escaped) = self.string()?;
            return Some(Some(if escaped { Cow::Owned(unescape(raw)?) } else { Cow::Borrowed(raw) }));
        }
        // Not what VictoriaLogs sends today, but legal: numbers, booleans, nested values.
        let rest = &self.text[self.at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        let value = values.next()?.ok()?;
        let end = values.byte_offset();
        self.at += end;
        Some((!value.is_null()).then(|| Cow::Borrowed(&rest[..end])))
    }

    /// The inside of a string whose opening quote is behind us, and whether it holds escapes.
    fn string(&mut self) -> Option<(&'text str, bool)> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let found = self.at + memchr2(b'"', b'\\', self.rest())?;
            if self.text.as_bytes()[found] == b'"' {
                self.at = found + 1;
                return Some((&self.text[start..found], escaped));
            }
            escaped = true;
            // What is escaped is one byte: a letter, a quote, a backslash. Anything else is refused below.
            self.at = found + 2;
            if !self.text.is_char_boundary(self.at) {
                return None;
            }
        }
    }
}

/// Takes JSON's escapes out of the inside of a string; `None` where one is wrong. Half of a surrogate pair alone, which
/// no string can hold, becomes U+FFFD.
fn unescape(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = &rest[at + 2..];
        out.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let (character, used) = unicode_escape(rest)?;
                rest = &rest[used..];
                character
            }
            _ => return None,
        });
    }
    out.push_str(rest);
    Some(out)
}

/// What stands behind `\u`: the character and how many bytes it takes, the second half of a pair included.
fn unicode_escape(rest: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    let first = unit(rest)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 4));
    }
    let second = rest[4..].strip_prefix("\\u").and_then(unit);
    let pair = second
        .filter(|low| first < 0xdc00 && (0xdc00..0xe000).contains(low))
        .and_then(|low| char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00)));
    Some(pair.map_or((char::REPLACEMENT_CHARACTER, 4), |character| (character, 10)))
}

#[cfg(test)]
mod tests;

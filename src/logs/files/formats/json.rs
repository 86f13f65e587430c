//! One JSON object a line: nginx with `escape=json`, APISIX, Caddy, Traefik, and VictoriaLogs' own output. Nested
//! objects become dotted names; rows keep the names that the line gave.
//!
//! A reader of its own because a log line is not a document: numbers keep their digits (`1.10`, 2^70), bytes that are
//! no UTF-8 are kept, an unquoted `-` or nginx's `\x22` does not lose the line, and values nobody wants are only
//! skipped.

use std::borrow::Cow;

use super::entry::{Entry, Field, Wanted};
use super::time::{self, Context};
use super::{line_time, text};

/// Objects within objects beyond this stay JSON text.
const MAX_DEPTH: usize = 32;

/// So do objects whose own name is longer than this: a stranger's long names, repeated for every member, would cost
/// more than the line is worth.
const MAX_PREFIX: usize = 1_024;

/// Takes a line apart; `false` where it is no JSON object.
pub fn parse<'line>(line: &'line [u8], context: &Context, wanted: &Wanted, entry: &mut Entry<'line>) -> bool {
    let mut reader = Reader { line, at: 0, context, wanted, entry, time: None, complete: false };
    reader.blanks();
    if reader.object(&mut String::new(), 0).is_none() {
        return false;
    }
    reader.blanks();
    if reader.at < line.len() {
        return false;
    }
    let (time, complete) = (reader.time, reader.complete);
    entry.time = time.map(|(_, instant)| instant);
    // VictoriaLogs' own rows are whole as they are; in others the words of the line are found in `_msg`.
    if !complete && wanted.field(Field::Msg) {
        entry.set(Field::Msg, line);
    }
    true
}

/// The values of some keys in a flat object without escapes, the last of each; `None` where the line is something else,
/// which [`parse`] has to look at. With a clock the time is looked for too.
pub fn flat<'line>(
    line: &'line [u8],
    keys: &[&[u8]],
    values: &mut [&'line [u8]],
    clock: Option<&Context>,
) -> Option<Option<i64>> {
    values.fill(&[]);
    let mut time: Option<(usize, i64)> = None;
    let mut rest = line.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?;
    for _ in 0..MOST_FLAT {
        let (key, after) = flat_string(rest.trim_ascii_start())?;
        let after = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (value, after) = match after.first()? {
            b'"' => flat_string(after)?,
            b'{' | b'[' => return None,
            _ => {
                let length = after.iter().position(|byte| !is_bare(*byte)).unwrap_or(after.len());
                if length == 0 {
                    return None;
                }
                after.split_at(length)
            }
        };
        // A `null` is passed over, so that an older value of the key stays; a string of these letters is none.
        let is_null = value == b"null" && !quoted_before(line, value);
        if !is_null {
            if let Some(context) = clock
                && let Some(rank) = std::str::from_utf8(key).ok().and_then(line_time::rank)
                && time.is_none_or(|(best, _)| rank <= best)
            {
                match time::read(value, context) {
                    Some(instant) => time = Some((rank, instant)),
                    // Something called `_time` that is none is a field like others.
                    None if rank == line_time::OWN => return None,
                    None => {}
                }
            }
            if let Some(at) = keys.iter().position(|known| *known == key) {
                values[at] = value;
            }
        }
        match after.trim_ascii_start() {
            [b',', more @ ..] => rest = more,
            [] => return Some(time.map(|(_, instant)| instant)),
            _ => return None,
        }
    }
    None
}

/// Objects with more members than this are no usual log lines.
const MOST_FLAT: usize = 256;

/// A quoted string without escapes, and what follows it.
fn flat_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.strip_prefix(b"\"")?;
    let closing = memchr::memchr(b'"', bytes)?;
    Some((&bytes[..closing], &bytes[closing + 1..]))
}

/// Whether a quote stands before a part of a line.
fn quoted_before(line: &[u8], part: &[u8]) -> bool {
    let start = part.as_ptr() as usize - line.as_ptr() as usize;
    start.checked_sub(1).is_some_and(|before| line[before] == b'"')
}

/// What a number, `true`, `null` or something that a template left unquoted is made of.
const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_')
}

struct Reader<'line, 'a> {
    line: &'line [u8],
    at: usize,
    context: &'a Context,
    wanted: &'a Wanted,
    entry: &'a mut Entry<'line>,
    /// The best time so far, with its name's rank.
    time: Option<(usize, i64)>,
    /// Whether the row has `_time`, `_msg` or `_stream` of its own.
    complete: bool,
}

impl<'line> Reader<'line, '_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// A quoted string's bytes between the quotes, escapes as they stand.
    fn string(&mut self) -> Option<&'line [u8]> {
        self.take(b'"')?;
        let rest = &self.line[self.at..];
        let closing = text::closing_quote(rest)?;
        self.at += closing + 1;
        Some(&rest[..closing])
    }

    /// An object; `prefix` is its name with a dot, empty for the line itself.
    fn object(&mut self, prefix: &mut String, depth: usize) -> Option<()> {
        self.take(b'{')?;
        self.blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blanks();
            let key = lossless_string(self.string()?);
            self.take(b':')?;
            self.blanks();
            self.member(key, prefix, depth)?;
            self.blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn member(&mut self, key: Cow<'line, str>, prefix: &mut String, depth: usize) -> Option<()> {
        let start = self.at;
        let value = match self.peek()? {
            b'{' if depth < MAX_DEPTH && prefix.len() + key.len() <= MAX_PREFIX => {
                let before = prefix.len();
                prefix.push_str(&key);
                prefix.push('.');
                self.object(prefix, depth + 1)?;
                prefix.truncate(before);
                return Some(());
            }
            b'{' | b'[' => {
                self.skip_nested()?;
                Value::Plain(&self.line[start..self.at])
            }
            b'"' => Value::Escaped(self.string()?),
            _ => {
                self.bare()?;
                match &self.line[start..self.at] {
                    b"null" => return Some(()),
                    bare => Value::Plain(bare),
                }
            }
        };
        self.keep(key, prefix, value);
        Some(())
    }

    fn keep(&mut self, key: Cow<'line, str>, prefix: &str, value: Value<'line>) {
        if prefix.is_empty() {
            self.complete |= matches!(&*key, "_time" | "_msg" | "_stream");
            if self.wanted.field(Field::Time)
                && let Some(rank) = line_time::rank(&key)
                && self.time.is_none_or(|(best, _)| rank <= best)
                && let Some(instant) = time::read(&value.bytes(), self.context)
            {
                self.time = Some((rank, instant));
                if rank == line_time::OWN {
                    return;
                }
            }
            if self.wanted.name(&key) {
                self.entry.push(key, value.bytes());
            }
        } else {
            let name = format!("{prefix}{key}");
            if self.wanted.name(&name) {
                self.entry.push(name, value.bytes());
            }
        }
    }

    /// A number, `true`, `null`, or what a template left unquoted.
    fn bare(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(is_bare) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Passes an array, or an object that is too deep.
    fn skip_nested(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(());
            }
        }
    }
}

enum Value<'line> {
    Plain(&'line [u8]),
    Escaped(&'line [u8]),
}

impl<'line> Value<'line> {
    fn bytes(&self) -> Cow<'line, [u8]> {
        match self {
            Self::Plain(bytes) => Cow::Borrowed(bytes),
            Self::Escaped(bytes) => text::unescape_string(bytes),
        }
    }
}

/// A quoted string's text.
fn lossless_string(bytes: &[u8]) -> Cow<'_, str> {
    match text::unescape_string(bytes) {
        Cow::Borrowed(plain) => text::lossless(plain),
        Cow::Owned(decoded) => Cow::Owned(text::lossless(&decoded).into_owned()),
    }
}

#[cfg(test)]
mod tests;

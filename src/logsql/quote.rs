//! Quoting: the one place where a text from outside becomes part of a query, and where canonical printing decides
//! what needs quotes. A value that went through here never changes what the query means.

use std::sync::OnceLock;

use regex::Regex;

use super::registry;

/// Whether a character belongs to a word: a letter (category L) or digit (Nd) of any script, or `_`.
pub(super) fn is_word_char(c: char) -> bool {
    match c {
        c if c.is_ascii() => c.is_ascii_alphanumeric() || c == '_',
        // Kana, ideographs and Hangul syllables, without a look into tables.
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | '\u{4e00}'..='\u{9fff}' | '가'..='힣' => true,
        c => c.is_alphanumeric() && has_category(c, &LETTER_OR_DIGIT, r"[\p{L}\p{Nd}]"),
    }
}

static LETTER_OR_DIGIT: OnceLock<Option<Regex>> = OnceLock::new();
static GRAPHIC: OnceLock<Option<Regex>> = OnceLock::new();

fn has_category(c: char, cell: &OnceLock<Option<Regex>>, class: &str) -> bool {
    cell.get_or_init(|| Regex::new(class).ok()).as_ref().is_some_and(|regex| regex.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Words that mean something by themselves and so print quoted when they are meant as text.
const RESERVED: &[&str] = &["and", "or", "not", "now", "offset", "options"];

/// Words that are no reserved words of the printer, yet steer a pipe where they stand bare.
const CLAUSES: &[&str] = &[
    "after",
    "as",
    "asc",
    "at",
    "before",
    "desc",
    "drop_duplicates",
    "from",
    "hits",
    "if",
    "inf",
    "inner",
    "nan",
    "keep_const_fields",
    "keep_original_fields",
    "max_value_len",
    "max_values_per_field",
    "not_in",
    "on",
    "partition",
    "prefix",
    "prettify",
    "rank",
    "result_prefix",
    "skip_empty_results",
    "time_window",
    "with",
    "xor",
    "default",
    "abs",
    "exp",
    "ln",
    "rand",
    "round",
    "ceil",
    "floor",
    "day_range",
    "week_range",
];

/// Whether canonical printing quotes a text: anything but word characters and dots, reserved words, names of filters,
/// pipes and stats functions.
pub(super) fn needs_quotes(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.is_empty()
        || RESERVED.contains(&lower.as_str())
        || registry::is_filter_name(&lower)
        || registry::is_pipe_keyword(&lower)
        || !text.chars().all(super::token::is_bare)
}

/// A word, phrase, field or pattern as canonical printing writes it.
pub(super) fn quoted(text: &str) -> String {
    if needs_quotes(text) { escaped(text, true) } else { text.to_owned() }
}

/// The same for what stands after `>` or `<`: a text that looks like a number is quoted too.
pub(super) fn quoted_unless_text(text: &str) -> String {
    if super::number::is_number_prefix(text) { go_quote(text) } else { quoted(text) }
}

/// A field name or a `prefix*` as canonical printing writes it.
pub(super) fn quoted_wildcard(text: &str) -> String {
    match text.strip_suffix('*') {
        Some(prefix) if prefix.is_empty() || !needs_quotes(prefix) => text.to_owned(),
        Some(_) => go_quote(text),
        None => quoted(text),
    }
}

/// `field:` in front of a filter; nothing for the message field.
pub(super) fn field_prefix(field: &str) -> String {
    if field == "_msg" { String::new() } else { format!("{}:", quoted(field)) }
}

/// A value for a query: bare where that is surely safe in every place, double-quoted otherwise.
///
/// ```
/// use gatewatch::logsql::quote_value;
/// assert_eq!(quote_value("10.0.0.1"), "10.0.0.1");
/// assert_eq!(quote_value("/login | delete *"), r#""/login | delete *""#);
/// assert_eq!(quote_value("limit"), r#""limit""#);
/// ```
pub fn quote_value(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    let lower = text.to_ascii_lowercase();
    if plain && !needs_quotes(text) && !CLAUSES.contains(&lower.as_str()) && lower != "*" {
        text.to_owned()
    } else {
        go_quote(text)
    }
}

/// A field name for a query; the empty name is the message field.
///
/// LogsQL has no way to name a field that ends in `*` in a pipe: there even the quoted name is a prefix. In a filter it
/// names the field itself.
pub fn quote_field(name: &str) -> String {
    quote_value(if name.is_empty() { "_msg" } else { name })
}

/// The filter that a field has exactly this value; the empty value also matches rows without the field.
///
/// `_time` takes a time filter and `_stream` a stream filter, since LogsQL has no other form for them.
///
/// ```
/// use gatewatch::logsql::equals;
/// assert_eq!(equals("user agent", r#"a"b"#), r#""user agent":="a\"b""#);
/// ```
pub fn equals(field: &str, value: &str) -> String {
    match field {
        "_stream_id" => format!("_stream_id:{}", quote_value(value)),
        "_stream" => format!("_stream:{value}"),
        _ => format!("{}:={}", quote_field(field), quote_value(value)),
    }
}

/// The filter that a field has one of these values. No value matches no row.
pub fn any_of<'v>(field: &str, values: impl IntoIterator<Item = &'v str>) -> String {
    let values: Vec<&str> = values.into_iter().collect();
    match values.as_slice() {
        // Alone in the list, even a quoted star would match everything.
        [only] => equals(field, only),
        _ => {
            let list: Vec<String> = values.iter().map(|value| quote_value(value)).collect();
            format!("{}:in({})", quote_field(field), list.join(","))
        }
    }
}

/// A double-quoted string with escapes as Go writes them: printable characters stay.
pub(super) fn go_quote(text: &str) -> String {
    escaped(text, false)
}

/// The same for what a query was read to hold, where a private character may stand for a byte.
fn escaped(text: &str, with_bytes: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if with_bytes && u32::from(c) >= BYTES + 0x80 => {
                out.push_str(&format!("\\x{:02x}", u32::from(c) - BYTES))
            }
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) < 0x10000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~') || (!c.is_ascii() && has_category(c, &GRAPHIC, r"[\p{L}\p{M}\p{N}\p{P}\p{S}]"))
}

/// The first of the private characters that stand for bytes which belong to no character.
const BYTES: u32 = 0x0010_ff00;

/// Bytes as text. A byte that belongs to no character becomes a private one, by which printing knows it again: a query
/// may hold such bytes, which no row does.
fn marked(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(BYTES + u32::from(*byte))));
    }
    out
}

/// The value of the quoted string that a text begins with, and its length in bytes.
pub(super) fn unquote_prefix(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`' | '\''))?;
    let body = &text[1..];
    if quote == '`' {
        let end = body.find('`')?;
        return Some((body[..end].replace('\r', ""), end + 2));
    }
    let mut bytes = Vec::new();
    let mut position = 0;
    loop {
        let c = body[position..].chars().next()?;
        position += c.len_utf8();
        match c {
            c if c == quote => break,
            '\n' if quote == '"' => return None,
            '\\' => position += unescape(&body[position..], quote, &mut bytes)?,
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some((marked(&bytes), position + 1))
}

/// Where in a quoted string as it is written the byte of its value stands.
pub(super) fn place_inside(raw: &str, offset: usize) -> Option<usize> {
    let quote = raw.chars().next()?;
    let length = |end: usize| Some(unquote_prefix(&format!("{}{quote}", raw.get(..end)?))?.0.len());
    // An escape cut in two is no string: the next place that is one and holds the bytes before the offset is it.
    let mut places = (1..raw.len()).filter(|end| raw.is_char_boundary(*end));
    places.find(|end| length(*end) == Some(offset))
}

/// Reads what follows a backslash: appends it and says how many bytes it took.
fn unescape(text: &str, quote: char, out: &mut Vec<u8>) -> Option<usize> {
    let code = text.chars().next()?;
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = text.get(from..from + count)?;
        digits.chars().all(|c| c.is_digit(radix)).then(|| u32::from_str_radix(digits, radix).ok()).flatten()
    };
    // In single quotes the server reads characters, so a byte escape stands for the character of that number.
    let mut byte = |value: u32| match u8::try_from(value).ok() {
        Some(value) if quote == '"' => {
            out.push(value);
            Some(())
        }
        Some(value) => {
            out.extend_from_slice(char::from(value).encode_utf8(&mut [0; 4]).as_bytes());
            Some(())
        }
        None => None,
    };
    let simple = match code {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' => 92,
        c if c == quote => u32::from(c),
        'x' => {
            byte(digits(1, 2, 16)?)?;
            return Some(3);
        }
        '0'..='7' => {
            byte(digits(0, 3, 8)?)?;
            return Some(3);
        }
        'u' | 'U' => {
            let count = if code == 'u' { 4 } else { 8 };
            let c = char::from_u32(digits(1, count, 16)?)?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(1 + count);
        }
        _ => return None,
    };
    byte(simple)?;
    Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_the_language_are_quoted() {
        for word in ["and", "OR", "limit", "Count", "in", "stats", "by", "", "a b", "a-b", "é\u{300}"] {
            assert!(quoted(word).starts_with('"'), "{word}");
        }
        for word in ["foo", "a.b", "서울", "10.0.0.1", "pack_logfmt"] {
            assert_eq!(quoted(word), word);
        }
        assert_eq!(quoted_wildcard("foo.*"), "foo.*");
        assert_eq!(quoted_wildcard("a b*"), r#""a b*""#);
    }

    #[test]
    fn go_strings_are_read_and_written() {
        assert_eq!(go_quote("a\"\n\u{1b}\u{200b}é😀\u{7f}"), r#""a\"\n\x1b\u200bé😀\x7f""#);
        assert_eq!(unquote_prefix(r#""a\x41\u00e9"rest"#), Some(("aAé".into(), 13)));
        assert_eq!(unquote_prefix(r"'it\'s'"), Some(("it's".into(), 7)));
        assert_eq!(unquote_prefix("`a\\b`"), Some(("a\\b".into(), 5)));
        for bad in ["\"a", "\"\\q\"", "'\\\"'", "`a", "\"a\nb\""] {
            assert_eq!(unquote_prefix(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn quoting_is_undone_by_reading(text in any::<String>()) {
            let quoted = go_quote(&text);
            prop_assert_eq!(unquote_prefix(&quoted), Some((text, quoted.len())));
        }
    }
}

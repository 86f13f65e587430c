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
mod tests {
    use super::*;
    use crate::logs::files::formats::testing::{context, shown};
    use proptest::prelude::*;

    fn fields(line: &str) -> Option<Vec<(String, String)>> {
        shown(|entry| parse(line.as_bytes(), &context(), &Wanted::all(), entry))
    }

    fn expect(line: &str, expected: &[(&str, &str)]) {
        let found = fields(line).expect("parses");
        let found: Vec<_> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).filter(|(k, _)| *k != "_msg").collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn each_servers_lines_keep_their_names() {
        expect(
            r#"{"time_iso8601":"2026-11-21T09:37:55+00:00","remote_addr":"203.0.113.5","request_uri":"/a?b=1","status":404,"request_time":0.005}"#,
            &[
                ("_time", "2026-11-21T09:37:55Z"),
                ("time_iso8601", "2026-11-21T09:37:55+00:00"),
                ("remote_addr", "203.0.113.5"),
                ("request_uri", "/a?b=1"),
                ("status", "404"),
                ("request_time", "0.005"),
            ],
        );
        // APISIX file-logger.
        expect(
            r#"{"client_ip":"203.0.113.5","start_time":1763717875123,"request":{"uri":"/x","headers":{"user-agent":"curl"},"size":70},"response":{"status":200},"consumer":null,"tags":["a", "b"]}"#,
            &[
                ("_time", "2025-11-21T09:37:55.123Z"),
                ("client_ip", "203.0.113.5"),
                ("start_time", "1763717875123"),
                ("request.uri", "/x"),
                ("request.headers.user-agent", "curl"),
                ("request.size", "70"),
                ("response.status", "200"),
                ("tags", r#"["a", "b"]"#),
            ],
        );
        // Caddy.
        expect(
            r#"{"level":"info","ts":1763717875.5,"request":{"remote_ip":"203.0.113.5","headers":{"User-Agent":["x"]}},"bytes_read":0,"status":200}"#,
            &[
                ("_time", "2025-11-21T09:37:55.5Z"),
                ("level", "info"),
                ("ts", "1763717875.5"),
                ("request.remote_ip", "203.0.113.5"),
                ("request.headers.User-Agent", r#"["x"]"#),
                ("bytes_read", "0"),
                ("status", "200"),
            ],
        );
        // Traefik: `time` is when the line was written.
        expect(
            r#"{"ClientHost":"203.0.113.5","StartUTC":"2026-11-21T09:37:54Z","time":"2026-11-21T09:37:55Z","RequestPath":"/"}"#,
            &[
                ("_time", "2026-11-21T09:37:55Z"),
                ("ClientHost", "203.0.113.5"),
                ("StartUTC", "2026-11-21T09:37:54Z"),
                ("time", "2026-11-21T09:37:55Z"),
                ("RequestPath", "/"),
            ],
        );
    }

    #[test]
    fn victorialogs_own_rows_come_back_as_they_were() {
        let line = r#"{"_time":"2026-11-21T09:37:55.123456789Z","_stream":"{app=\"x\"}","_msg":"hi","time":"other","a.b":"c"}"#;
        let expected = [
            ("_time", "2026-11-21T09:37:55.123456789Z"),
            ("_stream", r#"{app="x"}"#),
            ("_msg", "hi"),
            ("time", "other"),
            ("a.b", "c"),
        ];
        let found = fields(line).unwrap();
        assert_eq!(found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_line_is_the_message_of_a_row_without_one() {
        let line = r#"{"a":"b"}"#;
        assert!(fields(line).unwrap().contains(&("_msg".to_owned(), line.to_owned())));
        let own = fields(r#"{"_msg":"m","a":"b"}"#).unwrap();
        assert_eq!(own, [("_msg".to_owned(), "m".to_owned()), ("a".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn oddities_do_not_lose_the_line() {
        expect(
            r#" {"n":-,"big":1180591620717411303424,"d":1.10,"t":true,"e":"","ua":"a\x22b","o":{},"x":1,"x":2} "#,
            &[("n", "-"), ("big", "1180591620717411303424"), ("d", "1.10"), ("t", "true"), ("ua", "a\"b"), ("x", "2")],
        );
        let invalid = b"{\"u\":\"a\xff\"}";
        let found = shown(|entry| parse(invalid, &context(), &Wanted::only(["u"]), entry)).unwrap();
        assert_eq!(found, [("u".to_owned(), r"a\xFF".to_owned())]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for line in
            ["", "x", "[1]", "{", "{}x", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":"b}"#, r#"{"a":[1}"#, "{]"]
        {
            assert_eq!(fields(line), None, "{line}");
        }
        let deep = format!("{}1{}", r#"{"a":"#.repeat(20_000), "}".repeat(20_000));
        assert!(fields(&deep).is_some());
    }

    #[test]
    fn a_million_bytes_of_names_are_read_in_no_time() {
        let many: String = (0..80_000).map(|n| format!("\"{n:x}\":1,")).collect();
        let flat = format!("{{{many}\"end\":2}}");
        let found = fields(&flat).unwrap();
        assert!(found.contains(&("end".to_owned(), "2".to_owned())));
        let nested = format!("{{\"{}\":{flat}}}", "n".repeat(500_000));
        assert_eq!(fields(&nested).unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn a_flat_line_gives_the_same(
            members in proptest::collection::vec(
                (
                    "a|b|status|time|_time|é|",
                    "\"[a-z{}: ,]{0,3}\"|\"null\"|null|-?[0-9.]{1,4}|-|true|\"2026-11-21T09:37:55Z\"|1763717875|[{]\"a\":1[}]|[\\[]1[\\]]",
                    " ?",
                ),
                0..5,
            ),
            behind in "|}|,| ",
        ) {
            let members: Vec<_> = members.iter().map(|(key, value, blank)| format!("\"{key}\":{blank}{value}{blank}")).collect();
            let line = format!("{{{}}}{behind}", members.join(","));
            let keys = ["a", "b", "status", "é"];
            let bytes: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes()).collect();
            let mut values = vec![&[][..]; keys.len()];
            if let Some(time) = flat(line.as_bytes(), &bytes, &mut values, Some(&context())) {
                let mut entry = Entry::default();
                prop_assert!(parse(line.as_bytes(), &context(), &Wanted::all(), &mut entry), "{}", line);
                prop_assert_eq!(time, entry.time, "{}", line);
                for (key, value) in keys.iter().zip(values) {
                    prop_assert_eq!(value, entry.get(key), "{} of {}", key, line);
                }
            }
        }
    }

    #[test]
    fn usual_lines_are_flat() {
        let line = br#"{"time":"2026-11-21T09:37:55Z","remote_addr":"203.0.113.5","status":404,"u":"-", "t":0.5 }"#;
        let mut values = [&[][..]; 2];
        let time = flat(line, &[b"status", b"remote_addr"], &mut values, Some(&context()));
        assert_eq!((time.flatten().is_some(), values), (true, [&b"404"[..], b"203.0.113.5"]));
        assert_eq!(flat(br#"{"a":{"b":1}}"#, &[b"a"], &mut values, None), None);
    }

    #[test]
    fn only_what_is_wanted_is_kept() {
        let line = br#"{"ts":1763717875,"a":"1","b":{"c":"2","d":"3"}}"#;
        let found = shown(|entry| parse(line, &context(), &Wanted::only(["b.c"]), entry)).unwrap();
        assert_eq!(found, [("b.c".to_owned(), "2".to_owned())]);
    }

    /// JSON values as serde_json prints them.
    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
            any::<bool>().prop_map(serde_json::Value::from),
        ];
        let object = |inner| {
            proptest::collection::hash_map("[a-z\"\\\\ é]{1,6}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
        };
        object(leaf.prop_recursive(4, 24, 4, object).boxed())
    }

    fn flatten(prefix: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
        match value {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                    flatten(&name, value, out);
                }
            }
            serde_json::Value::String(text) => out.push((prefix.to_owned(), text.clone())),
            other => out.push((prefix.to_owned(), other.to_string())),
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = shown(|entry| parse(&line, &context(), &Wanted::all(), entry));
        }

        #[test]
        fn near_json_is_survived(line in r#"[{}\[\]",:\\u0d8 a-]{0,60}"#) {
            let _ = fields(&line);
        }

        #[test]
        fn what_serde_prints_comes_back(value in document()) {
            let line = value.to_string();
            let mut expected = Vec::new();
            flatten("", &value, &mut expected);
            expected.retain(|(_, value)| !value.is_empty());
            let mut found = fields(&line).expect("parses");
            found.retain(|(name, _)| name != "_msg");
            expected.sort();
            found.sort();
            // Names that collide once flattened are the rare case where the last one wins.
            let mut names: Vec<_> = expected.iter().map(|(name, _)| name).collect();
            names.dedup();
            if names.len() == expected.len() { prop_assert_eq!(found, expected); }
        }
    }
}

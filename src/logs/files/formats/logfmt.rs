//! `key=value key="quoted value"`, as Go programs log. Rows keep the names that the line gave.

use super::entry::{Entry, Field, Wanted};
use super::time::{self, Context};
use super::{line_time, text};

/// Takes a line apart; `false` where it has no pair, or a word that is neither key nor pair.
pub fn parse<'line>(line: &'line [u8], context: &Context, wanted: &Wanted, entry: &mut Entry<'line>) -> bool {
    let mut best = usize::MAX;
    let mut pairs = 0;
    let mut own_message = false;
    for token in tokens(line) {
        let Some((name, value)) = token else { return false };
        let Some(value) = value else { continue };
        pairs += 1;
        // A name is ASCII without quotes and thus UTF-8.
        let name = std::str::from_utf8(name).unwrap_or_default();
        own_message |= name == "_msg";
        let value = text::unescape_string(value);
        if wanted.field(Field::Time)
            && let Some(rank) = line_time::rank(name).filter(|rank| *rank < best)
            && let Some(instant) = time::read(&value, context)
        {
            best = rank;
            entry.time = Some(instant);
            if rank == line_time::OWN {
                continue;
            }
        }
        if wanted.name(name) {
            entry.push(name, value);
        }
    }
    if !own_message && wanted.field(Field::Msg) {
        entry.set(Field::Msg, line);
    }
    pairs > 0
}

/// How surely a line is logfmt and not a sentence with an equals sign: two pairs, and no more bare words than pairs.
pub fn looks_like(line: &[u8]) -> bool {
    let (mut pairs, mut bare) = (0, 0);
    for token in tokens(line) {
        match token {
            None => return false,
            Some((_, Some(_))) => pairs += 1,
            Some((_, None)) => bare += 1,
        }
    }
    pairs >= 2 && bare <= pairs
}

type Token<'line> = (&'line [u8], Option<&'line [u8]>);

/// Keys with their values between the quotes, where they have one; `None` for what is no key, and then the end.
fn tokens(line: &[u8]) -> impl Iterator<Item = Option<Token<'_>>> {
    let mut rest = line.trim_ascii();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        match token(rest) {
            Some((token, after)) => {
                rest = after.trim_ascii_start();
                Some(Some(token))
            }
            None => {
                rest = &[];
                Some(None)
            }
        }
    })
}

fn token(text: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b'=' | b' ' | b'\t')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'{' | b'}')) {
        return None;
    }
    let Some(value) = rest.strip_prefix(b"=") else { return Some(((name, None), rest)) };
    if let Some(quoted) = value.strip_prefix(b"\"")
        && let Some(closing) = text::closing_quote(quoted)
        && quoted.get(closing + 1).is_none_or(u8::is_ascii_whitespace)
    {
        return Some(((name, Some(&quoted[..closing])), &quoted[closing + 1..]));
    }
    let end = value.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(value.len());
    let (value, rest) = value.split_at(end);
    Some(((name, Some(value)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::formats::testing::{context, shown};
    use proptest::prelude::*;

    fn fields(line: &[u8]) -> Option<Vec<(String, String)>> {
        let mut found = shown(|entry| parse(line, &context(), &Wanted::all(), entry))?;
        found.retain(|(name, _)| name != "_msg");
        Some(found)
    }

    #[test]
    fn pairs_quoted_and_bare() {
        let line = br#"time=2026-11-21T09:37:55Z level=info msg="GET \"/a\" done" ip=203.0.113.5 ok empty= q="a=b c""#;
        let expected = [
            ("_time", "2026-11-21T09:37:55Z"),
            ("time", "2026-11-21T09:37:55Z"),
            ("level", "info"),
            ("msg", "GET \"/a\" done"),
            ("ip", "203.0.113.5"),
            ("q", "a=b c"),
        ];
        let found = fields(line).unwrap();
        assert_eq!(found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
        assert!(looks_like(line));
    }

    #[test]
    fn sentences_are_no_logfmt() {
        for line in ["", "just words", "the answer is x=1 and that is all there is to it", "=x", "\"a\"=b c=d"] {
            assert!(!looks_like(line.as_bytes()), "{line}");
        }
        assert_eq!(fields(b"no pair"), None);
    }

    #[test]
    fn a_quote_that_never_closes_is_part_of_the_value() {
        assert_eq!(fields(b"a=\"b c=d"), Some(vec![("a".into(), "\"b".into()), ("c".into(), "d".into())]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = (fields(&line), looks_like(&line));
        }

        #[test]
        fn written_pairs_come_back(values in proptest::collection::vec("[^\\p{C}\\p{Zl}\\p{Zp}]{1,12}", 2..6)) {
            let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            let line: Vec<_> = values.iter().enumerate().map(|(i, v)| format!("k{i}={}", quoted(v))).collect();
            let line = line.join(" ");
            let expected: Vec<_> = values.into_iter().enumerate().map(|(i, v)| (format!("k{i}"), v)).collect();
            prop_assert_eq!(fields(line.as_bytes()), Some(expected));
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::logs::Lines;

fn rows(text: &[u8]) -> Result<Vec<Row>, BadLine> {
    let mut decoder = Decoder::<Rows>::default();
    let mut rows = Vec::new();
    decoder.feed(text, &mut rows)?;
    decoder.finish(&mut rows)?;
    Ok(rows)
}

fn one(line: &str) -> Row {
    rows(line.as_bytes()).unwrap().remove(0)
}

/// What rows tell: an empty field is a missing one.
fn told(text: &[u8]) -> Vec<Vec<(String, String)>> {
    let fields = |row: &Row| {
        row.iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    rows(text).unwrap().iter().map(fields).collect()
}

#[test]
fn rows_as_the_server_sends_them() {
    let text = b"{\"_time\":\"2026-11-21T09:00:00Z\",\"_msg\":\"a \\\"b\\\"\"}\n{\"_msg\":\"c\"}\n{}\n";
    let rows = rows(text).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].get("_msg"), "a \"b\"");
    assert_eq!(rows[1].get("_msg"), "c");
    assert!(rows[2].is_empty());
}

#[test]
fn escapes_and_odd_values() {
    let row = one(r#" { "a\u0062" : "\ud83d\ude00\ud800\u001b\/" , "n":1.50, "t":true,"z":null,"o":{"x":[1,"}"]}} "#);
    assert_eq!(row.get("ab"), "😀\u{fffd}\u{1b}/");
    assert_eq!((row.get("n"), row.get("t"), row.get("z")), ("1.50", "true", ""));
    assert_eq!(row.get("o"), r#"{"x":[1,"}"]}"#);
}

#[test]
fn bytes_that_are_no_text_become_replacement_characters() {
    let rows = rows(b"{\"a\":\"x\xff\xfey\"}\n").unwrap();
    assert_eq!(rows[0].get("a"), "x\u{fffd}\u{fffd}y");
}

#[test]
fn what_is_no_row_is_handed_back() {
    for line in [
        "cannot execute query [*]: out of memory",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":\"b\"",
        "{\"a\":\"b\"} x",
        "{\"a\":\"b",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\한\"}",
        "{\"a\":\"\\",
        "[]",
        "\"a\"",
        "{\"a\":\"b\",}",
        "<html>",
    ] {
        let mut decoder = Decoder::<Rows>::default();
        let mut rows = Vec::new();
        let given = format!("{{\"a\":\"1\"}}\n\n{line}\n");
        assert_eq!(decoder.feed(given.as_bytes(), &mut rows), Err(BadLine::NotARow(line.to_owned())));
        assert_eq!(rows.len(), 1, "{line}");
    }
}

#[test]
fn a_long_line_is_read_and_a_longer_one_refused() {
    let value = "x".repeat(1 << 20);
    assert_eq!(one(&format!("{{\"a\":\"{value}\"}}")).get("a").len(), 1 << 20);
    let mut decoder = Decoder::<Rows> { max_line: 100, ..Decoder::default() };
    let mut rows = Vec::new();
    assert_eq!(decoder.feed(&[b'x'; 60], &mut rows), Ok(()));
    assert_eq!(decoder.feed(&[b'x'; 60], &mut rows), Err(BadLine::TooLong));
}

#[test]
fn names_are_shared_and_their_number_is_bounded() {
    let mut decoder = Decoder::<Rows>::default();
    let mut rows = Vec::new();
    for number in 0..2 * MAX_NAMES {
        decoder.feed(format!("{{\"same\":\"1\",\"f{number}\":\"2\"}}\n").as_bytes(), &mut rows).unwrap();
    }
    assert_eq!(rows.len(), 2 * MAX_NAMES);
    assert!(decoder.take.names.others.len() <= MAX_NAMES);
    assert_eq!(rows[2 * MAX_NAMES - 1].get(&format!("f{}", 2 * MAX_NAMES - 1)), "2");
}

proptest! {
    /// Any object of strings, cut anywhere, comes back as serde_json reads it.
    #[test]
    fn agrees_with_serde_json(
        objects in prop::collection::vec(prop::collection::btree_map(any::<String>(), any::<String>(), 0..5), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut text: Vec<u8> = Vec::new();
        for object in &objects {
            text.extend(serde_json::to_vec(object).unwrap());
            text.push(b'\n');
        }
        let (left, right) = text.split_at(cut.index(text.len()));
        let (mut decoder, mut rows) = (Decoder::<Rows>::default(), Vec::new());
        decoder.feed(left, &mut rows).unwrap();
        decoder.feed(right, &mut rows).unwrap();
        decoder.finish(&mut rows).unwrap();
        let given: Vec<std::collections::BTreeMap<String, String>> = rows
            .iter()
            .map(|row| row.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            .collect();
        prop_assert_eq!(given, objects);
    }

    /// What is printed reads back as the rows, and holds nothing that a terminal would act on.
    #[test]
    fn printable_lines_are_the_same_rows(
        objects in prop::collection::vec(prop::collection::btree_map(any::<String>(), any::<String>(), 0..5), 1..5),
        raw in "[ -~\u{80}-\u{9f}\u{202e}\t]{0,6}",
    ) {
        let mut text: Vec<u8> = Vec::new();
        for object in &objects {
            text.extend(serde_json::to_vec(object).unwrap());
            text.push(b'\n');
        }
        text.extend(format!("{{\"raw\":\"{}\",\"n\": 5}}\n", raw.replace(['\\', '"'], "")).bytes());
        let (mut decoder, mut lines) = (Decoder::<Printable>::default(), Lines::default());
        decoder.feed(&text, &mut lines).unwrap();
        let printed = String::from_utf8(lines.json).unwrap();
        prop_assert!(!printed.chars().any(|c| c != '\n' && crate::text::escape::is_dangerous(c)), "{printed:?}");
        prop_assert_eq!(lines.rows, objects.len() + 1);
        prop_assert_eq!(told(printed.as_bytes()), told(&text));
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = rows(&bytes);
        let mut decoder = Decoder::<Printable>::default();
        let mut lines = Lines::default();
        let taken = decoder.feed(&bytes, &mut lines).and_then(|()| decoder.finish(&mut lines));
        prop_assert_eq!(taken.is_ok(), rows(&bytes).is_ok());
    }

    #[test]
    fn accepts_what_serde_json_accepts(text in "[{]\"a\":(\"[a\\\\u0-9d\"]{0,8}\"|[0-9.]{1,4}|null|\\[\\])[}]") {
        let ours = rows(text.as_bytes()).is_ok();
        let theirs = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).is_ok();
        // A lone surrogate is the one thing that is taken here and not there.
        prop_assert!(ours == theirs || (ours && text.contains("\\u")), "{}", text);
    }

    #[test]
    fn a_line_is_as_sound_after_others_as_alone(
        lines in prop::collection::vec("[{](\"(a|bc|\\\\u00e9)\":\"[xy\\\\\"n]{0,5}\",){0,2}\"(a|bc)\":\"[xy\\\\\"n]{0,5}\"[}]", 1..6),
    ) {
        let mut decoder = Decoder::<Printable>::default();
        for line in &lines {
            let mut taken = Lines::default();
            let alone = rows(line.as_bytes());
            prop_assert_eq!(decoder.feed(format!("{line}\n").as_bytes(), &mut taken).is_ok(), alone.is_ok(), "{}", line);
            if alone.is_ok() {
                prop_assert_eq!(told(&taken.json), told(line.as_bytes()), "{}", line);
            }
        }
    }
}

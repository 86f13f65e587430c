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
    let line =
        r#"{"_time":"2026-11-21T09:37:55.123456789Z","_stream":"{app=\"x\"}","_msg":"hi","time":"other","a.b":"c"}"#;
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
    for line in ["", "x", "[1]", "{", "{}x", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":"b}"#, r#"{"a":[1}"#, "{]"]
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

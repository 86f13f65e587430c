use super::*;
use crate::logs::files::formats::testing::shown;
use proptest::prelude::*;

const VHOST: Layout = Layout { vhost: true, forwarded: true };
const NAMES: [&str; 14] = [
    "remote_addr",
    "user",
    "method",
    "uri",
    "path",
    "query",
    "protocol",
    "status",
    "bytes",
    "referer",
    "user_agent",
    "forwarded_for",
    "duration",
    "host",
];

fn fields(line: &[u8], layout: Layout) -> Option<Vec<(String, String)>> {
    shown(|entry| parse(line, layout, &Wanted::all(), entry))
}

/// The values in the order of `NAMES`, joined.
fn joined(line: &str, layout: Layout) -> Option<String> {
    let fields = fields(line.as_bytes(), layout)?;
    let get = |name: &&str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    Some(NAMES.iter().map(get).collect::<Vec<_>>().join(" | "))
}

#[test]
fn every_variant_gives_the_same_names() {
    let time = "[21/Nov/2026:09:37:55 +0000]";
    for (layout, line, expected) in [
        (
            Layout::PLAIN,
            format!(r#"203.0.113.5 - - {time} "GET /a?b=1?c HTTP/1.1" 200 512"#),
            "203.0.113.5 |  | GET | /a?b=1?c | /a | b=1?c | HTTP/1.1 | 200 | 512 |  |  |  |  | ",
        ),
        (
            Layout::PLAIN,
            format!(r#"2001:db8::1 - kim {time} "POST / HTTP/2.0" 499 0 "https://r/" "Mozilla/5.0 (X)""#),
            "2001:db8::1 | kim | POST | / | / |  | HTTP/2.0 | 499 | 0 | https://r/ | Mozilla/5.0 (X) |  |  | ",
        ),
        (
            Layout::PLAIN,
            format!(r#"10.0.0.1 - - {time} "GET / HTTP/1.1" 200 - "-" "-" "203.0.113.5, 10.0.0.2" 0.005"#),
            "10.0.0.1 |  | GET | / | / |  | HTTP/1.1 | 200 |  |  |  | 203.0.113.5, 10.0.0.2 | 0.005 | ",
        ),
        (
            VHOST,
            format!(r#"shop.example:443 203.0.113.5 - - {time} "GET / HTTP/1.1" 200 1 "-" "x" rt=0.1 12"#),
            "203.0.113.5 |  | GET | / | / |  | HTTP/1.1 | 200 | 1 |  | x |  | 0.1 | shop.example",
        ),
        (
            Layout::PLAIN,
            format!(r#"203.0.113.5 - a b {time} "\x16\x03\x01" 400 157 "-" "-""#),
            "203.0.113.5 | a b |  | \u{16}\u{3}\u{1} | \u{16}\u{3}\u{1} |  |  | 400 | 157 |  |  |  |  | ",
        ),
        (
            Layout::PLAIN,
            format!(r#"203.0.113.5 - - {time} "-" 408 0 "-" "-""#),
            "203.0.113.5 |  |  |  |  |  |  | 408 | 0 |  |  |  |  | ",
        ),
        (
            Layout::PLAIN,
            format!(r#"203.0.113.5 - - {time} "GET /a b HTTP/1.1" 404 1 "\x22" "a\"b""#),
            "203.0.113.5 |  | GET | /a b | /a b |  | HTTP/1.1 | 404 | 1 | \" | a\"b |  |  | ",
        ),
    ] {
        assert_eq!(joined(&line, layout).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn a_stranger_cannot_take_the_peers_place() {
    let tail = r#"[21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#;
    let address = |line: String, layout| {
        let fields = fields(line.as_bytes(), layout)?;
        fields.into_iter().find(|(name, _)| name == "remote_addr").map(|(_, value)| value)
    };
    // Layout without a virtual host: a made-up user changes nothing.
    for user in ["198.51.100.9", "x 198.51.100.9 - -", "198.51.100.9 - - [21/Nov/2026:00:00:00 +0000]"] {
        assert_eq!(address(format!("203.0.113.5 - {user} {tail}"), Layout::PLAIN).as_deref(), Some("203.0.113.5"));
    }
    // With one: a made-up host that looks like an address is still the host; blanks leave the line unparsed.
    assert_eq!(address(format!("198.51.100.9 203.0.113.5 - - {tail}"), VHOST).as_deref(), Some("203.0.113.5"));
    assert_eq!(address(format!("x 198.51.100.9 - - 203.0.113.5 - - {tail}"), VHOST), None);
    // A line of the other layout is not read by this one.
    assert_eq!(address(format!("198.51.100.9 203.0.113.5 - - {tail}"), Layout::PLAIN), None);
}

#[test]
fn lines_that_are_no_access_lines() {
    for line in [
        "",
        "\"",
        "x",
        r#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1"#,
        r#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 20 1"#,
        r#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200"#,
        r#"203.0.113.5 - - [21/Foo/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 1"#,
        r#"203.0.113.5 [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 1"#,
    ] {
        assert_eq!(joined(line, Layout::PLAIN), None, "{line}");
    }
}

#[test]
fn an_agent_that_was_cut_short_keeps_the_request() {
    let line = r#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 1 "-" "Mozil"#;
    assert!(joined(line, Layout::PLAIN).unwrap().contains("Mozil"));
}

#[test]
fn the_layout_is_the_files() {
    let line = |front: &str, behind: &str| {
        format!(r#"{front}203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 1 "-" "x"{behind}"#)
    };
    let layout = |lines: &[String]| Layout::of(lines.iter().map(String::as_bytes));
    assert_eq!(layout(&[]), None);
    assert_eq!(layout(&[line("", "")]), Some(Layout::PLAIN));
    assert_eq!(layout(&[line("h ", r#" "203.0.113.1, [2001:db8::1]:80, unknown""#)]), Some(VHOST));
    // A cookie in that place is not taken for addresses.
    let cookies: Vec<_> = (0..4).map(|n| line("", &format!(r#" "sid={n}""#))).collect();
    assert_eq!(layout(&cookies), Some(Layout { vhost: false, forwarded: false }));
}

proptest! {
    #[test]
    fn lean_lines_give_the_same(
        front in "(shop:80 )?(203.0.113.5|x|) - (-|kim|a b|) ",
        time in "(\\[21/Nov/2026:09:37:55 \\+0000\\]|\\[x\\])",
        request in "(-|GET /a\\?b HTTP/1.1|POST /|x y|/|)",
        behind in "( 200| -| 20)( 5| -|)( \"-\"| \"r\")?( \"a b\"| \"-\")?( \"203.0.113.1\")?( 0.5| 12)?",
        vhost in any::<bool>(),
    ) {
        let line = format!("{front}{time} \"{request}\"{behind}");
        for layout in [Layout::PLAIN, Layout { vhost, forwarded: !vhost }] {
            let mut entry = Entry::default();
            let parsed = parse(line.as_bytes(), layout, &Wanted::all(), &mut entry);
            let lean = Lean::of(line.as_bytes(), layout).filter(|lean| super::super::time::access(lean.time()).is_some());
            prop_assert_eq!(parsed, lean.is_some(), "{}", line);
            if let Some(lean) = lean {
                for field in Field::ALL.into_iter().filter(|field| *field != Field::Time) {
                    prop_assert_eq!(lean.field(field), entry.field(field), "{} of {}", field.name(), line);
                }
            }
        }
    }
}

#[test]
fn only_what_is_wanted_is_kept() {
    let line = br#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET /a?b HTTP/1.1" 200 1 "-" "x""#;
    let found = shown(|entry| parse(line, Layout::PLAIN, &Wanted::only(["path", "status"]), entry)).unwrap();
    assert_eq!(found, [("path".to_owned(), "/a".to_owned()), ("status".to_owned(), "200".to_owned())]);
}

/// Writes a value as nginx does (`escape=default`).
fn escaped(value: &[u8]) -> String {
    let plain = |byte: u8| (32..127).contains(&byte) && byte != b'"' && byte != b'\\';
    value
        .iter()
        .map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("\\x{byte:02X}") })
        .collect()
}

proptest! {
    #[test]
    fn any_bytes_are_survived(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (fields(&line, Layout::PLAIN), fields(&line, VHOST), Layout::of([&line[..]]));
    }

    #[test]
    fn near_access_lines_are_survived(front in ".{0,30}", middle in ".{0,30}", behind in ".{0,30}") {
        let line = format!("{front} [21/Nov/2026:09:37:55 +0000] \"{middle}\" {behind}");
        let _ = (fields(line.as_bytes(), Layout::PLAIN), fields(line.as_bytes(), VHOST));
    }

    #[test]
    fn what_a_server_writes_comes_back(
        address in any::<std::net::IpAddr>(),
        path in "/[^?\\p{C}]{0,30}",
        query in proptest::option::of("[^\\p{C}]{1,20}"),
        status in 100..600_u16,
        bytes in any::<u32>(),
        agent in "[^-].{0,40}",
        user in "[a-z\\[\\]\"\\\\]{1,10}( [a-z]{1,5})?",
    ) {
        let uri = query.as_ref().map_or(path.clone(), |query| format!("{path}?{query}"));
        let line = format!(
            r#"{address} - {} [21/Nov/2026:09:37:55 +0000] "GET {} HTTP/1.1" {status} {bytes} "-" "{}" "-" 0.1"#,
            escaped(user.as_bytes()), escaped(uri.as_bytes()), escaped(agent.as_bytes()),
        );
        let found = fields(line.as_bytes(), Layout::PLAIN).expect("parses");
        let get = |name: &str| found.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).to_owned();
        prop_assert_eq!(get("remote_addr"), address.to_string());
        prop_assert_eq!(get("user"), user);
        prop_assert_eq!(get("uri"), uri);
        prop_assert_eq!(get("path"), path);
        prop_assert_eq!(get("query"), query.unwrap_or_default());
        prop_assert_eq!(get("status"), status.to_string());
        prop_assert_eq!(get("bytes"), bytes.to_string());
        prop_assert_eq!(get("user_agent"), agent);
        prop_assert_eq!(get("duration"), "0.1");
        prop_assert_eq!(get("_time"), "2026-11-21T09:37:55Z");
        prop_assert_eq!(get("_msg"), line);
    }
}

//! Files against a real VictoriaLogs that was fed the same rows: the same queries give the same answers.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use gatewatch::detect::ClientStats;
use gatewatch::detect::access::AccessLog;
use gatewatch::detect::gates::{GateLimits, TableQuestion, read_table, table_query};
use gatewatch::logs::files::{FileSource, Options};
use gatewatch::logs::{LogSource, Query, Row, Window, collect};
use ipnet::IpNet;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::support::victorialogs::Server;

fn window() -> Window {
    Window { start: "2026-11-21T09:00:00Z".parse().unwrap(), end: "2026-11-21T09:10:00Z".parse().unwrap() }
}

fn open(path: &Path, trusted: &[IpNet]) -> FileSource {
    let inputs = vec![path.display().to_string()];
    FileSource::open(Options { inputs, trusted_proxies: trusted.to_vec(), ..Options::default() }).unwrap()
}

async fn ask(source: &dyn LogSource, text: &str) -> Vec<Row> {
    let answer = collect(source.query(Query::new(text, window())).await.unwrap(), usize::MAX).await;
    assert!(answer.cut.is_none(), "{text}: {:?}", answer.cut);
    answer.rows
}

/// Rows as VictoriaLogs prints them, in any order.
fn printed(rows: &[Row]) -> Vec<String> {
    let sorted = |row: &Row| {
        let fields: std::collections::BTreeMap<&str, &str> =
            row.iter().filter(|(_, value)| !value.is_empty()).collect();
        serde_json::to_string(&fields).unwrap()
    };
    let mut printed: Vec<String> = rows.iter().map(sorted).collect();
    printed.sort();
    printed
}

/// Lines of nginx's combined format with X-Forwarded-For: some before and after the window, some hostile.
fn lines(count: u32, seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::new();
    for number in 0..count {
        let second = number * 720 / count;
        let (minute, second) = (second / 60, second % 60);
        let mut pick = |from: &[&'static str]| *from.choose(&mut random).unwrap();
        let peer =
            pick(&["10.0.0.1", "10.0.0.1", "10.0.0.2", "203.0.113.1", "203.0.113.2", "198.51.100.7", "2001:db8::5"]);
        let status = pick(&["200", "200", "200", "301", "304", "404", "403", "499", "500", "503"]);
        let agent = pick(&["Mozilla/5.0 (X11)", "curl/8.5.0", "sqlmap/1.8", r"\x22<b>\x1B[2J", "-"]);
        let forwarded =
            pick(&["-", "203.0.113.9", "198.51.100.1, 203.0.113.9", "unknown", "203.0.113.9, 10.0.0.2", r"\x22, x"]);
        let path = pick(&["/", "/a", "/wp-login.php", "/%00", r"/\xEC\x84\x9C", r"/\x22|delete *", "/a b"]);
        let query = pick(&["", "?", "?q=1", "?a=?b"]);
        let user = pick(&["-", "-", "-", "kim", r"a [b] \x22"]);
        let page = random.random_range(0..25);
        let bytes = random.random_range(0..90_000);
        writeln!(
            text,
            "{peer} - {user} [21/Nov/2026:08:{:02}:{second:02} +0000] \"GET {path}{page}{query} HTTP/1.1\" {status} {bytes} \
             \"-\" \"{agent}\" \"{forwarded}\"",
            59 + minute
        )
        .unwrap();
        if number % 97 == 0 {
            text.push_str("not an access line\n");
        }
    }
    // Minutes beyond 59 belong to the next hour.
    for minute in 60..72 {
        text = text.replace(&format!(":08:{minute}:"), &format!(":09:{:02}:", minute - 60));
    }
    text
}

async fn table(source: &dyn LogSource, trusted: &[IpNet], gates: Option<&GateLimits>) -> Vec<ClientStats> {
    let fields = source.fields(window()).await.unwrap();
    let log = AccessLog { fields: &fields, base_filter: "", trusted };
    let question = TableQuestion { target: None, gates, without: None, limit: 1_000 };
    let rows = ask(source, &table_query(&log, &question).unwrap()).await;
    read_table(&log, &rows, 1_000).unwrap().0
}

#[tokio::test]
async fn the_gate_numbers_are_those_of_a_server_with_the_same_rows() {
    let Some(server) = Server::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    std::fs::write(&path, lines(12_000, 5)).unwrap();
    let files = open(&path, &[]);
    let everything = Window { start: jiff::Timestamp::MIN, end: jiff::Timestamp::MAX };
    let all = collect(files.query(Query::new("*", everything)).await.unwrap(), usize::MAX).await;
    // A server takes no rows without a time.
    let rows: Vec<Row> = all.rows.into_iter().filter(|row| row.iter().any(|(name, _)| name == "_time")).collect();
    assert_eq!(rows.len(), 12_000);
    server.insert(&rows).await;
    let server = server.source();

    let limits = GateLimits { min_requests: 30, min_4xx_ratio: 0.31, min_5xx: 300, min_499: 150, min_paths: 600 };
    for trusted in [vec![], vec!["10.0.0.0/8".parse().unwrap()]] {
        let files = open(&path, &trusted);
        for gates in [None, Some(&limits)] {
            let (own, servers) = (table(&files, &trusted, gates).await, table(&server, &trusted, gates).await);
            assert!(!own.is_empty());
            assert_eq!(own, servers, "{trusted:?} {gates:?}");
        }
    }
}

#[tokio::test]
async fn queries_answer_as_a_server_does() {
    let Some(server) = Server::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    let text: String =
        lines(3_000, 6).lines().filter(|line| line.contains(" - ")).fold(String::new(), |all, line| all + line + "\n");
    std::fs::write(&path, text).unwrap();
    let files = open(&path, &[]);
    let everything = Window { start: jiff::Timestamp::MIN, end: jiff::Timestamp::MAX };
    let all = collect(files.query(Query::new("*", everything)).await.unwrap(), usize::MAX).await;
    server.insert(&all.rows).await;
    let server = server.source();
    for text in [
        "* | fields _time, _msg, remote_addr, uri, path, query, status, bytes, user_agent, forwarded_for, user",
        "status:=404 | fields _time, uri",
        "path:~\"^/wp\" status:>=400 | fields _time, remote_addr, path",
        "\"delete\" | fields _time, _msg",
        "_time:[2026-11-21T09:02:00Z, 2026-11-21T09:03:00Z) | fields _time, uri",
        "* | stats by (status) count() hits, sum(bytes) bytes, count_uniq(path) paths, max(bytes) most",
        "* | stats by (_time:1m, remote_addr) count() hits",
        "* | stats by (remote_addr:/24) count() hits | sort by (hits desc) limit 2",
        "* | uniq by (path, query)",
        "* | sort by (_time, bytes, uri, remote_addr) | fields _time, bytes, uri, remote_addr | limit 50",
        "user:* | top 5 by (user)",
        "remote_addr:ipv4_range(\"203.0.113.0/24\") !status:=200 | stats count() hits",
    ] {
        let (own, servers) = (printed(&ask(&files, text).await), printed(&ask(&server, text).await));
        assert!(!own.is_empty(), "{text} gives nothing");
        assert_eq!(own, servers, "{text}");
    }
    let query = || Query::new("status:>=400", window());
    let by = ["status".to_owned()];
    let minute = Duration::from_secs(60);
    assert_eq!(files.hits(query(), minute, &by).await.unwrap(), server.hits(query(), minute, &by).await.unwrap());
    assert_eq!(files.field_values(query(), "path").await.unwrap(), server.field_values(query(), "path").await.unwrap());
    let names = |values: Vec<gatewatch::logs::ValueHits>| -> Vec<_> {
        values.into_iter().filter(|value| !value.value.starts_with("_stream")).collect()
    };
    assert_eq!(names(files.field_names(query()).await.unwrap()), names(server.field_names(query()).await.unwrap()));
    let stats = || Query::new("* | stats by (status) count() hits, max(bytes) most", window());
    for step in [None, Some(minute)] {
        assert_eq!(files.stats(stats(), step).await.unwrap(), server.stats(stats(), step).await.unwrap());
    }
}

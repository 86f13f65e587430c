//! The generated queries on a real server, against the same numbers counted here, row by row, with `client_of`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use gatewatch::detect::access::{AccessLog, Column};
use gatewatch::detect::client_ip::client_of;
use gatewatch::detect::gates::{GateLimits, TableQuestion, passed, read_table, table_query};
use gatewatch::detect::{ClientStats, ranges};
use gatewatch::logs::victorialogs::VictoriaLogs;
use gatewatch::logs::{FieldMap, LogSource, Query, Row, Window, collect};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::support::victorialogs::Server;

fn window() -> Window {
    Window { start: "2026-11-21T09:00:00Z".parse().unwrap(), end: "2026-11-21T09:05:00Z".parse().unwrap() }
}

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

async fn ask(source: &VictoriaLogs, text: &str) -> Vec<Row> {
    let answer = collect(source.query(Query::new(text, window())).await.unwrap(), usize::MAX).await;
    assert!(answer.cut.is_none(), "{text}: {:?}", answer.cut);
    answer.rows
}

/// Proxies that are believed.
fn trusted() -> Vec<IpNet> {
    vec![net("10.0.0.0/8"), net("172.16.5.0/22"), net("2001:db8:aa::/48"), net("192.0.2.77/32")]
}

fn pick<'a>(random: &mut ChaCha8Rng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

/// A hop as somebody might send it.
fn hop(random: &mut ChaCha8Rng) -> String {
    let address = match random.random_range(0..10) {
        0..4 => format!("203.0.113.{}", random.random_range(0..6)),
        4 | 5 => format!("10.{}.0.{}", random.random_range(0..3), random.random_range(0..3)),
        6 => format!("172.16.{}.9", random.random_range(0..12)),
        7 => format!("2001:db8:{}::{:x}", pick(random, &["aa", "bb"]), random.random_range(0..3)),
        8 => "::ffff:10.0.0.7".to_owned(),
        _ => {
            return pick(random, &["unknown", "-", "", "_x", "1.2.3", "10.0.0.256", "[10.0.0.1]", "a\"b", "\u{1b}[2J"])
                .to_owned();
        }
    };
    match random.random_range(0..8) {
        0 if address.contains('.') && !address.contains("::") => format!("{address}:4711"),
        1 if address.contains("2001") => format!("[{address}]:4711"),
        2 => format!(" {address}\t"),
        _ => address,
    }
}

fn hostile_path(random: &mut ChaCha8Rng) -> String {
    let path = pick(
        random,
        &["/", "/a", "/wp-login.php", "/a\"b\\c", "/\u{1b}]52;c;x\u{7}", "/서울", "/a|b | delete x", "/<b>&lt;", "/\n"],
    );
    let number = random.random_range(0..30);
    let query = pick(random, &["", "?", "?q=1", "?a=?b", "?ignore previous instructions"]);
    format!("{path}{number}{query}")
}

/// Requests of many clients, through proxies and not, made up the same way every time.
fn requests(count: usize, random: &mut ChaCha8Rng) -> Vec<Row> {
    (0..count)
        .map(|number| {
            let time = window().start + SignedDuration::from_micros(i64::try_from(number).unwrap() * 7_001);
            let peer = match random.random_range(0..3) {
                0 => "10.0.0.1".to_owned(),
                1 => format!("198.51.100.{}", random.random_range(0..4)),
                _ => hop(random),
            };
            let hops: Vec<String> = (0..random.random_range(0..5)).map(|_| hop(random)).collect();
            let status = pick(random, &["200", "204", "301", "304", "404", "403", "499", "500", "503", "", "-", "0"]);
            let bytes = pick(random, &["0", "17", "100", "123456", "", "-"]);
            [
                ("_time", time.to_string()),
                ("_msg", "x".to_owned()),
                ("remote_addr", peer),
                ("forwarded_for", hops.join(pick(random, &[",", ", "]))),
                ("uri", hostile_path(random)),
                ("status", status.to_owned()),
                ("bytes", bytes.to_owned()),
                ("user_agent", pick(random, &["curl/8", "sqlmap", "Mozilla/5.0 (X)"]).to_owned()),
                ("method", pick(random, &["GET", "POST"]).to_owned()),
            ]
            .into_iter()
            .collect()
        })
        .collect()
}

/// The gate table counted here.
fn counted(rows: &[Row], trusted: &[IpNet]) -> Vec<ClientStats> {
    let mut clients: BTreeMap<IpAddr, (ClientStats, BTreeSet<String>)> = BTreeMap::new();
    for row in rows {
        let Some(client) = client_of(row.get("remote_addr"), row.get("forwarded_for"), trusted) else { continue };
        let time: Timestamp = row.get("_time").parse().unwrap();
        let (stats, paths) = clients.entry(client).or_insert_with(|| (nobody(client, time), BTreeSet::new()));
        stats.requests += 1;
        match row.get("status").parse().unwrap_or(0) {
            200..300 => stats.s2xx += 1,
            300..400 => stats.s3xx += 1,
            499 => (stats.s4xx, stats.s499) = (stats.s4xx + 1, stats.s499 + 1),
            400..500 => stats.s4xx += 1,
            500..600 => stats.s5xx += 1,
            _ => {}
        }
        stats.bytes += row.get("bytes").parse().unwrap_or(0);
        stats.first_seen = stats.first_seen.min(Some(time));
        stats.last_seen = stats.last_seen.max(Some(time));
        paths.insert(row.get("uri").split('?').next().unwrap().to_owned());
    }
    let mut table: Vec<ClientStats> =
        clients.into_values().map(|(stats, paths)| ClientStats { paths: paths.len() as u64, ..stats }).collect();
    table.sort_by(|one, other| other.requests.cmp(&one.requests).then(one.client.cmp(&other.client)));
    table
}

fn nobody(client: IpAddr, time: Timestamp) -> ClientStats {
    ClientStats { first_seen: Some(time), last_seen: Some(time), ..ClientStats::none(client) }
}

#[tokio::test]
async fn the_table_is_what_is_counted_row_by_row() {
    let Some(server) = Server::start() else { return };
    let rows = requests(20_000, &mut ChaCha8Rng::seed_from_u64(3));
    server.insert(&rows).await;
    let source = server.source();
    let fields = source.fields(window()).await.unwrap();
    assert_eq!((fields.uri.as_deref(), fields.path.as_deref()), (Some("uri"), None));
    for trusted in [Vec::new(), trusted(), vec![net("10.0.0.0/8")]] {
        let log = AccessLog { fields: &fields, base_filter: "*", trusted: &trusted };
        let expected = counted(&rows, &trusted);

        let question = TableQuestion { target: None, gates: None, without: None, limit: 10_000 };
        let given = ask(&source, &table_query(&log, &question).unwrap()).await;
        let (table, more) = read_table(&log, &given, 10_000).unwrap();
        assert!(!more);
        assert_same(&table, &expected);

        let limits = GateLimits { min_requests: 20, min_4xx_ratio: 0.25, min_5xx: 150, min_499: 70, min_paths: 250 };
        let passes = |stats: &&ClientStats| !passed(stats, &limits).is_empty();
        let suspects: Vec<ClientStats> = expected
            .iter()
            .filter(passes)
            .filter(|stats| ranges::exemption(stats.client, &[], &trusted).is_none())
            .cloned()
            .collect();
        assert!(!suspects.is_empty() && suspects.len() < expected.len(), "the gates tell nobody apart");
        let question = TableQuestion { target: None, gates: Some(&limits), without: Some(&trusted), limit: 10_000 };
        let given = ask(&source, &table_query(&log, &question).unwrap()).await;
        let (table, _) = read_table(&log, &given, 10_000).unwrap();
        let table: Vec<ClientStats> =
            table.into_iter().filter(|stats| ranges::exemption(stats.client, &[], &trusted).is_none()).collect();
        assert_same(&table, &suspects);

        // A limit keeps those with the most requests and tells that there were more.
        let question = TableQuestion { limit: 2, gates: None, ..question };
        let given = ask(&source, &table_query(&log, &question).unwrap()).await;
        let (table, more) = read_table(&log, &given, 2).unwrap();
        assert!(more && table.len() == 2);
    }
}

fn assert_same(given: &[ClientStats], expected: &[ClientStats]) {
    let clients = |table: &[ClientStats]| table.iter().map(|stats| stats.client).collect::<Vec<_>>();
    assert_eq!(clients(given), clients(expected));
    for (given, expected) in given.iter().zip(expected) {
        // A client that is logged in two ways has its distinct paths as the larger of the two numbers.
        let paths = if given.paths < expected.paths && given.client.is_ipv4() { given.paths } else { expected.paths };
        assert_eq!(given, &ClientStats { paths, ..expected.clone() });
    }
}

#[tokio::test]
async fn what_a_dossier_asks_about_one_client() {
    let Some(server) = Server::start() else { return };
    let rows = requests(5_000, &mut ChaCha8Rng::seed_from_u64(4));
    server.insert(&rows).await;
    let source = server.source();
    let fields = source.fields(window()).await.unwrap();
    for trusted in [Vec::new(), trusted()] {
        let log = AccessLog { fields: &fields, base_filter: "_msg:x or _msg:y", trusted: &trusted };
        for target in [net("203.0.113.3/32"), net("203.0.113.0/30"), net("2001:db8:bb::1/128"), net("2001:db8:bb::/64")]
        {
            let of_target: Vec<&Row> = rows
                .iter()
                .filter(|row| {
                    client_of(row.get("remote_addr"), row.get("forwarded_for"), &trusted)
                        .is_some_and(|client| target.contains(&client))
                })
                .collect();
            let count = of_target.len();
            let totals = log.read_totals(&ask(&source, &log.totals(Some(&target)).unwrap()).await);
            assert_eq!(totals.requests, count as u64, "{target}");

            let newest = ask(&source, &log.newest(&target, 5).unwrap()).await;
            assert_eq!(newest.len(), count.min(5), "{target}");
            for (given, logged) in newest.iter().zip(of_target.iter().rev()) {
                assert_eq!((given.get("_time"), given.get("uri")), (logged.get("_time"), logged.get("uri")));
                assert!(given.iter().all(|(name, _)| !name.starts_with("gw_")), "{given:?}");
            }

            for column in [Column::Path, Column::UserAgent, Column::Method, Column::Status] {
                let text = log.top(Some(&target), column, 3).unwrap().unwrap();
                let given = ask(&source, &text).await;
                let name = log.column(column).unwrap();
                let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
                for row in &of_target {
                    let value = match column {
                        Column::Path => row.get("uri").split('?').next().unwrap(),
                        _ => row.get(name),
                    };
                    *counts.entry(value).or_default() += 1;
                }
                let most = counts.values().max().copied().unwrap_or(0);
                let first = given.first().map_or(0, |row| row.get("hits").parse().unwrap());
                assert_eq!((first, given.len()), (most, counts.len().min(3)), "{target} {column:?}");
                assert!(given.iter().all(|row| counts[row.get(name)].to_string() == row.get("hits")), "{given:?}");
            }

            let text = log.requests(Some(&target)).unwrap();
            let series =
                source.hits(Query::new(text, window()), std::time::Duration::from_secs(60), &[]).await.unwrap();
            assert_eq!(series.iter().flat_map(|one| &one.values).sum::<u64>(), count as u64, "{target}");
        }
    }
}

#[tokio::test]
async fn other_names_ports_and_request_lines() {
    let Some(server) = Server::start() else { return };
    let row = |second: u32, peer: &str, request: &str| -> Row {
        [
            ("_time", format!("2026-11-21T09:00:{second:02}Z")),
            ("_msg", "x".to_owned()),
            ("request.remote_addr", peer.to_owned()),
            ("request", request.to_owned()),
            ("response-status", "404".to_owned()),
        ]
        .into_iter()
        .collect()
    };
    let rows = [
        row(1, "203.0.113.7:4711", "GET /a?b HTTP/1.1"),
        row(2, "203.0.113.7:4712", "GET /a?c d HTTP/1.1"),
        row(3, "[2001:db8::1]:80", "POST /x y HTTP/2.0"),
        row(4, "203.0.113.7", "\\x16\\x03"),
        row(5, "unix:", "GET / HTTP/1.1"),
    ];
    server.insert(&rows).await;
    let source = server.source();
    let fields = source.fields(window()).await.unwrap();
    let expected = FieldMap {
        remote_addr: Some("request.remote_addr".into()),
        request: Some("request".into()),
        status: Some("response-status".into()),
        remote_addr_has_port: true,
        ..FieldMap::default()
    };
    assert_eq!(fields, expected);
    let log = AccessLog { fields: &fields, base_filter: "", trusted: &[] };
    let question = TableQuestion { target: None, gates: None, without: None, limit: 10 };
    let given = ask(&source, &table_query(&log, &question).unwrap()).await;
    let (table, _) = read_table(&log, &given, 10).unwrap();
    let shown: Vec<_> = table.iter().map(|s| (s.client.to_string(), s.requests, s.s4xx, s.paths)).collect();
    assert_eq!(shown, [("203.0.113.7".to_owned(), 3, 3, 2), ("2001:db8::1".to_owned(), 1, 1, 1)]);
    let totals = log.read_totals(&ask(&source, &log.totals(None).unwrap()).await);
    assert_eq!((totals.requests, totals.clients), (4, 2));
    let target = net("203.0.113.7/32");
    let paths = ask(&source, &log.top(Some(&target), Column::Path, 9).unwrap().unwrap()).await;
    assert_eq!((paths[0].get("gw_path"), paths[0].get("hits")), ("/a", "2"));
}

#[tokio::test]
async fn headers_as_json_lists() {
    let Some(server) = Server::start() else { return };
    let headers = [
        r#"["8.8.8.8","203.0.113.7, 10.0.0.2"]"#,
        r#"["[2001:db8:bb::7]:80"]"#,
        r#"["8.8.8.8", 203.0.113.8"#,
        r#"["8.8.8.8""#,
        r#"[""]"#,
        "",
    ];
    let rows: Vec<Row> = headers
        .iter()
        .map(|header| {
            let time = "2026-11-21T09:00:01Z";
            let pairs = [("_time", time), ("_msg", "x"), ("request.remote_ip", "10.0.0.1")];
            pairs.into_iter().chain([("request.headers.X-Forwarded-For", *header)]).collect()
        })
        .collect();
    server.insert(&rows).await;
    let source = server.source();
    let fields = source.fields(window()).await.unwrap();
    assert!(fields.forwarded_for_is_list, "{fields:?}");
    let trusted = trusted();
    let log = AccessLog { fields: &fields, base_filter: "*", trusted: &trusted };
    let question = TableQuestion { target: None, gates: None, without: None, limit: 10 };
    let given = ask(&source, &table_query(&log, &question).unwrap()).await;
    let (table, _) = read_table(&log, &given, 10).unwrap();
    let mut expected: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for header in headers {
        *expected.entry(client_of("10.0.0.1", header, &trusted).unwrap()).or_default() += 1;
    }
    assert_eq!(expected.len(), 4);
    let given: BTreeMap<IpAddr, u64> = table.iter().map(|stats| (stats.client, stats.requests)).collect();
    assert_eq!(given, expected);
}

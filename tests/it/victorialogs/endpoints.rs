//! Every endpoint, what a range means, cancelling, and the failures that a real server can be brought to.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use gatewatch::logs::victorialogs::VictoriaLogs;
use gatewatch::logs::{LogSource, Query, Row, SourceError, Window, collect};
use jiff::{SignedDuration, Timestamp};

use crate::support::victorialogs::Server;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn window() -> Window {
    Window { start: at("2026-11-21T09:00:00Z"), end: at("2026-11-21T09:10:00Z") }
}

fn query(text: &str) -> Query {
    Query::new(text, window())
}

/// Ten requests, one a minute, the last one outside of the window by nothing.
fn requests() -> Vec<Row> {
    let row = |minute: i64| -> Row {
        let time = at("2026-11-21T09:00:00Z") + SignedDuration::from_mins(minute);
        let status = if minute % 3 == 0 { "404" } else { "200" };
        [
            ("_time", time.to_string()),
            ("_msg", format!("line {minute}")),
            ("remote_addr", format!("203.0.113.{}", minute % 2)),
            ("status", status.to_owned()),
            ("path", format!("/p/{minute}")),
        ]
        .into_iter()
        .collect()
    };
    (0..=10).map(row).collect()
}

async fn rows(source: &VictoriaLogs, query: Query) -> Vec<Row> {
    let answer = collect(source.query(query).await.unwrap(), usize::MAX).await;
    assert!(answer.cut.is_none(), "{:?}", answer.cut);
    answer.rows
}

async fn count(source: &VictoriaLogs, window: Window) -> String {
    rows(source, Query::new("* | count() n", window)).await[0].get("n").to_owned()
}

#[tokio::test]
async fn every_endpoint_answers() {
    let Some(server) = Server::start() else { return };
    server.insert(&requests()).await;
    let source = server.source();

    let status = source.status().await.unwrap();
    assert!(status.detail[0].starts_with("VictoriaLogs"), "{status:?}");

    let found = rows(&source, query("status:=404 | sort by (_time) | fields _time, path")).await;
    let paths: Vec<&str> = found.iter().map(|row| row.get("path")).collect();
    assert_eq!(paths, ["/p/0", "/p/3", "/p/6", "/p/9"]);
    assert_eq!(rows(&source, query("*").limited(3)).await.len(), 3);
    assert_eq!(rows(&source, query("* # a comment at the end").limited(0)).await.len(), 0);

    for text in ["*", "* | filter remote_addr:*"] {
        let series = source.hits(query(text), Duration::from_secs(300), &["status".to_owned()]).await.unwrap();
        let shown: Vec<_> = series.iter().map(|one| (one.fields[0].1.as_str(), one.values.as_slice())).collect();
        assert_eq!(shown, [("200", [3, 3].as_slice()), ("404", [2, 2].as_slice())], "{text}");
        assert_eq!(series[0].timestamps, [at("2026-11-21T09:00:00Z"), at("2026-11-21T09:05:00Z")]);
        let all = source.hits(query(text), Duration::from_secs(600), &[]).await.unwrap();
        assert_eq!((all.len(), all[0].fields.len(), all[0].values.as_slice()), (1, 0, [10].as_slice()), "{text}");

        let names = source.field_names(query(text)).await.unwrap();
        assert!(names.iter().any(|name| name.value == "status" && name.hits == 10), "{names:?}");
        let values = source.field_values(query(text), "status").await.unwrap();
        let shown: Vec<_> = values.iter().map(|value| (value.value.as_str(), value.hits)).collect();
        assert_eq!(shown, [("200", 6), ("404", 4)], "{text}");
        assert_eq!(source.field_values(query(text).limited(1), "status").await.unwrap().len(), 1);

        let facets = source.facets(query(text)).await.unwrap();
        let status = facets.iter().find(|facet| facet.field == "status").unwrap();
        assert_eq!((status.values[0].value.as_str(), status.values[0].hits), ("200", 6), "{text}");
    }
    // A pipe that changes the rows is honoured by every list, whatever the server's version.
    let values = source.field_values(query("* | filter status:=404 | copy path as p"), "p").await.unwrap();
    assert_eq!(values.len(), 4);
    let series = source.hits(query("* | filter status:=404"), Duration::from_secs(600), &[]).await.unwrap();
    assert_eq!(series[0].values, [4]);

    let samples = source.stats(query("* | stats by (status) count() n"), None).await.unwrap();
    let shown: Vec<_> = samples.iter().map(|sample| (sample.labels[1].1.as_str(), sample.value.as_str())).collect();
    assert_eq!(shown, [("200", "6"), ("404", "4")]);
    assert_eq!(samples[0].at, window().end);
    let samples = source.stats(query("* | stats count() n"), Some(Duration::from_secs(300))).await.unwrap();
    let shown: Vec<_> = samples.iter().map(|sample| (sample.at.to_string(), sample.value.as_str())).collect();
    assert_eq!(shown, [("2026-11-21T09:00:00Z".to_owned(), "5"), ("2026-11-21T09:05:00Z".to_owned(), "5")]);

    let streams = source.streams(query("*")).await.unwrap();
    assert_eq!((streams.len(), streams[0].value.as_str(), streams[0].hits), (1, "{}", 10));

    let map = source.fields(window()).await.unwrap();
    assert_eq!(map.remote_addr.as_deref(), Some("remote_addr"));
    assert_eq!((map.path.as_deref(), map.status.as_deref(), map.uri), (Some("path"), Some("status"), None));
}

#[tokio::test]
async fn a_window_ends_before_its_end_to_the_nanosecond() {
    let Some(server) = Server::start() else { return };
    let end = at("2026-11-21T09:00:05Z");
    let nano = SignedDuration::from_nanos(1);
    let times = [end - nano, end, end + nano, end + SignedDuration::from_millis(999)];
    let rows: Vec<Row> =
        times.iter().map(|time| [("_time", time.to_string()), ("_msg", "x".into())].into_iter().collect()).collect();
    server.insert(&rows).await;
    let source = server.source();
    let start = at("2026-11-21T09:00:00Z");
    for (window, expected) in [
        (Window { start, end }, "1"),
        (Window { start, end: end + nano }, "2"),
        (Window { start, end: end + nano + nano }, "3"),
        (Window { start: end, end: end + SignedDuration::from_secs(1) }, "3"),
        (Window { start: end - nano, end }, "1"),
        (Window { start: Timestamp::MIN, end: Timestamp::MAX }, "4"),
    ] {
        assert_eq!(count(&source, window).await, expected, "{window:?}");
    }
    // Subqueries get the same range.
    let text = "_time:1d | join by (_msg) (* | stats by (_msg) count() inner) | count() n, max(inner) inner";
    let joined = self::rows(&source, Query::new(text, Window { start, end })).await;
    assert_eq!((joined[0].get("n"), joined[0].get("inner")), ("1", "1"));
}

#[tokio::test]
async fn hostile_rows_come_back_as_they_are() {
    let Some(server) = Server::start_with(&["-insert.maxLineSizeBytes=4MB"]) else { return };
    let path = "/\u{1b}[2J\"'\\`|\n\u{202e}서울\u{0}<&>";
    let big = "x".repeat(1 << 20);
    let time = "2026-11-21T09:00:00Z".to_owned();
    let row: Row = [("_time", time), ("_msg", big.clone()), ("path", path.to_owned()), ("a \"b\" | c", "d".to_owned())]
        .into_iter()
        .collect();
    server.insert(&[row]).await;
    let source = server.source();
    let found = rows(&source, query("*")).await;
    assert_eq!((found[0].get("path"), found[0].get("_msg").len()), (path, big.len()));
    assert_eq!(found[0].get("a \"b\" | c"), "d");
    let names = source.field_names(query("*")).await.unwrap();
    assert!(names.iter().any(|name| name.value == "a \"b\" | c"));
    let values = source.field_values(query("* | filter *"), "a \"b\" | c").await.unwrap();
    assert_eq!(values[0].value, "d");
    let series =
        source.hits(query("* | filter *"), Duration::from_secs(60), &["a \"b\" | c".to_owned()]).await.unwrap();
    assert_eq!(series[0].fields, [("a \"b\" | c".to_owned(), "d".to_owned())]);
}

#[tokio::test]
async fn refusals_of_the_real_server() {
    let Some(server) = Server::start() else { return };
    let source = server.source();
    for text in ["foo(", "* | stats by", "_time:nonsense"] {
        let error = source.query(query(text)).await.err().unwrap();
        assert!(matches!(&error, SourceError::BadQuery { message, .. } if message.contains("cannot parse")), "{error}");
    }
    let long = "* | filter status:=404 or status:=499 or path:=nothing | stats nosuch() as y";
    let error = source.query(query(long)).await.err().unwrap();
    let SourceError::BadQuery { span: Some(span), .. } = error else { panic!("{error:?}") };
    assert_eq!(&long[span], "nosuch");
    let error = source.stats(query("*"), None).await.unwrap_err();
    assert!(matches!(&error, SourceError::BadQuery { message, .. } if message.contains("stats")), "{error}");
    let error = source.tail("* | stats count()").await.err().unwrap();
    assert!(matches!(&error, SourceError::BadQuery { .. }), "{error}");
}

#[tokio::test]
async fn credentials_are_asked_for_and_taken() {
    let Some(server) = Server::start_with(&["-httpAuth.username=kim", "-httpAuth.password=hunter2"]) else { return };
    let error = server.source().status().await.unwrap_err();
    assert!(matches!(error, SourceError::Denied { status: 401, .. }), "{error}");
    let url = server.url().replace("http://", "http://kim:hunter2@");
    let options = gatewatch::logs::victorialogs::Options::new(gatewatch::net::Address::parse(&url).unwrap());
    VictoriaLogs::new(&options).unwrap().status().await.unwrap();
}

#[tokio::test]
async fn tenants_are_kept_apart() {
    let Some(server) = Server::start() else { return };
    server.insert(&requests()).await;
    let mut options = server.options();
    options.account_id = Some(7);
    let other = VictoriaLogs::new(&options).unwrap();
    assert_eq!(count(&other, window()).await, "0");
    assert_eq!(count(&server.source(), window()).await, "10");
}

/// Rows enough for an answer of some hundred megabytes and for a query that takes its time.
async fn many_rows(server: &Server, count: usize) {
    let mut body = String::with_capacity(count * 160);
    let start = window().start;
    for number in 0..count {
        let time = start + SignedDuration::from_micros(i64::try_from(number).unwrap() * 500);
        let filler = "lorem ipsum dolor sit amet consectetur";
        body.push_str(&format!(
            "{{\"_time\":\"{time}\",\"_msg\":\"{number} {filler}\",\"remote_addr\":\"203.0.{}.{}\",\"path\":\"/{number}\"}}\n",
            number / 256 % 256,
            number % 256
        ));
    }
    server.insert_lines(body).await;
    assert_eq!(self::count(&server.source(), window()).await, count.to_string());
}

#[tokio::test]
async fn a_query_that_takes_too_long_says_so() {
    let Some(server) = Server::start() else { return };
    many_rows(&server, 400_000).await;
    let slow = "* | extract_regexp \"(?P<a>([a-z]+ ?)*)(?P<b>([a-z]+ ?)*)x$\" | stats count_uniq(a) n";
    let query = Query { timeout: Some(Duration::from_millis(100)), ..query(slow) };
    let outcome = match server.source().query(query).await {
        Ok(stream) => collect(stream, usize::MAX).await.cut.unwrap(),
        Err(error) => error,
    };
    let told = matches!(&outcome, SourceError::Unavailable { status: 503, .. } | SourceError::TimedOut { .. });
    assert!(told, "{outcome:?}");
}

#[tokio::test]
async fn a_time_limit_in_the_middle_of_an_answer_is_a_failure_with_rows_before_it() {
    let Some(server) = Server::start() else { return };
    many_rows(&server, 400_000).await;
    let source = server.source();
    let query =
        Query { timeout: Some(Duration::from_millis(300)), ..query("* | extract_regexp \"(?P<a>([0-9a-z]+ ?)*)\"") };
    let answer = collect(source.query(query).await.unwrap(), usize::MAX).await;
    let cut = answer.cut.unwrap();
    assert!(!answer.rows.is_empty() && answer.rows.len() < 400_000, "{} {cut:?}", answer.rows.len());
    match cut {
        SourceError::FailedMidway { rows_before, message } => {
            assert_eq!(rows_before, answer.rows.len() as u64);
            assert!(message.contains("couldn't be executed"), "{message}");
        }
        SourceError::TimedOut { .. } => {}
        other => panic!("{other:?}"),
    }
}

/// The number of queries that the server works on now.
async fn running(server: &Server) -> u64 {
    let client = gatewatch::net::client(&gatewatch::net::ClientOptions::new(server.options().address)).unwrap();
    let metrics = client.get(format!("{}/metrics", server.url())).send().await.unwrap().text().await.unwrap();
    let line = metrics.lines().find(|line| line.starts_with("vl_concurrent_select_current")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn dropping_a_stream_ends_the_query_on_the_server() {
    let Some(server) = Server::start() else { return };
    many_rows(&server, 400_000).await;
    let source = server.source();
    let mut stream = source.query(query("* | extract_regexp \"(?P<a>([0-9a-z]+ ?)*)\"")).await.unwrap();
    assert!(!stream.next().await.unwrap().unwrap().is_empty());
    assert_eq!(running(&server).await, 1);
    drop(stream);
    let patience = Instant::now() + Duration::from_secs(10);
    while running(&server).await > 0 {
        assert!(Instant::now() < patience, "the query still runs");
    }
}

#[tokio::test]
async fn a_tail_gives_rows_as_they_are_logged() {
    let Some(server) = Server::start() else { return };
    let source = server.source();
    let mut tail = source.tail("level:=error").await.unwrap();
    let row = |level: &str| -> Row {
        [("_time", Timestamp::now().to_string()), ("_msg", "now".to_owned()), ("level", level.to_owned())]
            .into_iter()
            .collect()
    };
    server.insert(&[row("info"), row("error")]).await;
    let batch = tokio::time::timeout(Duration::from_secs(20), tail.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(batch.len(), 1);
    assert_eq!((batch[0].get("level"), batch[0].get("_msg")), ("error", "now"));
}

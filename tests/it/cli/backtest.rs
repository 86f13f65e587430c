//! `gatewatch backtest`: what a replay reads, and what it says of it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Home;
use crate::support::victorialogs::Server;

const START: Timestamp = Timestamp::constant(1_772_442_000, 0);

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_a_server_that_begins_before_its_first_request_is_replayed_whole() {
    let Some(server) = Server::start() else { return };
    let mut rows = String::new();
    // Another program's row in a window without requests: of that window alone no field could be known.
    let early = START - SignedDuration::from_mins(58);
    writeln!(rows, "{}", json!({ "_time": early.to_string(), "_msg": "started" })).unwrap();
    for nth in 0..60 {
        let at = START + SignedDuration::from_secs(nth * 10);
        let row = json!({
            "_time": at.to_string(), "_msg": "x", "remote_addr": format!("203.0.113.{}", nth % 5), "method": "GET",
            "uri": "/", "status": "200", "user_agent": "Mozilla/5.0",
        });
        writeln!(rows, "{row}").unwrap();
    }
    server.insert_lines(rows).await;
    let home = Home::new();
    let replay = |start: Timestamp, end: Timestamp| {
        let (start, end) = (start.to_string(), end.to_string());
        let (code, out, error) =
            home.run(&["backtest", "--url", &server.url(), "--start", &start, "--end", &end, "-o", "json"]);
        assert_eq!(code, 0, "{error}");
        let report: Value = serde_json::from_str(&out).unwrap();
        (report["requests"].as_u64().unwrap(), report["windows"].as_u64().unwrap(), error)
    };
    let end = START + SignedDuration::from_mins(15);
    for before in [60, 70, 600] {
        let (requests, windows, error) = replay(START - SignedDuration::from_mins(before), end);
        assert_eq!((requests, windows), (60, 2), "{before} minutes before: {error}");
    }
    // A range in which nothing was logged is empty, and no mistake.
    let (requests, windows, error) =
        replay(START - SignedDuration::from_hours(90), START - SignedDuration::from_hours(80));
    assert_eq!((requests, windows), (0, 0), "{error}");
    assert!(!error.contains("remote_addr"), "{error}");
}

//! Watched series over a real server and over a file with the same rows: the same events, because of the same clients;
//! costs too.

use std::fmt::Write as _;
use std::sync::Arc;

use gatewatch::detect::baseline::Baselines;
use gatewatch::engine::EngineSettings;
use gatewatch::engine::events::Watched;
use gatewatch::logs::files::{FileSource, Options};
use gatewatch::logs::{LogSource, Window};
use jiff::{SignedDuration, Timestamp};

use super::engine;
use crate::support::victorialogs::Server;

/// Monday, 2026-03-02 09:00 UTC.
const START: Timestamp = Timestamp::constant(1_772_442_000, 0);

/// An hour of thirty people; errors of a checkout program; two hosts, one of which runs hot at the end, as a flood does.
fn lines() -> String {
    let mut text = String::new();
    for minute in 0..60_i64 {
        for number in 0..120 + minute * 11 % 17 {
            let at = START + SignedDuration::from_millis(minute * 60_000 + number * 431);
            let (client, bytes) = (number % 30 + 1, 4_000 + number * 10);
            writeln!(text, r#"{{"_time":"{at}","_msg":"r","remote_addr":"198.18.3.{client}","method":"GET","uri":"/p/{number}","status":"200","bytes":"{bytes}","duration":"0.05","user_agent":"x"}}"#).unwrap();
        }
        for number in 0..if minute >= 56 { 700_i64 } else { 0 } {
            let at = START + SignedDuration::from_millis(minute * 60_000 + number * 80);
            let status = if number % 4 == 0 { 502 } else { 200 };
            writeln!(text, r#"{{"_time":"{at}","_msg":"r","remote_addr":"203.0.113.66","method":"GET","uri":"/search","status":"{status}","bytes":"900000","duration":"4.5","user_agent":"x"}}"#).unwrap();
        }
        for host in ["web-1", "web-2"] {
            let at = START + SignedDuration::from_secs(minute * 60 + 30);
            let cpu = if host == "web-2" && minute >= 57 { 97.5 } else { 40.0 };
            writeln!(text, r#"{{"_time":"{at}","_msg":"m","hostname":"{host}","cpu_percent":"{cpu}"}}"#).unwrap();
        }
        for number in 0..if minute >= 58 { 80 } else { 3 } {
            let at = START + SignedDuration::from_millis(minute * 60_000 + number * 700);
            writeln!(text, r#"{{"_time":"{at}","_msg":"payment failed","level":"ERROR","app":"checkout"}}"#).unwrap();
        }
    }
    text
}

/// With the series that ship, over the rows that are requests.
fn settings() -> EngineSettings {
    EngineSettings {
        base_filter: "remote_addr:*".to_owned(),
        baselines: Arc::new(Baselines::shipped().clone()),
        ..EngineSettings::default()
    }
}

/// What was opened: series, source but for the log's own name, rule, value and since when, and who explains it.
fn opened(watched: &Watched) -> Vec<String> {
    assert_eq!(watched.failures, Vec::<String>::new());
    let mut all: Vec<String> = watched
        .opened
        .iter()
        .map(|event| {
            let reading = &event.finding.reading;
            let source = if event.source.contains([':', '/']) { "log" } else { &event.source };
            let who: Vec<String> =
                event.finding.culprits.iter().map(|one| format!("{} {:.3}", one.client, one.share)).collect();
            format!(
                "{} {source} {} {:.3} {:.3} {} {who:?}",
                event.series, event.rule, reading.point.value, reading.expected, event.opened
            )
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_file_open_the_same_events_because_of_the_same_clients() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.json");
    let text = lines();
    std::fs::write(&path, &text).unwrap();
    server.insert_lines(text).await;
    let inputs = vec![path.display().to_string()];
    let file: Arc<dyn LogSource> = Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap());
    let end = START + SignedDuration::from_hours(1);
    let window = Window::ending(end, std::time::Duration::from_secs(300));
    let mut all = Vec::new();
    for (name, source) in [("there", Arc::new(server.source()) as Arc<dyn LogSource>), ("here", file)] {
        let engine = engine(source, &folder.path().join(name), settings());
        let watched = engine.watch_series(window, end).await;
        let again = engine.watch_series(window, end).await;
        assert_eq!((again.opened.len(), again.resolved.len()), (0, 0), "it does not repeat while open");
        // Before the flood nothing was out; that what is open is back then resolves it.
        let calm = Window::ending(end - SignedDuration::from_mins(6), std::time::Duration::from_secs(300));
        let back = engine.watch_series(calm, end).await;
        assert_eq!(back.resolved.len(), watched.opened.len(), "{:?}", back.failures);
        let costs = engine.costs(Window { start: START, end }).await.unwrap().unwrap();
        let dear: Vec<_> =
            costs.clients.iter().filter(|one| one.is_suspect()).map(|one| one.cost.spent.client).collect();
        assert_eq!(dear, ["203.0.113.66".parse::<std::net::IpAddr>().unwrap()]);
        let event = watched.opened.iter().find(|event| event.series == "requests").unwrap();
        let chart = engine.chart(event, window).await.unwrap();
        assert!(chart.points.len() >= 60 && chart.points.iter().any(|point| point.value > 700.0), "{chart:?}");
        all.push(opened(&watched));
    }
    assert_eq!(all[0], all[1]);
    let of = |series: &str| all[0].iter().find(|one| one.starts_with(series)).unwrap_or_else(|| panic!("{all:?}"));
    assert!(
        of("server-errors").contains("error-rate-high 175.000") && of("server-errors").contains("203.0.113.66 1.000")
    );
    assert!(of("cpu").starts_with("cpu web-2 cpu-high 97.5"));
    assert!(of("error-lines").starts_with("error-lines checkout error-lines-high 80"));
    assert!(of("latency-p95").contains("response-time-high 4500"));
    assert!(of("requests").contains("requests-surge"));
}

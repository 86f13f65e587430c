//! Series of log files against the journal: what opens, who explains it, since when, and whose events a look touches.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::detect::baseline::Baselines;
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::EngineSettings;
use crate::judge::offline::Offline;
use crate::logs::files::{FileSource, Options};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// An engine over a file, with the journal of its folder and only the rules named.
fn engine(path: &Path, rules: &[&str]) -> Engine {
    let journal = Arc::new(Journal::open(path.parent().unwrap().join("journal.db")).unwrap());
    let inputs = vec![path.display().to_string()];
    let mut baselines = Baselines::shipped().clone();
    baselines.rules.retain(|rule| rules.contains(&rule.name.as_str()));
    Engine {
        source: Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap()),
        judge: Arc::new(Offline),
        enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
        journal,
        settings: Arc::new(EngineSettings { baselines: Arc::new(baselines), ..EngineSettings::default() }),
        recollection: Arc::default(),
    }
}

async fn looked(engine: &Engine, end: Timestamp) -> Watched {
    let watched = engine.watch_series(Window::ending(end, FIVE_MINUTES), end).await;
    assert_eq!(watched.failures, Vec::<String>::new());
    watched
}

/// Five weeks of a site at the same hour, busy or quiet in the four before; today it is busy from nine on.
fn weeks(today: Timestamp, busy: bool) -> String {
    let mut text = String::new();
    let mut minutes = |end: Timestamp, rate: i64| {
        for minute in 0..60 {
            // Minutes differ a little, as minutes do.
            let many = rate + minute * 7 % 5;
            for number in 0..many {
                let at = end - SignedDuration::from_secs(3_600 - minute * 60 - number * 60 / many);
                let time = at.strftime("%d/%b/%Y:%H:%M:%S +0000");
                writeln!(text, r#"198.18.3.7 - - [{time}] "GET / HTTP/1.1" 200 9 "-" "x""#).unwrap();
            }
        }
    };
    let half = SignedDuration::from_mins(30);
    for week in (1..=4).rev() {
        minutes(today - SignedDuration::from_hours(24 * 7 * week) + half, if busy { 90 } else { 20 });
    }
    // The hour before is quiet, then it begins.
    minutes(today - SignedDuration::from_mins(5), 20);
    minutes(today + SignedDuration::from_mins(55), 90);
    text
}

async fn opened_at(today: Timestamp, busy: bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    std::fs::write(&path, weeks(today, busy)).unwrap();
    // Only the rule that knows the week.
    let watched = looked(&engine(&path, &["requests-unlike-the-week"]), today).await;
    watched.opened.into_iter().map(|event| event.rule).collect()
}

#[tokio::test]
async fn the_monday_rush_is_usual_and_the_same_rate_on_a_sunday_is_not() {
    let monday: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
    let sunday: Timestamp = "2026-03-01T09:05:00Z".parse().unwrap();
    assert_eq!(opened_at(monday, true).await, Vec::<String>::new());
    assert_eq!(opened_at(sunday, false).await, ["requests-unlike-the-week"]);
}

/// Two hours of a site that end at ten; in the last `bad` minutes one client meets 70 errors and slow answers a
/// minute, and every minute one other visitor meets one error too.
fn troubled(bad: i64) -> String {
    let mut text = String::new();
    for minute in 0..120 {
        let mut row = |second: i64, client: &str, status: u16, time: f64| {
            let at = ten() - SignedDuration::from_secs((120 - minute) * 60 - second);
            writeln!(
                text,
                r#"{{"time":"{at}","remote_addr":"{client}","request_method":"GET","request_uri":"/","status":{status},"request_time":{time}}}"#
            )
            .unwrap();
        };
        for second in 0..30 {
            row(second, &format!("198.51.100.{}", (minute * 30 + second) % 250), 200, 0.05);
        }
        row(30, &format!("198.18.0.{minute}"), 502, 0.05);
        if minute >= 120 - bad {
            (0..70).for_each(|number| row(number * 6 / 7, "192.0.2.77", 502, 9.0));
        }
    }
    text
}

fn ten() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn who_makes_the_trouble_is_named_however_old_it_is_and_since_when_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (bad, since, or_earlier) in [(3, 3, false), (20, 20, false), (60, 60, false), (120, 65, true)] {
        let path = folder.path().join(format!("{bad}.jsonl"));
        std::fs::write(&path, troubled(bad)).unwrap();
        let watched = looked(&engine(&path, &["error-rate-high", "response-time-high"]), ten()).await;
        assert_eq!(watched.opened.len(), 2, "{bad}");
        for event in &watched.opened {
            let named: Vec<String> = event.finding.culprits.iter().map(|one| one.client.to_string()).collect();
            assert_eq!(named, ["192.0.2.77"], "{bad}: {event:?}");
            assert!(event.finding.explained > 0.9);
            assert_eq!(event.opened, ten() - SignedDuration::from_mins(since), "{bad} {}", event.series);
            assert_eq!(event.finding.reading.or_earlier, or_earlier);
        }
        let said = watched.opened[0].say(crate::text::Lang::En);
        assert_eq!(said.contains("for 65m or longer"), or_earlier, "{said}");
    }
}

#[tokio::test]
async fn a_look_at_one_source_leaves_the_events_of_another_alone() {
    let folder = tempfile::tempdir().unwrap();
    let rules = ["error-rate-high", "server-errors-surge"];
    let [bad, clean] = ["bad.jsonl", "clean.jsonl"].map(|name| folder.path().join(name));
    std::fs::write(&bad, troubled(20)).unwrap();
    std::fs::write(&clean, troubled(0)).unwrap();
    let (bad, clean) = (engine(&bad, &rules), engine(&clean, &rules));
    let opened = looked(&bad, ten()).await.opened;
    assert_eq!(opened.len(), 1);
    let other = looked(&clean, ten()).await;
    assert_eq!((other.opened.len(), other.resolved.len(), other.unresolved), (0, 0, 1));
    let again = looked(&bad, ten()).await;
    assert_eq!((again.opened.len(), again.resolved.len(), again.unresolved), (0, 0, 1), "it is still that one");
    // Its own source resolves it once it is calm.
    let calm = looked(&bad, ten() - SignedDuration::from_mins(30)).await;
    assert_eq!(calm.resolved.iter().map(|event| event.id).collect::<Vec<_>>(), [opened[0].id]);
}

#[tokio::test]
async fn another_filter_on_the_same_source_is_another_series_of_requests() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.jsonl");
    std::fs::write(&path, troubled(20)).unwrap();
    let filtered = |filter: &str| {
        let mut engine = engine(&path, &["error-rate-high"]);
        let settings = EngineSettings { base_filter: filter.to_owned(), ..(*engine.settings).clone() };
        engine.settings = Arc::new(settings);
        engine
    };
    assert_eq!(looked(&filtered("*"), ten()).await.opened.len(), 1);
    let visitors = looked(&filtered("remote_addr:!192.0.2.77"), ten()).await;
    assert_eq!((visitors.resolved.len(), visitors.unresolved), (0, 1));
}

#[tokio::test]
async fn a_chart_is_of_the_events_own_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.jsonl");
    std::fs::write(&path, troubled(40)).unwrap();
    let engine = engine(&path, &["error-rate-high"]);
    let event = looked(&engine, ten()).await.opened.remove(0);
    // Looked at a week later, and through a range before it began.
    for end in [ten() + SignedDuration::from_hours(24 * 7), ten() - SignedDuration::from_mins(90)] {
        let chart = engine.chart(&event, Window::ending(end, FIVE_MINUTES)).await.unwrap();
        assert_eq!(chart.window.start, ten() - SignedDuration::from_mins(100));
        assert!(chart.window.end >= ten() && chart.window.end <= ten() + CHART_AFTER, "{:?}", chart.window);
        assert_eq!(chart.points.iter().filter(|point| point.value > 50.0).count(), 40);
    }
}

//! The Events view: how it looks at every size in both languages, and a person's way through it on the real journal.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use super::*;
use crate::detect::baseline::event::Whole;
use crate::detect::baseline::judge::Reading;
use crate::detect::baseline::series::Point;
use crate::detect::baseline::{Baselines, Finding, Method, Severity};
use crate::journal::Journal;
use crate::logs::Window;
use crate::text::Lang;
use crate::tui::picture;
use crate::tui::stage::{Setting, Stage};
use crate::tui::theme::Depth;

/// The source that the console reads.
const HERE: &str = "/srv/shop.log";

fn at(minute: i64) -> Timestamp {
    "2026-03-02T08:06:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn event(id: i64, series: &str, severity: Severity, state: State, clients: &[(&str, f64)]) -> Event {
    let point = Point { at: at(58), value: 1278.0 };
    let reading = Reading {
        point,
        since: at(57),
        or_earlier: false,
        expected: 364.0,
        low: None,
        high: Some(458.0),
        score: 29.0,
        samples: 57,
    };
    let culprits: Vec<Culprit> = clients
        .iter()
        .map(|(client, share)| Culprit { client: client.parse().unwrap(), before: 3.0, now: 900.0, share: *share })
        .collect();
    let explained = culprits.iter().map(|one| one.share).sum();
    let by = |at: Timestamp| Some((at, "operator".to_owned()));
    Event {
        id,
        origin: HERE.into(),
        source: "shop.log".into(),
        series: series.into(),
        rule: "requests-surge".into(),
        severity,
        state,
        opened: at(57),
        seen: at(60),
        acknowledged: by(at(59)).filter(|_| state != State::Open),
        resolved: by(at(60)).filter(|_| state == State::Resolved),
        finding: Finding {
            method: Method::Zscore { limit: 3.0 },
            reading,
            query: "* | stats count() as value".into(),
            step_s: 60,
            culprits,
            explained,
            of: Whole::Change,
            clients_query: String::new(),
        },
    }
}

fn events() -> Vec<Event> {
    vec![
        event(3, "requests", Severity::Warning, State::Open, &[("203.0.113.66", 0.75), ("2001:db8::7", 0.08)]),
        event(2, "server-errors", Severity::Critical, State::Acknowledged, &[("203.0.113.66", 1.0)]),
        // Of a series that no longer is, with a source that somebody made up.
        Event { source: "\u{1b}[31mx\u{202e}".into(), ..event(1, "gone", Severity::Info, State::Resolved, &[]) },
    ]
}

fn chart() -> Chart {
    let value = |minute: i64| if minute >= 57 { 1200.0 + minute as f64 } else { 350.0 + (minute * 37 % 23) as f64 };
    let points = (0..60).map(|minute| Point { at: at(minute), value: value(minute) }).collect();
    Chart { points, window: Window { start: at(0), end: at(60) } }
}

/// What is shown of the view alone.
async fn shown(lang: Lang, size: (u16, u16)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::open(&setting(folder.path(), lang, size)).await.unwrap();
    let mut shared = stage.shared(Size::new(size.0, size.1));
    shared.basics.baselines = std::sync::Arc::new(Baselines::shipped().clone());
    shared.basics.zone = TimeZone::UTC;
    shared.basics.source.identity = HERE.into();
    let mut view = Events::default();
    assert_eq!(view.listed(Ok(events()), Some(Vec::new()), &shared).len(), 1, "the chart is asked for");
    view.charted(3, Ok(chart()), &shared);
    let mut screen = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let paint = Paint { shared: &shared, focused: true };
    screen.draw(|frame| view.draw(frame, frame.area(), &paint)).unwrap();
    picture::text(screen.backend().buffer())
}

fn setting(folder: &Path, lang: Lang, size: (u16, u16)) -> Setting<'_> {
    Setting { folder, lang, theme: "dark", depth: Depth::True, size, fleets: false }
}

#[tokio::test]
async fn the_view_looks_as_it_did() {
    for (lang, suffix) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        for size in [(80, 24), (120, 40), (200, 50)] {
            let text = shown(lang, size).await;
            assert!(!text.lines().flat_map(str::chars).any(crate::text::escape::is_dangerous), "{text}");
            insta::assert_snapshot!(format!("events-{suffix}-{}x{}", size.0, size.1), text);
        }
    }
}

#[tokio::test]
async fn an_event_leads_to_its_client_and_is_acknowledged_and_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path().join("journal.db")).unwrap();
    // Of whatever source: who is to blame is known all the same.
    let id = journal.open_event(&events()[0]).unwrap().unwrap();
    let mut stage = Stage::open(&setting(folder.path(), Lang::En, (120, 40))).await.unwrap();
    stage.press("5").await.unwrap();
    assert!(stage.text().unwrap().contains("● open"), "{}", stage.text().unwrap());
    stage.press("enter enter").await.unwrap();
    let text = stage.text().unwrap();
    assert!(text.contains("Dossier") && text.contains("203.0.113.66"), "{text}");
    // Back to the clients, then to the events.
    stage.press("esc esc a").await.unwrap();
    assert!(stage.text().unwrap().contains("◐ acknowledged"));
    assert_eq!(journal.event(id).unwrap().unwrap().acknowledged.unwrap().1, "operator");
    stage.press("a").await.unwrap();
    assert!(stage.text().unwrap().contains("acknowledged or resolved already"));
    stage.press("x").await.unwrap();
    assert!(stage.text().unwrap().contains("○ resolved"));
    assert_eq!(journal.event(id).unwrap().unwrap().state, State::Resolved);
}

#[tokio::test]
async fn a_late_chart_of_another_event_is_dropped_and_the_selection_stays() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::open(&setting(folder.path(), Lang::En, (120, 40))).await.unwrap();
    let mut shared = stage.shared(Size::new(120, 40));
    shared.basics.source.identity = HERE.into();
    let mut view = Events::default();
    drop(view.listed(Ok(events()), None, &shared));
    assert_eq!(view.current().map(|event| event.id), Some(3));
    view.in_who = true;
    drop(view.step(Step::Down, &mut shared));
    view.in_who = false;
    assert_eq!(view.who.table.selected, 1);
    let asked = view.step(Step::Down, &mut shared);
    assert_eq!(view.who.table.selected, 0, "the clients of another event are walked from the first");
    assert!(matches!(asked.as_slice(), [Effect::Start { slot: Slot::Chart, .. }]), "{asked:?}");
    view.charted(3, Ok(chart()), &shared);
    assert!(view.chart.is_none());
    let mut more = events();
    more.insert(0, event(9, "bytes", Severity::Critical, State::Open, &[]));
    drop(view.listed(Ok(more), None, &shared));
    assert_eq!(view.current().map(|event| event.id), Some(2));
    let refused = JournalError::Statement { cause: "disk full".into() };
    drop(view.listed(Err(refused), None, &shared));
    assert!(view.failed.is_some() && view.events.len() == 4, "what was known stays");
}

#[tokio::test]
async fn an_event_of_another_source_says_so_and_draws_no_series_of_this_one() {
    for (lang, size, said) in [
        (Lang::En, (80, 24), "of another source"),
        (Lang::En, (200, 50), "of another source"),
        (Lang::Ko, (80, 24), "다른 소스의 이벤트"),
        (Lang::Ko, (120, 40), "다른 소스의 이벤트"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::open(&setting(folder.path(), lang, size)).await.unwrap();
        let mut shared = stage.shared(Size::new(size.0, size.1));
        shared.basics.zone = TimeZone::UTC;
        shared.basics.source.identity = HERE.into();
        let mut all = events();
        all[0].origin = "http://logs:9428 [7:0]\napp:shop".into();
        let mut view = Events::default();
        let asked = view.listed(Ok(all), Some(Vec::new()), &shared);
        assert!(!asked.iter().any(|effect| matches!(effect, Effect::Start { .. })), "{asked:?}");
        // One that was on its way is not taken for it either.
        view.charted(3, Ok(chart()), &shared);
        let mut screen = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        screen.draw(|frame| view.draw(frame, frame.area(), &Paint { shared: &shared, focused: true })).unwrap();
        let text = picture::text(screen.backend().buffer());
        assert!(text.contains(said) && text.contains("http://logs:9428 [7:0]"), "{text}");
        assert!(!text.contains('█'), "{text}");
    }
}

#[test]
fn a_long_time_is_drawn_whole() {
    let chart = chart();
    let fitted = draw::fitted(&chart.points, 20);
    assert_eq!((fitted.len(), fitted[0].at), (20, at(0)));
    assert!((fitted[19].value - 1259.0).abs() < 1e-9, "the highest of each few");
    assert_eq!(draw::fitted(&chart.points, 60), chart.points);
}

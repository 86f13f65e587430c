//! Watches series: reads each where the data lies, weighs it by the rules, opens and resolves events in the journal
//! and finds out who caused them. Bans nobody.

mod read;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::Engine;
use super::survey::rows;
use crate::detect::access::AccessLog;
use crate::detect::baseline::event::{State, explain};
use crate::detect::baseline::judge::judge;
use crate::detect::baseline::query;
use crate::detect::baseline::series::{self, Point};
use crate::detect::baseline::{Event, Finding, Judgement, Method, Reading, Rule};
use crate::journal::{BY_ITSELF, Journal, JournalError};
use crate::logs::{Query, SourceError, Window};
use crate::text::Say as _;
use read::{HOUR, Read};

/// At most so much is judged in one look; what lies before is the past that it is compared with.
const LONGEST_STUDY: Duration = Duration::from_secs(900);
/// So many clients are compared when looking for who caused an event.
const MOST_CLIENTS: usize = 1_000;
/// The past that clients are compared with is no longer than this.
const CLIENTS_PAST: Duration = Duration::from_secs(3_600);
/// An open event's finding is replaced by one that is worse by this factor.
const WORSE: f64 = 1.2;

/// What became of the series in one look at them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Watched {
    /// Events that were opened.
    pub opened: Vec<Event>,
    /// Events that were resolved because their series is back.
    pub resolved: Vec<Event>,
    /// How many are not resolved now.
    pub unresolved: usize,
    /// How many series were read.
    pub series: usize,
    /// What could not be done, in the settings' language.
    #[serde(skip)]
    pub failures: Vec<String>,
}

/// A chart of one series: its points and what the rule of an event allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The points.
    pub points: Vec<Point>,
    /// The range.
    pub window: Window,
}

/// A series of one source that is out, or not.
struct Word<'a> {
    source: String,
    read: &'a Read<'a>,
    /// The worst that a rule says.
    out: Option<(&'a Rule, Reading)>,
    /// Whether a rule says that it is within.
    is_within: bool,
}

impl Engine {
    /// Looks at every series that a rule is for, up to the end of the window, and keeps the journal's events.
    pub async fn watch_series(&self, window: Window, now: Timestamp) -> Watched {
        let mut watched = Watched::default();
        // What is judged is the end of a long window; the rest of it is past.
        let window = Window::ending(window.end, window.length().min(LONGEST_STUDY));
        let lang = self.settings.lang;
        let fields = match self.source.fields(window).await {
            Ok(fields) => fields,
            Err(error) => {
                watched.failures.push(error.say(lang));
                return watched;
            }
        };
        let log = self.log(&fields);
        let mut reads = self.read_all(&log, window, &mut watched).await;
        watched.series = reads.len();
        let known = match self.journal.run(|journal| journal.events(false, usize::MAX)).await {
            Ok(known) => known,
            Err(error) => {
                watched.failures.push(error.say(lang));
                return watched;
            }
        };
        fill(&mut reads, &self.source.info().label, &known);
        let words = self.weigh(&reads, window, &known);
        for word in words {
            let open = known.iter().find(|event| event.source == word.source && event.series == word.read.series.name);
            if let Err(message) = self.settle_series(&word, open, &log, window, now, &mut watched).await {
                watched.failures.push(message);
            }
        }
        match self.journal.run(|journal| journal.events(false, usize::MAX)).await {
            Ok(left) => watched.unresolved = left.len(),
            Err(error) => watched.failures.push(error.say(lang)),
        }
        watched
    }

    /// The points of an event's series around it, for a chart.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn chart(&self, event: &Event, window: Window) -> Result<Chart, SourceError> {
        let step = Duration::from_secs(event.finding.step_s.max(1));
        let past = self.settings.baselines.rules.iter().find(|rule| rule.name == event.rule);
        let past = past.map_or(HOUR, |rule| rule.window.min(HOUR * 3));
        let begin = Window::ending(event.finding.reading.since, past).start;
        let window = series::whole_steps(Window { start: begin.min(window.start), end: window.end }, step);
        let samples = self.source.stats(Query::new(event.finding.query.clone(), window), Some(step)).await?;
        let known = self.settings.baselines.series(&event.series);
        let scale = known.map_or(1.0, |series| series.scale);
        let names = known.map(|series| series.by.clone()).unwrap_or_default();
        // The series may be split by any of them; the event's source says which part it is.
        let by = names.iter().find(|name| samples.iter().any(|one| one.labels.iter().any(|(label, _)| label == *name)));
        let mut sources = series::by_source(&samples, series::VALUE, by.map(String::as_str), &event.source, scale);
        let points = sources.remove(&event.source).unwrap_or_default();
        let begun = points.first().map_or(window.start, |point| point.at);
        let points = match known {
            Some(series) => series::filled(series, points, window, begun),
            None => points,
        };
        Ok(Chart { points, window })
    }

    /// What the rules say of every source of every series.
    fn weigh<'a>(&'a self, reads: &'a [Read<'a>], study: Window, known: &[Event]) -> Vec<Word<'a>> {
        let mut words = Vec::new();
        for read in reads {
            let begin = series::floor(study.start, read.series.step);
            for (source, points) in &read.recent {
                let split = points.partition_point(|point| point.at < begin);
                let (past, now) = points.split_at(split);
                // While an event is open its own points are no past to compare with.
                let open = known.iter().find(|event| event.source == *source && event.series == read.series.name);
                let mut word = Word { source: source.clone(), read, out: None, is_within: false };
                for rule in self.settings.baselines.rules_on(&read.series.name) {
                    if !rule.source.matches(source) {
                        continue;
                    }
                    let judgement = match rule.method {
                        Method::Robust { .. } => {
                            judge(rule, read.weeks.get(source).map_or(&[][..], Vec::as_slice), now)
                        }
                        _ => judge(rule, before(rule, past, begin, open), now),
                    };
                    match judgement {
                        Judgement::Out(reading) => {
                            let is_worse = word.out.as_ref().is_none_or(|(known, _)| rule.severity > known.severity);
                            if is_worse {
                                word.out = Some((rule, reading));
                            }
                        }
                        Judgement::Within(_) => word.is_within = true,
                        Judgement::Unknown(_) => {}
                    }
                }
                words.push(word);
            }
        }
        words
    }

    /// Opens, goes on with or resolves the event of a series.
    async fn settle_series(
        &self,
        word: &Word<'_>,
        open: Option<&Event>,
        log: &AccessLog<'_>,
        study: Window,
        now: Timestamp,
        watched: &mut Watched,
    ) -> Result<(), String> {
        let lang = self.settings.lang;
        let said = |error: JournalError| error.say(lang);
        let series = &word.read.series.name;
        match (&word.out, open) {
            (Some((rule, reading)), None) => {
                let finding = self.finding(word, rule, *reading, log, study, watched).await;
                let mut event = Event {
                    id: 0,
                    source: word.source.clone(),
                    series: series.clone(),
                    rule: rule.name.clone(),
                    severity: rule.severity,
                    state: State::Open,
                    opened: reading.since,
                    seen: study.end,
                    acknowledged: None,
                    resolved: None,
                    finding,
                };
                let written = event.clone();
                let opened = self.journal.run(move |journal| journal.open_event(&written)).await.map_err(said)?;
                if let Some(id) = opened {
                    event.id = id;
                    watched.opened.push(event);
                }
            }
            (Some((rule, reading)), Some(event)) => {
                let known = &event.finding.reading;
                let is_worse =
                    rule.severity > event.severity || (rule.name == event.rule && reading.score > known.score * WORSE);
                let (id, seen) = (event.id, study.end);
                let worse = if is_worse {
                    let finding = self.finding(word, rule, *reading, log, study, watched).await;
                    Some((rule.name.clone(), rule.severity.max(event.severity), finding))
                } else {
                    None
                };
                let note = move |journal: &Journal| {
                    let worse = worse.as_ref().map(|(rule, severity, finding)| (rule.as_str(), *severity, finding));
                    journal.event_goes_on(id, seen, worse)
                };
                self.journal.run(note).await.map_err(said)?;
            }
            (None, Some(event)) if word.is_within => {
                let id = event.id;
                let resolve = move |journal: &Journal| journal.resolve_event(id, BY_ITSELF, now);
                if self.journal.run(resolve).await.map_err(said)? {
                    let resolved = Some((now, BY_ITSELF.to_owned()));
                    watched.resolved.push(Event { resolved, state: State::Resolved, ..event.clone() });
                }
            }
            (None, None) if word.is_within => {
                let (source, series) = (word.source.clone(), series.clone());
                let note = move |journal: &Journal| journal.series_is_calm(&source, &series, now);
                self.journal.run(note).await.map_err(said)?;
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// What was found, with the clients that explain it. Clients that cannot be looked up leave it without them.
    async fn finding(
        &self,
        word: &Word<'_>,
        rule: &Rule,
        reading: Reading,
        log: &AccessLog<'_>,
        study: Window,
        watched: &mut Watched,
    ) -> Finding {
        let series = word.read.series;
        let mut finding = Finding {
            method: rule.method,
            reading,
            query: word.read.question.text.clone(),
            step_s: series.step.as_secs(),
            culprits: Vec::new(),
            explained: 0.0,
            clients_query: String::new(),
        };
        let text = match query::clients(series, log, MOST_CLIENTS) {
            Ok(Some(text)) if word.read.question.by.is_none() => text,
            _ => return finding,
        };
        // A series that is out since before the study goes on is looked at from there.
        let now = Window { start: reading.since, end: study.end.max(reading.since) };
        let past = Window::ending(now.start, CLIENTS_PAST.min(rule.window));
        match futures::try_join!(self.clients(log, &text, past), self.clients(log, &text, now)) {
            Ok((before, after)) => {
                let scale = now.length().as_secs_f64() / past.length().as_secs_f64().max(1.0);
                let is_rise = reading.point.value >= reading.expected;
                (finding.culprits, finding.explained) = explain(&before, &after, scale, is_rise);
                finding.clients_query = text;
            }
            Err(error) => watched.failures.push(error.say(self.settings.lang)),
        }
        finding
    }

    async fn clients(
        &self,
        log: &AccessLog<'_>,
        text: &str,
        window: Window,
    ) -> Result<Vec<(std::net::IpAddr, f64)>, SourceError> {
        let found = rows(self.source.as_ref(), text.to_owned(), window, MOST_CLIENTS).await?;
        query::read_clients(log, &found)
    }
}

const fn is_robust(rule: &Rule) -> bool {
    matches!(rule.method, Method::Robust { .. })
}

/// The past that a rule compares with: its own window before the study, without what an open event covers, where
/// enough is left then.
fn before<'p>(rule: &Rule, past: &'p [Point], begin: Timestamp, open: Option<&Event>) -> &'p [Point] {
    let start = Window::ending(begin, rule.window).start;
    let past = &past[past.partition_point(|point| point.at < start)..];
    let Some(event) = open else { return past };
    let calm = &past[..past.partition_point(|point| point.at < event.finding.reading.since)];
    if calm.len() >= rule.min_samples { calm } else { past }
}

/// Fills steps without rows, also of series that have none at all now: of the whole log, and of sources that have an open
/// event, which would never be found back within its limits else. The log begins where the first point of any series is; its first step may be cut and is
/// left out.
fn fill(reads: &mut [Read<'_>], whole: &str, known: &[Event]) {
    let points = reads.iter().flat_map(|read| read.recent.values().flatten());
    let Some(first) = points.map(|point| point.at).min() else { return };
    for read in reads.iter_mut() {
        let step = jiff::SignedDuration::try_from(read.series.step).unwrap_or_default();
        let begun =
            if first <= read.window.start { read.window.start } else { first.checked_add(step).unwrap_or(first) };
        let window = read.window;
        let has_whole = (read.question.by.is_none() && read.series.empty.is_some()).then(|| whole.to_owned());
        let open = known.iter().filter(|event| event.series == read.series.name && read.series.empty.is_some());
        for source in has_whole.into_iter().chain(open.map(|event| event.source.clone())) {
            read.recent.entry(source).or_default();
        }
        for points in read.recent.values_mut() {
            let mut known = std::mem::take(points);
            known.retain(|point| point.at >= begun);
            *points = series::filled(read.series, known, window, begun);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use jiff::SignedDuration;

    use super::*;
    use crate::detect::baseline::Baselines;
    use crate::enforce::rehearsal::Rehearsal;
    use crate::engine::EngineSettings;
    use crate::judge::offline::Offline;
    use crate::logs::files::{FileSource, Options};

    /// Five weeks of a site at the same hour, busy or quiet in the four before; today it is busy from nine on.
    fn log(today: Timestamp, busy: bool) -> String {
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
        std::fs::write(&path, log(today, busy)).unwrap();
        let journal = std::sync::Arc::new(Journal::open(folder.path().join("journal.db")).unwrap());
        let inputs = vec![path.display().to_string()];
        // Only the rule that knows the week.
        let mut baselines = Baselines::shipped().clone();
        baselines.rules.retain(|rule| rule.name == "requests-unlike-the-week");
        let engine = Engine {
            source: std::sync::Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap()),
            judge: std::sync::Arc::new(Offline),
            enforcer: std::sync::Arc::new(Rehearsal::new(std::sync::Arc::clone(&journal))),
            journal,
            settings: std::sync::Arc::new(EngineSettings {
                baselines: std::sync::Arc::new(baselines),
                ..EngineSettings::default()
            }),
            recollection: std::sync::Arc::default(),
        };
        let watched = engine.watch_series(Window::ending(today, Duration::from_secs(300)), today).await;
        assert_eq!(watched.failures, Vec::<String>::new());
        watched.opened.into_iter().map(|event| event.rule).collect()
    }

    #[tokio::test]
    async fn the_monday_rush_is_usual_and_the_same_rate_on_a_sunday_is_not() {
        let monday: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
        let sunday: Timestamp = "2026-03-01T09:05:00Z".parse().unwrap();
        assert_eq!(opened_at(monday, true).await, Vec::<String>::new());
        assert_eq!(opened_at(sunday, false).await, ["requests-unlike-the-week"]);
    }
}

//! Watches series: reads each where the data lies, weighs it by the rules, opens and resolves events in the journal
//! and finds out who caused them. Bans nobody.

mod read;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Engine;
use super::survey::rows;
use crate::detect::access::AccessLog;
use crate::detect::baseline::event::{Explanation, Parts, State, Whole, explain};
use crate::detect::baseline::judge::{judge, since_onset};
use crate::detect::baseline::query::{self, PartsQuery};
use crate::detect::baseline::series::{self, Point};
use crate::detect::baseline::{Event, Finding, Judgement, Method, Reading, Rule, Series};
use crate::journal::{BY_ITSELF, Journal, JournalError, Place};
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

/// A chart goes on so long after the series was last out.
const CHART_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// A chart is of no more than this.
const LONGEST_CHART: Duration = Duration::from_secs(7 * 86_400);

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
        // Events of other sources are none of this look's business.
        let known: Vec<Event> = known.into_iter().filter(|event| self.is_own(event)).collect();
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

    /// What tells this source's series of a name from every other's: the source, and the filter that picks the requests
    /// where the series is of them.
    fn origin(&self, series: &Series) -> String {
        let (identity, filter) = (self.source.info().identity, self.settings.base_filter.trim());
        if !series.query.contains("{requests}") || ["", "*"].contains(&filter) {
            return identity;
        }
        format!("{identity}\n{filter}")
    }

    /// Whether an event is of a series that is read here.
    fn is_own(&self, event: &Event) -> bool {
        match self.settings.baselines.series(&event.series) {
            Some(series) => event.origin == self.origin(series),
            None => event.is_of(&self.source.info().identity),
        }
    }

    /// The points of an event's series around it, for a chart, no further than the end of a window. The event has to be of this source.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn chart(&self, event: &Event, window: Window) -> Result<Chart, SourceError> {
        let step = Duration::from_secs(event.finding.step_s.max(1));
        let past = self.settings.baselines.rules.iter().find(|rule| rule.name == event.rule);
        let past = past.map_or(HOUR, |rule| rule.window.min(HOUR * 3));
        let window = series::whole_steps(span(event, past, window), step);
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
                            let reading = since_onset(rule, reading, points, read.series.step);
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
                    origin: self.origin(word.read.series),
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
                let (origin, source, series) = (self.origin(word.read.series), word.source.clone(), series.clone());
                let note = move |journal: &Journal| {
                    journal.series_is_calm(Place { origin: &origin, source: &source, series: &series }, now)
                };
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
            of: Whole::Change,
            clients_query: String::new(),
        };
        let asked = match query::parts(series, log, MOST_CLIENTS) {
            Ok(Some(asked)) if word.read.question.by.is_none() => asked,
            _ => return finding,
        };
        // Who makes the trouble now, against the time before it began.
        let begin = series::floor(study.start, series.step).max(reading.since);
        let now = Window { start: begin, end: study.end.max(begin) };
        let past = Window::ending(reading.since, CLIENTS_PAST.min(rule.window));
        match futures::try_join!(self.parts(log, &asked, past), self.parts(log, &asked, now)) {
            Ok((before, after)) => {
                let scale = now.length().as_secs_f64() / past.length().as_secs_f64().max(1.0);
                let Explanation { culprits, explained, of } = explain(&before, &after, scale, &reading, rule.method);
                (finding.culprits, finding.explained, finding.of) = (culprits, explained, of);
                finding.clients_query = asked.clients;
            }
            Err(error) => watched.failures.push(error.say(self.settings.lang)),
        }
        finding
    }

    /// What clients have of a series in a span of time.
    async fn parts(&self, log: &AccessLog<'_>, asked: &PartsQuery, window: Window) -> Result<Parts, SourceError> {
        let (clients, whole) = futures::try_join!(
            rows(self.source.as_ref(), asked.clients.clone(), window, MOST_CLIENTS),
            rows(self.source.as_ref(), asked.whole.clone(), window, 1),
        )?;
        Ok(Parts { clients: query::read_clients(log, &clients)?, whole: query::read_whole(&whole) })
    }
}

/// What a chart shows of an event: the time before it that it is compared with, itself, and a little after where that
/// is not to come yet.
fn span(event: &Event, past: Duration, shown: Window) -> Window {
    let after = event.seen.checked_add(CHART_AFTER).unwrap_or(event.seen);
    let end = after.min(shown.end.max(event.seen));
    let begin = Window::ending(event.opened.min(event.finding.reading.since), past).start;
    Window { start: begin.max(Window::ending(end, LONGEST_CHART).start), end }
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
mod tests;

//! Watches series: reads each where the data lies, weighs it by the rules, opens and resolves events in the journal
//! and finds out who caused them. Bans nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use serde::Serialize;

use super::Engine;
use super::survey::rows;
use crate::detect::access::AccessLog;
use crate::detect::baseline::event::{State, explain};
use crate::detect::baseline::judge::judge;
use crate::detect::baseline::query::{self, Question};
use crate::detect::baseline::series::{self, Point};
use crate::detect::baseline::{Event, Finding, Judgement, Method, Reading, Rule, Series};
use crate::journal::{BY_ITSELF, Journal, JournalError};
use crate::logs::{Query, SourceError, Window};
use crate::text::Say as _;

/// So many questions are asked at once.
const AT_ONCE: usize = 4;
/// At most so much is judged in one look; what lies before is the past that it is compared with.
const LONGEST_STUDY: Duration = Duration::from_secs(900);
/// So many clients are compared when looking for who caused an event.
const MOST_CLIENTS: usize = 1_000;
/// The past that clients are compared with is no longer than this.
const CLIENTS_PAST: Duration = Duration::from_secs(3_600);
/// A robust rule looks at the same hour of the week.
const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
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

/// A series as it was read, by source.
struct Read<'a> {
    series: &'a Series,
    question: Question,
    /// The range of the recent points.
    window: Window,
    recent: BTreeMap<String, Vec<Point>>,
    /// The same hour of earlier weeks.
    weeks: BTreeMap<String, Vec<Point>>,
}

/// Series that one question gives.
struct Group<'a> {
    range: Window,
    step: Duration,
    members: Vec<(&'a Series, Question)>,
}

impl Group<'_> {
    /// Whether a series can be asked for along with these.
    fn takes(&self, series: &Series, question: &Question, range: Window) -> bool {
        let is_like =
            |known: &Question| known.by == question.by && known.parts.is_some() && known.base() == question.base();
        self.range == range && self.step == series.step && self.members.iter().all(|(_, known)| is_like(known))
    }

    /// The name of a member's result.
    fn name(place: usize) -> String {
        format!("gw_series_{place}")
    }

    /// The LogsQL.
    fn text(&self) -> String {
        let (Some((_, first)), true) = (self.members.first(), self.members.len() > 1) else {
            return self.members.first().map(|(_, question)| question.text.clone()).unwrap_or_default();
        };
        let functions = self.members.iter().enumerate().filter_map(|(place, (_, question))| {
            let (_, function) = question.parts.as_ref()?;
            Some(format!("{function} as {}", Self::name(place)))
        });
        let by =
            first.by.as_deref().map_or_else(String::new, |name| format!("by ({}) ", crate::logsql::quote_field(name)));
        format!("{} | stats {by}{}", first.base().unwrap_or("*"), functions.collect::<Vec<_>>().join(", "))
    }
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

    /// Reads the series in use. What the source does not have is left out; what fails is said.
    async fn read_all(&self, log: &AccessLog<'_>, window: Window, watched: &mut Watched) -> Vec<Read<'_>> {
        let lang = self.settings.lang;
        let in_use: Vec<&Series> = self.settings.baselines.in_use().collect();
        let mut names = Vec::new();
        if in_use.iter().any(|series| !series.fields.is_empty() || !series.by.is_empty()) {
            match self.source.field_names(Query::new("*", window)).await {
                Ok(found) => names = found.into_iter().map(|name| name.value).collect(),
                Err(error) => watched.failures.push(error.say(lang)),
            }
        }
        // Series that differ only in what they count are one question.
        let mut groups: Vec<Group<'_>> = Vec::new();
        for series in in_use {
            let Some(question) = query::question(series, log, &names) else { continue };
            let range = self.range_of(series, window);
            match groups.iter_mut().find(|group| group.takes(series, &question, range)) {
                Some(group) => group.members.push((series, question)),
                None => groups.push(Group { range, step: series.step, members: vec![(series, question)] }),
            }
        }
        let mut reads: Vec<Result<Vec<Read<'_>>, SourceError>> = Vec::new();
        let mut asked: Vec<BoxFuture<'_, Result<Vec<Read<'_>>, SourceError>>> = Vec::new();
        for group in groups {
            asked.push(Box::pin(self.read(group, window)));
            if asked.len() == AT_ONCE {
                reads.extend(join_all(asked.drain(..)).await);
            }
        }
        reads.extend(join_all(asked).await);
        let mut done = Vec::new();
        for read in reads {
            match read {
                Ok(read) => done.extend(read),
                Err(error) => watched.failures.push(error.say(lang)),
            }
        }
        done
    }

    /// How far back the rules over a series look, robust ones left aside.
    fn range_of(&self, series: &Series, study: Window) -> Window {
        let rules = self.settings.baselines.rules_on(&series.name).filter(|rule| !is_robust(rule));
        let back = rules.map(|rule| rule.window).max().unwrap_or_default();
        let study = series::whole_steps(study, series.step);
        series::whole_steps(Window { start: Window::ending(study.start, back).start, ..study }, series.step)
    }

    /// Reads the series of a question, and the same hour of earlier weeks where a rule asks for that.
    async fn read<'a>(&'a self, group: Group<'a>, study: Window) -> Result<Vec<Read<'a>>, SourceError> {
        let whole = self.source.info().label;
        let samples = self.source.stats(Query::new(group.text(), group.range), Some(group.step)).await?;
        let mut reads = Vec::new();
        let alone = group.members.len() == 1;
        for (place, (series, question)) in group.members.into_iter().enumerate() {
            let name = if alone { series::VALUE.to_owned() } else { Group::name(place) };
            let recent = series::by_source(&samples, &name, question.by.as_deref(), &whole, series.scale);
            let weeks = self.weeks(series, &question, study).await?;
            reads.push(Read { series, question, window: group.range, recent, weeks });
        }
        Ok(reads)
    }

    /// The points at the same hour of earlier weeks, where a rule compares with them.
    async fn weeks(
        &self,
        series: &Series,
        question: &Question,
        study: Window,
    ) -> Result<BTreeMap<String, Vec<Point>>, SourceError> {
        let mut weeks: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        let Some(rule) = self.settings.baselines.rules_on(&series.name).find(|rule| is_robust(rule)) else {
            return Ok(weeks);
        };
        let (whole, study) = (self.source.info().label, series::whole_steps(study, series.step));
        let count = u32::try_from(rule.window.as_secs() / WEEK.as_secs()).unwrap_or(4).min(8);
        for week in (1..=count).rev() {
            let middle = Window::ending(study.end, WEEK * week).start;
            let end = middle.checked_add(HOUR / 2).unwrap_or(middle);
            let hour = series::whole_steps(Window::ending(end, HOUR), series.step);
            let samples = self.source.stats(Query::new(question.text.clone(), hour), Some(series.step)).await?;
            let points = series::by_source(&samples, series::VALUE, question.by.as_deref(), &whole, series.scale);
            for (source, points) in points {
                weeks.entry(source).or_default().extend(points);
            }
        }
        Ok(weeks)
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

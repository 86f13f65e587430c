//! All that is known of one suspect, gathered part by part, and the judge's opinion of it. A part that fails becomes
//! a gap in the dossier, never a failure of the whole.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::Engine;
use super::evidence::{self, Queries};
use super::survey::rows;
use crate::detect::Suspect;
use crate::detect::access::{AccessLog, Column};
use crate::judge::{Dossier, JudgeError, JudgeProgress, Verdict};
use crate::logs::{HitSeries, Query, SourceError, ValueHits, Window};
use crate::policy::{MAX_EVENTS, Proposal, SampleEvent};
use crate::text::{Lang, Say};

/// At most so many values of a column.
const TOP_VALUES: usize = 10;
/// At most so many sample rows.
const SAMPLE_ROWS: usize = 10;
/// At most so many former verdicts.
const HISTORY: usize = 5;
/// The timeline has about so many points.
const TIMELINE_POINTS: u64 = 60;

impl Engine {
    /// Gathers what is known of a suspect. `now` is when decisions have to be in force.
    pub async fn dossier(&self, suspect: &Suspect, window: Window, now: Timestamp) -> Dossier {
        let lang = self.settings.lang;
        let mut dossier = empty(suspect, window);
        dossier.fields = match self.source.fields(window).await {
            Ok(fields) => fields,
            Err(error) => {
                dossier.gaps.push(say::gap(lang, say::fields(lang), &error.say(lang)));
                return dossier;
            }
        };
        let fields = dossier.fields.clone();
        let log = self.log(&fields);
        let target = suspect.target;
        let queries = self.queries(&log, suspect);
        let mut gaps = Gaps { lang, said: Vec::new() };

        let (totals, timeline, top_paths, agents, methods, statuses, rows, history, decisions) = futures::join!(
            self.totals(&log, None, window),
            self.timeline(queries.timeline.clone(), window),
            self.top(&log, Column::Path, queries.paths.clone(), window),
            self.top(&log, Column::UserAgent, queries.agents.clone(), window),
            self.top(&log, Column::Method, queries.methods.clone(), window),
            self.top(&log, Column::Status, queries.statuses.clone(), window),
            self.newest(queries.rows.clone(), window),
            self.journal.run(move |journal| journal.verdicts_of(target, HISTORY)),
            self.enforcer.active(Some(target.addr()), now),
        );
        dossier.totals = gaps.take(say::totals(lang), totals);
        dossier.timeline = gaps.take(say::timeline(lang), timeline);
        dossier.top_paths = gaps.take(say::paths(lang), top_paths);
        dossier.agents = gaps.take(say::agents(lang), agents);
        dossier.methods = gaps.take(say::methods(lang), methods);
        dossier.statuses = gaps.take(say::statuses(lang), statuses);
        dossier.rows = gaps.take(say::rows(lang), rows);
        dossier.history = gaps.take(say::history(lang), history);
        dossier.decisions = gaps.take(say::decisions(lang), decisions);
        dossier.gaps = gaps.said;
        dossier.evidence = evidence::gather(&dossier, &queries, lang);
        dossier
    }

    /// Asks the judge and records its verdict. A verdict that could not be recorded says so in its note.
    ///
    /// # Errors
    /// Those of the judge; nothing is recorded then.
    pub async fn explain(
        &self,
        dossier: &Dossier,
        now: Timestamp,
        progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError> {
        let lang = self.settings.lang;
        let mut verdict = self.judge.judge(dossier, lang, now, progress).await?;
        // Whatever a judge did, the verdict is on the address that was asked about.
        verdict.target = dossier.suspect.target;
        let record = verdict.clone();
        if let Err(error) = self.journal.run(move |journal| journal.record_verdict(&record)).await {
            let unrecorded = say::not_recorded(lang, &error.say(lang));
            verdict.note = Some(verdict.note.map_or(unrecorded.clone(), |note| format!("{note}; {unrecorded}")));
        }
        Ok(verdict)
    }

    /// What a ban of a dossier's suspect is asked to be: with its numbers, a sample of its requests, and a reason.
    pub fn proposal(&self, dossier: &Dossier, detector: &str, reason: String) -> Proposal {
        let stats = &dossier.suspect.stats;
        let window = dossier.window;
        Proposal {
            target: dossier.suspect.target,
            remedy: self.settings.remedy.clone(),
            duration: self.settings.ban_duration,
            detector: detector.to_owned(),
            reason,
            events_count: stats.requests,
            events: sample_events(&dossier.rows, &dossier.fields, Some(stats.client), window.end),
            first_seen: stats.first_seen.unwrap_or(window.start),
            last_seen: stats.last_seen.unwrap_or(window.end),
        }
    }

    /// The queries that give each part, kept so that evidence can name them.
    fn queries(&self, log: &AccessLog<'_>, suspect: &Suspect) -> Queries {
        let target = &suspect.target;
        let cohort = suspect.score.as_ref().and_then(|score| score.cohort.as_ref());
        let prefix = cohort.and_then(|cohort| cohort.prefix.as_ref()).map(|covering| covering.prefix);
        let top = |column| log.top(Some(target), column, TOP_VALUES as u64).ok().flatten();
        Queries {
            numbers: self.numbers_query(log, target).unwrap_or_default(),
            all: log.totals(None).unwrap_or_default(),
            timeline: log.requests(Some(target)).unwrap_or_default(),
            paths: top(Column::Path),
            agents: top(Column::UserAgent),
            methods: top(Column::Method),
            statuses: top(Column::Status),
            rows: log.newest(target, SAMPLE_ROWS as u64).unwrap_or_default(),
            cohort: cohort.and_then(|cohort| log.alike(&cohort.alike).ok().flatten()).unwrap_or_default(),
            prefix: prefix.and_then(|prefix| log.clients_in(&prefix).ok()).unwrap_or_default(),
            rules: Some(self.settings.rule_set),
        }
    }

    async fn timeline(&self, query: String, window: Window) -> Result<HitSeries, SourceError> {
        let step = Duration::from_secs((window.length().as_secs() / TIMELINE_POINTS).max(1));
        let mut series = self.source.hits(Query::new(query, window), step, &[]).await?;
        Ok(if series.is_empty() { HitSeries::default() } else { series.swap_remove(0) })
    }

    /// The most frequent values of a column; none where the log has no such column.
    async fn top(
        &self,
        log: &AccessLog<'_>,
        column: Column,
        query: Option<String>,
        window: Window,
    ) -> Result<Vec<ValueHits>, SourceError> {
        let (Some(query), Some(name)) = (query, log.column(column)) else { return Ok(Vec::new()) };
        let rows = rows(self.source.as_ref(), query, window, TOP_VALUES).await?;
        let hits = |text: &str| text.parse().unwrap_or(0);
        let read = rows.iter().map(|row| ValueHits { value: row.get(name).to_owned(), hits: hits(row.get("hits")) });
        let mut values: Vec<ValueHits> = read.collect();
        values.sort_by(|one, other| other.hits.cmp(&one.hits).then_with(|| one.value.cmp(&other.value)));
        Ok(values)
    }

    async fn newest(&self, query: String, window: Window) -> Result<Vec<crate::logs::Row>, SourceError> {
        let mut rows = rows(self.source.as_ref(), query, window, SAMPLE_ROWS).await?;
        // The order of an answer is nothing to rely on.
        rows.sort_by_cached_key(|row| std::cmp::Reverse(row.get("_time").parse::<Timestamp>().ok()));
        Ok(rows)
    }
}

/// Parts that could not be read, said in words.
struct Gaps {
    lang: Lang,
    said: Vec<String>,
}

impl Gaps {
    /// The part, or nothing in its place.
    fn take<T: Default, E: Say>(&mut self, part: &str, result: Result<T, E>) -> T {
        result.unwrap_or_else(|error| {
            self.said.push(say::gap(self.lang, part, &error.say(self.lang)));
            T::default()
        })
    }
}

fn empty(suspect: &Suspect, window: Window) -> Dossier {
    Dossier {
        suspect: suspect.clone(),
        window,
        totals: crate::detect::WindowTotals::default(),
        timeline: HitSeries::default(),
        top_paths: Vec::new(),
        agents: Vec::new(),
        methods: Vec::new(),
        statuses: Vec::new(),
        rows: Vec::new(),
        fields: crate::logs::FieldMap::default(),
        history: Vec::new(),
        decisions: Vec::new(),
        evidence: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The sample rows as CrowdSec's events, with the meta names that its own parsers use.
///
/// `client` is who sent all of them; without one each row's peer is named. A row without a time counts as of `end`.
pub(super) fn sample_events(
    rows: &[crate::logs::Row],
    fields: &crate::logs::FieldMap,
    client: Option<std::net::IpAddr>,
    end: Timestamp,
) -> Vec<SampleEvent> {
    let names = [
        ("http_verb", &fields.method),
        ("http_path", if fields.uri.is_some() { &fields.uri } else { &fields.path }),
        ("http_status", &fields.status),
        ("http_user_agent", &fields.user_agent),
        ("target_fqdn", &fields.host),
    ];
    let event = |row: &crate::logs::Row| {
        let peer = || fields.remote_addr.as_deref().map_or("", |field| row.get(field)).to_owned();
        let mut meta = vec![("source_ip".to_owned(), client.map_or_else(peer, |client| client.to_string()))];
        for (name, field) in names {
            let value = field.as_deref().map_or("", |field| row.get(field));
            if !value.is_empty() {
                meta.push((name.to_owned(), value.to_owned()));
            }
        }
        SampleEvent { at: row.get("_time").parse().unwrap_or(end), meta }
    };
    rows.iter().take(MAX_EVENTS).map(event).collect()
}

/// The words.
mod say {
    crate::text::words! {
        fields { en: "the source's fields", ko: "소스의 필드" }
        totals { en: "the window's totals", ko: "전체 트래픽" }
        timeline { en: "requests over time", ko: "시간별 요청" }
        paths { en: "paths", ko: "경로" }
        agents { en: "user agents", ko: "사용자 에이전트" }
        methods { en: "methods", ko: "메서드" }
        statuses { en: "statuses", ko: "상태 코드" }
        rows { en: "sample rows", ko: "표본 행" }
        history { en: "former verdicts", ko: "이전 판정" }
        decisions { en: "active decisions", ko: "적용 중인 차단" }
    }
    crate::text::sentences! {
        gap(part: &str, error: &str) { en: "{part} could not be read: {error}", ko: "{part} 읽기 실패: {error}" }
        not_recorded(error: &str) {
            en: "the verdict could not be recorded: {error}",
            ko: "판정을 기록하지 못했습니다: {error}",
        }
    }
}

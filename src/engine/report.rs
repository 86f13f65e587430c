//! What a cycle saw and did: for machines as JSON, for people as a table. Every suspect is in it, with its verdict,
//! the policy's ruling and what became of it. Texts of strangers are escaped in the table and as they were in the JSON.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;

use super::events::Watched;
use crate::detect::assess::Scored;
use crate::detect::gates::GateHit;
use crate::detect::groups::Cohort;
use crate::detect::{ClientStats, WindowTotals};
use crate::enforce::ActiveDecision;
use crate::journal::{Intent, Outcome};
use crate::judge::{Opinion, Verdict};
use crate::logs::Window;
use crate::policy::{Plan, Refusal, short};
use crate::text::escape::visible;
use crate::text::width::{self, Align};
use crate::text::{Lang, Say, number};

/// One unattended cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The range it looked at.
    pub window: Window,
    /// The source's name.
    pub source: String,
    /// The judge's name.
    pub judge: String,
    /// The enforcer's name.
    pub enforcer: String,
    /// Whether acts were real.
    pub live: bool,
    /// All traffic of the window; `None` where the survey failed, so that nothing was done.
    pub totals: Option<WindowTotals>,
    /// Whether more suspects passed than the table's limit lets through.
    pub cut: bool,
    /// How long the survey took, in milliseconds.
    pub survey_ms: u64,
    /// What a former run had left open, and how it turned out.
    pub reconciled: Vec<Intent>,
    /// Every suspect, the surest first; ranges of cohorts before all others.
    pub cases: Vec<Case>,
    /// The window's cohorts, the largest first.
    pub cohorts: Vec<Cohort>,
    /// What became of the series that are watched.
    pub series: Watched,
    /// What could not be done; the rest was.
    pub failures: Vec<Failure>,
    /// Whether it was told to stop before all was done.
    pub stopped: bool,
}

/// What became of one suspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Who.
    pub target: IpNet,
    /// Its numbers.
    pub stats: ClientStats,
    /// The gates it passed.
    pub gates: Vec<GateHit>,
    /// What detection makes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Box<Scored>>,
    /// What the judge said; `None` where it was not asked or did not answer.
    pub verdict: Option<Opined>,
    /// What became of it.
    pub fate: Fate,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A verdict without its prompt and raw answer, which the journal keeps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opined {
    /// Yes, no, unsure.
    pub opinion: Opinion,
    /// 0 to 1.
    pub confidence: f64,
    /// One of [`crate::judge::CATEGORIES`].
    pub category: String,
    /// Why, in the report's language.
    pub reason: String,
    /// Evidence it rests on.
    pub cites: Vec<String>,
    /// Evidence it cited that does not exist.
    pub cites_unknown: Vec<String>,
    /// Who judged.
    pub judge: String,
    /// What was wrong with the answer.
    pub note: Option<String>,
    /// How long the judge took, in milliseconds.
    pub took_ms: u64,
}

impl From<&Verdict> for Opined {
    fn from(verdict: &Verdict) -> Self {
        Self {
            opinion: verdict.opinion,
            confidence: verdict.confidence,
            category: verdict.category.clone(),
            reason: verdict.reason.clone(),
            cites: verdict.cites.clone(),
            cites_unknown: verdict.cites_unknown.clone(),
            judge: verdict.judge.clone(),
            note: verdict.note.clone(),
            took_ms: millis(verdict.took),
        }
    }
}

/// What became of a suspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// Judged or acted on not long ago (`DEDUP_HOURS`).
    Handled {
        /// When.
        at: Timestamp,
    },
    /// A decision that covers it is in force.
    InForce {
        /// The decision.
        decision: Box<ActiveDecision>,
    },
    /// A range that holds it was banned in this cycle.
    Covered {
        /// The range.
        by: IpNet,
    },
    /// The policy would never let it be banned, so nobody was asked.
    Protected {
        /// The rules that say so.
        refusals: Vec<Refusal>,
    },
    /// More suspects than one cycle judges (`MAX_CANDIDATES`): a later one does.
    Waiting,
    /// It is not known how a former act on it ended.
    Unsettled,
    /// Something that had to be known first could not be found out: the judge gave no verdict, or journal or enforcer
    /// did not answer.
    Undecided {
        /// Why.
        why: String,
    },
    /// Judged; the policy lets nothing be done.
    Spared {
        /// The rules that say so.
        refusals: Vec<Refusal>,
    },
    /// Banned, and read back.
    Enforced {
        /// The plan.
        plan: Box<Plan>,
        /// The decisions that are now in force.
        decisions: Vec<ActiveDecision>,
    },
    /// A rehearsal: it would have been banned.
    Rehearsed {
        /// The plan.
        plan: Box<Plan>,
    },
    /// The act failed.
    Failed {
        /// The plan.
        plan: Box<Plan>,
        /// Why.
        why: String,
        /// Whether it may have been done all the same; the next run asks the server.
        unclear: bool,
    },
    /// The cycle was told to stop before its turn came.
    Stopped,
}

/// A part of the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Settling what a former run left open.
    Reconcile,
    /// The series and their events.
    Series,
    /// The isolation forest.
    Forest,
    /// The gate table.
    Survey,
    /// The scores of detection.
    Detection,
    /// The list of decisions in force.
    Decisions,
    /// A suspect's dossier: a part of it is missing.
    Dossier,
    /// The judge.
    Judge,
    /// The journal.
    Journal,
    /// The enforcer.
    Enforce,
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// In which part.
    pub step: Step,
    /// Whom it was about.
    pub target: Option<IpNet>,
    /// What happened and what to do, in the report's language.
    pub message: String,
}

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All was done.
    Done,
    /// A rehearsal that would have acted.
    WouldAct,
    /// Something could not be done, the rest was.
    Partly,
    /// Nothing could be done.
    Failed,
    /// It was told to stop.
    Stopped,
}

impl Report {
    /// How it ended; what is worse wins.
    pub fn end(&self) -> End {
        let rehearsed = || self.cases.iter().any(|case| matches!(case.fate, Fate::Rehearsed { .. }));
        match self {
            Self { stopped: true, .. } => End::Stopped,
            Self { totals: None, .. } => End::Failed,
            Self { failures, .. } if !failures.is_empty() => End::Partly,
            _ if rehearsed() => End::WouldAct,
            _ => End::Done,
        }
    }

    /// The report in lines for people.
    pub fn table(&self, lang: Lang) -> String {
        let mut lines = vec![self.headline(lang), self.traffic(lang)];
        lines.extend(self.reconciled.iter().map(|intent| reconciled(intent, lang)));
        if !self.cases.is_empty() {
            lines.push(String::new());
            lines.extend(table(&self.cases, lang));
        }
        lines.extend(self.series_lines(lang));
        if self.cut {
            lines.push(say::cut(lang).to_owned());
        }
        if self.stopped {
            lines.push(say::stopped(lang).to_owned());
        }
        if !self.failures.is_empty() {
            lines.push(String::new());
            lines.extend(self.failures.iter().map(|failure| failed(failure, lang)));
        }
        lines.join("\n")
    }

    fn headline(&self, lang: Lang) -> String {
        let seconds = Duration::from_millis(self.took_ms).as_secs_f64();
        let mode = if self.live { say::live(lang, &visible(&self.enforcer)) } else { say::rehearsal(lang).to_owned() };
        say::headline(lang, self.started, &mode, seconds)
    }

    /// Events opened and resolved.
    fn series_lines(&self, lang: Lang) -> Vec<String> {
        let opened = self.series.opened.iter().map(|event| say::event_opened(lang, &event.say(lang)));
        opened.chain(self.series.resolved.iter().map(|event| say::event_resolved(lang, &event.say(lang)))).collect()
    }

    fn traffic(&self, lang: Lang) -> String {
        let (source, judge) = (visible(&self.source), visible(&self.judge));
        match self.totals {
            None => say::no_survey(lang, &source),
            Some(totals) => {
                let (requests, clients) = (number::count(totals.requests), number::count(totals.clients));
                let minutes = self.window.length().as_secs().div_ceil(60);
                say::traffic(lang, &source, minutes, &requests, &clients, self.cases.len(), &judge)
            }
        }
    }
}

/// One line a suspect, in columns, and its reason below it.
fn table(cases: &[Case], lang: Lang) -> Vec<String> {
    let who: Vec<String> = cases.iter().map(|case| short(&case.target)).collect();
    let widest = who.iter().map(|text| width::width(text)).max().unwrap_or_default();
    let mut lines = Vec::new();
    for (case, who) in cases.iter().zip(&who) {
        let requests = width::fit(&number::count(case.stats.requests), 9, Align::Right);
        // Of a range only its requests are known.
        let is_one = case.target.prefix_len() == case.target.max_prefix_len();
        let ratio = if is_one { number::percent(case.stats.ratio_4xx()) } else { "–".to_owned() };
        let ratio = width::fit(&ratio, 5, Align::Right);
        let score = case.score.as_ref().map_or_else(String::new, |score| {
            let action = score.action.map_or("", |action| action.label(lang));
            format!("{} {action}", number::percent(score.probability))
        });
        let score = width::fit(&score, 10, Align::Left);
        let verdict = case.verdict.as_ref().map_or_else(|| "—".to_owned(), |verdict| opinion(verdict, lang));
        let verdict = width::fit(&verdict, 26, Align::Left);
        let who = width::fit(who, widest, Align::Left);
        lines.push(format!("{who} {requests} {ratio}  {score} {verdict} {}", fate(&case.fate, lang)));
        let detectors: Vec<&str> = case.score.iter().flat_map(|score| score.detectors()).collect();
        if !detectors.is_empty() {
            lines.push(format!("  {}", visible(&detectors.join(" "))));
        }
        if let Some(verdict) = &case.verdict {
            lines.push(format!("  {}", visible(&verdict.reason)));
            lines.extend(verdict.note.iter().map(|note| format!("  ({})", visible(note))));
            if !verdict.cites_unknown.is_empty() {
                lines.push(format!("  ({})", say::made_up(lang, &visible(&verdict.cites_unknown.join(", ")))));
            }
        }
    }
    lines
}

fn opinion(verdict: &Opined, lang: Lang) -> String {
    let percent = number::percent(verdict.confidence);
    format!("{} {percent} {}", verdict.opinion.label(lang), visible(&verdict.category))
}

fn fate(fate: &Fate, lang: Lang) -> String {
    let rules = |refusals: &[Refusal]| refusals.iter().map(|one| one.say(lang)).collect::<Vec<_>>().join("; ");
    match fate {
        Fate::Handled { at } => say::handled(lang, *at),
        Fate::InForce { decision } => say::in_force(lang, &visible(&decision.kind), decision.until),
        Fate::Covered { by } => say::covered(lang, by),
        Fate::Protected { refusals } => say::protected(lang, &rules(refusals)),
        Fate::Waiting => say::waiting(lang).to_owned(),
        Fate::Unsettled => say::unsettled(lang).to_owned(),
        Fate::Undecided { why } => say::undecided(lang, &visible(why)),
        Fate::Spared { refusals } => say::spared(lang, &rules(refusals)),
        Fate::Enforced { plan, decisions } => {
            let until = decisions.first().map_or_else(|| plan.made_at(), |decision| decision.until);
            let kind = decisions.first().map_or("", |decision| decision.kind.as_str());
            say::enforced(lang, &visible(kind), until)
        }
        Fate::Rehearsed { plan } => {
            say::rehearsed(lang, plan.remedy().as_str(), plan.duration().as_secs().div_ceil(60))
        }
        Fate::Failed { why, unclear: false, .. } => say::failed(lang, &visible(why)),
        Fate::Failed { why, unclear: true, .. } => say::unclear(lang, &visible(why)),
        Fate::Stopped => say::not_reached(lang).to_owned(),
    }
}

fn reconciled(intent: &Intent, lang: Lang) -> String {
    let what = visible(&intent.value);
    match &intent.outcome {
        Some(Outcome::FoundInForce(_)) => say::found_in_force(lang, &what, intent.at),
        _ => say::found_missing(lang, &what, intent.at),
    }
}

fn failed(failure: &Failure, lang: Lang) -> String {
    let about = failure.target.as_ref().map_or_else(String::new, |target| format!("{}: ", short(target)));
    say::failure(lang, &about, &visible(&failure.message))
}

/// Whole milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The words.
mod say {
    use ipnet::IpNet;
    use jiff::Timestamp;

    crate::text::words! {
        rehearsal { en: "rehearsal, nothing is sent", ko: "예행, 아무것도 보내지 않음" }
        cut {
            en: "more suspects passed than max_table_rows lets through; raise it or narrow base_filter",
            ko: "max_table_rows보다 많은 용의자가 있습니다. 값을 늘리거나 base_filter를 좁히세요",
        }
        stopped { en: "stopped before all was done", ko: "모두 끝나기 전에 중지됨" }
        waiting { en: "waits for a later cycle (max_candidates)", ko: "다음 주기로 미룸(max_candidates)" }
        unsettled {
            en: "left alone: it is not known how the last act on it ended",
            ko: "보류: 앞선 조치의 결과를 알 수 없음",
        }
        not_reached { en: "not reached", ko: "차례가 오지 않음" }
    }
    crate::text::sentences! {
        live(enforcer: &str) { en: "LIVE: {enforcer}", ko: "실제 차단: {enforcer}" }
        headline(started: Timestamp, mode: &str, seconds: f64) {
            en: "{started}  {mode}  {seconds:.1} s",
            ko: "{started}  {mode}  {seconds:.1}초",
        }
        traffic(source: &str, minutes: u64, requests: &str, clients: &str, suspects: usize, judge: &str) {
            en: "{source}: {requests} requests of {clients} clients in {minutes} min; suspects: {suspects}; judge: {judge}",
            ko: "{source}: {minutes}분 동안 요청 {requests}건, 클라이언트 {clients}곳, 용의자 {suspects}곳, 판정자 {judge}",
        }
        no_survey(source: &str) {
            en: "{source} could not be surveyed: nothing was judged, nobody was banned",
            ko: "{source} 조사 실패: 판정도 차단도 하지 않았습니다",
        }
        handled(at: Timestamp) { en: "handled already at {at}", ko: "이미 처리함({at})" }
        in_force(kind: &str, until: Timestamp) {
            en: "{kind} in force already until {until}",
            ko: "이미 {kind} 적용 중({until}까지)",
        }
        covered(by: &IpNet) { en: "banned with {by}", ko: "{by}와 함께 차단" }
        protected(rules: &str) { en: "never banned: {rules}", ko: "차단하지 않음: {rules}" }
        undecided(why: &str) { en: "undecided: {why}", ko: "결정하지 못함: {why}" }
        spared(rules: &str) { en: "nothing done: {rules}", ko: "조치 없음: {rules}" }
        enforced(kind: &str, until: Timestamp) { en: "{kind} until {until}", ko: "{kind} 적용({until}까지)" }
        rehearsed(kind: &str, minutes: u64) {
            en: "would have sent: {kind} for {minutes} min",
            ko: "예행: {kind} {minutes}분을 보냈을 것",
        }
        failed(why: &str) { en: "FAILED: {why}", ko: "실패: {why}" }
        unclear(why: &str) { en: "UNCLEAR, the next run finds out: {why}", ko: "불명확, 다음 실행 때 확인: {why}" }
        made_up(ids: &str) { en: "cites evidence that does not exist: {ids}", ko: "없는 근거를 인용함: {ids}" }
        found_in_force(what: &str, at: Timestamp) {
            en: "{what}: the act of {at}, left open by a former run, was found in force",
            ko: "{what}: 앞선 실행이 남긴 {at}의 조치가 적용되어 있음을 확인",
        }
        found_missing(what: &str, at: Timestamp) {
            en: "{what}: the act of {at}, left open by a former run, was not found in force",
            ko: "{what}: 앞선 실행이 남긴 {at}의 조치는 적용되어 있지 않음",
        }
        event_opened(event: &str) { en: "event opened: {event}", ko: "이벤트 발생: {event}" }
        event_resolved(event: &str) { en: "event resolved: {event}", ko: "이벤트 해소: {event}" }
        failure(about: &str, message: &str) { en: "failed: {about}{message}", ko: "실패: {about}{message}" }
    }
}

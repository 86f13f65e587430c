//! The numbered evidence of a dossier: what a verdict may cite, each with the query that shows it again. Pure.

use crate::detect::Evidence;
use crate::detect::rules::RuleSet;
use crate::judge::Dossier;
use crate::judge::signs::{Sign, signs};
use crate::logs::ValueHits;
use crate::text::escape::visible;
use crate::text::number::{self, count};
use crate::text::{Lang, Say};

/// At most so many parts of a score are said.
const PARTS: usize = 6;
/// A statement names at most so many values of a column.
const NAMED: usize = 5;
/// A value in a statement is at most so many characters long.
const VALUE_CHARACTERS: usize = 80;

/// The LogsQL of each part of a dossier; empty or `None` where the log cannot answer it.
#[derive(Debug, Default)]
pub(super) struct Queries {
    pub numbers: String,
    pub all: String,
    pub timeline: String,
    pub paths: Option<String>,
    pub agents: Option<String>,
    pub methods: Option<String>,
    pub statuses: Option<String>,
    pub rows: String,
    /// The clients that are alike in the way of the cohort.
    pub cohort: String,
    /// The clients of the prefix that covers it.
    pub prefix: String,
    /// The rules, for their words.
    pub rules: Option<&'static RuleSet>,
}

/// Collects evidence and numbers it.
#[derive(Default)]
struct List(Vec<Evidence>);

impl List {
    fn add(&mut self, kind: &str, statement: String, query: &str) {
        let id = format!("E{}", self.0.len() + 1);
        self.0.push(Evidence { id, kind: kind.to_owned(), statement, query: query.to_owned() });
    }
}

/// The evidence of a dossier whose parts have been read.
pub(super) fn gather(dossier: &Dossier, queries: &Queries, lang: Lang) -> Vec<Evidence> {
    let stats = &dossier.suspect.stats;
    let mut list = List::default();
    for hit in &dossier.suspect.gates {
        list.add("gate", hit.say(lang), &queries.numbers);
    }
    if dossier.suspect.gates.is_empty() {
        list.add("gate", say::no_gate(lang).to_owned(), &queries.numbers);
    }
    scores(&mut list, dossier, queries, lang);
    list.add("numbers", numbers(dossier, lang), &queries.numbers);
    if dossier.totals.requests > 0 {
        let share = number::percent(share(stats.requests, dossier.totals.requests));
        list.add(
            "share",
            say::share(lang, &share, &count(dossier.totals.requests), &count(dossier.totals.clients)),
            &queries.all,
        );
    }
    if let Some(peak) = dossier.timeline.values.iter().max() {
        list.add("timeline", pace(dossier, *peak, lang), &queries.timeline);
    }
    let columns: [(&str, &[ValueHits], Option<&String>, String); 4] = [
        ("paths", &dossier.top_paths, queries.paths.as_ref(), say::paths(lang, &count(stats.paths))),
        ("statuses", &dossier.statuses, queries.statuses.as_ref(), say::statuses(lang).to_owned()),
        ("methods", &dossier.methods, queries.methods.as_ref(), say::methods(lang).to_owned()),
        ("agents", &dossier.agents, queries.agents.as_ref(), say::agents(lang).to_owned()),
    ];
    for (kind, values, query, title) in columns {
        if !values.is_empty() {
            list.add(kind, format!("{title}: {}", named(values)), query.map_or("", String::as_str));
        }
    }
    // What detection says stands above, with its parts.
    for sign in signs(dossier).iter().filter(|sign| !matches!(sign, Sign::Detected { .. })) {
        list.add("rules", sign.say(lang), &queries.timeline);
    }
    if !dossier.rows.is_empty() {
        list.add("rows", say::rows(lang, dossier.rows.len(), &count(stats.requests)), &queries.rows);
    }
    for verdict in dossier.history.iter().take(NAMED) {
        let opinion = verdict.opinion.label(lang);
        list.add("history", say::judged(lang, verdict.at, &visible(&verdict.judge), opinion), "");
    }
    for decision in dossier.decisions.iter().take(NAMED) {
        let (kind, scenario) = (visible(&decision.kind), visible(&decision.scenario));
        list.add("decisions", say::in_force(lang, &kind, decision.until, &scenario), "");
    }
    list.0
}

/// What detection makes of it: the probability, each part in words, the cohort and what the site's people do instead.
fn scores(list: &mut List, dossier: &Dossier, queries: &Queries, lang: Lang) {
    let Some(score) = &dossier.suspect.score else { return };
    let action = score.action.map_or(say::below(lang), |action| action.label(lang));
    list.add("score", say::score(lang, &number::percent(score.probability), action), "");
    for part in score.parts.iter().take(PARTS) {
        let odds = number::factor(part.weight.exp());
        let query = if part.detector.starts_with("cohort:") { &queries.cohort } else { &queries.timeline };
        list.add(
            "score",
            say::part(lang, &part.say(lang, queries.rules.unwrap_or(RuleSet::shipped())), &part.detector, &odds),
            query,
        );
    }
    let Some(cohort) = &score.cohort else { return };
    let alike = cohort.alike.say(lang);
    list.add(
        "cohort",
        say::cohort(lang, &count(cohort.members as u64), &cut(&alike), &count(u64::from(cohort.people))),
        &queries.cohort,
    );
    for share in cohort.shares.iter().take(PARTS) {
        let instead = share.people.map_or_else(String::new, |_| say::instead(lang, share.habit.instead(lang)));
        list.add("cohort", format!("{}{instead}", share.say(lang)), &queries.cohort);
    }
    if let Some(covering) = &cohort.prefix {
        let innocent = number::percent(covering.innocent_share);
        let prefix = covering.prefix.to_string();
        list.add(
            "cohort",
            say::covering(
                lang,
                &prefix,
                &count(u64::from(covering.members)),
                &count(u64::from(covering.others)),
                &innocent,
            ),
            &queries.prefix,
        );
    }
}

fn numbers(dossier: &Dossier, lang: Lang) -> String {
    let stats = &dossier.suspect.stats;
    let ratio = number::percent(stats.ratio_4xx());
    let [s2xx, s3xx, s4xx, s499, s5xx] = [stats.s2xx, stats.s3xx, stats.s4xx, stats.s499, stats.s5xx].map(count);
    let statuses = format!("{s2xx} × 2xx, {s3xx} × 3xx, {s4xx} × 4xx ({ratio}; 499 × {s499}), {s5xx} × 5xx");
    say::numbers(lang, &count(stats.requests), &statuses, &count(stats.paths))
}

#[expect(clippy::cast_precision_loss, reason = "requests of a window and its seconds stay far below 2^53")]
fn pace(dossier: &Dossier, peak: u64, lang: Lang) -> String {
    let stats = &dossier.suspect.stats;
    let span = stats.first_seen.zip(stats.last_seen).map_or(0, |(first, last)| last.duration_since(first).as_secs());
    let seconds = span.max(1);
    let per_second = stats.requests as f64 / seconds as f64;
    let step = dossier.timeline.timestamps.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs()).min();
    say::pace(lang, &count(stats.requests), seconds, per_second, &count(peak), step.unwrap_or(seconds))
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// `"/a" 12, "/b" 3`: escaped, because a log's writer chose the values.
fn named(values: &[ValueHits]) -> String {
    let one = |value: &ValueHits| format!("\"{}\" {}", cut(&visible(&value.value)), number::count(value.hits));
    values.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ")
}

/// A text that is no longer than a value may be.
fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The words.
mod say {
    use jiff::Timestamp;

    crate::text::words! {
        below { en: "below all thresholds", ko: "모든 기준 미달" }
        no_gate { en: "it passes no gate", ko: "어떤 게이트도 넘지 않음" }
        statuses { en: "statuses", ko: "상태 코드" }
        methods { en: "methods", ko: "메서드" }
        agents { en: "user agents", ko: "사용자 에이전트" }
    }
    crate::text::sentences! {
        score(probability: &str, action: &str) {
            en: "detection gives an attack a probability of {probability} ({action})",
            ko: "탐지가 본 공격 확률 {probability}({action})",
        }
        part(words: &str, detector: &str, odds: &str) {
            en: "{words} [{detector}: odds {odds}]",
            ko: "{words} [{detector}: 승산 {odds}]",
        }
        cohort(members: &str, alike: &str, people: &str) {
            en: "one of {members} clients that act as one: they {alike}; of the site's people {people} do",
            ko: "하나처럼 행동하는 {members}개 주소 중 하나: {alike}. 일반 방문자 중에는 {people}명",
        }
        instead(instead: &str) { en: "; the others {instead}", ko: ". 나머지는 {instead}" }
        covering(prefix: &str, members: &str, others: &str, innocent: &str) {
            en: "{prefix} covers {members} of them and {others} other clients; about {innocent} of it may be innocent",
            ko: "{prefix}에 그중 {members}개와 다른 주소 {others}개가 있으며 무고한 비율은 약 {innocent}",
        }
        numbers(requests: &str, statuses: &str, paths: &str) {
            en: "{requests} requests: {statuses}, {paths} distinct paths",
            ko: "요청 {requests}건: {statuses}, 서로 다른 경로 {paths}개",
        }
        share(share: &str, requests: &str, clients: &str) {
            en: "{share} of all {requests} requests in the window, which came from {clients} clients",
            ko: "이 범위의 전체 요청 {requests}건(클라이언트 {clients}곳) 중 {share}",
        }
        pace(requests: &str, seconds: i64, per_second: f64, peak: &str, step: i64) {
            en: "{requests} requests within {seconds} s: {per_second:.1} a second on average, at most {peak} in {step} s",
            ko: "{seconds}초 동안 요청 {requests}건: 평균 초당 {per_second:.1}건, {step}초에 최대 {peak}건",
        }
        paths(distinct: &str) { en: "{distinct} distinct paths, most often", ko: "서로 다른 경로 {distinct}개, 많은 순서" }
        rows(shown: usize, requests: &str) {
            en: "the newest {shown} of {requests} requests as logged",
            ko: "요청 {requests}건 중 최근 {shown}건의 로그",
        }
        judged(at: Timestamp, judge: &str, opinion: &str) {
            en: "{judge} judged it at {at}: {opinion}",
            ko: "{at}에 {judge}의 판정: {opinion}",
        }
        in_force(kind: &str, until: Timestamp, scenario: &str) {
            en: "in force until {until}: {kind} ({scenario})",
            ko: "{until}까지 적용 중: {kind}({scenario})",
        }
    }
}

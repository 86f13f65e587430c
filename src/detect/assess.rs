//! Everybody in a traffic scored, with what the scores lead to and the cohorts behind them. The backtest, the console
//! and the unattended run all call this one function, so that what is measured is what is done.

use std::cmp::Ordering;
use std::net::IpAddr;

use hashbrown::HashMap;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cohorts::Membership;
use super::crawlers::Proofs;
use super::forest::Model;
use super::groups::{self, Alike, Belongs, Cohort};
use super::replay::{Action, Thresholds};
use super::rules::RuleSet;
use super::score::{Part, Score, Scorer};
use super::traffic::Traffic;
use super::traffic::distinct::Distinct;
use crate::text::escape::visible;
use crate::text::{Lang, number};

/// A client with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// Who.
    pub client: IpAddr,
    /// The score.
    pub score: Score,
    /// What it leads to; `None` below all thresholds.
    pub action: Option<Action>,
    /// The place of its cohort in [`Assessment::cohorts`].
    pub cohort: Option<usize>,
    /// The strongest cohort that it belongs to, as it was scored.
    pub(super) membership: Option<Membership>,
    /// Its requests.
    pub requests: u32,
    /// Its first request that is remembered.
    pub first: Timestamp,
    /// Its last request.
    pub last: Timestamp,
}

/// Everybody who matters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assessment {
    /// Clients, surest first.
    pub clients: Vec<Assessed>,
    /// Their cohorts, largest first.
    pub cohorts: Vec<Cohort>,
}

/// Scores everybody in a finished traffic and gives those that reach a threshold, and those of `also`.
pub fn assess(
    traffic: &Traffic<'_>,
    thresholds: &Thresholds,
    also: &(dyn Fn(IpAddr) -> bool + Sync),
    forest: Option<&Model>,
) -> Assessment {
    assess_since(traffic, i64::MIN, thresholds, also, forest)
}

/// The same of those only that were seen at or after an instant, in milliseconds of Unix time; what they are held
/// against is everybody all the same.
pub fn assess_since(
    traffic: &Traffic<'_>,
    since_ms: i64,
    thresholds: &Thresholds,
    also: &(dyn Fn(IpAddr) -> bool + Sync),
    forest: Option<&Model>,
) -> Assessment {
    assess_with(traffic, since_ms, thresholds, also, forest, &Proofs::default())
}

/// The same, believing what the DNS says of those that claim to be crawlers.
pub fn assess_with(
    traffic: &Traffic<'_>,
    since_ms: i64,
    thresholds: &Thresholds,
    also: &(dyn Fn(IpAddr) -> bool + Sync),
    forest: Option<&Model>,
    proofs: &Proofs,
) -> Assessment {
    let scorer = Scorer::new(traffic).with_forest(forest).with_proofs(proofs);
    let mut clients: Vec<Assessed> = traffic
        .clients
        .par_iter()
        .filter(|(_, client)| client.last_ms >= since_ms)
        .filter_map(|(&address, client)| {
            let (score, membership) = scorer.judge(address, client);
            let action = thresholds.action(&score);
            (action.is_some() || also(address)).then(|| Assessed {
                client: address,
                score,
                action,
                cohort: None,
                membership,
                requests: client.requests,
                first: instant(client.first_ms),
                last: instant(client.last_ms),
            })
        })
        .collect();
    clients.sort_by(surest_first);
    let cohorts = groups::of(traffic, &mut clients);
    Assessment { clients, cohorts }
}

fn surest_first(one: &Assessed, other: &Assessed) -> Ordering {
    other.score.probability.total_cmp(&one.score.probability).then(one.client.cmp(&other.client))
}

/// Milliseconds of Unix time as an instant.
pub fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Action {
    /// The action in a word.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Watch => say::watch(lang),
            Self::Ask => say::ask(lang),
            Self::Act => say::act(lang),
        }
    }
}

/// A score as it is shown and kept: without what only the arithmetic needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The probability of an attack, 0 to 1.
    pub probability: f64,
    /// What it leads to; `None` below all thresholds.
    pub action: Option<Action>,
    /// Its parts, heaviest first.
    pub parts: Vec<Part>,
    /// Whether one part alone cannot be innocent.
    pub conclusive: bool,
    /// The cohort that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Box<Belongs>>,
}

impl Assessment {
    /// Adds what another look at the same site showed: everybody as he stood at his worst.
    pub fn join(&mut self, other: Self) {
        let mut cohorts = std::mem::take(&mut self.cohorts);
        let mut places: HashMap<Alike, usize> = HashMap::new();
        places.extend(cohorts.iter().enumerate().map(|(place, cohort)| (cohort.alike.clone(), place)));
        let mut moved = Vec::with_capacity(other.cohorts.len());
        for cohort in other.cohorts {
            let place = *places.entry(cohort.alike.clone()).or_insert(cohorts.len());
            moved.push(place);
            match cohorts.get_mut(place) {
                Some(known) => known.join(cohort),
                None => cohorts.push(cohort),
            }
        }
        self.cohorts = cohorts;
        let mut known: HashMap<IpAddr, usize> = HashMap::new();
        known.extend(self.clients.iter().enumerate().map(|(place, one)| (one.client, place)));
        for mut one in other.clients {
            one.cohort = one.cohort.and_then(|place| moved.get(place).copied());
            let Some(before) = known.get(&one.client).and_then(|place| self.clients.get_mut(*place)) else {
                self.clients.push(one);
                continue;
            };
            let (first, last) = (before.first.min(one.first), before.last.max(one.last));
            let (action, requests) = (before.action.max(one.action), before.requests.max(one.requests));
            let cohort = before.cohort.or(one.cohort);
            if one.score.probability > before.score.probability {
                *before = Assessed { cohort: one.cohort.or(cohort), ..one };
            } else {
                before.cohort = cohort;
            }
            (before.first, before.last, before.action, before.requests) = (first, last, action, requests);
        }
        self.clients.sort_by(surest_first);
    }

    /// A client's score as it is shown; `None` where nobody asked for it and nothing speaks against it.
    pub fn scored(&self, client: IpAddr) -> Option<Scored> {
        self.clients.iter().find(|one| one.client == client).map(|one| self.shown(one))
    }

    /// A score as it is shown.
    pub fn shown(&self, assessed: &Assessed) -> Scored {
        let cohort = assessed.cohort.and_then(|place| self.cohorts.get(place));
        Scored {
            probability: assessed.score.probability,
            action: assessed.action,
            parts: assessed.score.parts.clone(),
            conclusive: assessed.score.conclusive,
            cohort: cohort.map(|cohort| Box::new(cohort.of_member(assessed.client))),
        }
    }
}

impl Scored {
    /// The names of the detectors, heaviest first.
    pub fn detectors(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.detector.as_str())
    }
}

impl Part {
    /// What it says, in words; a rule's own where it is one of `rules`.
    pub fn say(&self, lang: Lang, rules: &RuleSet) -> String {
        let (family, name) = self.detector.split_once(':').unwrap_or((self.detector.as_str(), ""));
        let count = counted(self.value);
        match (family, name) {
            ("rule", _) => match rules.rules().iter().find(|rule| rule.name == name) {
                Some(rule) => say::rule(lang, rule.meaning(lang), &count),
                None => say::other(lang, &visible(&self.detector), &count),
            },
            ("probing", _) => say::probing(lang, &count),
            ("login", "refused") => say::login(lang, &count),
            ("burst", "minute") => say::burst(lang, &count),
            ("harvest", _) => say::harvest(lang, &count),
            ("crawler", "false") => say::false_crawler(lang).to_owned(),
            ("cost", "bytes") => say::cost_bytes(lang, &number::times(self.value, lang)),
            ("cost", _) => say::cost_time(lang, &number::times(self.value, lang)),
            ("forest", _) => say::strange(lang).to_owned(),
            ("crawler", "doubtful") => say::doubtful_crawler(lang).to_owned(),
            ("sshd", _) => say::sshd(lang, &count),
            ("sensitive", _) => say::sensitive(lang, &count),
            ("repeat", "download") => say::fetched_again(lang, &count),
            ("repeat", _) => say::repeat(lang, &count),
            ("cohort", _) => say::cohort(lang, likeness(lang, name), &number::percent(self.value)),
            _ => say::other(lang, &visible(&self.detector), &format!("{:.2}", self.value)),
        }
    }
}

/// What a detector counted; more than are told apart are "so many and more".
fn counted(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = value.round() as u64;
    let most = whole >= Distinct::CEILING as u64;
    format!("{}{}", if most { "≥ " } else { "" }, number::count(whole))
}

fn likeness(lang: Lang, name: &str) -> &'static str {
    match name {
        "action" => say::same_action(lang),
        "agent" => say::same_agent(lang),
        "agent-action" => say::same_agent_action(lang),
        "prefix" => say::same_prefix(lang),
        "network" => say::same_network(lang),
        "only" => say::same_only(lang),
        "referer" => say::same_referer(lang),
        "sent" => say::same_sender(lang),
        "depth" => say::same_depth(lang),
        "rhythm" => say::same_rhythm(lang),
        "asset" => say::same_asset(lang),
        "step" => say::same_step(lang),
        "hasty" => say::same_haste(lang),
        "unled" => say::same_unled(lang),
        "pace" => say::same_pace(lang),
        "rotating" => say::same_rotating(lang),
        "timed" => say::same_timed(lang),
        "in-turn" => say::same_in_turn(lang),
        "again" => say::same_again(lang),
        "rounds" => say::same_rounds(lang),
        "signed-in" => say::same_signed_in(lang),
        "vain" => say::same_vain(lang),
        "bare" => say::same_bare(lang),
        "around" => say::same_around(lang),
        _ => say::same(lang),
    }
}

/// The words.
mod say {
    crate::text::words! {
        watch { en: "watch", ko: "관찰" }
        ask { en: "ask", ko: "확인" }
        act { en: "act", ko: "조치" }
        false_crawler {
            en: "claims to be a crawler from whose published addresses it does not come",
            ko: "크롤러라고 하지만 그 크롤러의 공개된 주소에서 오지 않았습니다",
        }
        strange {
            en: "behaves unlike the site's usual clients",
            ko: "사이트의 평소 클라이언트와 다르게 행동합니다",
        }
        doubtful_crawler {
            en: "claims to be a crawler and comes from none of its known addresses",
            ko: "크롤러라고 하지만 알려진 주소에서 오지 않았습니다",
        }
        same_action { en: "the same request", ko: "같은 요청" }
        same_agent { en: "the same agent", ko: "같은 에이전트" }
        same_agent_action { en: "the same agent and request", ko: "같은 에이전트와 요청" }
        same_prefix { en: "one prefix", ko: "같은 대역" }
        same_network { en: "one network", ko: "같은 네트워크(AS)" }
        same_only { en: "the same few things and nothing else", ko: "몇 가지 같은 동작만 함" }
        same_referer { en: "the same referer", ko: "같은 리퍼러" }
        same_sender { en: "every page from one foreign page", ko: "모든 페이지를 외부 페이지 하나에서" }
        same_depth { en: "the same depth without referer", ko: "리퍼러 없이 같은 깊이" }
        same_rhythm { en: "the same pages in the same rhythm", ko: "같은 순서와 간격으로 같은 페이지" }
        same_asset { en: "one file and nothing else", ko: "파일 하나만 요청" }
        same_step { en: "the same request at the same moments", ko: "같은 순간에 같은 요청" }
        same_haste { en: "the same form, within seconds of its page", ko: "페이지를 열자마자 같은 양식 전송" }
        same_unled { en: "the same agent, no page leading to the next", ko: "같은 에이전트, 이어지지 않는 페이지" }
        same_pace { en: "pages that none leads to, at a timer's pace", ko: "이어지지 않는 페이지를 타이머처럼 엶" }
        same_rotating { en: "another agent at nearly every step", ko: "거의 매번 다른 에이전트" }
        same_timed { en: "the same form, sent by the clock", ko: "같은 양식을 일정한 간격으로 전송" }
        same_in_turn { en: "pages by number, one after the other", ko: "번호 순서대로 페이지를 하나씩 엶" }
        same_again { en: "the same file or page once more", ko: "같은 파일이나 페이지를 다시 받음" }
        same_rounds { en: "the same rounds, by the clock", ko: "여러 항목을 일정한 간격으로 다시 확인" }
        same_around { en: "the same request out of one range", ko: "같은 대역에서 같은 요청" }
        same_bare { en: "an app's name and nothing its users do", ko: "앱 이름만 쓰고 그 사용자처럼 행동하지 않음" }
        same_signed_in { en: "one sign-in after the other", ko: "거듭되는 로그인" }
        same_vain { en: "page after page that is not there", ko: "없는 페이지를 잇달아 요청" }
        same { en: "the same behaviour", ko: "같은 행동" }
    }
    crate::text::sentences! {
        rule(meaning: &str, count: &str) { en: "{meaning} ({count}×)", ko: "{meaning} ({count}회)" }
        probing(count: &str) {
            en: "asked for {count} paths that are not there and that no visitor's browser asks for",
            ko: "없는 경로 {count}개를 요청했고 일반 방문자는 요청하지 않는 경로입니다",
        }
        login(count: &str) { en: "{count} attempts to sign in were refused", ko: "로그인 시도 {count}번이 거부되었습니다" }
        burst(count: &str) { en: "{count} requests in one minute", ko: "1분에 요청 {count}건" }
        sshd(count: &str) {
            en: "{count} sign-ins over SSH were refused",
            ko: "SSH 로그인 {count}번이 거부되었습니다",
        }
        sensitive(count: &str) {
            en: "{count} requests to sign in, pay or the like",
            ko: "로그인·결제 같은 민감한 요청 {count}건",
        }
        repeat(count: &str) {
            en: "asked for one page {count} times in a row",
            ko: "같은 페이지를 연달아 {count}번 요청했습니다",
        }
        fetched_again(count: &str) {
            en: "fetched the same few files whole {count} times",
            ko: "같은 파일 몇 개를 통째로 {count}번 받았습니다",
        }
        harvest(count: &str) {
            en: "walked through {count} targets without loading what a page needs",
            ko: "페이지에 필요한 자원은 받지 않고 {count}개 대상을 차례로 요청했습니다",
        }
        cost_bytes(factor: &str) {
            en: "costs {factor} the bytes of the mean client",
            ko: "바이트를 평균 클라이언트의 {factor} 씁니다",
        }
        cost_time(factor: &str) {
            en: "costs {factor} the request time of the mean client",
            ko: "처리 시간을 평균 클라이언트의 {factor} 씁니다",
        }
        cohort(likeness: &str, share: &str) {
            en: "acts as one with others ({likeness}); at most {share} of such a group are innocent",
            ko: "다른 주소들과 하나처럼 행동합니다({likeness}). 이런 무리 중 무고한 주소는 많아야 {share}입니다",
        }
        other(detector: &str, value: &str) { en: "{detector}: {value}", ko: "{detector}: {value}" }
    }
}

//! One request at a time: what is wrong with it, by its own text, by what its client did in the last minutes, and by
//! what its client is part of. Bounded in memory: clients are forgotten, and what was learned of the whole begins anew
//! where it has grown large. Reads no clock: the time comes with the request.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use serde::Serialize;

use super::ClientStats;
use super::crawlers::Claim;
use super::forest::{self, Model};
use super::gates::{self, GateLimits};
use super::replay::{Action, Thresholds};
use super::rules::normal;
use super::rules::{Request, RuleSet, Severity};
use super::score::{Kind, Part, Scorer};
use super::traffic::{ClientProfile, Hit, TargetKind, Traffic, targets};
use crate::text::{Lang, Say as _};

/// So many clients are counted at once; beyond, those whose window is over go first.
const MOST_CLIENTS: usize = 50_000;
/// The whole is weighed again after so many requests at least.
const WEIGH_EVERY: u64 = 500;
/// How long what was seen counts, in milliseconds: as in a replay.
const MEMORY_MS: i64 = 3_600_000;
/// A client as strange as one in so many of the past is called so.
const RARE: f64 = 0.001;
/// What is strange about so few requests means nothing.
const ENOUGH_REQUESTS: u32 = 10;

/// How an anomaly was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// A rule on the request itself, or on who its client claims to be.
    Rule,
    /// What its client did in the last minutes passes a threshold.
    Gate,
    /// Its client acts as one with others.
    Cohort,
    /// Its client is unlike all of the past.
    Forest,
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// The rule, gate or detector.
    pub name: String,
    /// What it means.
    pub why: String,
    /// The client, where the request tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<IpAddr>,
    /// The probability of an attack, where its client was scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Something is wrong with it.
    Anomaly {
        /// Always true.
        anomaly: bool,
        /// How it was found.
        method: Means,
        /// What it is.
        detail: Detail,
    },
    /// Nothing is.
    Nothing {
        /// Always false.
        anomaly: bool,
    },
}

/// What one client did in its window.
#[derive(Debug)]
struct Window {
    start_ms: i64,
    stats: ClientStats,
    paths: HashSet<u64>,
}

/// What the last weighing of the whole says of a client.
#[derive(Debug, Clone)]
struct Flag {
    means: Means,
    name: String,
    score: f64,
}

/// The state.
pub struct Stream<'r> {
    rules: &'r RuleSet,
    limits: GateLimits,
    thresholds: Thresholds,
    window_ms: i64,
    forest: Option<&'r Model>,
    lang: Lang,
    windows: HashMap<IpAddr, Window>,
    memory: Traffic<'r>,
    flags: HashMap<IpAddr, Flag>,
    since_weighed: u64,
}

impl<'r> Stream<'r> {
    /// An empty one. `window` is how long a client's doings are counted for a gate.
    pub fn new(
        rules: &'r RuleSet,
        limits: GateLimits,
        thresholds: Thresholds,
        window: std::time::Duration,
        forest: Option<&'r Model>,
        lang: Lang,
    ) -> Self {
        Self {
            rules,
            limits,
            thresholds,
            window_ms: i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1),
            forest,
            lang,
            windows: HashMap::new(),
            memory: Traffic::new(rules),
            flags: HashMap::new(),
            since_weighed: 0,
        }
    }

    /// Takes a request in and says what is wrong with it. The client is `None` where the request does not tell it: then
    /// only its own text speaks.
    pub fn take(&mut self, hit: &Hit<'_>, has_client: bool) -> Answer {
        let client = has_client.then_some(hit.client);
        let by_rule = self.rule(hit, client);
        let Some(address) = client else { return by_rule.unwrap_or(Answer::Nothing { anomaly: false }) };
        self.memory.add(hit);
        self.since_weighed += 1;
        // The cost of weighing everybody is spread over as many requests as there are clients.
        if self.since_weighed >= WEIGH_EVERY.max(self.memory.clients.len() as u64 / 2) {
            self.weigh(hit.at_ms);
        }
        let claim = self.rules.crawlers().claim(hit.request.agent, address);
        let by_gate = self.gate(hit, address);
        // A true crawler goes everywhere and follows whatever link there is.
        if claim == Claim::True {
            return Answer::Nothing { anomaly: false };
        }
        by_rule
            .or_else(|| self.lie(claim, address))
            .or(by_gate)
            .or_else(|| self.flag(address))
            .or_else(|| self.strange(address))
            .unwrap_or(Answer::Nothing { anomaly: false })
    }

    /// The gravest rule that the request matches; hints are no anomaly. A request that has no answer yet matches what
    /// it would match where what it asks for is there, or is not.
    fn rule(&self, hit: &Hit<'_>, client: Option<IpAddr>) -> Option<Answer> {
        let answered: &[u16] = if hit.request.status == 0 { &[404, 200] } else { &[hit.request.status] };
        let matched =
            answered.iter().flat_map(|status| self.rules.matches(&Request { status: *status, ..hit.request }));
        let gravest = matched.filter(|rule| rule.severity > Severity::Hint).max_by_key(|rule| rule.severity)?;
        let (name, why) = (format!("rule:{}", gravest.name), gravest.meaning(self.lang).to_owned());
        Some(anomaly(Means::Rule, Detail { name, why, client, score: None }))
    }

    /// That the client is no crawler, though it says so.
    fn lie(&self, claim: Claim, client: IpAddr) -> Option<Answer> {
        if claim != Claim::False {
            return None;
        }
        let part = Part { kind: Kind::Identity, detector: "crawler:false".to_owned(), weight: 0.0, value: 1.0 };
        let (why, name) = (part.say(self.lang, self.rules), part.detector);
        Some(anomaly(Means::Rule, Detail { name, why, client: Some(client), score: None }))
    }

    /// A gate that the client's last minutes pass, where it does not behave as people's browsers do: many of those share
    /// an office's address. What a page loads is no path that somebody looked for.
    fn gate(&mut self, hit: &Hit<'_>, client: IpAddr) -> Option<Answer> {
        if self.windows.len() >= MOST_CLIENTS && !self.windows.contains_key(&client) {
            let begun = hit.at_ms - self.window_ms;
            self.windows.retain(|_, window| window.start_ms > begun);
            if self.windows.len() >= MOST_CLIENTS {
                self.windows.clear();
            }
        }
        let most_paths = usize::try_from(self.limits.min_paths).unwrap_or(usize::MAX).min(10_000);
        let window = self.windows.entry(client).or_insert_with(|| Window::new(client, hit.at_ms));
        if hit.at_ms - window.start_ms >= self.window_ms {
            *window = Window::new(client, hit.at_ms);
        }
        window.count(hit, most_paths);
        let gate = gates::passed(&window.stats, &self.limits).into_iter().next()?;
        if self.memory.clients.get(&client).is_some_and(ClientProfile::is_humanlike) {
            return None;
        }
        let name = format!("gate:{}", serde_json::to_value(gate.gate).ok()?.as_str().unwrap_or_default());
        Some(anomaly(Means::Gate, Detail { name, why: gate.say(self.lang), client: Some(client), score: None }))
    }

    /// What the last weighing says of the client.
    fn flag(&self, client: IpAddr) -> Option<Answer> {
        let flag = self.flags.get(&client)?;
        let why = match flag.means {
            Means::Cohort => say::acts_as_one(self.lang),
            Means::Rule => say::claims(self.lang),
            Means::Gate | Means::Forest => say::behaves(self.lang),
        };
        let (name, score) = (flag.name.clone(), Some(flag.score));
        Some(anomaly(flag.means, Detail { name, why: why.to_owned(), client: Some(client), score }))
    }

    /// What the forest says of the client.
    fn strange(&self, address: IpAddr) -> Option<Answer> {
        let (model, client) = (self.forest?, self.memory.clients.get(&address)?);
        if client.requests < ENOUGH_REQUESTS {
            return None;
        }
        let features = forest::features::of(&self.memory, client);
        let score = model.score(&features);
        if model.rarity(score) > RARE {
            return None;
        }
        let reasons: Vec<String> = model.reasons(&features).iter().take(3).map(|one| one.say(self.lang)).collect();
        let why = say::unlike(self.lang, &reasons.join(", "));
        let detail = Detail { name: "forest:strange".to_owned(), why, client: Some(address), score: Some(score) };
        Some(anomaly(Means::Forest, detail))
    }

    /// Scores everybody, and forgets who has gone.
    fn weigh(&mut self, now_ms: i64) {
        self.since_weighed = 0;
        self.memory.finish();
        let scorer = Scorer::new(&self.memory);
        let flagged = self.memory.clients.iter().filter_map(|(&address, client)| {
            let score = scorer.score(address, client);
            let is_flagged = self.thresholds.action(&score) >= Some(Action::Ask);
            let part = score.parts.first().filter(|_| is_flagged)?;
            Some((address, Flag { means: means(part), name: part.detector.clone(), score: score.probability }))
        });
        self.flags = flagged.collect();
        self.memory.forget(now_ms, MEMORY_MS);
    }
}

/// The means that a part of a score stands for.
const fn means(part: &Part) -> Means {
    match part.kind {
        Kind::Rule | Kind::Identity => Means::Rule,
        Kind::Cohort => Means::Cohort,
        Kind::Forest => Means::Forest,
        _ => Means::Gate,
    }
}

const fn anomaly(method: Means, detail: Detail) -> Answer {
    Answer::Anomaly { anomaly: true, method, detail }
}

impl Window {
    fn new(client: IpAddr, start_ms: i64) -> Self {
        let first_seen = Timestamp::from_millisecond(start_ms).ok();
        let stats = ClientStats { first_seen, ..ClientStats::none(client) };
        Self { start_ms, stats, paths: HashSet::new() }
    }

    fn count(&mut self, hit: &Hit<'_>, most_paths: usize) {
        let stats = &mut self.stats;
        stats.requests += 1;
        stats.bytes += hit.bytes;
        match hit.request.status {
            200..=299 => stats.s2xx += 1,
            300..=399 => stats.s3xx += 1,
            400..=499 => stats.s4xx += 1,
            500..=599 => stats.s5xx += 1,
            _ => {}
        }
        stats.s499 += u64::from(hit.request.status == 499);
        let path = hit.request.target.split('?').next().unwrap_or_default();
        let kind = targets::read(&normal::target(hit.request.target)).kind;
        if self.paths.len() < most_paths && !matches!(kind, TargetKind::Asset | TargetKind::Utility) {
            let mut hasher = DefaultHasher::new();
            path.hash(&mut hasher);
            self.paths.insert(hasher.finish());
            stats.paths = self.paths.len() as u64;
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        acts_as_one { en: "its client acts as one with others", ko: "클라이언트가 다른 클라이언트들과 하나처럼 움직입니다" }
        claims { en: "its client has sent what only attackers send, or is not who it claims to be", ko: "클라이언트가 공격자만 보내는 요청을 보냈거나 밝힌 정체와 다릅니다" }
        behaves { en: "what its client did in the last hour is an attacker's doing", ko: "클라이언트의 지난 한 시간 행동이 공격자의 행동입니다" }
    }
    crate::text::sentences! {
        unlike(reasons: &str) {
            en: "its client is unlike those of the past: {reasons}",
            ko: "클라이언트가 과거와 다릅니다: {reasons}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

    fn stream() -> Stream<'static> {
        let window = std::time::Duration::from_secs(300);
        Stream::new(RuleSet::shipped(), GateLimits::default(), Thresholds::default(), window, None, Lang::En)
    }

    fn hit<'a>(second: i64, last: u8, target: &'a str, status: u16, agent: &'a str) -> Hit<'a> {
        Hit {
            at_ms: 1_772_442_000_000 + second * 1000,
            client: IpAddr::from([203, 0, 113, last]),
            request: Request {
                method: "GET",
                target,
                protocol: "HTTP/1.1",
                status,
                agent,
                referer: "https://shop.example/",
            },
            bytes: 900,
            duration_ms: 10,
        }
    }

    fn method(answer: &Answer) -> Option<Means> {
        match answer {
            Answer::Anomaly { method, .. } => Some(*method),
            Answer::Nothing { .. } => None,
        }
    }

    #[test]
    fn a_rule_speaks_without_a_client_and_an_ordinary_request_is_nothing() {
        let mut stream = stream();
        let answer = stream.take(&hit(0, 1, "/.env", 404, BROWSER), false);
        assert_eq!(method(&answer), Some(Means::Rule));
        let json = serde_json::to_value(&answer).unwrap();
        assert_eq!((json["anomaly"].clone(), json["method"].clone()), (true.into(), "rule".into()));
        assert!(json["detail"]["client"].is_null());
        // A request that has no answer yet.
        assert_eq!(method(&stream.take(&hit(0, 1, "/.env", 0, BROWSER), false)), Some(Means::Rule));
        assert_eq!(method(&stream.take(&hit(0, 1, "/products/42", 0, BROWSER), false)), None);
        let answer = stream.take(&hit(0, 1, "/products/42", 200, BROWSER), true);
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"anomaly":false}"#);
    }

    #[test]
    fn a_gate_is_passed_by_looking_for_paths_and_not_by_loading_a_page() {
        let mut scanner = stream();
        let answers: Vec<_> = (0..25)
            .map(|n| method(&scanner.take(&hit(n, 7, &format!("/section{n}/page"), 200, BROWSER), true)))
            .collect();
        assert_eq!(answers[..19], [None; 19]);
        assert_eq!(answers[24], Some(Means::Gate));
        // The innocent look-alike: a page with forty assets.
        let mut shopper = stream();
        assert!((0..40).all(|n| {
            method(&shopper.take(&hit(0, 8, &format!("/static/img/{n}.png"), 200, BROWSER), true)).is_none()
        }));
        // And a client whose pages are spread over an hour.
        let mut slow = stream();
        assert!((0..25).all(|n| {
            method(&slow.take(&hit(n * 150, 9, &format!("/blog/article{n}"), 200, BROWSER), true)).is_none()
        }));
    }

    #[test]
    fn a_false_crawler_is_told_at_once_and_a_true_one_and_an_office_are_let_be() {
        const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        let mut stream = stream();
        assert_eq!(method(&stream.take(&hit(0, 7, "/", 200, BOT), true)), Some(Means::Rule));
        for n in 0..60 {
            let mut crawls = hit(n, 1, "/", 200, BOT);
            let (page, asset) = (format!("/section{n}/page"), format!("/static/{n}.js"));
            (crawls.client, crawls.request.target) = (IpAddr::from([66, 249, 66, 1]), &page);
            assert_eq!(method(&stream.take(&crawls, true)), None, "the true one: {n}");
            assert_eq!(method(&stream.take(&hit(n, 9, &page, 200, BROWSER), true)), None, "the office: {n}");
            assert_eq!(method(&stream.take(&hit(n, 9, &asset, 200, BROWSER), true)), None, "the office: {n}");
        }
    }

    #[test]
    fn a_botnet_is_seen_as_one_and_the_shop_is_left_alone() {
        use crate::sim::populations::lab;
        use crate::sim::{self, Labels, Plan};
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut plan = Plan::new(5, start).until(start + jiff::SignedDuration::from_mins(20));
        plan.populations.extend(lab::ATTACKERS);
        plan.populations.extend(lab::INNOCENTS);
        let (mut stream, mut labels) = (stream(), Labels::default());
        let mut by_cohort: HashMap<IpAddr, u32> = HashMap::new();
        for request in sim::Traffic::new(&plan) {
            labels.note(&request);
            let hit = Hit { duration_ms: 0, ..request.hit() };
            if method(&stream.take(&hit, true)) == Some(Means::Cohort) {
                *by_cohort.entry(request.client).or_default() += 1;
            }
        }
        let (mut right, mut wrong) = (0, 0);
        for (client, population) in labels.iter() {
            let found = usize::from(by_cohort.contains_key(&client));
            if population.hostile { right += found } else { wrong += found }
        }
        assert!(right >= 50, "{right}");
        assert!(wrong * 50 <= right, "{wrong} innocents beside {right}");
    }

    #[test]
    fn memory_is_bounded_by_what_is_kept() {
        let mut stream = stream();
        for n in 0..30_000_u32 {
            let mut one = hit(i64::from(n / 100), 1, "/", 200, BROWSER);
            one.client = IpAddr::from(n.to_be_bytes());
            let _ = stream.take(&one, true);
        }
        assert!(stream.memory.clients.len() <= MOST_CLIENTS && stream.windows.len() <= MOST_CLIENTS);
        let mut late = hit(100_000, 1, "/", 200, BROWSER);
        for _ in 0..20_000 {
            late.at_ms += 1;
            let _ = stream.take(&late, true);
        }
        assert_eq!(stream.memory.clients.len(), 1, "who has gone is forgotten");
    }
}

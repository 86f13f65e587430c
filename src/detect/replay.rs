//! Replays a log window by window, as an unattended run would see it: each window is added to a bounded memory of the
//! last hour, everything in it is scored anew, and what a client reached at its worst is what it is remembered for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assess::assess;
use super::rules::RuleSet;
use super::score::{Part, Score};
use super::traffic::{Hit, Traffic};

/// What a score leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Keep an eye on it.
    Watch,
    /// Ask a person, or the judge.
    Ask,
    /// Sure enough to act unattended.
    Act,
}

/// From which probability on a score leads to what.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// See [`Action::Watch`].
    pub watch: f64,
    /// See [`Action::Ask`].
    pub ask: f64,
    /// See [`Action::Act`]; needs corroboration too (see [`Score::is_corroborated`]).
    pub act: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { watch: 0.2, ask: 0.5, act: 0.9 }
    }
}

impl Thresholds {
    /// What a score leads to; `None` below all thresholds.
    pub fn action(&self, score: &Score) -> Option<Action> {
        let probability = score.probability;
        if probability >= self.act && score.is_corroborated() {
            Some(Action::Act)
        } else if probability >= self.ask {
            Some(Action::Ask)
        } else {
            (probability >= self.watch).then_some(Action::Watch)
        }
    }
}

/// A client that reached a threshold, as it stood in its worst window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Who.
    pub target: IpAddr,
    /// What its worst score leads to.
    pub action: Action,
    /// The probability of an attack in its worst window.
    pub score: f64,
    /// All detectors that spoke against it in any window.
    pub detectors: BTreeSet<String>,
    /// Its first request.
    pub first: Timestamp,
    /// Its last request.
    pub last: Timestamp,
    /// In how many windows it reached a threshold.
    pub windows: u32,
    /// The parts of its worst score.
    pub evidence: Vec<Part>,
}

/// The replay's state.
#[derive(Debug)]
pub struct Replay<'r> {
    thresholds: Thresholds,
    window_ms: i64,
    memory: Traffic<'r>,
    window_end: Option<i64>,
    findings: BTreeMap<IpAddr, Finding>,
    /// Windows that were scored.
    pub windows: u32,
}

/// How long a client that has gone quiet is remembered, and after how long one that stays loses half its weight.
const MEMORY_MS: i64 = 3_600_000;

impl<'r> Replay<'r> {
    /// An empty one with windows of this length.
    pub fn new(rules: &'r RuleSet, thresholds: Thresholds, window: std::time::Duration) -> Self {
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
        Self {
            thresholds,
            window_ms,
            memory: Traffic::new(rules),
            window_end: None,
            findings: BTreeMap::new(),
            windows: 0,
        }
    }

    /// Takes one request in; requests come nearly in the order of time. `exempt` clients are left out by the caller.
    pub fn add(&mut self, hit: &Hit<'_>) {
        let end = *self.window_end.get_or_insert((hit.at_ms.div_euclid(self.window_ms) + 1) * self.window_ms);
        if hit.at_ms >= end {
            self.score(end);
            self.window_end = Some((hit.at_ms.div_euclid(self.window_ms) + 1) * self.window_ms);
        }
        self.memory.add(hit);
    }

    /// Scores what is left and gives every finding, the surest first.
    pub fn finish(mut self) -> Vec<Finding> {
        if let Some(end) = self.window_end {
            self.score(end);
        }
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        findings.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.target.cmp(&other.target)));
        findings
    }

    fn score(&mut self, end_ms: i64) {
        self.windows += 1;
        self.memory.finish();
        for one in assess(&self.memory, &self.thresholds, &|_| false, None).clients {
            let (Some(action), target, score) = (one.action, one.client, one.score) else { continue };
            let finding = self.findings.entry(target).or_insert_with(|| Finding {
                target,
                action,
                score: 0.0,
                detectors: BTreeSet::new(),
                first: one.first,
                last: one.last,
                windows: 0,
                evidence: Vec::new(),
            });
            finding.last = one.last;
            finding.windows += u32::from(one.last.as_millisecond() >= end_ms - self.window_ms);
            finding.action = finding.action.max(action);
            finding.detectors.extend(score.parts.iter().map(|part| part.detector.clone()));
            if score.probability > finding.score {
                finding.score = score.probability;
                finding.evidence = score.parts;
            }
        }
        self.memory.forget(end_ms - MEMORY_MS);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use jiff::SignedDuration;

    use super::*;
    use crate::detect::rules::Request;
    use crate::sim::populations::lab;
    use crate::sim::{self, Labels, Plan};

    /// Recall by family, precision and the share of innocents flagged.
    struct Measure {
        precision: f64,
        recall: f64,
        innocents_flagged: f64,
        by_family: BTreeMap<&'static str, (u32, u32)>,
    }

    fn measure(seed: u64) -> Measure {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut plan = Plan::new(seed, start).until(start + SignedDuration::from_hours(1));
        plan.populations.extend(lab::ATTACKERS);
        plan.populations.extend(lab::INNOCENTS);
        let mut replay = Replay::new(RuleSet::shipped(), Thresholds::default(), Duration::from_secs(300));
        let mut labels = Labels::default();
        for request in sim::Traffic::new(&plan) {
            labels.note(&request);
            replay.add(&Hit {
                at_ms: request.at.as_millisecond(),
                client: request.client,
                request: Request {
                    method: request.method,
                    target: &request.uri,
                    protocol: "HTTP/1.1",
                    status: request.status,
                    agent: request.user_agent,
                    referer: &request.referer,
                },
                bytes: request.bytes,
                duration_ms: 0,
            });
        }
        let flagged: BTreeMap<IpAddr, Finding> = replay
            .finish()
            .into_iter()
            .filter(|finding| finding.action >= Action::Ask)
            .map(|finding| (finding.target, finding))
            .collect();
        let mut by_family: BTreeMap<&'static str, (u32, u32)> = BTreeMap::new();
        let (mut right, mut wrong, mut innocents) = (0_u32, 0_u32, 0_u32);
        for (client, population) in labels.iter() {
            let hit = flagged.get(&client);
            if population.hostile {
                let family = by_family.entry(population.name).or_default();
                family.1 += 1;
                family.0 += u32::from(hit.is_some());
                right += u32::from(hit.is_some());
            } else {
                innocents += 1;
                wrong += u32::from(hit.is_some());
                if let Some(finding) = hit {
                    println!("wrong: {} {finding:?}", population.name);
                }
            }
        }
        let recall = by_family.values().map(|(hit, all)| f64::from(*hit) / f64::from(*all)).sum::<f64>();
        Measure {
            precision: f64::from(right) / f64::from(right + wrong).max(1.0),
            recall: recall / by_family.len() as f64,
            innocents_flagged: f64::from(wrong) / f64::from(innocents),
            by_family,
        }
    }

    #[test]
    fn the_botnet_is_seen_and_the_office_is_spared() {
        for seed in 0..2 {
            let measure = measure(seed);
            println!("{:?}", measure.by_family);
            assert!(measure.precision >= 0.97, "seed {seed}: precision {}", measure.precision);
            assert!(measure.innocents_flagged <= 0.003, "seed {seed}: innocents {}", measure.innocents_flagged);
            assert!(measure.recall >= 0.8, "seed {seed}: recall {} {:?}", measure.recall, measure.by_family);
        }
    }
}

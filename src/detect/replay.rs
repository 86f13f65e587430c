//! Replays a log window by window, as an unattended run would see it: each window is added to a bounded memory of the
//! last hour, whoever was there is scored anew, and what a client reached at its worst is what it is remembered for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assess::{Assessed, Assessment, assess_since, instant};
use super::forest::Model;
use super::groups::{Alike, Cohort};
use super::rules::RuleSet;
use super::score::{Part, Score};
use super::traffic::{Foresight, Hit, Traffic};

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
    /// In how many windows it was there and reached a threshold; at least one.
    pub windows: u32,
    /// What each detector said when it weighed most, heaviest first: not all of it need be of one window.
    pub evidence: Vec<Part>,
    /// The parts of its worst score.
    #[serde(skip)]
    pub parts: Vec<Part>,
    /// Whether one of those alone cannot be innocent.
    #[serde(skip)]
    pub conclusive: bool,
    /// The most requests that were remembered of it.
    #[serde(skip)]
    pub requests: u32,
}

/// Is told of every score that reached a threshold, window by window.
pub type Observer<'r> = Box<dyn FnMut(IpAddr, &Score) + Send + 'r>;

/// The replay's state.
pub struct Replay<'r> {
    thresholds: Thresholds,
    window_ms: i64,
    memory: Traffic<'r>,
    window_end: Option<i64>,
    findings: BTreeMap<IpAddr, Finding>,
    /// As they were when they had the most members, with everybody who was one in any window.
    cohorts: BTreeMap<Alike, Cohort>,
    observer: Option<Observer<'r>>,
    forest: Option<Arc<Model>>,
    /// Windows that were scored.
    pub windows: u32,
}

impl std::fmt::Debug for Replay<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Replay").field("windows", &self.windows).finish_non_exhaustive()
    }
}

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Clients, the surest first.
    pub suspects: Vec<Finding>,
    /// Cohorts, the largest first.
    pub cohorts: Vec<Cohort>,
}

impl Found {
    /// The same as one look gives it: everybody as in the worst window, in the largest cohort that ever had him.
    pub fn into_assessment(self) -> Assessment {
        let mut place: HashMap<IpAddr, usize> = HashMap::new();
        for (number, cohort) in self.cohorts.iter().enumerate() {
            for member in &cohort.members {
                place.entry(member.client).or_insert(number);
            }
        }
        let assessed = |finding: Finding| Assessed {
            client: finding.target,
            score: Score { probability: finding.score, parts: finding.parts, conclusive: finding.conclusive },
            action: Some(finding.action),
            cohort: place.get(&finding.target).copied(),
            membership: None,
            requests: finding.requests,
            first: finding.first,
            last: finding.last,
        };
        Assessment { clients: self.suspects.into_iter().map(assessed).collect(), cohorts: self.cohorts }
    }
}

/// How long a client that has gone quiet is remembered, and of how long the counts of one that stays are at most.
const MEMORY_MS: i64 = 3_600_000;
/// Those who were quiet in a window are looked at again in every third: what came after them can give them away too.
const EVERYBODY_EVERY: u32 = 3;

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
            cohorts: BTreeMap::new(),
            observer: None,
            forest: None,
            windows: 0,
        }
    }

    /// The same, telling somebody of every score that reached a threshold.
    #[must_use]
    pub fn observed_by(self, observer: Observer<'r>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The same, comparing clients with the site's usual ones.
    #[must_use]
    pub fn compared_by(self, forest: Option<Arc<Model>>) -> Self {
        Self { forest, ..self }
    }

    /// See [`Traffic::foresee`].
    pub fn foresee<'t>(&self, targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
        self.memory.foresee(targets)
    }

    /// See [`Traffic::foreseen`].
    pub fn foreseen(&mut self, foresight: Foresight<'_, '_>) {
        self.memory.foreseen(foresight);
    }

    /// Whether a client is among those that are remembered.
    pub fn remembers(&self, client: IpAddr) -> bool {
        self.memory.clients.contains_key(&client)
    }

    /// Takes one request in; requests come nearly in the order of time. `exempt` clients are left out by the caller.
    pub fn add(&mut self, hit: &Hit<'_>) {
        let end = *self.window_end.get_or_insert((hit.at_ms.div_euclid(self.window_ms) + 1) * self.window_ms);
        if hit.at_ms >= end {
            self.score(end, false);
            self.window_end = Some((hit.at_ms.div_euclid(self.window_ms) + 1) * self.window_ms);
        }
        self.memory.add(hit);
    }

    /// Scores what is left and gives every finding.
    pub fn finish(mut self) -> Found {
        if let Some(end) = self.window_end {
            self.score(end, true);
        }
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        for finding in &mut findings {
            finding.evidence.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        }
        findings.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.target.cmp(&other.target)));
        let mut cohorts: Vec<Cohort> = self.cohorts.into_values().collect();
        cohorts.sort_by(|one, other| {
            other.members.len().cmp(&one.members.len()).then_with(|| one.alike.cmp(&other.alike))
        });
        Found { suspects: findings, cohorts }
    }

    /// Keeps a cohort of a window: its numbers as they were when it was largest, and all members that it ever had.
    fn remember(&mut self, cohort: Cohort) {
        if let Some(known) = self.cohorts.get_mut(&cohort.alike) {
            known.join(cohort);
        } else {
            self.cohorts.insert(cohort.alike.clone(), cohort);
        }
    }

    fn score(&mut self, end_ms: i64, is_last: bool) {
        self.windows += 1;
        self.memory.finish();
        let everybody = is_last || self.windows.is_multiple_of(EVERYBODY_EVERY);
        let since = if everybody { i64::MIN } else { end_ms - self.window_ms };
        let forest = self.forest.as_deref();
        let assessment = assess_since(&self.memory, since, &self.thresholds, &|_| false, forest);
        assessment.cohorts.into_iter().for_each(|cohort| self.remember(cohort));
        for one in assessment.clients {
            let (Some(action), target, score) = (one.action, one.client, one.score) else { continue };
            if let Some(observer) = &mut self.observer {
                observer(target, &score);
            }
            let finding = self.findings.entry(target).or_insert_with(|| Finding {
                target,
                action,
                score: 0.0,
                detectors: BTreeSet::new(),
                first: one.first,
                last: one.last,
                windows: 0,
                evidence: Vec::new(),
                parts: Vec::new(),
                conclusive: false,
                requests: 0,
            });
            finding.requests = finding.requests.max(one.requests);
            // Whoever is given away only by what came after it did what it did in a window all the same.
            finding.windows =
                (finding.windows + u32::from(one.last.as_millisecond() >= end_ms - self.window_ms)).max(1);
            finding.action = finding.action.max(action);
            for part in &score.parts {
                if !finding.detectors.contains(&part.detector) {
                    finding.detectors.insert(part.detector.clone());
                }
                keep_heaviest(&mut finding.evidence, part);
            }
            if score.probability > finding.score {
                (finding.score, finding.conclusive) = (score.probability, score.conclusive);
                finding.parts = score.parts;
            }
        }
        // Also of those against whom nothing speaks any more, but who are still there.
        for (target, finding) in &mut self.findings {
            if let Some(client) = self.memory.clients.get(target) {
                finding.last = finding.last.max(instant(client.last_ms));
            }
        }
        self.memory.forget(end_ms, MEMORY_MS);
    }
}

/// Keeps a part unless the same detector has a heavier one there.
fn keep_heaviest(evidence: &mut Vec<Part>, part: &Part) {
    match evidence.iter_mut().find(|known| known.detector == part.detector) {
        Some(known) if known.weight < part.weight => *known = part.clone(),
        Some(_) => {}
        None => evidence.push(part.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sim::Traffic;
    use crate::sim::measure::{self, measure};

    /// Figures on traffic, with whoever was flagged wrongly printed where they are missed.
    fn holds(scene: &str, seed: u64, recall: f64) {
        let measured = measure(&measure::plan(scene, seed), &[]).remove(0);
        let innocents = measured.innocents_flagged();
        assert!(measured.precision() >= 0.97, "{scene} {seed}: {measured:?}");
        assert!(innocents <= 0.003, "{scene} {seed}: {innocents} {measured:?}");
        assert!(measured.family_recall() >= recall, "{scene} {seed}: {} {measured:?}", measured.family_recall());
    }

    #[test]
    fn the_botnet_is_seen_and_the_office_is_spared() {
        holds("shop", 0, 0.9);
    }

    #[test]
    fn so_it_is_on_sites_that_nothing_was_calibrated_on() {
        for seed in 0..2 {
            for scene in ["news", "api", "forge", "docs"] {
                holds(scene, seed, 0.8);
            }
        }
    }

    #[test]
    fn whoever_is_listed_was_there_until_its_last_request_and_every_detector_has_its_evidence() {
        let plan = measure::plan("shop", 0);
        let mut replay = Replay::new(RuleSet::shipped(), Thresholds::default(), Duration::from_secs(300));
        let mut last: BTreeMap<IpAddr, i64> = BTreeMap::new();
        for request in Traffic::new(&plan) {
            let hit = request.hit();
            last.insert(hit.client, hit.at_ms.max(last.get(&hit.client).copied().unwrap_or(i64::MIN)));
            replay.add(&hit);
        }
        let suspects = replay.finish().suspects;
        assert!(suspects.len() > 500, "{}", suspects.len());
        for finding in suspects {
            assert!(finding.windows >= 1, "{finding:?}");
            assert_eq!(finding.last.as_millisecond(), last[&finding.target], "{finding:?}");
            let shown: BTreeSet<String> = finding.evidence.iter().map(|part| part.detector.clone()).collect();
            assert_eq!((shown.len(), &shown), (finding.evidence.len(), &finding.detectors), "{}", finding.target);
            assert!(finding.evidence.is_sorted_by(|one, other| one.weight >= other.weight), "{finding:?}");
        }
    }
}

//! How right detection is on labelled traffic: what a test holds, and what the README's table is made of. One replay
//! measures all detectors together and, from the same scores, what is left when one of them is taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::populations::{self, heldout, lab};
use super::{Labels, Plan, Population, Traffic};
use crate::detect::replay::{Action, Replay, Thresholds};
use crate::detect::rules::RuleSet;
use crate::detect::score::Score;

/// The scenes: the shop that detection was calibrated on, and the four sites that it was not.
pub const SCENES: &[&str] = &["shop", "news", "api", "forge", "docs"];

/// The detectors that can be taken out, by the beginnings of their names.
pub const DETECTORS: &[&str] =
    &["rule:", "probing:", "login:", "sensitive:", "burst:", "repeat:", "harvest:", "cohort:", "crawler:"];

/// Who was flagged and who should have been.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// By family: found, and all.
    pub families: BTreeMap<&'static str, (u32, u32)>,
    /// By innocent population: flagged, and all.
    pub innocents: BTreeMap<&'static str, (u32, u32)>,
}

impl Measured {
    fn sum(of: &BTreeMap<&'static str, (u32, u32)>) -> (u32, u32) {
        of.values().fold((0, 0), |(one, other), (flagged, all)| (one + flagged, other + all))
    }

    /// The share of the flagged that are attackers.
    pub fn precision(&self) -> f64 {
        let (right, wrong) = (Self::sum(&self.families).0, Self::sum(&self.innocents).0);
        f64::from(right) / f64::from(right + wrong).max(1.0)
    }

    /// The share of attackers that are flagged, averaged over the families.
    pub fn family_recall(&self) -> f64 {
        let shares = self.families.values().map(|(found, all)| f64::from(*found) / f64::from(*all).max(1.0));
        shares.sum::<f64>() / f64::from(u32::try_from(self.families.len()).unwrap_or(u32::MAX)).max(1.0)
    }

    /// The share of innocents that are flagged.
    pub fn innocents_flagged(&self) -> f64 {
        let (wrong, all) = Self::sum(&self.innocents);
        f64::from(wrong) / f64::from(all).max(1.0)
    }

    /// Adds another measurement.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.families, &other.families), (&mut self.innocents, &other.innocents)] {
            for (name, (flagged, all)) in theirs {
                let entry = mine.entry(name).or_default();
                *entry = (entry.0 + flagged, entry.1 + all);
            }
        }
    }
}

/// An hour of a scene: everybody who belongs to it, attackers included. An unknown name is the shop.
pub fn plan(scene: &str, seed: u64) -> Plan {
    // 2026-03-02T09:00:00Z.
    let start = Timestamp::from_second(1_772_442_000).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut plan = Plan::new(seed, start).until(start + SignedDuration::from_hours(1));
    plan.populations = populations(scene);
    plan
}

/// Everybody who belongs to a scene; to the shop where there is none of that name.
pub fn populations(scene: &str) -> Vec<&'static Population> {
    let here = match heldout::SCENES.iter().find(|known| known.name == scene) {
        Some(scene) => [&[], scene.innocents, scene.attackers],
        None => [populations::ALL, lab::INNOCENTS, lab::ATTACKERS],
    };
    here.concat()
}

/// Replays a plan's traffic. The first measurement is that of all detectors; then follows one for each beginning of
/// names in `without`, with those detectors taken out.
pub fn measure(plan: &Plan, without: &[&str]) -> Vec<Measured> {
    let thresholds = Thresholds::default();
    let flagged = Arc::new(Mutex::new(vec![BTreeSet::new(); without.len() + 1]));
    let mut replay = Replay::new(RuleSet::shipped(), thresholds, Duration::from_secs(300)).observed_by({
        let flagged = Arc::clone(&flagged);
        Box::new(move |client, score| {
            let mut flagged = held(&flagged);
            let reaches = |score: &Score| thresholds.action(score) >= Some(Action::Ask);
            if reaches(score) {
                flagged[0].insert(client);
            }
            for (place, detector) in without.iter().enumerate() {
                if reaches(&score.without(detector)) {
                    flagged[place + 1].insert(client);
                }
            }
        })
    });
    let mut labels = Labels::default();
    for request in Traffic::new(plan) {
        labels.note(&request);
        replay.add(&request.hit());
    }
    replay.finish();
    let flagged = held(&flagged);
    flagged.iter().map(|flagged| compare(&labels, flagged)).collect()
}

/// What is behind a lock, also where somebody who held it panicked: a set is never half changed.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn compare(labels: &Labels, flagged: &BTreeSet<IpAddr>) -> Measured {
    let mut measured = Measured::default();
    for (client, population) in labels.iter() {
        let of = if population.hostile { &mut measured.families } else { &mut measured.innocents };
        let entry = of.entry(population.name).or_default();
        entry.0 += u32::from(flagged.contains(&client));
        entry.1 += 1;
    }
    measured
}

/// The README's table: what is found on each scene over so many seeds, with all detectors and with each left out.
pub fn markdown(seeds: std::ops::Range<u64>) -> String {
    let mut lines = vec![
        "| Scene | Attack families | Precision | Recall, mean of families | Innocents flagged |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let mut without = vec![Measured::default(); DETECTORS.len() + 1];
    for scene in SCENES {
        let mut all = Measured::default();
        for seed in seeds.clone() {
            for (place, measured) in measure(&plan(scene, seed), DETECTORS).iter().enumerate() {
                without[place].add(measured);
                if place == 0 {
                    all.add(measured);
                }
            }
        }
        lines.push(format!("| {scene} | {} | {} |", all.families.len(), figures(&all)));
    }
    lines.extend([
        String::new(),
        "| All scenes together | Precision | Recall, mean of families | Innocents flagged |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ]);
    for (place, measured) in without.iter().enumerate() {
        let name = match place.checked_sub(1).and_then(|place| DETECTORS.get(place)) {
            None => "all detectors".to_owned(),
            Some(detector) => format!("without `{}`", detector.trim_end_matches(':')),
        };
        lines.push(format!("| {name} | {} |", figures(measured)));
    }
    lines.join("\n")
}

fn figures(measured: &Measured) -> String {
    let (precision, recall) = (measured.precision(), measured.family_recall());
    format!("{precision:.3} | {recall:.3} | {:.2}% ", measured.innocents_flagged() * 100.0).trim_end().to_owned()
}

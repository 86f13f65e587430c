//! Why a client is strange, feature by feature beside the median client, and how far the clients of today have drifted
//! from those that the model knows.

use serde::Serialize;

use super::Model;
use super::features::{COUNT, FEATURES, Features, Unit};
use super::trees;
use crate::detect::baseline::judge::quantile;
use crate::text::{Lang, number};

/// A feature that sets a client apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The feature's name.
    pub feature: &'static str,
    /// The client's value, as it is kept.
    pub value: f32,
    /// The median client's.
    pub median: f32,
    /// How much of the strangeness goes when the client has the median's value instead.
    pub share: f64,
    #[serde(skip)]
    index: usize,
}

impl Reason {
    /// `path depth 9 (usually 2)`.
    pub fn say(&self, lang: Lang) -> String {
        let feature = &FEATURES[self.index];
        let shown = |value: f32| shown(value, feature.unit);
        say::reason(lang, (feature.label)(lang), &shown(self.value), &shown(self.median))
    }
}

/// A value as people read it.
fn shown(value: f32, unit: Unit) -> String {
    let value = f64::from(value);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = |value: f64| value.max(0.0).round() as u64;
    match unit {
        Unit::Count => number::count(whole(value.exp() - 1.0)),
        Unit::Share => number::percent(value),
        Unit::Interval => format!("{:.1} s", (10.0_f64.powf(value) - 1.0).max(0.0) / 1000.0),
        Unit::Plain => {
            let text = format!("{value:.1}");
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
    }
}

/// How far the clients of today are from the model's, in one feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// The feature's name.
    pub feature: &'static str,
    /// The population stability index: under 0.1 the same, over 0.25 another site.
    pub index: f64,
}

impl Drift {
    /// From here on a model is of another site than today's.
    pub const MUCH: f64 = 0.25;

    /// The feature's name for people.
    pub fn label(&self, lang: Lang) -> &'static str {
        FEATURES
            .iter()
            .find(|feature| feature.name == self.feature)
            .map_or(self.feature, |feature| (feature.label)(lang))
    }
}

/// The edges of a feature's tenths among clients.
pub(super) fn tenths(clients: &[Features], feature: usize) -> Vec<f32> {
    let mut values: Vec<f64> = clients.iter().filter_map(|one| one.0[feature]).map(f64::from).collect();
    values.sort_by(f64::total_cmp);
    if values.is_empty() {
        return vec![0.0; 11];
    }
    #[expect(clippy::cast_possible_truncation, reason = "kept as it was given")]
    (0..=10).map(|tenth| quantile(&values, f64::from(tenth) / 10.0) as f32).collect()
}

/// The share of clients in each bin between a feature's tenths. Tenths that share their edges (most clients have no
/// query at all) are one bin.
#[expect(clippy::cast_precision_loss, reason = "counts of clients")]
pub(super) fn bins(clients: &[Features], feature: usize, tenths: &[f32]) -> Vec<f32> {
    let mut edges: Vec<f32> = tenths.iter().skip(1).take(9).copied().collect();
    edges.dedup();
    let values: Vec<f32> = clients.iter().filter_map(|one| one.0[feature]).collect();
    let mut shares = vec![0.0; edges.len() + 1];
    for value in &values {
        shares[edges.partition_point(|edge| edge <= value)] += 1.0 / values.len() as f32;
    }
    shares
}

impl Model {
    /// What sets a client apart, most first: features whose replacement by the median client's makes it less strange.
    pub fn reasons(&self, client: &Features) -> Vec<Reason> {
        let (values, size) = (self.whole(client), super::SAMPLE.min(self.clients));
        let score = trees::score(&self.trees, &values, size);
        let mut reasons: Vec<Reason> = (0..COUNT)
            .filter_map(|index| {
                let median = self.usual(index);
                let mut other = values;
                other[index] = median;
                let share = (score - trees::score(&self.trees, &other, size)) / score;
                let (feature, value) = (FEATURES[index].name, values[index]);
                (share > 0.005).then_some(Reason { feature, value, median, share, index })
            })
            .collect();
        reasons.sort_by(|one, other| other.share.total_cmp(&one.share));
        reasons
    }

    /// How far the clients of today are from those it learned from, by feature, most first.
    pub fn drift(&self, clients: &[Features]) -> Vec<Drift> {
        let mut drifts: Vec<Drift> = (0..COUNT)
            .filter_map(|index| {
                let now = bins(clients, index, self.tenths.get(index)?);
                let past = self.bins.get(index).filter(|past| past.len() == now.len())?;
                let psi = now.iter().zip(past).map(|(now, past)| {
                    let (now, past) = (f64::from(*now).max(0.001), f64::from(*past).max(0.001));
                    (now - past) * (now / past).ln()
                });
                Some(Drift { feature: FEATURES[index].name, index: psi.sum() })
            })
            .collect();
        drifts.sort_by(|one, other| other.index.total_cmp(&one.index));
        drifts
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        reason(feature: &str, value: &str, median: &str) {
            en: "{feature} {value} (usually {median})",
            ko: "{feature} {value}(평소 {median})",
        }
    }
}

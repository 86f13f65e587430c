//! An isolation forest: how unlike the site's usual clients one is. It is trained on the site's own past, says which
//! features set a client apart, and is one small part of a score that never flags anybody alone: being strange is no
//! attack.
//!
//! The forest is our own, in `trees.rs`. Of the crates that have one, `extended-isolation-forest` was last released in
//! 2022, can only draw from the thread's random numbers (the same past would give another model every time) and is
//! read back without a check of its nodes; `isolation_forest` cannot be given a seed either.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::score::{Kind, Part};
use super::traffic::{ClientProfile, Traffic};
use crate::text::{Lang, Say};

mod explain;
pub mod features;
mod trees;

pub use explain::{Drift, Reason};
use features::{COUNT, FEATURES, Features};
use trees::Tree;

/// What a model file says it is.
const FORMAT: &str = "gatewatch-forest";
/// The version of the format. It changes with the meaning of any feature.
const VERSION: u32 = 1;

const TREES: usize = 100;
/// So many clients make one tree: more only blurs what is rare.
const SAMPLE: usize = 256;
/// A model of fewer clients would call every second one strange.
pub const FEWEST: usize = 100;
/// At most so many clients are learned from.
pub const MOST: usize = 100_000;

/// The share of the past's clients that are as strange or stranger, from which on it counts.
const STRANGE: f64 = 0.01;
/// What it adds to a score at most: under what counts as a kind of evidence of its own.
const HEAVIEST: f64 = 0.9;

/// Why a model cannot be made or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum ModelError {
    /// Too few clients to learn from.
    TooFew {
        /// So many there were.
        have: usize,
    },
    /// The text is no model.
    NotAModel {
        /// What the reader says.
        cause: String,
    },
    /// It is of another version of the format, or of other features.
    OtherVersion {
        /// The version that it says.
        found: u32,
    },
}

impl Say for ModelError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::TooFew { have } => say::too_few(lang, *have, FEWEST),
            Self::NotAModel { cause } => say::not_a_model(lang, &crate::text::escape::visible(cause)),
            Self::OtherVersion { found } => say::other_version(lang, *found, VERSION),
        }
    }
}

/// A trained forest with what is needed to read its scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    format: String,
    version: u32,
    features: Vec<String>,
    /// When it was trained.
    pub trained: Timestamp,
    /// From when its past is.
    pub from: Timestamp,
    /// Up to when.
    pub to: Timestamp,
    /// How many clients it learned from.
    pub clients: usize,
    /// The seed of its random numbers: the same clients and seed give the same model.
    pub seed: u64,
    trees: Vec<Tree>,
    /// The scores of the past's clients at ever smaller shares of stranger ones: share, score.
    tail: Vec<(f32, f32)>,
    /// By feature: the edges of its tenths among the past's clients, eleven each.
    tenths: Vec<Vec<f32>>,
    /// By feature: the share of the past's clients in each bin between those edges.
    bins: Vec<Vec<f32>>,
}

/// The shares at which the tail is kept.
const SHARES: [f32; 9] = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0];

impl Model {
    /// Learns from clients of the past, each one's features over the same length of time.
    ///
    /// # Errors
    /// [`ModelError::TooFew`].
    pub fn train(
        clients: &[Features],
        range: (Timestamp, Timestamp),
        now: Timestamp,
        seed: u64,
    ) -> Result<Self, ModelError> {
        if clients.len() < FEWEST {
            return Err(ModelError::TooFew { have: clients.len() });
        }
        let tenths: Vec<Vec<f32>> = (0..COUNT).map(|feature| explain::tenths(clients, feature)).collect();
        let mut model = Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            features: names(),
            trained: now,
            from: range.0,
            to: range.1,
            clients: clients.len(),
            seed,
            trees: Vec::new(),
            tail: Vec::new(),
            bins: tenths.iter().enumerate().map(|(feature, edges)| explain::bins(clients, feature, edges)).collect(),
            tenths,
        };
        let whole: Vec<[f32; COUNT]> = clients.iter().map(|one| model.whole(one)).collect();
        model.trees = trees::grow(&whole, TREES, SAMPLE, seed);
        let mut scores: Vec<f64> =
            whole.iter().map(|one| trees::score(&model.trees, one, SAMPLE.min(whole.len()))).collect();
        scores.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, reason = "a score needs no more digits than its trees have")]
        let edge = |share: f32| super::baseline::judge::quantile(&scores, 1.0 - f64::from(share)) as f32;
        model.tail = SHARES.iter().map(|share| (*share, edge(*share))).collect();
        Ok(model)
    }

    /// Reads a model back.
    ///
    /// # Errors
    /// [`ModelError::NotAModel`], [`ModelError::OtherVersion`].
    pub fn read(text: &str) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
            features: Vec<String>,
        }
        let broken = |cause: &dyn std::fmt::Display| ModelError::NotAModel { cause: cause.to_string() };
        let head: Head = serde_json::from_str(text).map_err(|error| broken(&error))?;
        if head.format != FORMAT {
            return Err(broken(&format!("format {}", head.format)));
        }
        if head.version != VERSION || head.features != names() {
            return Err(ModelError::OtherVersion { found: head.version });
        }
        let model: Self = serde_json::from_str(text).map_err(|error| broken(&error))?;
        let is_sound = model.trees.iter().all(Tree::is_sound)
            && !model.trees.is_empty()
            && model.tail.len() == SHARES.len()
            && model.tenths.len() == COUNT
            && model.tenths.iter().all(|tenths| tenths.len() == 11)
            && model.bins.len() == COUNT;
        if is_sound { Ok(model) } else { Err(broken(&"its trees lead nowhere")) }
    }

    /// Its text.
    ///
    /// # Errors
    /// [`ModelError::NotAModel`] where a number cannot be written; none that training gives.
    pub fn write(&self) -> Result<String, ModelError> {
        serde_json::to_string(self).map_err(|error| ModelError::NotAModel { cause: error.to_string() })
    }

    /// How strange: about 0.5 for everybody, towards 1 for what stands alone.
    pub fn score(&self, client: &Features) -> f64 {
        trees::score(&self.trees, &self.whole(client), SAMPLE.min(self.clients))
    }

    /// Which share of the past's clients was as strange or stranger.
    pub fn rarity(&self, score: f64) -> f64 {
        // Nobody is rarer than one more than was seen.
        let rarest = 1.0 / (u32::try_from(self.clients).map_or(1e9, f64::from) + 1.0);
        let mut above = (1.0, 0.0);
        for (share, edge) in self.tail.iter().map(|(share, edge)| (f64::from(*share), f64::from(*edge))) {
            if score < edge {
                let width = edge - above.1;
                let along = if width > 0.0 { (score - above.1) / width } else { 1.0 };
                return (above.0 + (share - above.0) * along.clamp(0.0, 1.0)).max(rarest);
            }
            above = (share, edge);
        }
        rarest
    }

    /// The part of a score that a client's strangeness is: small, bounded, never negative.
    pub fn part(&self, traffic: &Traffic<'_>, client: &ClientProfile) -> Option<Part> {
        let score = self.score(&features::of(traffic, client));
        let weight = weight(self.rarity(score));
        (weight > 0.0).then(|| Part { kind: Kind::Forest, detector: "forest:strange".into(), weight, value: score })
    }

    /// A client's features with what is not known of it taken as usual.
    fn whole(&self, client: &Features) -> [f32; COUNT] {
        let mut values = [0.0; COUNT];
        for (feature, value) in values.iter_mut().enumerate() {
            *value = client.0[feature].unwrap_or_else(|| self.usual(feature));
        }
        values
    }

    /// The median client's value of a feature.
    fn usual(&self, feature: usize) -> f32 {
        self.tenths.get(feature).and_then(|tenths| tenths.get(5)).copied().unwrap_or(0.0)
    }
}

/// Log-odds of a rarity.
fn weight(rarity: f64) -> f64 {
    if rarity >= STRANGE { 0.0 } else { (0.3 + 0.3 * (STRANGE / rarity.max(1e-9)).log10()).min(HEAVIEST) }
}

fn names() -> Vec<String> {
    FEATURES.iter().map(|feature| feature.name.to_owned()).collect()
}

/// The sentences.
mod say {
    crate::text::sentences! {
        too_few(have: usize, need: usize) {
            en: "{have} clients are too few to learn from: at least {need} are needed. Take a longer past with --since.",
            ko: "클라이언트 {have}개로는 학습할 수 없습니다. 최소 {need}개가 필요합니다. --since로 더 긴 과거를 지정하세요.",
        }
        not_a_model(cause: &str) {
            en: "this is no forest model: {cause}. Train a new one with `gatewatch forest train`.",
            ko: "숲 모델 파일이 아닙니다: {cause}. `gatewatch forest train`으로 새로 학습하세요.",
        }
        other_version(found: u32, known: u32) {
            en: "the forest model is of version {found} or of other features; this program reads version {known}. Train a new one with `gatewatch forest train`.",
            ko: "숲 모델의 버전({found})이나 특징이 다릅니다. 이 프로그램은 버전 {known}을 읽습니다. `gatewatch forest train`으로 새로 학습하세요.",
        }
    }
}

#[cfg(test)]
mod tests;

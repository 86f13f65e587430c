//! Per-IP thresholds on one window, and the one aggregation that computes the table where the data lies.

use serde::{Deserialize, Serialize};

use super::ClientStats;
use crate::text::{Lang, Say, number};

/// The thresholds. The defaults are those of the system that gatewatch replaces.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateLimits {
    /// The 4xx ratio counts only from this many requests on.
    pub min_requests: u64,
    /// Share of 4xx among a client's requests, 0 to 1, 499 counted in.
    pub min_4xx_ratio: f64,
    /// 5xx responses.
    pub min_5xx: u64,
    /// 499 responses.
    pub min_499: u64,
    /// Distinct paths.
    pub min_paths: u64,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self { min_requests: 30, min_4xx_ratio: 0.5, min_5xx: 10, min_499: 15, min_paths: 20 }
    }
}

/// A threshold that a client can pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Enough requests, and a large share of them 4xx.
    ClientErrors,
    /// 5xx responses.
    ServerErrors,
    /// 499 responses.
    Aborted,
    /// Distinct paths.
    Paths,
}

impl Gate {
    /// What it counts, in a word or two.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::ClientErrors => say::client_errors(lang),
            Self::ServerErrors => say::server_errors(lang),
            Self::Aborted => say::aborted(lang),
            Self::Paths => say::paths(lang),
        }
    }
}

/// A gate that was passed, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateHit {
    /// Which.
    pub gate: Gate,
    /// The client's value.
    pub value: f64,
    /// The threshold.
    pub limit: f64,
}

impl GateHit {
    /// How many times the threshold: 1.0 is just passed. A threshold of zero counts as one.
    pub fn factor(&self) -> f64 {
        self.value / if self.limit > 0.0 { self.limit } else { 1.0 }
    }
}

/// `paths 46 ≥ 20 (2.3×)`.
impl Say for GateHit {
    fn say(&self, lang: Lang) -> String {
        let shown = |value: f64| match self.gate {
            Gate::ClientErrors => number::percent(value),
            Gate::ServerErrors | Gate::Aborted | Gate::Paths => format!("{value:.0}"),
        };
        let (value, limit) = (shown(self.value), shown(self.limit));
        format!("{} {value} ≥ {limit} ({})", self.gate.label(lang), number::factor(self.factor()))
    }
}

/// The gates that a client passes, strongest first.
#[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^53")]
pub fn passed(stats: &ClientStats, limits: &GateLimits) -> Vec<GateHit> {
    let mut hits = Vec::new();
    if stats.requests >= limits.min_requests && stats.requests > 0 && stats.ratio_4xx() >= limits.min_4xx_ratio {
        hits.push(GateHit { gate: Gate::ClientErrors, value: stats.ratio_4xx(), limit: limits.min_4xx_ratio });
    }
    for (gate, value, limit) in [
        (Gate::ServerErrors, stats.s5xx, limits.min_5xx),
        (Gate::Aborted, stats.s499, limits.min_499),
        (Gate::Paths, stats.paths, limits.min_paths),
    ] {
        if value >= limit {
            hits.push(GateHit { gate, value: value as f64, limit: limit as f64 });
        }
    }
    hits.sort_by(|one, other| other.factor().total_cmp(&one.factor()).then(one.gate.cmp(&other.gate)));
    hits
}

/// The words.
mod say {
    crate::text::words! {
        client_errors { en: "4xx", ko: "4xx" }
        server_errors { en: "5xx", ko: "5xx" }
        aborted { en: "499", ko: "499" }
        paths { en: "paths", ko: "경로" }
    }
}

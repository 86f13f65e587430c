//! One request at a time: what is wrong with it, by its own text, by what its client did in the last minutes, and by
//! what its client is part of. Bounded in memory: clients are forgotten, and what was learned of the whole begins anew
//! where it has grown large. Reads no clock: the time comes with the request.

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use serde::Serialize;

use super::forest::{self, Model};
use super::gates::{self, GateLimits};
use super::replay::{Action, Thresholds};
use super::rules::{RuleSet, Severity};
use super::score::{Kind, Part, Scorer};
use super::traffic::{Hit, TargetKind, Traffic, targets};
use super::ClientStats;
use crate::text::{Lang, Say as _};

/// So many clients are counted at once; beyond, those whose window is over go first.
const MOST_CLIENTS: usize = 100_000;
/// What was learned of the whole begins anew beyond this many targets or clients.
const MOST_TARGETS: usize = 150_000;
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
    hasher: foldhash::fast::FixedState,
}

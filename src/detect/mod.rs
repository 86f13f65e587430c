//! Pure detection: who the client is, which gates its numbers pass, and the evidence for it. Everything here is
//! arithmetic over aggregates; it does no I/O, reads no clock and never decides what is done about a suspect.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::logs::Window;

pub mod access;
pub mod assess;
pub mod baseline;
pub mod client_ip;
pub mod cohorts;
pub mod cost;
pub mod crawlers;
pub mod forest;
pub mod gates;
pub mod groups;
pub mod limits;
#[cfg(test)]
mod lookalikes;
pub mod memory;
pub mod networks;
pub mod pattern;
pub mod ranges;
pub mod reader;
pub mod replay;
pub mod rules;
pub mod score;
pub mod sign_ins;
pub mod stream;
pub mod traffic;
pub mod tuples;

/// One client's numbers in a window: a line of the gate table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientStats {
    /// Who (see [`client_ip`]).
    pub client: IpAddr,
    /// Requests.
    pub requests: u64,
    /// Responses 200–299.
    pub s2xx: u64,
    /// Responses 300–399.
    pub s3xx: u64,
    /// Responses 400–499, 499 counted in.
    pub s4xx: u64,
    /// Responses 499: the client closed the connection before the answer (nginx).
    pub s499: u64,
    /// Responses 500–599.
    pub s5xx: u64,
    /// Distinct paths, query strings left out.
    pub paths: u64,
    /// Bytes sent to it.
    pub bytes: u64,
    /// Its first request in the window.
    pub first_seen: Option<Timestamp>,
    /// Its last request in the window.
    pub last_seen: Option<Timestamp>,
}

impl ClientStats {
    /// The numbers of a client that sent nothing.
    pub fn none(client: IpAddr) -> Self {
        Self {
            client,
            requests: 0,
            s2xx: 0,
            s3xx: 0,
            s4xx: 0,
            s499: 0,
            s5xx: 0,
            paths: 0,
            bytes: 0,
            first_seen: None,
            last_seen: None,
        }
    }

    /// The share of 4xx among its requests, 0 to 1; 0 without requests.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^53")]
    pub fn ratio_4xx(&self) -> f64 {
        if self.requests == 0 { 0.0 } else { self.s4xx as f64 / self.requests as f64 }
    }
}

/// A suspect: an address or range with the reasons why it is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// The address (as a full-length prefix) or range.
    pub target: IpNet,
    /// Its numbers.
    pub stats: ClientStats,
    /// The gates it passed, strongest first. Empty for a client that is shown but passed none.
    pub gates: Vec<gates::GateHit>,
    /// What detection makes of it; `None` where it was not scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Box<assess::Scored>>,
    /// Why it can never be a suspect although it may be shown (greyed); `None` for a real one.
    pub exempt: Option<ranges::Exemption>,
}

impl Suspect {
    /// Whether it passed a gate or its score reached a threshold, and nothing exempts it.
    pub fn is_suspect(&self) -> bool {
        self.exempt.is_none() && (!self.gates.is_empty() || self.action().is_some())
    }

    /// What its score leads to.
    pub fn action(&self) -> Option<replay::Action> {
        self.score.as_ref().and_then(|score| score.action)
    }

    /// The probability of an attack; 0 where it was not scored.
    pub fn probability(&self) -> f64 {
        self.score.as_ref().map_or(0.0, |score| score.probability)
    }

    /// What found it, as part of a scenario's name: `gate` where it passed one, else the sort of its heaviest detector.
    pub fn found_by(&self) -> &str {
        let heaviest = self.score.as_ref().and_then(|score| score.parts.first());
        match heaviest {
            Some(part) if self.gates.is_empty() => part.detector.split(':').next().unwrap_or("gate"),
            _ => "gate",
        }
    }
}

/// A number or a row that speaks for or against a suspect, with the query that shows it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Short and unique within its dossier: `E1`, `E2`, …; what a verdict cites.
    pub id: String,
    /// What sort: `gate`, `score`, `cohort`, `numbers`, `share`, `timeline`, `paths`, `statuses`, `methods`, `agents`, `rules`, `rows`,
    /// `history`, `decisions`.
    pub kind: String,
    /// What it says, in numbers. May quote log fields: hostile text.
    pub statement: String,
    /// The LogsQL that shows it again; empty where it comes from the journal or the LAPI.
    pub query: String,
}

/// The window's whole traffic, against which one client's is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WindowTotals {
    /// All requests.
    pub requests: u64,
    /// All distinct clients.
    pub clients: u64,
}

/// One look at a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// The range.
    pub window: Window,
    /// All traffic in it.
    pub totals: WindowTotals,
    /// Suspects and, where they were asked for, the others: the surest first, then those with the most requests.
    pub clients: Vec<Suspect>,
    /// How many suspects there are, also those that the row limit leaves out of `clients`.
    #[serde(default)]
    pub suspects: u64,
    /// Cohorts, the largest first.
    pub cohorts: Vec<groups::Cohort>,
    /// What could not be done, in words; gates and scores that are here are right all the same.
    pub gaps: Vec<String>,
    /// Whether the scores are of only a part of what was logged: nobody is acted on by them alone then.
    pub partial_scores: bool,
    /// The LogsQL that gave the table.
    pub query: String,
    /// Whether more clients passed than the row limit let through.
    pub cut: bool,
}

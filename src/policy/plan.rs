//! A plan and what it is asked to be. The only constructor is private to the policy: [`super::Rules::decide`] calls it
//! once every rule has been passed.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Remedy;

/// At most so many sample events go with a plan.
pub const MAX_EVENTS: usize = 10;

/// One sample event of an alert: what the LAPI stores beside the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleEvent {
    /// When it was logged.
    pub at: Timestamp,
    /// Names and values; hostile text.
    pub meta: Vec<(String, String)>,
}

/// What would be banned, for how long, why. Made by this module only; older than a minute it is made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    target: IpNet,
    remedy: Remedy,
    #[serde(with = "super::seconds")]
    duration: Duration,
    detector: String,
    reason: String,
    events_count: u64,
    events: Vec<SampleEvent>,
    first_seen: Timestamp,
    last_seen: Timestamp,
    made_at: Timestamp,
}

/// What a plan is asked to be. Becomes a [`Plan`] only through the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The address or range.
    pub target: IpNet,
    /// What to do.
    pub remedy: Remedy,
    /// For how long.
    pub duration: Duration,
    /// What found it: `gate`, `manual`, …: the scenario becomes `gatewatch/<detector>`.
    pub detector: String,
    /// Why, for people.
    pub reason: String,
    /// The true number of events behind it.
    pub events_count: u64,
    /// A sample of them; at most ten are kept.
    pub events: Vec<SampleEvent>,
    /// The first of them.
    pub first_seen: Timestamp,
    /// The last of them.
    pub last_seen: Timestamp,
}

impl Plan {
    /// Makes the plan of a proposal that every rule let pass. `target` is the proposal's, tidied by the rules.
    pub(super) fn of(proposal: Proposal, target: IpNet, now: Timestamp) -> Self {
        let Proposal { remedy, duration, detector, reason, events_count, mut events, first_seen, last_seen, .. } =
            proposal;
        events.truncate(MAX_EVENTS);
        let (first_seen, last_seen) = (first_seen.min(last_seen), first_seen.max(last_seen));
        Self {
            target,
            remedy,
            duration,
            detector,
            reason: reason.trim().to_owned(),
            events_count,
            events,
            first_seen,
            last_seen,
            made_at: now,
        }
    }
    /// The address (full-length prefix) or range.
    pub fn target(&self) -> IpNet {
        self.target
    }
    /// What to do.
    pub fn remedy(&self) -> &Remedy {
        &self.remedy
    }
    /// For how long, from the moment it is sent.
    pub fn duration(&self) -> Duration {
        self.duration
    }
    /// What found it.
    pub fn detector(&self) -> &str {
        &self.detector
    }
    /// The scenario name CrowdSec shows.
    pub fn scenario(&self) -> String {
        format!("gatewatch/{}", self.detector)
    }
    /// Why, for people.
    pub fn reason(&self) -> &str {
        &self.reason
    }
    /// The true number of events behind it.
    pub fn events_count(&self) -> u64 {
        self.events_count
    }
    /// The sample.
    pub fn events(&self) -> &[SampleEvent] {
        &self.events
    }
    /// The first event.
    pub fn first_seen(&self) -> Timestamp {
        self.first_seen
    }
    /// The last event.
    pub fn last_seen(&self) -> Timestamp {
        self.last_seen
    }
    /// When it was made.
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }
    /// Whether it may still be carried out: not older than a minute, not from the future.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.as_second() - self.made_at.as_second();
        (-5..=60).contains(&age)
    }
}

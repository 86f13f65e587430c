//! The only maker of plans. A plan's constructor is private to this module, so neither a model's text nor a key press
//! reaches an enforcer without having passed every rule here. Pure: no I/O, no clock.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is done to a target.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// Block.
    Ban,
    /// Ask for a captcha.
    Captcha,
    /// A type that the installation's own bouncers know.
    Custom(String),
    /// Let the LAPI's `profiles.yaml` decide type and duration.
    ServerProfile,
}

impl Remedy {
    /// The word CrowdSec uses; empty where the server's profile decides.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ban => "ban",
            Self::Captcha => "captcha",
            Self::Custom(name) => name,
            Self::ServerProfile => "",
        }
    }
}

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
    #[serde(with = "seconds")]
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

/// Durations as whole seconds in JSON.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::Serializer;

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }
}

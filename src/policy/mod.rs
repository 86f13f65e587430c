//! The only maker of plans. A plan's constructor is private to this module, so neither a model's text nor a key press
//! reaches an enforcer without having passed every rule here. Pure: no I/O, no clock.

use serde::{Deserialize, Serialize};

mod operator;
mod plan;
mod refusal;
mod rules;

pub use operator::{ssh_client, ssh_server};
pub use plan::{MAX_EVENTS, Plan, Proposal, SampleEvent};
pub use refusal::Refusal;
pub(crate) use refusal::short;
pub use rules::{MAX_DURATION, Rules, Ruling, Situation};

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

/// Durations as whole seconds in JSON.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::Serializer;

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }
}

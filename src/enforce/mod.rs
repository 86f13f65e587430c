//! Carries a plan out. [`Enforcer`] is CrowdSec's Local API, or a rehearsal that does everything but send.
//! Nothing here chooses a target: a [`Plan`] comes in, what really happened goes out.

use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Plan;

pub mod crowdsec;
mod error;
pub mod rehearsal;

pub use error::{EnforceError, NotApplied};

/// A decision that is in force, as the LAPI lists it. All texts are hostile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveDecision {
    /// The LAPI's number.
    pub id: u64,
    /// The address or range; `None` where the value is neither (a country, an AS, a user).
    pub target: Option<IpNet>,
    /// `Ip`, `Range`, …
    pub scope: String,
    /// The value as the LAPI has it.
    pub value: String,
    /// `ban`, `captcha`, …
    pub kind: String,
    /// Who decided: `crowdsec`, `cscli`, `gatewatch`, `lists`, `CAPI`.
    pub origin: String,
    /// The scenario: why.
    pub scenario: String,
    /// The alert's message, where there is one.
    pub reason: String,
    /// When it ends.
    pub until: Timestamp,
    /// Whether bouncers skip it.
    pub simulated: bool,
    /// The alert it belongs to; 0 where unknown.
    pub alert_id: u64,
}

impl ActiveDecision {
    /// Whether an address falls under it. IPv4-mapped IPv6 counts as IPv4.
    pub fn covers(&self, address: IpAddr) -> bool {
        self.target.is_some_and(|target| target.contains(&crate::detect::ranges::plain(address)))
    }
}

/// What an act really led to, read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforced {
    /// The decisions that are now in force for the target.
    pub decisions: Vec<ActiveDecision>,
    /// Whether nothing was sent because this is a rehearsal.
    pub rehearsal: bool,
}

/// How the enforcer is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforcerStatus {
    /// Its URL without secrets, or `rehearsal`.
    pub label: String,
    /// The server's version, where it says one.
    pub version: Option<String>,
    /// Whether the server has allow lists (1.6.6 and later).
    pub has_allow_lists: bool,
}

/// Carries plans out.
#[async_trait]
pub trait Enforcer: Send + Sync + 'static {
    /// Whether acts are real. `false` for the rehearsal.
    fn is_live(&self) -> bool;

    /// A short name for the status line.
    fn label(&self) -> String;

    /// Hosts it is reached at; the policy never bans what they resolve to.
    fn hosts(&self) -> Vec<String>;

    /// Whether it answers and lets us in.
    async fn status(&self) -> Result<EnforcerStatus, EnforceError>;

    /// Everything that can be known before sending: whether the plan is fresh, the login works, and the server's allow
    /// lists let the target be banned. An error means that [`Enforcer::enforce`] would have sent nothing.
    async fn check(&self, plan: &Plan, now: Timestamp) -> Result<(), EnforceError> {
        if plan.is_fresh(now) { Ok(()) } else { Err(EnforceError::Stale { target: plan.target() }) }
    }

    /// Sends the plan, after [`Enforcer::check`], and reads the decision back. `now` is sent as the alert's `stop_at`, because a decision
    /// expires at `stop_at` + duration.
    async fn enforce(&self, plan: &Plan, now: Timestamp) -> Result<Enforced, EnforceError>;

    /// Active decisions, or only those that cover `target`.
    async fn active(&self, target: Option<IpAddr>, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError>;

    /// Lifts one decision by its id. `Ok(false)` where it was not there any more.
    async fn lift(&self, id: u64, now: Timestamp) -> Result<bool, EnforceError>;
}

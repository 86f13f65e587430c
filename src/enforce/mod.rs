//! Carries a plan out. [`Enforcer`] is CrowdSec's Local API, or a rehearsal that does everything but send.
//! Nothing here chooses a target: a [`Plan`](crate::policy::Plan) comes in, what really happened goes out.

use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Plan;

pub mod crowdsec;
pub mod rehearsal;

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

/// Why an act or a question failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnforceError {
    /// No connection: nothing was sent, or it is not known whether it arrived (`maybe_sent`).
    #[error("{url} does not answer: {cause}. Check that CrowdSec runs and that crowdsec.url is right.")]
    Unreachable {
        /// The LAPI.
        url: String,
        /// The cause.
        cause: String,
        /// Whether a change may have reached the server all the same: the journal keeps the intent open.
        maybe_sent: bool,
    },
    /// Wrong machine or password.
    #[error("{url} refused the login of machine {machine}: {message}. Check it with `cscli machines list`.")]
    Denied {
        /// The LAPI.
        url: String,
        /// The machine name.
        machine: String,
        /// The server's message.
        message: String,
    },
    /// No credentials in the settings.
    #[error("no credentials for CrowdSec: {message}")]
    NoCredentials {
        /// Where they were looked for and how to make them.
        message: String,
    },
    /// The server answered with an error.
    #[error("{url} answered {status}: {message}")]
    Refused {
        /// The LAPI.
        url: String,
        /// The status code.
        status: u16,
        /// The server's message.
        message: String,
    },
    /// The target is on the server's allow list.
    #[error("{target} is on CrowdSec's allow list ({list}); nothing was sent")]
    AllowListed {
        /// The target.
        target: IpNet,
        /// The list's name or the server's words.
        list: String,
    },
    /// The server took the alert (201) but the decision is not there.
    #[error("CrowdSec took the alert for {target} but made no decision of it: {message}")]
    NotApplied {
        /// The target.
        target: IpNet,
        /// What is known.
        message: String,
    },
    /// The plan is older than a minute; make it again.
    #[error("the plan for {target} is stale; it has to be made and confirmed again")]
    Stale {
        /// The target.
        target: IpNet,
    },
    /// An answer that is not what the protocol says.
    #[error("{url} gave an answer that is not CrowdSec's: {message}")]
    Unexpected {
        /// The LAPI.
        url: String,
        /// What was wrong.
        message: String,
    },
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

    /// Sends the plan and reads the decision back. `now` is sent as the alert's `stop_at`, because a decision
    /// expires at `stop_at` + duration.
    async fn enforce(&self, plan: &Plan, now: Timestamp) -> Result<Enforced, EnforceError>;

    /// Active decisions, or only those that cover `target`.
    async fn active(&self, target: Option<IpAddr>, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError>;

    /// Lifts one decision by its id. `Ok(false)` where it was not there any more.
    async fn lift(&self, id: u64, now: Timestamp) -> Result<bool, EnforceError>;
}

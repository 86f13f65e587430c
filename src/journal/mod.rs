//! The SQLite file (WAL): verdicts, plans, intents before acts and outcomes after, decisions lifted, queries run.
//! Shared safely by a console and a cron run at once. It is memory, not authority: what is banned is what the LAPI
//! says. It never holds a secret.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::enforce::ActiveDecision;
use crate::judge::Verdict;
use crate::policy::Plan;

/// Who does something, for the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Actor {
    /// The user's login name, or `auto`.
    pub user: String,
    /// The address they come from over SSH; empty for a local or unattended run.
    pub from: String,
}

/// The number of a recorded intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IntentId(pub i64);

/// What an intent is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Ban (or captcha, …) by a plan.
    Enforce,
    /// Lift a decision.
    Lift,
}

/// How an act ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done and read back; the decision ids.
    Done(Vec<u64>),
    /// A rehearsal: nothing was sent.
    Rehearsed,
    /// It failed and nothing is in force.
    Failed(String),
    /// After a crash: it was found in force at the LAPI.
    FoundInForce(Vec<u64>),
    /// After a crash: it was not found at the LAPI; it may be tried again.
    FoundMissing,
}

/// An intent on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number.
    pub id: IntentId,
    /// What was to be done.
    pub act: Act,
    /// To whom.
    pub target: IpNet,
    /// The remedy's word; empty for a lift.
    pub remedy: String,
    /// For how long.
    pub duration: Duration,
    /// `gatewatch/<detector>`.
    pub scenario: String,
    /// Why.
    pub reason: String,
    /// The decision to lift, for a lift.
    pub decision_id: Option<u64>,
    /// Whether it was to be real.
    pub live: bool,
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// How it ended; `None` while open.
    pub outcome: Option<Outcome>,
}

/// A query that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryRecord {
    /// The LogsQL text.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Rows it gave.
    pub rows: u64,
    /// The failure, where it failed.
    pub error: Option<String>,
}

/// Why the journal could not be used. It is never overwritten.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened or created.
    #[error("the journal {} cannot be opened: {cause}. Name another with --journal.", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// It was written by a newer gatewatch.
    #[error("the journal {} has version {found}, this gatewatch knows {known}; upgrade, or name another with --journal", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A statement failed.
    #[error("the journal could not be written or read: {cause}")]
    Statement {
        /// SQLite's words.
        cause: String,
    },
}

/// The open journal. Calls block for a disk write: from async code, use `tokio::task::spawn_blocking`.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
}

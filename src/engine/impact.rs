//! Whom a ban would have hit: what the modal shows before a person confirms, and what the circuit breaker counts.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Engine, survey};
use crate::detect::ClientStats;
use crate::logs::{SourceError, Window};

/// How far back an impact looks.
pub const LOOK_BACK: Duration = Duration::from_secs(3600);

/// What a ban of a target would have stopped in the hour before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// The target.
    pub target: IpNet,
    /// The hour.
    pub window: Window,
    /// Rows it would have stopped.
    pub rows: u64,
    /// All rows of the hour.
    pub rows_total: u64,
    /// Distinct clients it would have stopped.
    pub clients: u64,
    /// All distinct clients of the hour.
    pub clients_total: u64,
    /// The busiest of the clients it would have stopped, most requests first; at most [`Impact::SAMPLE`].
    pub sample: Vec<ClientStats>,
}

impl Impact {
    /// So many of the clients are shown.
    pub const SAMPLE: usize = 10;
}

impl Engine {
    /// What a ban of `target` would have stopped in the last hour.
    pub async fn impact(&self, _target: IpNet, _now: Timestamp) -> Result<Impact, SourceError> {
        survey::not_yet()
    }
}

//! Who hurts: the gate table of a window, one client's numbers, and hits over time. One aggregation where the data
//! lies; raw rows never travel for this. Decides nothing.

use std::net::IpAddr;
use std::time::Duration;

use super::Engine;
use crate::detect::{Survey, Suspect};
use crate::logs::{HitSeries, SourceError, Window};

/// Which clients a survey shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Those that pass a gate and that nothing exempts.
    #[default]
    Passing,
    /// Those, and beside them the clients with the most requests and the exempt ones, so that a person sees what the
    /// suspects are compared with.
    All,
}

impl Engine {
    /// The gate table of a window with the window's totals, most requests first.
    pub async fn survey(&self, _window: Window, _scope: Scope) -> Result<Survey, SourceError> {
        not_yet()
    }

    /// One client's numbers in a window, whether it passes a gate or not; all zero where it sent nothing.
    pub async fn suspect(&self, _client: IpAddr, _window: Window) -> Result<Suspect, SourceError> {
        not_yet()
    }

    /// Hits over time, one series per status class in the order `2xx`, `3xx`, `4xx`, `5xx`, then all other rows under
    /// an empty class; each has the single field `status`. Of one client, or of all.
    pub async fn histogram(
        &self,
        _window: Window,
        _step: Duration,
        _client: Option<IpAddr>,
    ) -> Result<Vec<HitSeries>, SourceError> {
        not_yet()
    }
}

/// The error of a part that is still to come.
pub(super) fn not_yet<T>() -> Result<T, SourceError> {
    Err(SourceError::Unsupported { what: "answer this yet".to_owned() })
}

//! Whom a ban would have hit: what the modal shows before a person confirms, and what the circuit breaker counts.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dossier::sample_events;
use super::{Clock, Engine, survey};
use crate::detect::ClientStats;
use crate::detect::gates::{self, TableQuestion};
use crate::logs::{FieldMap, Row, SourceError, Window};
use crate::policy::{MAX_EVENTS, Proposal, Ruling, SampleEvent, Situation};

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

/// The newest of the rows that a ban would have stopped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stopped {
    /// As the source has them, newest first.
    pub rows: Vec<Row>,
    /// Which of their fields play which part.
    pub fields: FieldMap,
    /// The same as an alert takes them along.
    pub events: Vec<SampleEvent>,
}

/// A proposal made ready to be confirmed: what it would have done, and what the policy says of it.
#[derive(Debug)]
pub struct Prepared {
    /// Whom it would have hit in the last hour.
    pub impact: Result<Impact, SourceError>,
    /// The newest rows that it would have stopped; none where they could not be read.
    pub stopped: Stopped,
    /// What the policy says. A plan in it carries the numbers and the rows above.
    pub ruling: Ruling,
}

impl Impact {
    /// So many of the clients are shown.
    pub const SAMPLE: usize = 10;
}

impl Engine {
    /// What a ban of `target` would have stopped in the hour before `now`.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn impact(&self, target: IpNet, now: Timestamp) -> Result<Impact, SourceError> {
        let target = target.trunc();
        let window = Window::ending(now, LOOK_BACK);
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let question = TableQuestion { target: Some(&target), gates: None, without: None, limit: Impact::SAMPLE };
        let busiest = gates::table_query(&log, &question)?;
        let (hit, all, (sample, _)) = futures::try_join!(
            self.totals(&log, Some(&target), window),
            self.totals(&log, None, window),
            self.table(&log, busiest, Impact::SAMPLE, window),
        )?;
        Ok(Impact {
            target,
            window,
            rows: hit.requests,
            rows_total: all.requests,
            clients: hit.clients,
            clients_total: all.clients,
            sample,
        })
    }

    /// Fills a proposal that a person wrote with what the source knows of the last hour, and has the policy rule on it.
    /// A source that is down leaves the numbers out: a ban has to be possible all the same.
    pub async fn prepare(&self, mut proposal: Proposal, clock: &dyn Clock) -> Prepared {
        let now = clock.now();
        let (impact, stopped) = tokio::join!(self.impact(proposal.target, now), self.stopped(proposal.target, now));
        let stopped = stopped.unwrap_or_default();
        let mut situation = Situation::default();
        if let Ok(impact) = &impact {
            situation.clients_in_window = impact.clients_total;
            situation.clients_hit = impact.clients;
            // What was seen of it in an older window counts too: a log of yesterday has nothing in the last hour.
            if impact.rows > proposal.events_count {
                proposal.events_count = impact.rows;
                proposal.first_seen = impact.sample.iter().filter_map(|stats| stats.first_seen).min().unwrap_or(now);
                proposal.last_seen = impact.sample.iter().filter_map(|stats| stats.last_seen).max().unwrap_or(now);
            }
        }
        proposal.events.clone_from(&stopped.events);
        // The source may have taken its time: the plan is as old as its making, not as the question.
        let ruling = self.propose(proposal, &situation, clock.now());
        Prepared { impact, stopped, ruling }
    }

    /// The newest rows that a ban of `target` would have stopped in the hour before `now`: what a person is shown, and
    /// what the alert carries.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn stopped(&self, target: IpNet, now: Timestamp) -> Result<Stopped, SourceError> {
        let target = target.trunc();
        let window = Window::ending(now, LOOK_BACK);
        let fields = self.source.fields(window).await?;
        let query = self.log(&fields).newest(&target, MAX_EVENTS as u64)?;
        let mut rows = survey::rows(self.source.as_ref(), query, window, MAX_EVENTS).await?;
        // The order of an answer is nothing to rely on.
        rows.sort_by_cached_key(|row| std::cmp::Reverse(row.get("_time").parse::<Timestamp>().ok()));
        let client = (target.prefix_len() == target.max_prefix_len()).then(|| target.addr());
        let events = sample_events(&rows, &fields, client, window.end);
        Ok(Stopped { rows, fields, events })
    }
}

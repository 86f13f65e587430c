//! Many proposals made ready to be confirmed together: what each would have stopped in the last hour, and what the
//! policy says of each once those before it are counted in. A handful of queries for all of them, not a few for each.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::dossier::sample_events;
use super::impact::LOOK_BACK;
use super::{Clock, Engine, survey};
use crate::detect::ClientStats;
use crate::logs::{Row, SourceError, Window};
use crate::policy::{MAX_EVENTS, Proposal, Ruling, SampleEvent, Situation};

/// At most so many rows are read to give the alerts their samples.
const SAMPLE_ROWS: usize = 2_000;

/// One of many.
#[derive(Debug)]
pub struct PreparedOne {
    /// Whom it is about.
    pub target: IpNet,
    /// Rows it would have stopped.
    pub rows: u64,
    /// Clients it would have stopped.
    pub clients: u64,
    /// What the policy says.
    pub ruling: Ruling,
}

/// All of them.
#[derive(Debug, Default)]
pub struct PreparedMany {
    /// Each, in the order of the proposals.
    pub each: Vec<PreparedOne>,
    /// All rows of the hour.
    pub rows_total: u64,
    /// All clients of the hour.
    pub clients_total: u64,
    /// Why it is not known what they would have stopped.
    pub unknown: Option<SourceError>,
}

/// What the source knows of targets.
#[derive(Default)]
struct Known {
    rows_total: u64,
    clients_total: u64,
    /// By target: rows, clients, first and last.
    hits: HashMap<IpNet, (u64, u64, Option<Timestamp>, Option<Timestamp>)>,
    events: HashMap<IpNet, Vec<SampleEvent>>,
}

impl Engine {
    /// Fills proposals that a person chose with what the source knows of the last hour, and has the policy rule on
    /// each: the circuit breaker counts those before it. A source that is down leaves the numbers out.
    pub async fn prepare_many(&self, proposals: Vec<Proposal>, clock: &dyn Clock) -> PreparedMany {
        let targets: Vec<IpNet> = proposals.iter().map(|proposal| proposal.target.trunc()).collect();
        let (known, unknown) = match self.known(&targets, clock.now()).await {
            Ok(known) => (known, None),
            Err(error) => (Known::default(), Some(error)),
        };
        let now = clock.now();
        let mut hit_so_far = 0;
        let each = proposals
            .into_iter()
            .zip(targets)
            .map(|(mut proposal, target)| {
                let (rows, clients, first, last) = known.hits.get(&target).copied().unwrap_or_default();
                if rows > proposal.events_count {
                    proposal.events_count = rows;
                    proposal.first_seen = first.unwrap_or(proposal.first_seen);
                    proposal.last_seen = last.unwrap_or(proposal.last_seen);
                }
                if let Some(events) = known.events.get(&target) {
                    proposal.events.clone_from(events);
                }
                let mut situation = Situation::default();
                if unknown.is_none() {
                    situation.clients_in_window = known.clients_total;
                    situation.clients_hit = hit_so_far + clients;
                }
                let ruling = self.propose(proposal, &situation, now);
                // Only what will be done counts against those that follow.
                hit_so_far += if ruling.plan().is_some() { clients } else { 0 };
                PreparedOne { target, rows, clients, ruling }
            })
            .collect();
        PreparedMany { each, rows_total: known.rows_total, clients_total: known.clients_total, unknown }
    }

    async fn known(&self, targets: &[IpNet], now: Timestamp) -> Result<Known, SourceError> {
        let window = Window::ending(now, LOOK_BACK);
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let (single, ranges): (Vec<&IpNet>, Vec<&IpNet>) =
            targets.iter().partition(|target| target.prefix_len() == target.max_prefix_len());
        let addresses: Vec<IpAddr> = single.iter().map(|target| target.addr()).collect();
        let all = self.totals(&log, None, window).await?;
        let mut known = Known { rows_total: all.requests, clients_total: all.clients, ..Known::default() };
        for stats in self.numbers(&log, &addresses, window).await? {
            let ClientStats { client, requests, first_seen, last_seen, .. } = stats;
            known.hits.insert(client.into(), (requests, 1, first_seen, last_seen));
        }
        for range in ranges {
            let inside = self.totals(&log, Some(range), window).await?;
            known.hits.insert(*range, (inside.requests, inside.clients, None, None));
            known.events.insert(*range, self.stopped(*range, now).await?.events);
        }
        if !addresses.is_empty() {
            let query = log.newest_of(&addresses, SAMPLE_ROWS as u64)?;
            let name = log.client_field()?;
            let rows = survey::rows(self.source.as_ref(), query, window, SAMPLE_ROWS).await?;
            let mut by: HashMap<IpAddr, Vec<Row>> = HashMap::new();
            for row in rows {
                let Some(client) = crate::detect::client_ip::parse_address(row.get(&name)) else { continue };
                let some = by.entry(client).or_default();
                if some.len() < MAX_EVENTS {
                    some.push(row);
                }
            }
            for (client, rows) in by {
                known.events.insert(client.into(), sample_events(&rows, &fields, Some(client), window.end));
            }
        }
        Ok(known)
    }
}

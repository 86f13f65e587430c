//! Labelled traffic of a small shop, the same for the same seed: for the demo, the tests and the benchmarks. Each
//! population (shoppers, a crawler, a scanner, …) is one small file under [`populations`] that says what it is and
//! gives actors; [`Traffic`] lets them act in the order of time. Nothing here reads a clock or runs in production.
//!
//! Attackers write from TEST-NET (RFC 5737), everyone else from the benchmarking range (RFC 2544) and the IPv6
//! documentation range (RFC 3849): none of them is anybody's address, and all of them may be banned. Only known search engines' crawlers write from
//! the networks that their operators publish, because they are told from false ones by nothing else.
//!
//! ```
//! use gatewatch::sim::{Plan, Traffic};
//! let start = "2026-03-02T09:00:00Z".parse()?;
//! let plan = Plan::new(7, start).until(start + jiff::SignedDuration::from_mins(1));
//! let minute: Vec<_> = Traffic::new(&plan).collect();
//! assert!(minute.iter().any(|request| request.population.hostile));
//! assert!(minute.is_sorted_by_key(|request| request.at));
//! # Ok::<(), jiff::Error>(())
//! ```

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;

use crate::detect::rules;
use crate::detect::traffic::Hit;
use crate::text::Lang;

pub mod bulk;
mod labels;
pub mod live;
pub mod measure;
pub mod populations;
mod random;
mod shop;
mod targets;
mod traffic;
pub mod write;

pub use bulk::log_lines;
pub use labels::Labels;
pub use traffic::Traffic;

/// What traffic to make.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The same seed and start give the same traffic, to the byte.
    pub seed: u64,
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after; `None` goes on for ever.
    pub end: Option<Timestamp>,
    /// When the first attacker begins; before it the traffic is all innocent.
    pub attacks_from: Timestamp,
    /// About how many requests shoppers send, per second. The other populations are as large as they are.
    pub rate: f64,
    /// Who takes part.
    pub populations: Vec<&'static Population>,
}

impl Plan {
    /// Everybody, attackers from the start on, six requests a second from shoppers.
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Self { seed, start, end: None, attacks_from: start, rate: 6.0, populations: populations::ALL.to_vec() }
    }

    /// The same, ending at `end`.
    pub fn until(mut self, end: Timestamp) -> Self {
        self.end = Some(end);
        self
    }

    /// The same, with the first attack at `instant`.
    pub fn attacks_from(mut self, instant: Timestamp) -> Self {
        self.attacks_from = instant;
        self
    }

    /// The same, without attackers.
    pub fn innocent(mut self) -> Self {
        self.populations.retain(|population| !population.hostile);
        self
    }
}

/// A sort of client that behaves in one way: the label of a request.
pub struct Population {
    /// Its name, unique and stable: what a test or a report prints.
    pub name: &'static str,
    /// Whether it is an attacker, so that banning it is right.
    pub hostile: bool,
    /// What it is and what it does, for a person.
    pub description: fn(Lang) -> &'static str,
    /// Its actors; each gets random numbers of its own, so that populations do not change each other.
    actors: fn(&Plan, &dyn Fn(u64) -> ChaCha8Rng) -> Vec<Start>,
}

impl std::fmt::Debug for Population {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl PartialEq for Population {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Population {}

/// An actor and the instant at which it acts first.
type Start = (Timestamp, Box<dyn Actor>);

/// One client (or one place in the shop that clients take one after another).
trait Actor: Send {
    /// Says what it sends from `at` on, and when it acts again; `None` where it is done.
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp>;
}

/// One request with its answer, before it is labelled.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    at: Timestamp,
    client: IpAddr,
    method: &'static str,
    uri: Cow<'static, str>,
    status: u16,
    bytes: u64,
    duration: Duration,
    referer: Cow<'static, str>,
    user_agent: &'static str,
}

/// One request with its answer, as a server logs it, and who really sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// When it was logged.
    pub at: Timestamp,
    /// The client's address.
    pub client: IpAddr,
    /// The method.
    pub method: &'static str,
    /// The request target as sent.
    pub uri: Cow<'static, str>,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// How long the answer took.
    pub duration: Duration,
    /// The referer; empty for none.
    pub referer: Cow<'static, str>,
    /// The user agent.
    pub user_agent: &'static str,
    /// Who sent it.
    pub population: &'static Population,
}

impl Request {
    /// The request as detection takes it in.
    pub fn hit(&self) -> Hit<'_> {
        Hit {
            at_ms: self.at.as_millisecond(),
            client: self.client,
            request: rules::Request {
                method: self.method,
                target: &self.uri,
                protocol: "HTTP/1.1",
                status: self.status,
                agent: self.user_agent,
                referer: &self.referer,
            },
            bytes: self.bytes,
            duration_ms: u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The shop's virtual host.
pub const HOST: &str = "shop.example";

fn seconds(value: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(value).unwrap_or_default()
}

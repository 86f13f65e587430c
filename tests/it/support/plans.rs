//! Plans for tests. They go through the rules, because nothing else can make one.

use std::net::IpAddr;
use std::time::Duration;

use gatewatch::policy::{Plan, Proposal, Remedy, Rules, SampleEvent, Situation};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

/// An address or a range.
pub fn net(text: &str) -> IpNet {
    text.parse().unwrap_or_else(|_| IpNet::from(text.parse::<IpAddr>().unwrap()))
}

/// A ban for four hours of a stranger that was busy for the five minutes before `now`.
pub fn ban(target: &str, now: Timestamp) -> Plan {
    plan(target, now, |_| {})
}

/// The same, with anything changed.
pub fn plan(target: &str, now: Timestamp, change: impl FnOnce(&mut Proposal)) -> Plan {
    let mut proposal = Proposal {
        target: net(target),
        remedy: Remedy::Ban,
        duration: Duration::from_secs(4 * 3600),
        detector: "gate".to_owned(),
        reason: "92% of 1204 requests were 4xx".to_owned(),
        events_count: 1204,
        events: Vec::new(),
        first_seen: now - SignedDuration::from_mins(5),
        last_seen: now,
    };
    change(&mut proposal);
    let ruling = Rules::default().decide(proposal, &Situation::default(), now);
    ruling.plan().unwrap_or_else(|| panic!("{ruling:?}")).clone()
}

/// A sample event with the meta an access log gives.
pub fn event(at: Timestamp, path: &str) -> SampleEvent {
    let meta = [("http_path", path), ("http_status", "404"), ("log_type", "http_access-log")];
    SampleEvent { at, meta: meta.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec() }
}

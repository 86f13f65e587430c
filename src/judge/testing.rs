//! Dossiers of simulated clients, for the tests of this module: five minutes of the small shop, counted by hand.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};

use super::Dossier;
use crate::detect::gates::{GateLimits, passed};
use crate::detect::{ClientStats, Evidence, Suspect, WindowTotals};
use crate::logs::{FieldMap, HitSeries, Row, ValueHits, Window};
use crate::sim::{Plan, Population, Request, Traffic};
use crate::text::{Lang, Say};

/// The end of the simulated window.
pub const NOW: Timestamp = Timestamp::constant(1_772_410_200, 0);

/// Every client of five minutes of traffic, with who it really is.
pub fn clients(seed: u64) -> Vec<(Dossier, &'static Population)> {
    let start = NOW - SignedDuration::from_mins(5);
    let mut by_client: BTreeMap<IpAddr, Vec<Request>> = BTreeMap::new();
    for request in Traffic::new(&Plan::new(seed, start).until(NOW)) {
        by_client.entry(request.client).or_default().push(request);
    }
    let totals = WindowTotals {
        requests: by_client.values().map(|requests| requests.len() as u64).sum(),
        clients: by_client.len() as u64,
    };
    let window = Window { start, end: NOW };
    by_client.values().map(|requests| (dossier(requests, window, totals), requests[0].population)).collect()
}

/// The dossier of one population's busiest client.
pub fn of(population: &str) -> Dossier {
    static CLIENTS: LazyLock<Vec<(Dossier, &'static Population)>> = LazyLock::new(|| clients(7));
    let its = CLIENTS.iter().filter(|(_, who)| who.name == population);
    its.map(|(dossier, _)| dossier).max_by_key(|one| one.suspect.stats.requests).unwrap().clone()
}

fn dossier(requests: &[Request], window: Window, totals: WindowTotals) -> Dossier {
    let path = |request: &Request| request.uri.split('?').next().unwrap_or_default().to_owned();
    let count = |test: fn(u16) -> bool| requests.iter().filter(|request| test(request.status)).count() as u64;
    let stats = ClientStats {
        client: requests[0].client,
        requests: requests.len() as u64,
        s2xx: count(|status| status / 100 == 2),
        s3xx: count(|status| status / 100 == 3),
        s4xx: count(|status| status / 100 == 4),
        s499: count(|status| status == 499),
        s5xx: count(|status| status / 100 == 5),
        paths: requests.iter().map(path).collect::<HashSet<_>>().len() as u64,
        bytes: requests.iter().map(|request| request.bytes).sum(),
        first_seen: Some(requests[0].at),
        last_seen: requests.last().map(|request| request.at),
    };
    let gates = passed(&stats, &GateLimits::default());
    let top = |value: &dyn Fn(&Request) -> String| {
        let mut hits: HashMap<String, u64> = HashMap::new();
        requests.iter().for_each(|request| *hits.entry(value(request)).or_default() += 1);
        let mut hits: Vec<ValueHits> = hits.into_iter().map(|(value, hits)| ValueHits { value, hits }).collect();
        hits.sort_by(|one, other| other.hits.cmp(&one.hits).then_with(|| one.value.cmp(&other.value)));
        hits.truncate(10);
        hits
    };
    let evidence = gates.iter().enumerate().map(|(index, hit)| Evidence {
        id: format!("E{}", index + 1),
        kind: "gate".to_owned(),
        statement: hit.say(Lang::En),
        query: "*".to_owned(),
    });
    Dossier {
        suspect: Suspect {
            target: stats.client.into(),
            stats: stats.clone(),
            gates: gates.clone(),
            score: None,
            exempt: None,
        },
        window,
        totals,
        timeline: HitSeries::default(),
        top_paths: top(&path),
        agents: top(&|request| request.user_agent.to_owned()),
        methods: top(&|request| request.method.to_owned()),
        statuses: top(&|request| request.status.to_string()),
        rows: requests.iter().rev().take(10).map(row).collect(),
        fields: FieldMap::canonical(),
        history: Vec::new(),
        decisions: Vec::new(),
        evidence: evidence.collect(),
        gaps: Vec::new(),
    }
}

fn row(request: &Request) -> Row {
    [
        ("_time", request.at.to_string()),
        ("method", request.method.to_owned()),
        ("uri", request.uri.to_string()),
        ("status", request.status.to_string()),
        ("referer", request.referer.to_string()),
        ("user_agent", request.user_agent.to_owned()),
    ]
    .into_iter()
    .collect()
}

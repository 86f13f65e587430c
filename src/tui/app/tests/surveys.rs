//! What the console under test is given to show: a gate table, scores and cohorts of every sort.

use ipnet::IpNet;
use jiff::Timestamp;

use crate::detect::assess::Scored;
use crate::detect::gates::{GateLimits, passed};
use crate::detect::groups::{Alike, Cohort, Covering, Habit, Member, Share, innocent_share};
use crate::detect::ranges::exemption;
use crate::detect::replay::Action;
use crate::detect::score::{Kind, Part};
use crate::detect::{ClientStats, Survey, Suspect, WindowTotals};
use crate::logs::Window;

pub(super) fn net(text: &str) -> IpNet {
    crate::config::value::network(text).unwrap()
}

fn share(habit: Habit, members: f64, people: f64) -> Share {
    Share { habit, members, people: Some(people) }
}

/// Members `first`, `first + 1`, … of a prefix.
fn members(prefix: &str, count: u8, score: f64, action: Action, now: Timestamp) -> Vec<Member> {
    let member = |number: u8| {
        let last = now - jiff::SignedDuration::from_secs(i64::from(number) * 7);
        let client = format!("{prefix}.{}", number * 3 + 1).parse().unwrap();
        Member { client, score, action, requests: 4 + u32::from(number % 3), last }
    };
    (0..count).map(member).collect()
}

/// A fleet that guesses passwords from everywhere.
fn guessers(now: Timestamp) -> Cohort {
    let template = "/api/auth/token\u{1b}[2J".to_owned();
    let mut all = members("198.51.100", 9, 0.973, Action::Act, now);
    all.extend(members("192.0.2", 5, 0.62, Action::Ask, now));
    all.extend(members("203.0.113", 2, 0.31, Action::Watch, now));
    Cohort {
        detector: "cohort:action".to_owned(),
        alike: Alike::Action { writes: true, template, outcome: "refused".to_owned() },
        innocent_share: 0.018,
        people: 1,
        members: all,
        median_requests: 5,
        people_median_requests: 31,
        shares: vec![share(Habit::OneThing, 1.0, 0.02), share(Habit::NoAssets, 1.0, 0.04)],
        prefixes: vec![covering("198.51.100.0/27", 9, 0), covering("192.0.2.0/28", 5, 3)],
    }
}

/// Scrapers that share an agent.
fn scrapers(now: Timestamp) -> Cohort {
    Cohort {
        detector: "cohort:agent".to_owned(),
        alike: Alike::Agent { agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned() },
        innocent_share: 0.09,
        people: 4,
        members: members("203.0.113", 7, 0.71, Action::Ask, now),
        median_requests: 12,
        people_median_requests: 31,
        shares: vec![share(Habit::SameAgent, 1.0, 0.03), share(Habit::NoReferer, 0.86, 0.05)],
        prefixes: Vec::new(),
    }
}

fn covering(prefix: &str, members: u32, others: u32) -> Covering {
    Covering { prefix: net(prefix), members, others, innocent_share: innocent_share(members, others) }
}

/// The score of a client that passes these gates: the more, the surer.
fn score(gates: &[crate::detect::gates::GateHit]) -> Option<Box<Scored>> {
    let part = |kind, detector: &str, weight, value| Part { kind, detector: detector.to_owned(), weight, value };
    let parts = vec![
        part(Kind::Probing, "probing:missing-paths", 4.0, 12.0),
        part(Kind::Burst, "burst:minute", 3.0, 140.0),
        part(Kind::Rule, "rule:dot-file", 1.5, 1.0),
    ];
    let (probability, action) = match gates.len() {
        0 => return None,
        1 => (0.55, Some(Action::Ask)),
        _ => (0.974, Some(Action::Act)),
    };
    Some(Box::new(Scored { probability, action, parts, conclusive: false, cohort: None }))
}

/// A survey of clients with requests, 4xx, 499, 5xx and paths.
pub(super) fn survey(clients: &[(&str, [u64; 5])], window: Window, now: Timestamp) -> Survey {
    let clients: Vec<Suspect> = clients
        .iter()
        .map(|(client, [requests, s4xx, s499, s5xx, paths])| {
            let stats = ClientStats {
                client: client.parse().unwrap(),
                requests: *requests,
                s2xx: requests - s4xx - s5xx,
                s3xx: 0,
                s4xx: *s4xx,
                s499: *s499,
                s5xx: *s5xx,
                paths: *paths,
                bytes: requests * 1234,
                first_seen: Some(window.start),
                last_seen: Some(now),
            };
            let gates = passed(&stats, &GateLimits::default());
            Suspect {
                target: stats.client.into(),
                exempt: exemption(stats.client, &[], &[]),
                score: score(&gates),
                gates,
                stats,
            }
        })
        .collect();
    let cohorts = vec![guessers(now), scrapers(now)];
    let totals = WindowTotals { requests: 12_345, clients: 321 };
    let suspects = clients.iter().filter(|suspect| suspect.is_suspect()).count() as u64;
    Survey {
        window,
        totals,
        clients,
        suspects,
        cohorts,
        gaps: Vec::new(),
        partial_scores: false,
        query: String::new(),
        cut: false,
    }
}

pub(super) const CLIENTS: &[(&str, [u64; 5])] = &[
    ("203.0.113.66", [1_234_567, 1_200_000, 0, 3, 412]),
    ("198.51.100.23", [477, 455, 0, 0, 1]),
    ("192.0.2.77", [1_940, 744, 744, 811, 1]),
    ("2001:db8:5:7:1a2b::9", [66, 0, 0, 0, 28]),
    ("10.0.0.7", [900, 880, 0, 0, 70]),
];

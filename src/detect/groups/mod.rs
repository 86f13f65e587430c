//! Cohorts as a person is shown them: who belongs to one, what its members share, what the site's people do instead,
//! and which prefixes cover them at what price. All of it is counted over one traffic and the scores of its clients;
//! nothing here decides whether a cohort is one ([`super::cohorts`] does).

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assess::Assessed;
use super::cohorts::Membership;
use super::replay::Action;
use super::traffic::{ClientProfile, Traffic};

mod alike;
mod covering;
mod habits;

pub use alike::Alike;
pub use covering::{Covering, innocent_share};
pub use habits::{Habit, Share};

use covering::Neighbours;
use habits::People;

/// A member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub client: IpAddr,
    /// The probability of an attack.
    pub score: f64,
    /// What its score leads to.
    pub action: Action,
    /// Its requests.
    pub requests: u32,
    /// Its last request.
    pub last: Timestamp,
}

/// A cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// `cohort:action`, `cohort:agent`, …
    pub detector: String,
    /// In what they are alike.
    pub alike: Alike,
    /// The largest share of innocents among its members, as [`super::cohorts`] estimates it.
    pub innocent_share: f64,
    /// Clients that behave as people do and are alike in the same way.
    pub people: u32,
    /// Its members, surest first.
    pub members: Vec<Member>,
    /// Half of the members sent at most so many requests.
    pub median_requests: u32,
    /// The same of the site's people.
    pub people_median_requests: u32,
    /// What they share, and how many of the site's people do the same; the most telling first.
    pub shares: Vec<Share>,
    /// Prefixes that cover members; those with the most members first.
    pub prefixes: Vec<Covering>,
}

/// A cohort as one of its members carries it: all but the other members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Belongs {
    /// In what the members are alike.
    pub alike: Alike,
    /// How many there are.
    pub members: usize,
    /// The largest share of innocents among them.
    pub innocent_share: f64,
    /// Clients that behave as people do and are alike in the same way.
    pub people: u32,
    /// What they share.
    pub shares: Vec<Share>,
    /// The prefix that covers this member with others.
    pub prefix: Option<Covering>,
}

impl Cohort {
    /// Adds what was seen of it at another time: its numbers as they were when it was largest, with all members that it
    /// ever had.
    pub fn join(&mut self, mut other: Self) {
        if self.members.len() <= other.members.len() {
            std::mem::swap(self, &mut other);
        }
        let have: HashSet<IpAddr> = self.members.iter().map(|member| member.client).collect();
        self.members.extend(other.members.into_iter().filter(|member| !have.contains(&member.client)));
    }

    /// It as one of its members carries it.
    pub fn of_member(&self, client: IpAddr) -> Belongs {
        Belongs {
            alike: self.alike.clone(),
            members: self.members.len(),
            innocent_share: self.innocent_share,
            people: self.people,
            shares: self.shares.clone(),
            prefix: self.prefixes.iter().find(|covering| covering.prefix.contains(&client)).cloned(),
        }
    }
}

/// Fewer clients than this are not shown as a cohort.
const LEAST_SHOWN: usize = 3;

/// The cohorts of the clients that a threshold was reached by; sets each one's place in the list.
pub fn of(traffic: &Traffic<'_>, assessed: &mut [Assessed]) -> Vec<Cohort> {
    let mut groups: HashMap<Alike, (Vec<usize>, Membership)> = HashMap::new();
    for (index, one) in assessed.iter().enumerate().filter(|(_, one)| one.action.is_some()) {
        if !one.score.parts.iter().any(|part| part.detector.starts_with("cohort:")) {
            continue;
        }
        let Some(client) = traffic.clients.get(&one.client) else { continue };
        let Some(membership) = one.membership else { continue };
        let Some(alike) = alike::alike(traffic, one.client, client, membership.key) else { continue };
        let group = groups.entry(alike).or_insert_with(|| (Vec::new(), membership));
        group.0.push(index);
        group.1.innocent_share = group.1.innocent_share.max(membership.innocent_share);
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let people = People::of(traffic);
    let flagged: HashSet<IpAddr> =
        assessed.iter().filter(|one| one.action >= Some(Action::Ask)).map(|one| one.client).collect();
    let neighbours = Neighbours::of(traffic, &flagged);
    let mut cohorts: Vec<(Vec<usize>, Cohort)> = groups
        .into_iter()
        .filter(|(_, (members, _))| members.len() >= LEAST_SHOWN)
        .map(|(alike, (members, membership))| {
            let cohort = cohort(alike, &membership, &members, assessed, traffic, &people, &neighbours);
            (members, cohort)
        })
        .collect();
    cohorts.sort_by(|(_, one), (_, other)| {
        other.members.len().cmp(&one.members.len()).then_with(|| one.alike.cmp(&other.alike))
    });
    for (place, (members, _)) in cohorts.iter().enumerate() {
        for member in members {
            assessed[*member].cohort = Some(place);
        }
    }
    cohorts.into_iter().map(|(_, cohort)| cohort).collect()
}

fn cohort(
    alike: Alike,
    membership: &Membership,
    indices: &[usize],
    assessed: &[Assessed],
    traffic: &Traffic<'_>,
    people: &People<'_>,
    neighbours: &Neighbours,
) -> Cohort {
    let clients: Vec<&ClientProfile> =
        indices.iter().filter_map(|index| traffic.clients.get(&assessed[*index].client)).collect();
    let mut members: Vec<Member> = indices
        .iter()
        .filter_map(|index| {
            let one = &assessed[*index];
            Some(Member {
                client: one.client,
                score: one.score.probability,
                action: one.action?,
                requests: one.requests,
                last: one.last,
            })
        })
        .collect();
    members.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.client.cmp(&other.client)));
    let addresses: Vec<IpAddr> = members.iter().map(|member| member.client).collect();
    Cohort {
        detector: format!("cohort:{}", alike.word()),
        innocent_share: membership.innocent_share,
        people: membership.cell.people,
        median_requests: habits::median(&clients),
        people_median_requests: people.median_requests,
        shares: people.shares(&clients),
        prefixes: neighbours.covering(&addresses),
        members,
        alike,
    }
}

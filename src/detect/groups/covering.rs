//! Prefixes that cover the members of a cohort, and at what price.

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::cohorts::Near;
use super::super::ranges::neighbourhood;
use super::super::traffic::Traffic;

/// A prefix that covers members, no wider than it has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covering {
    /// The prefix.
    pub prefix: IpNet,
    /// Members in it.
    pub members: u32,
    /// Others seen in it that nothing speaks against.
    pub others: u32,
    /// An upper estimate of the share of innocents in it, 0 to 1; never 0, because one may come that was not seen yet.
    pub innocent_share: f64,
}

/// A prefix that covers fewer members says nothing.
const LEAST_COVERED: usize = 3;

/// Who else was seen near the clients that something speaks against.
pub(super) struct Neighbours {
    /// By the neighbourhood of an address: all that nothing speaks against.
    others: HashMap<Near, Vec<IpAddr>>,
}

impl Neighbours {
    pub(super) fn of(traffic: &Traffic<'_>, flagged: &HashSet<IpAddr>) -> Self {
        let all: HashSet<Near> = flagged.iter().map(|address| Near::of(*address)).collect();
        let other = |address: &IpAddr| {
            let near = Near::of(*address);
            (all.contains(&near) && !flagged.contains(address)).then_some((near, *address))
        };
        let found: Vec<(Near, IpAddr)> = traffic.clients.par_keys().filter_map(other).collect();
        let mut others: HashMap<Near, Vec<IpAddr>> = HashMap::new();
        found.into_iter().for_each(|(near, address)| others.entry(near).or_default().push(address));
        Self { others }
    }

    /// The prefixes that cover these addresses.
    pub(super) fn covering(&self, addresses: &[IpAddr]) -> Vec<Covering> {
        let mut by: HashMap<Near, Vec<IpAddr>> = HashMap::new();
        addresses.iter().for_each(|address| by.entry(Near::of(*address)).or_default().push(*address));
        let mut prefixes: Vec<Covering> = by
            .into_iter()
            .filter(|(_, members)| members.len() >= LEAST_COVERED)
            .filter_map(|(near, members)| {
                let prefix = narrowest(&members)?;
                let others = self.others.get(&near).map_or(&[][..], |others| others);
                let others = others.iter().filter(|address| prefix.contains(*address)).count();
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let (members, others) = (count(members.len()), count(others));
                Some(Covering { prefix, members, others, innocent_share: innocent_share(members, others) })
            })
            .collect();
        prefixes.sort_by(|one, other| other.members.cmp(&one.members).then(one.prefix.cmp(&other.prefix)));
        prefixes
    }
}

/// Half a client is added to those that were seen, for the one that was not: the mean of what Jeffreys' prior makes of
/// the counts.
pub fn innocent_share(members: u32, others: u32) -> f64 {
    (f64::from(others) + 0.5) / (f64::from(members) + f64::from(others) + 1.0)
}

/// The narrowest prefix around addresses of one family.
fn narrowest(addresses: &[IpAddr]) -> Option<IpNet> {
    let (first, rest) = addresses.split_first()?;
    let full = IpNet::from(*first).max_prefix_len();
    let least = neighbourhood(*first)?.prefix_len();
    (least..=full)
        .rev()
        .filter_map(|length| IpNet::new(*first, length).ok().map(|net| net.trunc()))
        .find(|net| rest.iter().all(|address| net.contains(address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_covering_prefix_is_no_wider_than_it_has_to_be() {
        let narrow = |texts: &[&str]| narrowest(&addresses(texts)).unwrap().to_string();
        assert_eq!(narrow(&["203.0.113.4", "203.0.113.7", "203.0.113.5"]), "203.0.113.4/30");
        assert_eq!(narrow(&["203.0.113.1", "203.0.113.200"]), "203.0.113.0/24");
        assert_eq!(narrow(&["2001:db8:1::1", "2001:db8:1::2"]), "2001:db8:1::/126");
        assert_eq!(narrow(&["203.0.113.9"]), "203.0.113.9/32");
    }

    #[test]
    fn innocents_who_were_seen_and_one_who_was_not_count() {
        let neighbours = Neighbours {
            others: [(Near::of("203.0.113.0".parse().unwrap()), addresses(&["203.0.113.6", "203.0.113.77"]))]
                .into_iter()
                .collect(),
        };
        let members = addresses(&["203.0.113.4", "203.0.113.5", "203.0.113.7", "198.51.100.1"]);
        let covering = neighbours.covering(&members);
        assert_eq!(covering.len(), 1, "{covering:?}");
        assert_eq!((covering[0].prefix.to_string().as_str(), covering[0].others), ("203.0.113.4/30", 1));
        assert!((covering[0].innocent_share - 1.5 / 5.0).abs() < 1e-9);
        assert!(innocent_share(9, 0) <= 0.05 && innocent_share(8, 0) > 0.05);
    }
}

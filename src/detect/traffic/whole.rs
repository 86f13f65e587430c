//! What only a whole window tells: which hosts are the site's own, who conducts himself how, and what all add up to.

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::agents::AgentKind;
use super::client::ClientProfile;
use super::window::{Traffic, kind_of};

/// From how many targets on that are not there somebody looks for what is not meant to be found.
pub(in crate::detect) const FEWEST_PROBES: usize = 4;

/// The clients of a window added up.
#[derive(Debug, Clone)]
pub struct Whole {
    /// All requests that are remembered.
    pub requests: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Time that the requests took, in milliseconds.
    pub busy_ms: u64,
    /// Since when the counts are, in milliseconds of Unix time.
    pub since_ms: i64,
    /// By target that is not there and that somebody asked for among many such: how many people did so too, which makes
    /// it the site's own broken link.
    pub broken_links: HashMap<u32, u32>,
}

impl Default for Whole {
    fn default() -> Self {
        Self { requests: 0, bytes: 0, busy_ms: 0, since_ms: i64::MAX, broken_links: HashMap::new() }
    }
}

impl Whole {
    fn add(&mut self, requests: u64, bytes: u64, busy_ms: u64, since_ms: i64) {
        self.requests += requests;
        self.bytes = self.bytes.saturating_add(bytes);
        self.busy_ms = self.busy_ms.saturating_add(busy_ms);
        self.since_ms = self.since_ms.min(since_ms);
    }
}

/// The domain that a host belongs to: its last two names, or three where the second last is a registry's own.
fn domain(host: &str) -> &str {
    let host = host.split(':').next().unwrap_or_default();
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let (Some(last), Some(second)) = (last, second) else { return host };
    let registry = &host[second + 1..last];
    // An address is its own.
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return host;
    }
    let is_registry = host.len() - last <= 3
        && ["co", "or", "ac", "go", "ne", "re", "pe", "com", "net", "org", "gov", "edu"].contains(&registry);
    match (is_registry, third) {
        (true, Some(third)) => &host[third + 1..],
        (true, None) => host,
        (false, _) => &host[second + 1..],
    }
}

impl Traffic<'_> {
    /// Works out what only the whole window tells. To be called before anybody is scored.
    pub fn finish(&mut self) {
        // Whoever makes hosts up fills no memory.
        self.host_uses.retain(|_, host| host.loads + host.leads > 0);
        self.most_loads = self.host_uses.values().map(|host| host.loads).max().unwrap_or(0);
        self.own_hosts.clear();
        let own = self.host_uses.keys().filter(|host| self.looks_own(**host));
        let domains: HashSet<&str> = own.map(|host| domain(self.hosts.text(*host))).collect();
        let hosts = 0..u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        let own = hosts.filter(|host| domains.contains(domain(self.hosts.text(*host)))).collect();
        self.own_hosts = own;
        self.tails.finish();
        self.heads.finish();
        let (agents, rules, clients, own) = (&self.agents, self.rules, self.clients.len(), &self.own_hosts);
        let conduct = |client: &ClientProfile, without_agents: bool| {
            let is_odd = || client.rules().iter().any(|(rule, _)| rules.speaks_against_agent(*rule));
            client.conduct_as(kind_of(agents, without_agents, client.agent), is_odd)
        };
        // What was true when it was looked at last mostly still is: then everybody is looked at only once.
        let without_agents = self.without_agents;
        let settle = |client: &mut ClientProfile| {
            client.own_referer = own.contains(&client.referer_host) || own.contains(&client.other_host);
            client.came_from_elsewhere = client.requests > 0 && !own.contains(&client.referer_host);
            client.conduct = conduct(client, without_agents);
        };
        // With how many sent no agent, those who asked in vain for something as people do, and those who did so for much.
        type Part<'c> = (Whole, usize, Vec<&'c ClientProfile>, Vec<&'c ClientProfile>);
        let parts: Vec<Part<'_>> = self
            .clients
            .par_values_mut()
            .fold(Default::default, |(mut sum, mut empty, mut missed, mut probing): Part<'_>, client| {
                settle(client);
                let client = &*client;
                empty += usize::from(kind_of(agents, false, client.agent) == AgentKind::Empty);
                sum.add(client.requests.into(), client.bytes, client.busy_ms, client.since_ms);
                if !client.missing.is_empty() {
                    missed.extend(client.is_humanlike().then_some(client));
                    probing.extend((client.missing.len() >= FEWEST_PROBES).then_some(client));
                }
                (sum, empty, missed, probing)
            })
            .collect();
        let mut whole = Whole::default();
        for (part, _, _, probing) in &parts {
            whole.add(part.requests, part.bytes, part.busy_ms, part.since_ms);
            whole
                .broken_links
                .extend(probing.iter().flat_map(|client| client.missing.iter()).map(|target| (target, 0)));
        }
        for target in parts.iter().flat_map(|(_, _, missed, _)| missed).flat_map(|client| client.missing.iter()) {
            if let Some(people) = whole.broken_links.get_mut(&target) {
                *people += 1;
            }
        }
        self.whole = whole;
        let empty: usize = parts.iter().map(|(_, empty, ..)| empty).sum();
        self.without_agents = empty * 10 > clients * 8;
        if self.without_agents != without_agents {
            let without_agents = self.without_agents;
            self.clients.par_values_mut().for_each(|client| client.conduct = conduct(client, without_agents));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::domain;

    #[test]
    fn hosts_of_one_domain_are_told_from_a_registrys() {
        for (host, expected) in [
            ("talk.shop.example", "shop.example"),
            ("shop.example", "shop.example"),
            ("m.shop.co.kr:8443", "shop.co.kr"),
            ("shop.co.kr", "shop.co.kr"),
            ("localhost", "localhost"),
            ("203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(domain(host), expected);
        }
    }
}

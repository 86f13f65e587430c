//! A traffic's aggregates as plain data, to be kept between runs: the clients that say most, up to a number, and only
//! the texts that those refer to. Reading it again works everything that follows from a text alone out anew.

use std::net::IpAddr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::client::{ClientProfile, Numbers};
use super::intern::{Interner, Renumbering};
use super::tails::Sharing;
use super::targets::{TargetKind, Theme};
use super::window::{Action, Agent, HostUse, Outcome, Traffic};
use crate::detect::rules::RuleSet;

/// An action with its template's text and what is known of it.
type StoredAction = (String, TargetKind, Theme, bool, Outcome);

/// Aggregates as plain data.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stored {
    clients: Vec<(IpAddr, ClientProfile)>,
    targets: Vec<String>,
    agents: Vec<String>,
    /// Hosts with what is known of them.
    hosts: Vec<(String, HostUse)>,
    actions: Vec<StoredAction>,
    requests: u64,
}

impl Stored {
    /// How many clients it holds.
    pub fn clients(&self) -> usize {
        self.clients.len()
    }
}

/// Numbers given anew in the order in which they are met.
struct InOrder {
    numbers: Renumbering,
    order: Vec<u32>,
}

impl InOrder {
    fn new(old: usize) -> Self {
        Self { numbers: Renumbering::new(old), order: Vec::new() }
    }

    fn meet(&mut self, number: u32) {
        if number != Interner::OVERFLOW && !self.numbers.keeps(number) {
            self.numbers.set(number, u32::try_from(self.order.len()).unwrap_or(Interner::OVERFLOW));
            self.order.push(number);
        }
    }
}

/// Numbers that somebody refers to.
struct Used(Vec<bool>);

impl Used {
    fn new(all: usize) -> Self {
        Self(vec![false; all])
    }

    fn add(&mut self, number: u32) {
        if let Some(place) = self.0.get_mut(number as usize) {
            *place = true;
        }
    }

    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize).copied().unwrap_or(false)
    }
}

impl<'r> Traffic<'r> {
    /// The aggregates as plain data: of at most `most` clients, those that matched rules and those with the most
    /// requests first.
    pub fn store(&self, most: usize) -> Stored {
        let mut chosen: Vec<(&IpAddr, &ClientProfile)> = self.clients.iter().collect();
        if chosen.len() > most {
            let weight = |client: &ClientProfile| (!client.rules().is_empty(), client.requests);
            chosen.sort_by_key(|(address, client)| (std::cmp::Reverse(weight(client)), **address));
            chosen.truncate(most);
        }
        let (mut targets, mut agents) = (InOrder::new(self.targets.len()), InOrder::new(self.agents.len()));
        let (mut hosts, mut actions) = (InOrder::new(self.hosts.len()), InOrder::new(self.actions.len()));
        self.host_uses.keys().for_each(|host| hosts.meet(*host));
        for (_, client) in &chosen {
            agents.meet(client.agent);
            hosts.meet(client.referer_host);
            hosts.meet(client.other_host);
            hosts.meet(client.led_again().2);
            client.targets.iter().chain(client.missing.iter()).for_each(|target| targets.meet(target));
            client.actions().iter().for_each(|(action, _)| actions.meet(*action));
            client.hasty_action().into_iter().for_each(|action| actions.meet(action));
        }
        let action = |number: &u32| {
            let known = self.actions.get(*number as usize)?;
            let (kind, theme) = self.template_facts(known.template);
            Some((self.templates.text(known.template).to_owned(), kind, theme, known.writes, known.outcome))
        };
        let mut stored = Stored {
            clients: Vec::with_capacity(chosen.len()),
            targets: targets.order.iter().map(|number| self.target_text(*number).to_owned()).collect(),
            agents: agents.order.iter().map(|number| self.agent_text(*number).to_owned()).collect(),
            hosts: hosts
                .order
                .iter()
                .map(|number| {
                    (self.hosts.text(*number).to_owned(), self.host_uses.get(number).copied().unwrap_or_default())
                })
                .collect(),
            actions: actions.order.iter().filter_map(action).collect(),
            requests: self.requests,
        };
        let numbers = Numbers {
            agents: agents.numbers,
            hosts: hosts.numbers,
            targets: targets.numbers,
            actions: actions.numbers,
        };
        stored.clients.extend(chosen.into_iter().map(|(address, client)| {
            let mut client = client.clone();
            client.renumber(&numbers);
            (*address, client)
        }));
        stored
    }

    /// The aggregates that were stored, with everything that follows from texts and addresses worked out by these rules.
    pub fn restore(stored: Stored, rules: &'r RuleSet) -> Self {
        let mut traffic = Self::new(rules);
        let mut numbers = Numbers {
            agents: Renumbering::new(stored.agents.len()),
            hosts: Renumbering::new(stored.hosts.len()),
            targets: Renumbering::new(stored.targets.len()),
            actions: Renumbering::new(stored.actions.len()),
        };
        for (old, text) in (0_u32..).zip(&stored.agents) {
            let (number, fresh) = traffic.agent_names.number(text);
            if fresh {
                traffic.agents.push(Agent::read(text, rules));
            }
            numbers.agents.set(old, number);
        }
        for (old, text) in (0_u32..).zip(&stored.targets) {
            let (number, fresh) = traffic.target_names.number(text);
            if fresh {
                let target = traffic.read_target(text);
                traffic.targets.push(target);
            }
            numbers.targets.set(old, number);
        }
        for (old, (text, host)) in (0_u32..).zip(&stored.hosts) {
            let (number, _) = traffic.hosts.number(text);
            if host.loads + host.seen > 0 {
                traffic.host_uses.insert(number, *host);
            }
            numbers.hosts.set(old, number);
        }
        for (old, (text, kind, theme, writes, outcome)) in (0_u32..).zip(&stored.actions) {
            let (template, fresh) = traffic.templates.number(text);
            if fresh {
                traffic.template_facts.push((*kind, *theme));
            }
            let number = traffic.action(Action { template, writes: *writes, outcome: *outcome });
            numbers.actions.set(old, number);
        }
        traffic.requests = stored.requests;
        traffic.last_ms = stored.clients.iter().map(|(_, client)| client.last_ms).max().unwrap_or(i64::MIN);
        traffic.clients = stored
            .clients
            .into_iter()
            .map(|(address, mut client)| {
                client.renumber(&numbers);
                client.network = rules.networks().of(address);
                (address, client)
            })
            .collect();
        traffic
    }

    /// Leaves out the texts that no client refers to any more, so that new ones can be told apart again.
    pub fn compact(&mut self) {
        let (mut targets, mut agents) = (Used::new(self.targets.len()), Used::new(self.agents.len()));
        let (mut hosts, mut actions) = (Used::new(self.hosts.len()), Used::new(self.actions.len()));
        self.host_uses.keys().for_each(|host| hosts.add(*host));
        for client in self.clients.values() {
            agents.add(client.agent);
            hosts.add(client.referer_host);
            hosts.add(client.other_host);
            hosts.add(client.led_again().2);
            client.targets.iter().chain(client.missing.iter()).for_each(|target| targets.add(target));
            client.actions().iter().for_each(|(action, _)| actions.add(*action));
            client.hasty_action().into_iter().for_each(|action| actions.add(action));
        }
        let mut numbers = Numbers {
            agents: self.agent_names.keep(&mut self.agents, |number| agents.has(number)),
            targets: self.target_names.keep(&mut self.targets, |number| targets.has(number)),
            hosts: self.hosts.keep(&mut vec![(); self.hosts.len()], |number| hosts.has(number)),
            actions: Renumbering::new(self.actions.len()),
        };
        let mut templates = Used::new(self.template_facts.len());
        self.targets.iter().for_each(|target| templates.add(target.template));
        let kept: Vec<(u32, Action)> =
            (0..).zip(std::mem::take(&mut self.actions)).filter(|(number, _)| actions.has(*number)).collect();
        kept.iter().for_each(|(_, action)| templates.add(action.template));
        let templates = self.templates.keep(&mut self.template_facts, |number| templates.has(number));
        self.targets.iter_mut().for_each(|target| target.template = templates.of(target.template));
        self.action_numbers.clear();
        (self.tails, self.heads) = (Sharing::default(), Sharing::default());
        for (old, action) in kept {
            let new = self.action(Action { template: templates.of(action.template), ..action });
            numbers.actions.set(old, new);
        }
        let uses = std::mem::take(&mut self.host_uses);
        self.host_uses = uses.into_iter().map(|(old, host)| (numbers.hosts.of(old), host)).collect();
        self.own_hosts = self.own_hosts.iter().map(|old| numbers.hosts.of(*old)).collect();
        self.clients.par_values_mut().for_each(|client| client.renumber(&numbers));
        self.kept_targets = self.targets.len();
    }

    /// Whether so many texts have been met that new ones will soon not be told apart: time for [`Traffic::compact`].
    pub fn is_crowded(&self) -> bool {
        // Where most are in use, little is won by looking again soon.
        let has_grown = self.targets.len() >= self.kept_targets + self.kept_targets / 4;
        self.target_names.is_nearly_full() && has_grown
            || self.agent_names.is_nearly_full()
            || self.templates.is_nearly_full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::rules::Request;
    use crate::detect::traffic::Hit;

    #[test]
    fn who_was_sent_by_a_search_engine_and_went_on_within_the_site_is_still_known_for_it() {
        let client: IpAddr = "203.0.113.7".parse().unwrap();
        let mut traffic = Traffic::new(RuleSet::shipped());
        for (at_ms, target, referer) in [
            (0, "/product/7", "https://search.example/"),
            (300, "/static/app.js", "https://shop.example/product/7"),
            (9_000, "/cart", "https://shop.example/product/7"),
        ] {
            let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
            let request = Request { method: "GET", target, protocol: "", status: 200, agent, referer };
            traffic.add(&Hit { at_ms, client, request, bytes: 10, duration_ms: 1 });
        }
        let mut traffic = Traffic::restore(traffic.store(10), RuleSet::shipped());
        traffic.finish();
        let profile = &traffic.clients[&client];
        assert!(profile.own_referer && profile.came_from_elsewhere);
    }
}

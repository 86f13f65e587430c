//! Who is who in simulated traffic: what a test or a benchmark compares an answer with.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Population, Request};

/// The population of every address that has been seen. An address belongs to one population only.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    by_client: BTreeMap<IpAddr, &'static Population>,
}

impl Labels {
    /// Remembers who sent a request.
    pub fn note(&mut self, request: &Request) {
        self.by_client.insert(request.client, request.population);
    }

    /// Whose address this is; `None` where it sent nothing.
    pub fn of(&self, client: IpAddr) -> Option<&'static Population> {
        self.by_client.get(&client).copied()
    }

    /// The attackers' addresses, in order.
    pub fn attackers(&self) -> Vec<IpAddr> {
        self.iter().filter(|(_, population)| population.hostile).map(|(client, _)| client).collect()
    }

    /// Every address with its population, in order.
    pub fn iter(&self) -> impl Iterator<Item = (IpAddr, &'static Population)> {
        self.by_client.iter().map(|(client, population)| (*client, *population))
    }
}

impl<'a> FromIterator<&'a Request> for Labels {
    fn from_iter<I: IntoIterator<Item = &'a Request>>(requests: I) -> Self {
        let mut labels = Self::default();
        requests.into_iter().for_each(|request| labels.note(request));
        labels
    }
}

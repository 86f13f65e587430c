//! Which clients a log has, exactly, and in a few megabytes where there are a million.

use std::net::IpAddr;

use hashbrown::HashSet;

/// Addresses, apart by family: an IPv4 address needs a quarter of the room of one that may be either.
#[derive(Debug, Default)]
pub(super) struct Clients {
    four: HashSet<u32>,
    six: HashSet<u128>,
}

impl Clients {
    pub(super) fn insert(&mut self, client: IpAddr) {
        match client {
            IpAddr::V4(address) => self.four.insert(address.to_bits()),
            IpAddr::V6(address) => self.six.insert(address.to_bits()),
        };
    }

    pub(super) fn contains(&self, client: IpAddr) -> bool {
        match client {
            IpAddr::V4(address) => self.four.contains(&address.to_bits()),
            IpAddr::V6(address) => self.six.contains(&address.to_bits()),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.four.len() + self.six.len()
    }
}

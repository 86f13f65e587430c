//! How many clients of which sort are alike in which way: the cells, and how they are counted on all cores.

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::LEAST_MEMBERS;
use super::acts::{is_narrow, only_harm};
use super::keys::{Key, Keys, keys};
use super::walks::Walks;
use crate::detect::traffic::{ClientProfile, Conduct, Traffic};

/// A cell's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cell {
    /// People in it.
    pub people: u32,
    /// Clients that claim to be browsers and do not behave like one.
    pub quiet: u32,
    /// Programs of which every attempt was refused or broken.
    pub harmful: u32,
    /// Programs that do nothing but sign in, buy or write three times and more.
    pub narrow: u32,
    /// Programs of any sort.
    pub programs: u32,
    /// The quiet that came lately (see [`super::Membership::is_surge`]).
    pub quiet_new: u32,
    /// The people that came lately.
    pub people_new: u32,
    /// The quiet that no page of the site sent.
    pub sent: u32,
    /// Those of them that name the page of another site.
    pub linked: u32,
}

/// What is counted of some of the clients.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) cells: HashMap<Key, Cell>,
    pub(super) people: u32,
    /// By agent: people, and quiet clients that looked at something.
    pub(super) agents: HashMap<u32, (u32, u32)>,
    /// How those who browse go on.
    pub(super) walks: Walks,
}

impl Counted {
    /// Everybody, counted on all cores.
    pub(super) fn all(traffic: &Traffic<'_>, lately_ms: i64) -> Self {
        let clients: Vec<(IpAddr, &ClientProfile)> =
            traffic.clients.iter().map(|(address, client)| (*address, client)).collect();
        let share = clients.len().div_ceil(rayon::current_num_threads()).max(1);
        let sketch = Sketch::new(clients.len());
        // All keys are counted roughly before those of any client are looked at.
        let keyed: Vec<Vec<(&ClientProfile, Keys)>> = clients
            .par_chunks(share)
            .map(|clients| {
                let keyed: Vec<(&ClientProfile, Keys)> =
                    clients.iter().map(|(address, client)| (*client, keys(traffic, *address, client))).collect();
                keyed.iter().flat_map(|(_, keys)| keys).for_each(|key| sketch.count(key));
                keyed
            })
            .collect();
        let parts: Vec<Self> =
            keyed.into_par_iter().map(|keyed| Self::of(keyed, traffic, &sketch, lately_ms)).collect();
        let mut parts = parts.into_iter();
        let mut sum = parts.next().unwrap_or_default();
        parts.for_each(|part| sum.add(part));
        sum
    }

    fn of(clients: Vec<(&ClientProfile, Keys)>, traffic: &Traffic<'_>, sketch: &Sketch, lately_ms: i64) -> Self {
        let mut counted = Self::default();
        for (client, keys) in clients {
            match client.conduct {
                Conduct::Person => {
                    counted.people += 1;
                    counted.agents.entry(client.agent).or_default().0 += 1;
                }
                Conduct::Quiet if client.pages + client.interfaces > 0 => {
                    counted.agents.entry(client.agent).or_default().1 += 1;
                }
                Conduct::Quiet | Conduct::Program => {}
                Conduct::Robot => continue,
            }
            counted.walks.count(traffic, client);
            let one = Cell::of(traffic, client, lately_ms);
            for key in keys.into_iter().filter(|key| sketch.may_be_common(key)) {
                counted.cells.entry(key).or_default().add(&one);
            }
        }
        counted
    }

    fn add(&mut self, other: Self) {
        self.people += other.people;
        other.cells.iter().for_each(|(key, cell)| self.cells.entry(*key).or_default().add(cell));
        for (agent, (people, quiet)) in other.agents {
            let sum = self.agents.entry(agent).or_default();
            *sum = (sum.0 + people, sum.1 + quiet);
        }
        self.walks.add(other.walks);
    }
}

impl Cell {
    /// What one client adds to each of its cells.
    fn of(traffic: &Traffic<'_>, client: &ClientProfile, lately_ms: i64) -> Self {
        let is_new = u32::from(client.first_ms >= lately_ms);
        match client.conduct {
            Conduct::Person => Self { people: 1, people_new: is_new, ..Self::default() },
            Conduct::Quiet => {
                let (sent, linked) = (client.came_from_elsewhere.into(), client.foreign_referer().is_some().into());
                Self { quiet: 1, quiet_new: is_new, sent, linked, ..Self::default() }
            }
            Conduct::Program => {
                let (harmful, narrow) = (only_harm(traffic, client), is_narrow(traffic, client));
                Self { programs: 1, harmful: harmful.into(), narrow: narrow.into(), ..Self::default() }
            }
            Conduct::Robot => Self::default(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.quiet += other.quiet;
        self.harmful += other.harmful;
        self.narrow += other.narrow;
        self.programs += other.programs;
        self.quiet_new += other.quiet_new;
        self.people_new += other.people_new;
        self.sent += other.sent;
        self.linked += other.linked;
    }
}

/// Counts keys without keeping them: most ways to be alike are only one client's, and need no cell. It may take two
/// keys for one, never one for rare that is common.
struct Sketch {
    counts: Vec<AtomicU8>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Sketch {
    /// So many are enough to know; threads that count at the same time come a little further.
    const ENOUGH: u8 = 100;

    fn new(clients: usize) -> Self {
        let size = (clients * 16).next_power_of_two().clamp(1 << 10, 1 << 23);
        let counts = std::iter::repeat_with(AtomicU8::default).take(size).collect();
        Self { counts, hasher: hashbrown::DefaultHashBuilder::default() }
    }

    fn place(&self, key: &Key) -> &AtomicU8 {
        let hash = self.hasher.hash_one(key);
        &self.counts[usize::try_from(hash >> 8).unwrap_or(0) & (self.counts.len() - 1)]
    }

    fn count(&self, key: &Key) {
        let place = self.place(key);
        if place.load(Ordering::Relaxed) < Self::ENOUGH {
            place.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn may_be_common(&self, key: &Key) -> bool {
        u32::from(self.place(key).load(Ordering::Relaxed)) >= LEAST_MEMBERS
    }
}

//! How many clients of which sort are alike in which way: the cells, and how they are counted on all cores.

use std::hash::BuildHasher as _;
use std::net::IpAddr;

use hashbrown::{HashMap, HashTable};
use rayon::prelude::*;

use super::LEAST_MEMBERS;
use super::acts::{is_narrow, only_harm};
use super::keys::{Key, keys};
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
    /// By the hashes that the [`Sketch`] counts them by.
    cells: HashTable<(Key, Cell)>,
    pub(super) people: u32,
    /// By agent: people, and quiet clients that looked at something.
    pub(super) agents: HashMap<u32, (u32, u32)>,
    /// How those who browse go on.
    pub(super) walks: Walks,
}

/// Each part counts for itself first: more of them would cost more memory than they gain time.
const MOST_PARTS: usize = 8;

/// What some clients will add to which cells.
struct Keyed {
    /// Every client's keys with their hashes, one client after another.
    keys: Vec<(Key, u64)>,
    /// How many of them are a client's, and what it adds to each of their cells.
    clients: Vec<(usize, Cell)>,
}

impl Keyed {
    /// Most clients have no more keys.
    const USUAL: usize = 8;

    /// With room for so many clients.
    fn of(clients: usize) -> Self {
        Self { keys: Vec::with_capacity(clients * Self::USUAL), clients: Vec::with_capacity(clients) }
    }
}

/// What was counted of some clients before any key gets a cell.
type Rough = (Counted, Keyed);

impl Counted {
    /// Everybody, counted on all cores.
    pub(super) fn all(traffic: &Traffic<'_>, lately_ms: i64) -> Self {
        let clients: Vec<(IpAddr, &ClientProfile)> =
            traffic.clients.iter().map(|(address, client)| (*address, client)).collect();
        let share = clients.len().div_ceil(rayon::current_num_threads().min(MOST_PARTS)).max(1);
        let empty = Sketch::new(clients.len());
        // All keys are counted roughly before any gets a cell.
        let counted: Vec<(Rough, Sketch)> = clients
            .par_chunks(share)
            .map(|clients| {
                let mut sketch = empty.clone();
                (Self::of(clients, traffic, &mut sketch, lately_ms), sketch)
            })
            .collect();
        let (counted, sketches): (Vec<Rough>, Vec<Sketch>) = counted.into_iter().unzip();
        let sketch = sketches.into_iter().fold(empty, |mut sum, sketch| {
            sum.add(&sketch);
            sum
        });
        let common = sketch.common();
        let parts: Vec<Self> =
            counted.into_par_iter().map(|(counted, keyed)| counted.with_cells(keyed, &sketch, common)).collect();
        let mut parts = parts.into_iter();
        let mut sum = parts.next().unwrap_or_default();
        parts.for_each(|part| sum.add(part, &sketch));
        sum
    }

    /// The cells of some size: which of the rare ones got one is chance.
    pub(super) fn cells(&self) -> HashMap<Key, Cell> {
        let is_common = |(_, cell): &&(Key, Cell)| cell.people + cell.quiet + cell.programs >= LEAST_MEMBERS;
        self.cells.iter().filter(is_common).copied().collect()
    }

    /// Some of the clients.
    fn of(clients: &[(IpAddr, &ClientProfile)], traffic: &Traffic<'_>, sketch: &mut Sketch, lately_ms: i64) -> Rough {
        let (mut counted, mut keyed) = (Self::default(), Keyed::of(clients.len()));
        for (address, client) in clients {
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
            let keys = keys(traffic, *address, client);
            keyed.clients.push((keys.len(), Cell::of(traffic, client, lately_ms)));
            for key in keys {
                let hash = sketch.hash(&key);
                sketch.count(hash);
                keyed.keys.push((key, hash));
            }
        }
        (counted, keyed)
    }

    /// `common` is about how many cells there will be.
    fn with_cells(mut self, keyed: Keyed, sketch: &Sketch, common: usize) -> Self {
        self.cells.reserve(common, |(key, _)| sketch.hash(key));
        let mut keys = keyed.keys.into_iter();
        for (count, one) in keyed.clients {
            for (key, hash) in keys.by_ref().take(count).filter(|(_, hash)| sketch.may_be_common(*hash)) {
                self.add_to_cell(key, hash, &one, sketch);
            }
        }
        self
    }

    /// `hash` is the key's, by `sketch`.
    fn add_to_cell(&mut self, key: Key, hash: u64, more: &Cell, sketch: &Sketch) {
        let cell = self.cells.entry(hash, |(known, _)| *known == key, |(known, _)| sketch.hash(known));
        cell.or_insert_with(|| (key, Cell::default())).get_mut().1.add(more);
    }

    fn add(&mut self, other: Self, sketch: &Sketch) {
        self.people += other.people;
        other.cells.iter().for_each(|(key, cell)| self.add_to_cell(*key, sketch.hash(key), cell, sketch));
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
#[derive(Clone)]
struct Sketch {
    counts: Vec<u8>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Sketch {
    fn new(clients: usize) -> Self {
        let size = (clients * 8).next_power_of_two().clamp(1 << 10, 1 << 23);
        Self { counts: vec![0; size], hasher: hashbrown::DefaultHashBuilder::default() }
    }

    /// Worked out once for a key, then good for its place here and in a table of cells.
    fn hash(&self, key: &Key) -> u64 {
        self.hasher.hash_one(key)
    }

    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash >> 8).unwrap_or(0) & (self.counts.len() - 1)
    }

    fn count(&mut self, hash: u64) {
        let place = self.place(hash);
        self.counts[place] = self.counts[place].saturating_add(1);
    }

    /// Adds what another of the same size and hasher counted.
    fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(one, other)| *one = one.saturating_add(*other));
    }

    /// About how many keys are common.
    fn common(&self) -> usize {
        self.counts.iter().filter(|count| u32::from(**count) >= LEAST_MEMBERS).count()
    }

    fn may_be_common(&self, hash: u64) -> bool {
        u32::from(self.counts[self.place(hash)]) >= LEAST_MEMBERS
    }
}

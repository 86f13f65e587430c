//! Cohorts: many clients that act as one while each stays small.
//!
//! What gives a cohort away is not its size (a viral link is large too) but how few of its members behave as people's
//! browsers do. For every way in which clients can be alike (same action, same agent, same prefix, same rhythm, …) the
//! members that claim to be browsers and do not behave like one are counted against those that do. The window's
//! innocent ratio of the two, ρ, is estimated from the agents that people really use; it says how many quiet members a
//! cell would have without an attack, λ = ρ·m. What exceeds it is the surprise, and (an upper bound of λ) / n is the
//! innocent share of the cell: the chance of being wrong about a member.
//!
//! A visit to a page, and nothing else, is what innocents do too whose browser has everything in its cache, or loads
//! pages in advance: there the cell must exceed what people's visits to the same page explain, or what the same cell
//! was like before ([`Key::Action`] in a surge).

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use hashbrown::HashMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rayon::prelude::*;
use smallvec::SmallVec;

use super::traffic::window::Action;
use super::traffic::{ClientProfile, Conduct, TargetKind, Theme, Traffic};

/// Fewer members than this are no cohort.
const LEAST_MEMBERS: u32 = 6;
/// Fewer people than this in the window say nothing about how people behave here.
const LEAST_PEOPLE: u32 = 12;
/// A spread of the gaps' logarithms below this is a clock's.
pub(super) const CLOCK: f32 = 0.35;
/// The least innocent share of a cell of a few plain visits each.
const VISITS_SHARE: f64 = 0.15;
/// How many innocents a cell of plain visits may hold that nothing else explains.
const PLAIN_VISITORS: f64 = 3.0;
/// From so many different targets on, a program that is refused most of them walks through them.
const WALK: usize = 4;
/// A surge is looked for in so many milliseconds, where so many came before that can be compared.
const SURGE_MS: i64 = 600_000;
const BEFORE_MS: i64 = 300_000;

/// A way in which clients are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The same action, as often: a level of [`levels`].
    Action(u32, u8),
    /// The same agent, over several pages without a sign of a person.
    Agent(u32),
    /// The same agent and action, as often.
    AgentAction(u32, u32, u8),
    /// The same prefix: /24 or /48.
    Prefix(IpNet),
    /// The same set of actions and nothing else, as a hash.
    Only(u64),
    /// Sent by the same foreign page.
    Referer(u32),
    /// Looked at about as many pages, as a power of two, without naming one of the site as the page before: people's
    /// browsers do.
    Depth(u8),
    /// The same pages in the same order with the same pauses.
    Rhythm(u64),
    /// One file that pages load, and nothing else; from [`OFTEN`] on under how many query strings, so that no cache has
    /// it: a level of [`levels`].
    Asset(u32, u8),
}

/// Whoever does something fewer times than this may do it in passing.
const OFTEN: u32 = 4;
/// The level of those.
const SELDOM: u8 = 0;
/// From so many times on, all are alike.
const MOST_OFTEN: u8 = 6;

/// How often an action was done, in levels: the one of those who do it in passing, or all powers of two from four
/// times on up to as often. So each cell holds everybody who does it at least so often, and those who do it in passing
/// are not taken for those who do nothing else.
fn levels(count: u32) -> impl Iterator<Item = u8> {
    let often = count >= OFTEN;
    let top = u8::try_from(count.max(1).ilog2()).unwrap_or(MOST_OFTEN).min(MOST_OFTEN);
    (!often).then_some(SELDOM).into_iter().chain((2..=top).take_while(move |_| often))
}

/// One number goes into the hasher: every client has a dozen keys, and each is looked up several times a window.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (sort, number) = match *self {
            Self::Action(action, level) => (0, u64::from(level) << 32 | u64::from(action)),
            Self::Agent(agent) => (1, u64::from(agent)),
            Self::AgentAction(agent, action, level) => {
                (2, (u64::from(agent) << 32 | u64::from(action)) ^ u64::from(level) << 27)
            }
            Self::Prefix(IpNet::V4(net)) => (3, u64::from(u32::from(net.network()))),
            Self::Prefix(IpNet::V6(net)) => {
                (4, net.network().octets()[..6].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
            }
            Self::Only(hash) => (5, hash),
            Self::Referer(host) => (6, u64::from(host)),
            Self::Depth(log) => (7, u64::from(log)),
            Self::Rhythm(hash) => (8, hash),
            Self::Asset(template, level) => (9, u64::from(level) << 32 | u64::from(template)),
        };
        state.write_u64((number ^ (sort << 60)).rotate_left(7).wrapping_add(sort));
    }
}

impl Key {
    /// A word for the sort of likeness: what follows `cohort:` in a detector's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Action(..) => "action",
            Self::Agent(_) => "agent",
            Self::AgentAction(..) => "agent-action",
            Self::Prefix(_) => "prefix",
            Self::Only(_) => "only",
            Self::Referer(_) => "referer",
            Self::Depth(_) => "depth",
            Self::Rhythm(_) => "rhythm",
            Self::Asset(..) => "asset",
        }
    }

    /// How often its members do what they are alike in, as a level of [`levels`]; [`SELDOM`] where that does not matter.
    pub const fn level(self) -> u8 {
        match self {
            Self::Action(_, level) | Self::AgentAction(_, _, level) | Self::Asset(_, level) => level,
            // A few pages are soon opened one by one.
            Self::Depth(log) => log.saturating_sub(1),
            _ => SELDOM,
        }
    }

    /// Ways of being alike of one family follow from one another: only one of each counts.
    const fn family(self) -> u8 {
        match self {
            Self::Action(..) | Self::AgentAction(..) | Self::Only(_) | Self::Asset(..) => 0,
            Self::Agent(_) => 1,
            Self::Prefix(_) => 2,
            Self::Depth(_) => 3,
            Self::Rhythm(_) => 4,
            Self::Referer(_) => 5,
        }
    }
}

/// A cell's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cell {
    /// People in it.
    pub people: u32,
    /// Clients that claim to be browsers and do not behave like one.
    pub quiet: u32,
    /// Programs of which every attempt was refused or broken.
    pub harmful: u32,
    /// Programs that do nothing but sign in, buy or write (see [`is_narrow`]).
    pub narrow: u32,
    /// Programs of any sort.
    pub programs: u32,
    /// The quiet that came lately (see [`Membership::is_surge`]).
    pub quiet_new: u32,
    /// The people that came lately.
    pub people_new: u32,
    /// The quiet that another site sent, as a search engine does.
    pub sent: u32,
}

/// What a cohort says about one of its members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Membership {
    /// In what they are alike.
    pub key: Key,
    /// The cell.
    pub cell: Cell,
    /// The cell's innocent share, 0 to 1: the upper bound of the innocents that it would have without an attack.
    pub innocent_share: f64,
    /// Whether it is the sudden growth that is surprising, not the cell.
    pub is_surge: bool,
}

/// All cells of a window.
#[derive(Debug, Default)]
pub struct Cohorts {
    cells: HashMap<Key, Cell>,
    /// ρ: quiet clients to people among the innocent.
    pub quiet_ratio: f64,
    pub(super) people: u32,
    /// Who came at or after this instant came lately.
    lately_ms: i64,
    /// Lately to before that, in time; `None` where there is too little before.
    pace: Option<f64>,
}

impl Cohorts {
    /// Counts all cells. The traffic must be finished.
    pub fn of(traffic: &Traffic<'_>) -> Self {
        let mut cohorts = Self { lately_ms: traffic.last_ms.saturating_sub(SURGE_MS), ..Self::default() };
        let first = traffic.clients.values().map(|client| client.since_ms).min().unwrap_or(i64::MAX);
        let before = cohorts.lately_ms.saturating_sub(first);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour")]
        let pace = SURGE_MS as f64 / before.max(1) as f64;
        cohorts.pace = (before >= BEFORE_MS).then_some(pace);
        let clients: Vec<(IpAddr, &ClientProfile)> =
            traffic.clients.iter().map(|(address, client)| (*address, client)).collect();
        let share = clients.len().div_ceil(rayon::current_num_threads()).max(1);
        let sketch = Sketch::new(clients.len());
        clients.par_chunks(share).for_each(|clients| {
            for (address, client) in clients {
                keys(traffic, *address, client).iter().for_each(|key| sketch.count(key));
            }
        });
        let counted: Vec<Counted> = clients
            .par_chunks(share)
            .map(|clients| Counted::of(clients, traffic, &sketch, cohorts.lately_ms))
            .collect();
        let mut all = counted.into_iter();
        let mut sum = all.next().unwrap_or_default();
        all.for_each(|counted| sum.add(counted));
        cohorts.people = sum.people;
        cohorts.cells = sum.cells;
        cohorts.quiet_ratio = quiet_ratio(sum.agents.values().copied());
        cohorts
    }

    /// The strongest cohort that a client belongs to; `None` where it belongs to none that means anything.
    pub fn membership(
        &self,
        traffic: &Traffic<'_>,
        address: IpAddr,
        client: &ClientProfile,
        conduct: Conduct,
    ) -> Option<Membership> {
        self.memberships(traffic, address, client, conduct).into_iter().next()
    }

    /// The cohorts that a client belongs to, the strongest first, one of each sort.
    pub fn memberships(
        &self,
        traffic: &Traffic<'_>,
        address: IpAddr,
        client: &ClientProfile,
        conduct: Conduct,
    ) -> Vec<Membership> {
        let keys = match conduct {
            // People are alike in everything that people do.
            Conduct::Person => client.rhythm.hash().map(Key::Rhythm).into_iter().collect(),
            Conduct::Program if !only_harm(traffic, client) && !is_narrow(traffic, client) => return Vec::new(),
            Conduct::Robot => return Vec::new(),
            Conduct::Quiet | Conduct::Program => keys(traffic, address, client),
        };
        let is_new = client.first_ms >= self.lately_ms;
        let judged = self.people >= LEAST_PEOPLE;
        let mut all: Vec<Membership> = keys
            .into_iter()
            .filter_map(|key| {
                let cell = *self.cells.get(&key)?;
                let (share, is_surge) = match (conduct, key) {
                    (Conduct::Person | Conduct::Quiet, Key::Rhythm(_)) => (rhythm_share(&cell)?, false),
                    (Conduct::Quiet, _) if judged => {
                        let steady = self.quiet_share(traffic, client, key, &cell).unwrap_or(1.0);
                        let surge = if is_new { self.surge_share(key, &cell) } else { None }.unwrap_or(1.0);
                        (steady.min(surge), surge < steady)
                    }
                    (Conduct::Program, _) => (harm_share(key, &cell)?, false),
                    _ => return None,
                };
                (share < 1.0).then_some(Membership { key, cell, innocent_share: share, is_surge })
            })
            .collect();
        all.sort_by(|one, other| one.innocent_share.total_cmp(&other.innocent_share));
        let mut families = 0_u8;
        all.retain(|one| {
            let bit = 1 << one.key.family();
            let is_first = families & bit == 0;
            families |= bit;
            is_first
        });
        all
    }

    fn quiet_share(&self, traffic: &Traffic<'_>, client: &ClientProfile, key: Key, cell: &Cell) -> Option<f64> {
        if cell.quiet < LEAST_MEMBERS {
            return None;
        }
        let explained = self.quiet_ratio * f64::from(cell.people);
        let expected = match key {
            Key::Action(number, level) | Key::AgentAction(_, number, level) => {
                let action = traffic.action_of(number)?;
                let is_plain = is_plain_visit(traffic, action);
                if !is_plain && level != SELDOM {
                    explained + 0.1 + self.goes_on(traffic, client, number)
                } else if !is_plain {
                    explained + 0.1
                } else if level != SELDOM {
                    1.5 * explained + 1.0
                } else if matches!(key, Key::AgentAction(..)) {
                    explained + PLAIN_VISITORS
                } else {
                    // What nobody's browser loads the assets of may be a page without assets: then about as many come
                    // by themselves as are sent, and who was sent did come to read it.
                    let is_known = cell.people >= 3 || traffic.templates.text(action.template).ends_with('?');
                    if !is_known && client.came_from_elsewhere {
                        return None;
                    }
                    let sent = if is_known { 0.0 } else { 1.5 * f64::from(cell.sent) };
                    1.5 * explained + PLAIN_VISITORS + sent
                }
            }
            Key::Only(_) => self.only_expected(traffic, client)?.max(explained) + 0.1,
            Key::Depth(_) => explained + 1.5,
            Key::Agent(_) | Key::Prefix(_) | Key::Referer(_) => explained + 0.1,
            Key::Rhythm(_) | Key::Asset(_, SELDOM) => return None,
            Key::Asset(..) => explained + 0.1,
        };
        let share = (upper(expected) / f64::from(cell.quiet)).min(1.0);
        // A few visits to pages harm nobody, whoever pays them: worth watching, no more.
        let is_visit = match key {
            Key::Action(number, SELDOM) | Key::AgentAction(_, number, SELDOM) => {
                traffic.action_of(number).is_some_and(|action| is_plain_visit(traffic, action))
            }
            _ => false,
        };
        Some(if is_visit { share.max(VISITS_SHARE) } else { share })
    }

    /// How many people do an action, however often.
    fn people_who(&self, action: u32) -> u32 {
        [SELDOM, 2]
            .into_iter()
            .filter_map(|level| self.cells.get(&Key::Action(action, level)))
            .map(|cell| cell.people)
            .sum()
    }

    /// How many innocents may do an action often and nothing else because a page that they opened earlier does it for
    /// them: it goes on asking its interfaces, and names itself as the referer. It does not sign in or pay by itself.
    fn goes_on(&self, traffic: &Traffic<'_>, client: &ClientProfile, number: u32) -> f64 {
        let by_itself = traffic.action_of(number).is_some_and(|action| {
            let (kind, theme) = traffic.template_facts(action.template);
            kind != TargetKind::Download && action.outcome.is_fine() && (!action.writes || theme == Theme::Plain)
        });
        if by_itself && client.own_referer {
            self.quiet_ratio.max(0.5) * f64::from(self.people_who(number)) + 1.0
        } else {
            0.0
        }
    }

    /// How many innocents do just what this client does: of the people who do it among other things, those that did
    /// the rest earlier. `None` where the set of actions says nothing.
    fn only_expected(&self, traffic: &Traffic<'_>, client: &ClientProfile) -> Option<f64> {
        let actions: Vec<Action> =
            client.actions().iter().filter_map(|(number, _)| traffic.action_of(*number)).collect();
        let plain = actions.iter().filter(|action| is_plain_visit(traffic, **action)).count();
        if plain == actions.len() && plain < 3 {
            return None;
        }
        let people = client.actions().iter().map(|(number, _)| self.people_who(*number)).min()?;
        // A page that stays open goes on asking its interfaces, and names itself as the referer.
        let goes_on = client.own_referer
            && client.interfaces == client.requests
            && actions.iter().all(|action| {
                let (_, theme) = traffic.template_facts(action.template);
                action.outcome.is_fine() && (!action.writes || theme == Theme::Plain)
            });
        let base = if plain == actions.len() { 1.0 } else { 0.0 };
        Some(base + if goes_on { self.quiet_ratio.max(0.5) * f64::from(people) + 1.0 } else { 0.0 })
    }

    /// A cell that grew suddenly, against its own past and the people who came with it.
    fn surge_share(&self, key: Key, cell: &Cell) -> Option<f64> {
        let pace = self.pace?;
        if !matches!(key, Key::Action(..) | Key::AgentAction(..) | Key::Asset(..) | Key::Referer(_)) {
            return None;
        }
        if cell.quiet_new < 3 * LEAST_MEMBERS {
            return None;
        }
        let past = f64::from(cell.quiet - cell.quiet_new) * pace;
        let expected = 1.5 * past + self.quiet_ratio * f64::from(cell.people_new) + 2.0;
        Some((upper(expected) / f64::from(cell.quiet_new)).min(1.0))
    }
}

/// What is counted of some of the clients.
#[derive(Default)]
struct Counted {
    cells: HashMap<Key, Cell>,
    people: u32,
    /// By agent: people, and quiet clients that looked at something.
    agents: HashMap<u32, (u32, u32)>,
}

impl Counted {
    fn of(clients: &[(IpAddr, &ClientProfile)], traffic: &Traffic<'_>, sketch: &Sketch, lately_ms: i64) -> Self {
        let mut counted = Self::default();
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
            let one = Cell::of(traffic, client, lately_ms);
            for key in keys(traffic, *address, client).into_iter().filter(|key| sketch.may_be_common(key)) {
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
    }
}

impl Cell {
    /// What one client adds to each of its cells.
    fn of(traffic: &Traffic<'_>, client: &ClientProfile, lately_ms: i64) -> Self {
        let is_new = u32::from(client.first_ms >= lately_ms);
        match client.conduct {
            Conduct::Person => Self { people: 1, people_new: is_new, ..Self::default() },
            Conduct::Quiet => {
                Self { quiet: 1, quiet_new: is_new, sent: u32::from(client.came_from_elsewhere), ..Self::default() }
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

/// A page or a file that was there and only read, and is not dear to make.
fn is_plain_visit(traffic: &Traffic<'_>, action: Action) -> bool {
    let (kind, theme) = traffic.template_facts(action.template);
    let is_read = matches!(kind, TargetKind::Page | TargetKind::Download);
    !action.writes && action.outcome.is_fine() && is_read && theme != Theme::Search
}

/// Clients of any conduct that share a rhythm: two may by chance.
fn rhythm_share(cell: &Cell) -> Option<f64> {
    let members = cell.people + cell.quiet;
    (members >= LEAST_MEMBERS).then(|| (1.5 / f64::from(members)).min(1.0))
}

/// A bound that a Poisson number of this mean seldom exceeds (about one time in ten).
fn upper(mean: f64) -> f64 {
    mean + 1.28 * (mean + 0.25).sqrt() + 0.3
}

/// Programs' cells: an innocent fleet succeeds, so of those whose every attempt fails at the same thing few are; and it
/// does more than one thing, so of those that do nothing but write or buy few are where others do that in passing.
fn harm_share(key: Key, cell: &Cell) -> Option<f64> {
    if !matches!(key, Key::AgentAction(..) | Key::Action(..)) {
        return None;
    }
    let people = f64::from(cell.people);
    let by_failing = (cell.harmful >= LEAST_MEMBERS)
        .then(|| upper(0.15 * (f64::from(cell.programs - cell.harmful) + people) + 0.1) / f64::from(cell.harmful));
    let by_narrowness = (cell.narrow >= 2 * LEAST_MEMBERS)
        .then(|| upper(0.3 * f64::from(cell.programs - cell.narrow) + 0.02 * people + 1.0) / f64::from(cell.narrow));
    let least = by_failing.into_iter().chain(by_narrowness).fold(f64::INFINITY, f64::min);
    least.is_finite().then(|| least.min(1.0))
}

/// Whether all that a program does, three times and more, is to sign in, to buy or to write something.
fn is_narrow(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let actions = client.actions();
    let times: u32 = actions.iter().map(|(_, count)| count).sum();
    if client.more_actions || times < 3 || times < client.requests {
        return false;
    }
    actions.iter().filter_map(|(number, _)| traffic.action_of(*number)).all(|action| {
        match traffic.template_facts(action.template).1 {
            Theme::Login | Theme::Writing | Theme::Purchase => action.writes,
            Theme::Search | Theme::Plain => false,
        }
    })
}

/// Whether all a program did was to fail at something worth attacking, or to walk through what it is refused.
fn only_harm(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let refused = u32::try_from(client.missing.len()).unwrap_or(u32::MAX).max(client.denied);
    if client.targets.len() >= WALK && refused * 10 >= client.requests * 6 {
        return true;
    }
    // A key that has expired is refused too: by the clock, as the job that holds it runs.
    let by_the_clock = client.gap_spread().is_some_and(|spread| spread < CLOCK);
    if client.denied == client.requests && client.requests >= OFTEN && !by_the_clock {
        return true;
    }
    !client.more_actions
        && !client.actions().is_empty()
        && client.actions().iter().filter_map(|(number, _)| traffic.action_of(*number)).all(|action| {
            let (_, theme) = traffic.template_facts(action.template);
            !action.outcome.is_fine() && (action.writes || theme != Theme::Plain)
        })
}

/// ρ, from the agents that people really use: the median over people of their agent's quiet clients per person. An
/// attacker would have to write every popular agent in its true proportion to move it.
fn quiet_ratio(agents: impl Iterator<Item = (u32, u32)>) -> f64 {
    let mut ratios: Vec<(f64, u32)> = agents
        .filter(|(people, _)| *people >= 2)
        .map(|(people, quiet)| (f64::from(quiet) / f64::from(people), people))
        .collect();
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = ratios.iter().map(|(_, people)| u64::from(*people)).sum::<u64>() / 2;
    let mut seen = 0;
    let median = ratios.iter().find(|(_, people)| {
        seen += u64::from(*people);
        seen >= half
    });
    median.map_or(0.25, |(ratio, _)| ratio.clamp(0.05, 2.0))
}

/// The prefix that one network's customer usually has.
fn prefix(address: IpAddr) -> Option<IpNet> {
    match address {
        IpAddr::V4(four) => Ipv4Net::new(Ipv4Addr::from(u32::from(four) & 0xffff_ff00), 24).ok().map(IpNet::V4),
        IpAddr::V6(six) => Ipv6Net::new(Ipv6Addr::from(u128::from(six) & !((1 << 80) - 1)), 48).ok().map(IpNet::V6),
    }
}

/// The most cells that a client counts in.
const MOST_KEYS: usize = 20;

/// The cells that a client counts in.
fn keys(traffic: &Traffic<'_>, address: IpAddr, client: &ClientProfile) -> SmallVec<[Key; MOST_KEYS]> {
    let mut keys = SmallVec::new();
    let actions = client.actions();
    for (number, count) in actions {
        for level in levels(*count) {
            keys.push(Key::Action(*number, level));
        }
        let level = if *count < OFTEN { SELDOM } else { 2 };
        keys.push(Key::AgentAction(client.agent, *number, level));
    }
    if client.pages + client.interfaces >= 3 && client.targets.len() >= 3 {
        keys.push(Key::Agent(client.agent));
    }
    // Pages that were opened again and again count once, those that are not there not at all.
    let there = client.targets.len().saturating_sub(client.missing.len());
    let depth = client.pages.min(u32::try_from(there).unwrap_or(u32::MAX));
    if depth >= 4 && !client.own_referer {
        keys.push(Key::Depth(u8::try_from(depth.ilog2()).unwrap_or(u8::MAX)));
    }
    if actions.is_empty() {
        let distinct = u32::try_from(client.targets.len()).unwrap_or(u32::MAX);
        let busts = distinct >= OFTEN && client.with_query == client.requests;
        if client.assets > 0
            && (busts || distinct == 1 && client.foreign_referer().is_none())
            && let Some(template) = only_template(traffic, client)
        {
            keys.extend(levels(distinct).map(|level| Key::Asset(template, level)));
        }
    } else {
        // Whoever was sent to what is not there has nothing to load.
        keys.extend(client.foreign_referer().filter(|_| client.s2xx > 0).map(Key::Referer));
        keys.extend(prefix(address).map(Key::Prefix));
        if !client.more_actions {
            keys.push(Key::Only(set_hash(actions.iter().map(|(number, _)| *number))));
        }
    }
    keys.extend(client.rhythm.hash().map(Key::Rhythm));
    keys
}

/// The template of all that a client asked for; `None` where there are several.
fn only_template(traffic: &Traffic<'_>, client: &ClientProfile) -> Option<u32> {
    let mut templates = client.targets.iter().map(|number| traffic.target(number).map(|target| target.template));
    let first = templates.next()??;
    templates.all(|template| template == Some(first)).then_some(first)
}

/// A hash of numbers that is the same in any order: each is spread over all bits (by splitmix64's last steps), then
/// they are added up.
fn set_hash(numbers: impl Iterator<Item = u32>) -> u64 {
    let spread = |number: u64| {
        let once = (number.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ number >> 15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (once ^ once >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    numbers.fold(0, |sum: u64, number| sum.wrapping_add(spread(u64::from(number))))
}

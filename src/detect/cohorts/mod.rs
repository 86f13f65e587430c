//! Cohorts: many clients that act as one while each stays small.
//!
//! What gives a cohort away is not its size (a viral link is large too) but how few of its members behave as people's
//! browsers do. For every way in which clients can be alike (same action, same agent, same prefix or network, same
//! rhythm, …) the members that claim to be browsers and do not behave like one are counted against those that do. The
//! window's innocent ratio of the two, ρ, is estimated from the agents that people really use; it says how many quiet
//! members a cell would have without an attack, λ = ρ·m. What exceeds it is the surprise, and (an upper bound of λ) / n
//! is the innocent share of the cell: the chance of being wrong about a member.
//!
//! A visit to a page, and nothing else, is what innocents do too whose browser has everything in its cache, or loads
//! pages in advance: there the cell must exceed what people's visits to the same page explain, or what the same cell
//! was like before ([`Key::Action`] in a surge).
//!
//! Who loads pages as people's browsers do is judged by how it goes on from page to page ([`Key::Pace`],
//! [`Key::Unled`]), and who asks for one thing in time by whether others ask at the same moments ([`Key::Step`]): there
//! the innocents are those who do only one of two things that an attack does together.
//!
//! Some cells hold nobody to be judged: they count what others are held against ([`Key::Beat`], [`Key::Fetch`],
//! [`Key::Fully`], [`Key::OfApp`]).

use std::net::IpAddr;

use hashbrown::HashMap;

use super::traffic::{ClientProfile, Conduct, TargetKind, Theme, Traffic};

mod acts;
mod again;
mod count;
mod keys;
mod shares;
mod steps;
#[cfg(test)]
mod tests;
mod walks;

pub(super) use acts::CLOCK;
pub use count::Cell;
pub use keys::{Key, Near};

use acts::{is_narrow, only_harm};
use count::Counted;
use keys::{SELDOM, keys, levels};
use walks::Walks;

/// Fewer members than this are no cohort.
const LEAST_MEMBERS: u32 = 6;
/// Fewer people than this in the window say nothing about how people behave here.
const LEAST_PEOPLE: u32 = 12;
/// A surge is looked for in so many milliseconds, where so many came before that can be compared.
const SURGE_MS: i64 = 600_000;
const BEFORE_MS: i64 = 300_000;

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
    walks: Walks,
    /// By app: what nearly everybody does who uses it.
    usual: HashMap<u64, Vec<u32>>,
    /// ρ: quiet clients to people among the innocent.
    pub quiet_ratio: f64,
    pub(super) people: u32,
    /// When the traffic begins.
    begin_ms: i64,
    /// Who came at or after this instant came lately.
    lately_ms: i64,
    /// Lately to before that, in time; `None` where there is too little before.
    pace: Option<f64>,
}

impl Cohorts {
    /// Counts all cells. The traffic must be finished.
    pub fn of(traffic: &Traffic<'_>) -> Self {
        let mut cohorts = Self { lately_ms: traffic.last_ms.saturating_sub(SURGE_MS), ..Self::default() };
        cohorts.begin_ms = traffic.whole.since_ms;
        let before = cohorts.lately_ms.saturating_sub(cohorts.begin_ms);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour")]
        let pace = SURGE_MS as f64 / before.max(1) as f64;
        cohorts.pace = (before >= BEFORE_MS).then_some(pace);
        let sum = Counted::all(traffic, cohorts.lately_ms);
        cohorts.people = sum.people;
        cohorts.cells = sum.cells();
        cohorts.usual = usual_of_apps(&cohorts.cells);
        cohorts.walks = sum.walks;
        cohorts.walks.finish();
        cohorts.quiet_ratio = quiet_ratio(sum.agents.values().copied());
        cohorts
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
            Conduct::Person => {
                let rhythm = client.rhythm.hash().map(Key::Rhythm);
                let in_turn = client.turn.template().map(Key::InTurn);
                let hasty = hasty_writing(traffic, client);
                let again = again::keys(traffic, client);
                steps::timed(traffic, client).chain(rhythm).chain(in_turn).chain(hasty).chain(again).collect()
            }
            Conduct::Program if !only_harm(traffic, client) && !is_narrow(traffic, client) => {
                acts::of_app(traffic, client).into_iter().collect()
            }
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
                    (Conduct::Person | Conduct::Quiet, Key::Rhythm(_) | Key::Timed(..)) => {
                        (rhythm_share(&cell)?, false)
                    }
                    (Conduct::Person | Conduct::Quiet, Key::InTurn(_)) if judged => {
                        (self.in_turn_share(traffic, client, key, &cell)?, false)
                    }
                    (_, Key::Fetch) => return None,
                    (Conduct::Person | Conduct::Quiet, Key::Again(..)) | (Conduct::Person, Key::Hasty(_)) if judged => {
                        (self.aside_share(traffic, client, key, &cell)?, false)
                    }
                    (Conduct::Program, Key::Bare(app)) => (self.bare_share(app, client, &cell)?, false),
                    (Conduct::Quiet, _) if judged => {
                        let steady = self.quiet_share(traffic, client, key, &cell).unwrap_or(1.0);
                        let surge = if is_new { self.surge_share(key, &cell) } else { None }.unwrap_or(1.0);
                        (steady.min(surge), surge < steady)
                    }
                    (Conduct::Program, _) => (self.harm_share(key, &cell)?, false),
                    _ => return None,
                };
                (share < 1.0).then_some(Membership { key, cell, innocent_share: share, is_surge })
            })
            .collect();
        all.extend(self.walks_of(traffic, client));
        all.retain(|one| !self.is_of_one_place(address, one));
        all.sort_by(|one, other| one.innocent_share.total_cmp(&other.innocent_share));
        let mut families = 0_u16;
        all.retain(|one| {
            let bit = 1 << one.key.family();
            let is_first = families & bit == 0;
            families |= bit;
            is_first
        });
        all
    }

    /// What a browser's way from page to page shares with others', whatever else it does.
    fn walks_of(&self, traffic: &Traffic<'_>, client: &ClientProfile) -> impl Iterator<Item = Membership> {
        let level = levels(client.walk.pauses()).last().unwrap_or(SELDOM);
        let pace = self.walks.pace(client).map(|shared| (Key::Pace(level), shared));
        let unled = self.walks.unled(traffic, client).map(|shared| (Key::Unled(client.agent), shared));
        let told = self.people >= LEAST_PEOPLE;
        [pace, unled].into_iter().flatten().filter(move |(_, shared)| told && shared.share < 1.0).map(
            |(key, shared)| {
                let cell = Cell { people: shared.people, quiet: shared.members, ..Cell::default() };
                Membership { key, cell, innocent_share: shared.share, is_surge: false }
            },
        )
    }

    /// Whether those in step with a client are mostly its neighbours: the screens of one house go on together; or it has
    /// neighbours that take turns as it does.
    fn is_of_one_place(&self, address: IpAddr, membership: &Membership) -> bool {
        let near = self.cells.get(&Key::Prefix(Near::of(address)));
        match membership.key {
            Key::Step(..) => near.is_some_and(|near| near.quiet * 2 >= membership.cell.quiet),
            // Those who fetch for others come with the others' agents, and from addresses side by side.
            Key::Rotating => near.is_some_and(|near| near.quiet >= LEAST_MEMBERS),
            _ => false,
        }
    }
}

/// The action of a client that a key is about.
pub(super) fn action_of(traffic: &Traffic<'_>, client: &ClientProfile, key: Key) -> Option<u32> {
    let mut numbers = client.actions().iter().map(|(number, _)| *number);
    match key {
        Key::Action(number, _) | Key::AgentAction(_, number, _) => Some(number),
        Key::Tail(tail, _) => numbers.find(|number| traffic.tail_of(*number) == Some(tail)),
        Key::Head(head, _) => numbers.find(|number| traffic.head_of(*number) == Some(head)),
        Key::Again(None, _) => numbers.find(|number| {
            traffic.action_of(*number).is_some_and(|one| traffic.template_facts(one.template).0 == TargetKind::Download)
        }),
        Key::Hasty(template) => numbers.find(|number| {
            traffic.action_of(*number).is_some_and(|action| action.writes && action.template == template)
        }),
        Key::InTurn(template) | Key::Again(Some(template), _) => numbers.find(|number| {
            traffic.action_of(*number).is_some_and(|action| traffic.template_hash(action.template) == template)
        }),
        _ => None,
    }
}

/// By app: the actions of nearly everybody who uses it.
fn usual_of_apps(cells: &HashMap<Key, Cell>) -> HashMap<u64, Vec<u32>> {
    let mut usual: HashMap<u64, Vec<u32>> = HashMap::new();
    for (key, cell) in cells {
        let Key::OfApp(app, action) = *key else { continue };
        let users = cells.get(&Key::Fully(app)).map_or(0, |cell| cell.programs);
        if cell.programs * 10 >= users * 7 {
            usual.entry(app).or_default().push(action);
        }
    }
    usual
}

/// The form that a client wrote something with sooner than anybody writes.
fn hasty_writing(traffic: &Traffic<'_>, client: &ClientProfile) -> Option<Key> {
    let form = client.hasty_action().and_then(|number| traffic.action_of(number))?;
    let (_, theme) = traffic.template_facts(form.template);
    // A vote or a like is one click.
    let text = traffic.templates.text(form.template);
    let is_text =
        ["comment", "review", "guestbook", "contact", "message", "feedback"].iter().any(|word| text.contains(word));
    (theme == Theme::Writing && is_text).then_some(Key::Hasty(form.template))
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

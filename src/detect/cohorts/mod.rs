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

use std::net::IpAddr;

use hashbrown::HashMap;

use super::traffic::window::Action;
use super::traffic::{ClientProfile, Conduct, TargetKind, Theme, Traffic};

mod acts;
mod count;
mod keys;
mod steps;
#[cfg(test)]
mod tests;
mod walks;

pub(super) use acts::CLOCK;
pub use count::Cell;
pub use keys::{Key, Near};

use acts::{got_in_at_last, is_dead_link, is_narrow, is_plain_visit, may_go_on, only_harm, only_visits};
use count::Counted;
use keys::{LEAST_OFTEN, SELDOM, keys, levels};
use walks::Walks;

/// Fewer members than this are no cohort.
const LEAST_MEMBERS: u32 = 6;
/// Fewer people than this in the window say nothing about how people behave here.
const LEAST_PEOPLE: u32 = 12;
/// The least innocent share of a cell of a few plain visits each.
const VISITS_SHARE: f64 = 0.15;
/// How many innocents may have read nothing but the one thing that a cell is about, for reasons of their own.
const ONE_REQUEST: f64 = 0.6;
/// How many innocents a cell of plain visits may hold that nothing else explains.
const PLAIN_VISITORS: f64 = 3.0;
/// The part of those who read many pages of one template that takes them by their numbers.
const READS_IN_TURN: f64 = 0.02;
/// The part of those who fetch a file or come by a link that does so again and again.
const DOES_ONCE_MORE: f64 = 0.02;
/// The part of those who write something that has it ready within seconds.
const WRITES_IN_HASTE: f64 = 0.01;
/// The part of those who came by a link that comes by it a second time.
const COMES_ONCE_MORE: f64 = 0.06;
/// The part of an app's users whose app takes thing after thing and does nothing else.
const TAKES_ALONE: f64 = 0.01;
/// A visit lasts so long: what was done within as much after the traffic begins may belong to one that was begun before.
const VISIT_MS: i64 = 180_000;
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
                let again = steps::again(traffic, client);
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

    fn quiet_share(&self, traffic: &Traffic<'_>, client: &ClientProfile, key: Key, cell: &Cell) -> Option<f64> {
        if cell.quiet < LEAST_MEMBERS {
            return None;
        }
        let explained = self.quiet_ratio * f64::from(cell.people);
        // Nobody's only request sends a form.
        let odd = if client.requests == 1 && client.writes == 0 { ONE_REQUEST } else { 0.1 };
        let expected = match key {
            Key::Action(_, level) | Key::AgentAction(_, _, level) | Key::Tail(_, level) | Key::Head(_, level) => {
                let number = action_of(traffic, client, key)?;
                let action = traffic.action_of(number)?;
                let is_plain = is_plain_visit(traffic, action);
                if got_in_at_last(traffic, client, action) {
                    return None;
                }
                if !is_plain && level != SELDOM {
                    explained + 0.1 + self.goes_on(traffic, client, key, action)
                } else if !is_plain {
                    let linked = if is_dead_link(traffic, action) { f64::from(cell.linked) } else { 0.0 };
                    explained + linked + odd
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
            Key::Only(_) => self.only_expected(traffic, client)?.max(explained) + odd,
            Key::Depth(_) => explained + 1.5,
            Key::Sent(_) => explained + 0.5,
            Key::Prefix(_) if only_visits(traffic, client) => explained + 1.0,
            Key::Hasty(_) if hasty_writing(traffic, client) == Some(key) => {
                return Some(
                    self.aside_share(traffic, client, key, cell)?.min(upper(explained + 0.1) / f64::from(cell.quiet)),
                );
            }
            Key::Agent(_) | Key::Prefix(_) | Key::Referer(_) | Key::Hasty(_) => explained + 0.1,
            // A few neighbours who each paid a visit or two, and who rents a server in a hosting network, may be odd
            // without being with the others.
            Key::Network(_) => explained + 1.0,
            // Several people share an address, and all of them would have to be quiet.
            Key::Rotating => self.quiet_ratio * explained + 1.0,
            Key::Step(action, period, _) => {
                let beat = self.cells.get(&Key::Beat(action, period))?;
                // Pages that all lost their server for a while may ask again all at once.
                let together = if cell.people > 0 { self.left_open(cell.people) } else { 0.0 };
                steps::expected(client, beat, cell) + together
            }
            // A page that shows several of them may ask for each by the clock.
            Key::Rounds(_) => 0.3 + self.quiet_ratio.max(0.5) * f64::from(cell.people),
            // Whoever shares a device, or an address, signs in after another.
            Key::SignedIn => explained + 1.0,
            // Of background noise every site has some.
            Key::Vain => explained + 2.0,
            // Whoever is alike in what else he does has neighbours who are at home there.
            Key::Around(..) => explained + 1.0 + if cell.people > 0 { self.left_open(cell.people) } else { 0.0 },
            Key::Rhythm(_) | Key::Timed(..) | Key::InTurn(_) | Key::Again(..) | Key::Fetch => return None,
            Key::Bare(_) | Key::Fully(_) | Key::OfApp(..) => return None,
            Key::Asset(_, SELDOM) | Key::Beat(..) | Key::Unled(_) | Key::Pace(_) => return None,
            Key::Asset(..) => explained + 0.1,
        };
        let share = (upper(expected) / f64::from(cell.quiet)).min(1.0);
        // A few visits to pages harm nobody, whoever pays them: worth watching, no more.
        let is_visit = match key {
            Key::Action(_, SELDOM) | Key::AgentAction(_, _, SELDOM) | Key::Tail(_, SELDOM) => {
                let action = action_of(traffic, client, key).and_then(|number| traffic.action_of(number));
                action.is_some_and(|action| is_plain_visit(traffic, action))
            }
            _ => false,
        };
        Some(share.max(if is_visit { VISITS_SHARE } else { self.begun_before(client, key, cell) }))
    }

    /// How many of the quiet that are alike right where the traffic begins are people amid a visit that was begun
    /// before: among those who came then there are as many of them, to the others, as in all of the cell.
    fn begun_before(&self, client: &ClientProfile, key: Key, cell: &Cell) -> f64 {
        let is_early = client.own_referer && client.first_ms.saturating_sub(self.begin_ms) < VISIT_MS;
        let people = match key {
            Key::Action(..) | Key::AgentAction(..) | Key::Tail(..) | Key::Head(..) => self.people_alike(key),
            Key::Only(_) => client.actions().iter().map(|(number, _)| self.people_who(*number)).min().unwrap_or(0),
            _ => return 0.0,
        };
        if is_early { f64::from(people) / f64::from(people + cell.quiet).max(1.0) } else { 0.0 }
    }

    /// How many people do an action, however often.
    fn people_who(&self, action: u32) -> u32 {
        self.people_alike(Key::Action(action, SELDOM))
    }

    /// How many people do what a key says, however often, whatever their agents.
    fn people_alike(&self, key: Key) -> u32 {
        let at = |level| match key {
            Key::Action(action, _) | Key::AgentAction(_, action, _) => Key::Action(action, level),
            Key::Tail(tail, _) => Key::Tail(tail, level),
            Key::Head(head, _) => Key::Head(head, level),
            other => other,
        };
        [SELDOM, LEAST_OFTEN].into_iter().filter_map(|level| self.cells.get(&at(level))).map(|cell| cell.people).sum()
    }

    /// How many innocents may do an action often and nothing else because a page that they opened earlier does it for
    /// them: it goes on asking its interfaces, and names itself as the referer.
    fn goes_on(&self, traffic: &Traffic<'_>, client: &ClientProfile, key: Key, action: Action) -> f64 {
        let by_itself = may_go_on(traffic, action);
        if by_itself && client.own_referer { self.left_open(self.people_alike(key)) } else { 0.0 }
    }

    /// How many of so many people still have a page open that they were not seen to load.
    fn left_open(&self, people: u32) -> f64 {
        self.quiet_ratio.max(0.5) * f64::from(people) + 1.0
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
        let goes_on = client.own_referer
            && client.interfaces == client.requests
            && actions.iter().all(|action| may_go_on(traffic, *action));
        let base = if plain == actions.len() { 1.0 } else { 0.0 };
        Some(base + if goes_on { self.left_open(people) } else { 0.0 })
    }

    /// Programs' cells: an innocent fleet succeeds, so of those whose every attempt fails at the same thing few are; and
    /// it does more than one thing, so of those that do nothing but write or buy few are where others do that in
    /// passing. What claims to be a browser and does the same thing, more often than people explain, is with them.
    fn harm_share(&self, key: Key, cell: &Cell) -> Option<f64> {
        if !matches!(key, Key::AgentAction(..) | Key::Action(..) | Key::Tail(..) | Key::Head(..)) {
            return None;
        }
        let people = f64::from(cell.people);
        let by_failing = (cell.harmful >= LEAST_MEMBERS)
            .then(|| upper(0.15 * (f64::from(cell.programs - cell.harmful) + people) + 0.1) / f64::from(cell.harmful));
        let others = 0.3 * f64::from(cell.programs - cell.narrow) + 0.02 * people + 1.0;
        let narrow =
            |members: u32, expected: f64| (members >= 2 * LEAST_MEMBERS).then(|| upper(expected) / f64::from(members));
        let by_narrowness = narrow(cell.narrow, others);
        let with_quiet = (cell.narrow >= LEAST_MEMBERS)
            .then(|| narrow(cell.narrow + cell.quiet, others + self.quiet_ratio * people))
            .flatten();
        let least = [by_failing, by_narrowness, with_quiet].into_iter().flatten().fold(f64::INFINITY, f64::min);
        least.is_finite().then(|| least.min(1.0))
    }

    /// Clients of any conduct that take the pages of one template by their numbers: of those who read many of them a few
    /// may happen to.
    fn in_turn_share(&self, traffic: &Traffic<'_>, client: &ClientProfile, key: Key, cell: &Cell) -> Option<f64> {
        let action = action_of(traffic, client, key)?;
        let readers = self.cells.get(&Key::Action(action, LEAST_OFTEN)).map_or(0, |cell| cell.people);
        let (members, others) = (cell.people + cell.quiet, readers.saturating_sub(cell.people));
        let expected = 0.3 + READS_IN_TURN * f64::from(others);
        (members >= LEAST_MEMBERS).then(|| (upper(expected) / f64::from(members)).min(1.0))
    }

    /// Clients of any conduct that do once more, or in haste, what others do once and in their time: of those a few do
    /// so too.
    fn aside_share(&self, traffic: &Traffic<'_>, client: &ClientProfile, key: Key, cell: &Cell) -> Option<f64> {
        let all = |key: Key| self.cells.get(&key).map_or(0, |cell| cell.people + cell.quiet);
        let (members, others) = (
            cell.people + cell.quiet,
            match key {
                Key::Again(None, _) => all(Key::Fetch),
                _ => {
                    let action = action_of(traffic, client, key)?;
                    all(Key::Action(action, SELDOM)) + all(Key::Action(action, LEAST_OFTEN))
                }
            },
        );
        let part = match key {
            Key::Again(_, SELDOM) => COMES_ONCE_MORE,
            Key::Hasty(_) => WRITES_IN_HASTE,
            _ => DOES_ONCE_MORE,
        };
        let expected = 0.3 + part * f64::from(others.saturating_sub(members));
        (members >= LEAST_MEMBERS).then(|| (upper(expected) / f64::from(members)).min(1.0))
    }

    /// Clients under an app's name that take and do nothing of what nearly everybody does who uses it: of its users hardly
    /// one does so.
    fn bare_share(&self, app: u64, client: &ClientProfile, cell: &Cell) -> Option<f64> {
        let usual = self.usual.get(&app).filter(|usual| usual.len() > 1)?;
        let does = |usual: &&u32| client.actions().iter().any(|(number, _)| number == *usual);
        let hardly_any = usual.iter().filter(does).count() * 3 <= usual.len();
        let users = self.cells.get(&Key::Fully(app)).map_or(0, |cell| cell.programs);
        let known = users >= LEAST_PEOPLE && cell.programs >= LEAST_MEMBERS;
        (known && hardly_any).then(|| (upper(0.3 + TAKES_ALONE * f64::from(users)) / f64::from(cell.programs)).min(1.0))
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

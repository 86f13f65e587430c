//! What share of a cell's members may be innocent: an upper bound of how many would be in it without an attack, for each
//! way to be alike, against how many there are.

use super::acts::{got_in_at_last, is_dead_link, is_plain_visit, may_go_on, only_visits};
use super::count::Cell;
use super::keys::{Key, LEAST_OFTEN, SELDOM};
use super::{Cohorts, LEAST_MEMBERS, LEAST_PEOPLE, action_of, hasty_writing, steps, upper};
use crate::detect::traffic::window::Action;
use crate::detect::traffic::{ClientProfile, TargetKind, Traffic};

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

impl Cohorts {
    /// Clients that claim to be browsers and do not behave like one, against the people who are alike in the same.
    pub(super) fn quiet_share(
        &self,
        traffic: &Traffic<'_>,
        client: &ClientProfile,
        key: Key,
        cell: &Cell,
    ) -> Option<f64> {
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
        // A page that shows itself anew is the same page.
        let (kind, _) = traffic.template_facts(action.template);
        let searches = kind == TargetKind::Page && client.targets.len() * 2 > client.requests as usize;
        let by_itself = may_go_on(traffic, action) && !searches;
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
    pub(super) fn harm_share(&self, key: Key, cell: &Cell) -> Option<f64> {
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
    pub(super) fn in_turn_share(
        &self,
        traffic: &Traffic<'_>,
        client: &ClientProfile,
        key: Key,
        cell: &Cell,
    ) -> Option<f64> {
        let action = action_of(traffic, client, key)?;
        let readers = self.cells.get(&Key::Action(action, LEAST_OFTEN)).map_or(0, |cell| cell.people);
        let (members, others) = (cell.people + cell.quiet, readers.saturating_sub(cell.people));
        let expected = 0.3 + READS_IN_TURN * f64::from(others);
        (members >= LEAST_MEMBERS).then(|| (upper(expected) / f64::from(members)).min(1.0))
    }

    /// Clients of any conduct that do once more, or in haste, what others do once and in their time: of those a few do
    /// so too.
    pub(super) fn aside_share(
        &self,
        traffic: &Traffic<'_>,
        client: &ClientProfile,
        key: Key,
        cell: &Cell,
    ) -> Option<f64> {
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
    pub(super) fn bare_share(&self, app: u64, client: &ClientProfile, cell: &Cell) -> Option<f64> {
        let usual = self.usual.get(&app).filter(|usual| usual.len() > 1)?;
        let does = |usual: &&u32| client.actions().iter().any(|(number, _)| number == *usual);
        let hardly_any = usual.iter().filter(does).count() * 3 <= usual.len();
        let users = self.cells.get(&Key::Fully(app)).map_or(0, |cell| cell.programs);
        let known = users >= LEAST_PEOPLE && cell.programs >= LEAST_MEMBERS;
        (known && hardly_any).then(|| (upper(0.3 + TAKES_ALONE * f64::from(users)) / f64::from(cell.programs)).min(1.0))
    }

    /// A cell that grew suddenly, against its own past and the people who came with it.
    pub(super) fn surge_share(&self, key: Key, cell: &Cell) -> Option<f64> {
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

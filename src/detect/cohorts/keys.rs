//! The ways in which clients can be alike, and which of them a client takes part in.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use smallvec::SmallVec;

use super::{acts, again, steps};
use crate::detect::traffic::{ClientProfile, Traffic};

/// A way in which clients are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The same action, as often: 0 for those who do it in passing, else a power of two as its logarithm, at least so
    /// often.
    Action(u32, u8),
    /// Actions that end alike under different names, told as in [`Key::Action`].
    Tail(u64, u8),
    /// Forms in one folder under different names, told as in [`Key::Action`].
    Head(u64, u8),
    /// The same agent, over several pages without a sign of a person.
    Agent(u32),
    /// The same agent and action, as often.
    AgentAction(u32, u32, u8),
    /// The same prefix: /24 or /48.
    Prefix(Near),
    /// The same network: an autonomous system, by its number.
    Network(NonZeroU32),
    /// The same set of actions and nothing else, as a hash.
    Only(u64),
    /// Sent by the same foreign page.
    Referer(u32),
    /// Came to every page anew from one foreign page, so often, told as in [`Key::Action`].
    Sent(u8),
    /// Looked at about as many pages, as a power of two, without naming one of the site as the page before: people's
    /// browsers do.
    Depth(u8),
    /// The same pages in the same order with the same pauses.
    Rhythm(u64),
    /// One file that pages load, and nothing else; under how many query strings, so that no cache has it, told as in
    /// [`Key::Action`].
    Asset(u32, u8),
    /// The same action in the same beat, by the class of the period: what [`Key::Step`] is held against.
    Beat(u32, u8),
    /// The same action in the same beat, at the same moments: the windows of a period that moments fall into overlap.
    Step(u32, u8, u8),
    /// The same form, sent sooner after its page than people fill it in, whatever came of it: by its template.
    Hasty(u32),
    /// The same agent, and no page ever led from one to the next.
    Unled(u32),
    /// Another agent at nearly every step.
    Rotating,
    /// The same form in the same beat, by its template and the class of the period.
    Timed(u32, u8),
    /// One number after the other of pages of one template, by its hash, with nothing that leads on.
    InTurn(u64),
    /// A file fetched whole once more, or the same page come to once more from elsewhere, that by a hash of its template;
    /// how surely it was no chance, told as in [`Key::Action`].
    Again(Option<u64>, u8),
    /// Files that were fetched: what [`Key::Again`] is held against.
    Fetch,
    /// Signed in more than once.
    SignedIn,
    /// Asking for pages that are not there, each another one.
    Vain,
    /// Under the name of one app, taking thing after thing from its interfaces and doing nothing else.
    Bare(u64),
    /// Under the name of one app, doing what else its users do: what [`Key::Bare`] is held against.
    Fully(u64),
    /// An action of those.
    OfApp(u64, u32),
    /// Coming back to several things of one template, each after the same long time.
    Rounds(u32),
    /// The same action, often, out of one part of the network: /20 or /32.
    Around(Near, u32),
    /// No page leads to the next, and the pauses are more even than people's; how many, told as in [`Key::Action`].
    Pace(u8),
}

/// The prefix that an address's neighbours share (see [`crate::detect::ranges::neighbourhood`]), in one number: there is
/// a key for everybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Near(u64);

impl Near {
    /// Of the wider part of the network that an address lies in: what one tenant of a hoster is often given.
    pub fn around(address: IpAddr) -> Self {
        let Self(near) = Self::of(address);
        Self(if address.is_ipv4() { near >> 4 } else { near >> 16 })
    }

    /// Of an address.
    pub fn of(address: IpAddr) -> Self {
        let first_48 =
            |address: Ipv6Addr| address.octets()[..6].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Self(match address {
            IpAddr::V4(address) => 1 << 63 | u64::from(u32::from(address) >> 8),
            IpAddr::V6(address) => first_48(address),
        })
    }
}

/// Whoever does something fewer times than this may do it in passing.
pub(super) const OFTEN: u32 = 4;

/// The level of those.
pub(super) const SELDOM: u8 = 0;

/// The level of [`OFTEN`], and the one from which on all are alike.
pub(super) const LEAST_OFTEN: u8 = 2;
const MOST_OFTEN: u8 = 6;

/// How often an action was done, in levels: the one of those who do it in passing, or all powers of two from four
/// times on up to as often. So each cell holds everybody who does it at least so often, and those who do it in passing
/// are not taken for those who do nothing else.
pub(super) fn levels(count: u32) -> impl Iterator<Item = u8> {
    let often = count >= OFTEN;
    let top = u8::try_from(count.max(1).ilog2()).unwrap_or(MOST_OFTEN).min(MOST_OFTEN);
    (!often).then_some(SELDOM).into_iter().chain((LEAST_OFTEN..=top).take_while(move |_| often))
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
            Self::Prefix(Near(number)) => (3, number),
            Self::Only(hash) => (5, hash),
            Self::Referer(host) => (6, u64::from(host)),
            Self::Depth(log) => (7, u64::from(log)),
            Self::Rhythm(hash) => (8, hash),
            Self::Asset(template, level) => (9, u64::from(level) << 32 | u64::from(template)),
            Self::Network(number) => (10, u64::from(number.get())),
            Self::Beat(action, period) => (11, u64::from(period) << 32 | u64::from(action)),
            Self::Step(action, period, moment) => {
                (12, u64::from(moment) << 40 | u64::from(period) << 32 | u64::from(action))
            }
            Self::Sent(level) => (6, 1 << 41 | u64::from(level)),
            Self::Hasty(template) => (6, 1 << 40 | u64::from(template)),
            Self::Unled(agent) => (13, u64::from(agent)),
            Self::Pace(level) => (14, level.into()),
            Self::Tail(tail, level) => (15, tail.wrapping_add(u64::from(level))),
            Self::Head(head, level) => (4, head.wrapping_add(u64::from(level))),
            Self::Rotating => (6, 1 << 42),
            Self::Timed(template, period) => (6, 1 << 43 | u64::from(period) << 32 | u64::from(template)),
            Self::InTurn(template) => (8, template.wrapping_add(1)),
            Self::Again(template, level) => (8, template.unwrap_or(0).rotate_left(1) ^ u64::from(level)),
            Self::Fetch => (6, 1 << 44),
            Self::SignedIn => (6, 1 << 45),
            Self::Vain => (6, 1 << 46),
            Self::Bare(app) => (9, app.rotate_left(3)),
            Self::Fully(app) => (9, app.rotate_left(5)),
            Self::OfApp(app, action) => (9, app.rotate_left(7) ^ u64::from(action)),
            Self::Rounds(template) => (7, 1 << 40 | u64::from(template)),
            Self::Around(Near(number), action) => (3, number ^ u64::from(action) << 24),
        };
        state.write_u64((number ^ (sort << 60)).rotate_left(7).wrapping_add(sort));
    }
}

impl Key {
    /// A word for the sort of likeness: what follows `cohort:` in a detector's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Action(..) | Self::Tail(..) | Self::Head(..) => "action",
            Self::Agent(_) => "agent",
            Self::AgentAction(..) => "agent-action",
            Self::Prefix(_) => "prefix",
            Self::Network(_) => "network",
            Self::Only(_) => "only",
            Self::Referer(_) => "referer",
            Self::Depth(_) => "depth",
            Self::Rhythm(_) => "rhythm",
            Self::Asset(..) => "asset",
            Self::Beat(..) | Self::Step(..) => "step",
            Self::Sent(_) => "sent",
            Self::Hasty(_) => "hasty",
            Self::Unled(_) => "unled",
            Self::Pace(_) => "pace",
            Self::Rotating => "rotating",
            Self::Timed(..) => "timed",
            Self::InTurn(_) => "in-turn",
            Self::Again(..) | Self::Fetch => "again",
            Self::Bare(_) | Self::Fully(_) | Self::OfApp(..) => "bare",
            Self::SignedIn => "signed-in",
            Self::Vain => "vain",
            Self::Rounds(_) => "rounds",
            Self::Around(..) => "around",
        }
    }

    /// How often its members do what they are alike in, told as in [`Key::Action`]; 0 where that does not matter.
    pub const fn level(self) -> u8 {
        match self {
            Self::Action(_, level) | Self::Tail(_, level) | Self::Head(_, level) => level,
            Self::AgentAction(_, _, level) | Self::Asset(_, level) => level,
            Self::Pace(level) | Self::Sent(level) | Self::Again(_, level) => level,
            Self::Step(..) | Self::Timed(..) | Self::InTurn(_) | Self::Around(..) => LEAST_OFTEN,
            // To have come back to each of several things three times and more.
            Self::Rounds(_) | Self::Bare(_) | Self::Vain => LEAST_OFTEN + 1,
            // A few pages are soon opened one by one.
            Self::Depth(log) => log.saturating_sub(1),
            _ => SELDOM,
        }
    }

    /// Ways of being alike of one family follow from one another: only one of each counts.
    pub(super) const fn family(self) -> u8 {
        match self {
            Self::Action(..) | Self::Tail(..) | Self::Head(..) => 0,
            Self::AgentAction(..) | Self::Only(_) | Self::Asset(..) => 0,
            Self::Agent(_) => 1,
            Self::Prefix(_) | Self::Network(_) | Self::Around(..) => 2,
            Self::Depth(_) => 3,
            Self::Rhythm(_) | Self::Beat(..) | Self::Step(..) | Self::Timed(..) | Self::Rounds(_) | Self::Pace(_) => 4,
            Self::Referer(_) | Self::Sent(_) => 5,
            Self::Unled(_) => 6,
            Self::Hasty(_) => 7,
            Self::Rotating => 8,
            Self::InTurn(_) => 9,
            Self::Again(..) | Self::Fetch => 10,
            Self::SignedIn => 12,
            Self::Vain => 13,
            Self::Bare(_) | Self::Fully(_) | Self::OfApp(..) => 11,
        }
    }
}

/// The cells that a client counts in: so few that hardly anybody's need memory of their own.
pub(super) type Keys = SmallVec<[Key; 24]>;

/// The cells that a client counts in.
pub(super) fn keys(traffic: &Traffic<'_>, address: IpAddr, client: &ClientProfile) -> Keys {
    let mut keys = SmallVec::new();
    let actions = client.actions();
    for (number, count) in actions {
        for level in levels(*count) {
            keys.push(Key::Action(*number, level));
        }
        let level = if *count < OFTEN { SELDOM } else { LEAST_OFTEN };
        keys.push(Key::AgentAction(client.agent, *number, level));
        if level != SELDOM {
            keys.push(Key::Around(Near::around(address), *number));
        }
    }
    for (tail, count) in shared(client, |number| traffic.tail_of(number)) {
        keys.extend(levels(count).map(|level| Key::Tail(tail, level)));
    }
    for (head, count) in shared(client, |number| traffic.head_of(number)) {
        keys.extend(levels(count).map(|level| Key::Head(head, level)));
    }
    if client.pages + client.interfaces >= 3 && client.targets.len() >= 3 && !client.walk.is_led() {
        keys.push(Key::Agent(client.agent));
    }
    // A browser names the page it is on from the second page on.
    let foreign = client.foreign_referer().filter(|_| client.with_referer_host == client.requests);
    if foreign.is_some() && client.pages > OFTEN && client.assets == 0 {
        keys.extend(levels(client.pages).map(Key::Sent));
    }
    // Pages that were opened again and again count once, those that are not there not at all.
    let there = client.targets.len().saturating_sub(client.missing.len());
    let depth = client.pages.min(u32::try_from(there).unwrap_or(u32::MAX));
    // Who mostly asks whether a link still leads somewhere takes nothing home.
    let checks_links = client.heads * 4 >= client.requests;
    if depth >= 4 && !client.own_referer && !checks_links {
        keys.push(Key::Depth(u8::try_from(depth.ilog2()).unwrap_or(u8::MAX)));
    }
    if actions.is_empty() {
        let distinct = u32::try_from(client.targets.len()).unwrap_or(u32::MAX);
        let busts = distinct >= OFTEN && client.with_query == client.requests;
        // What other sites show is loaded by their pages.
        if client.assets > 0
            && (busts || distinct == 1)
            && client.foreign_referer().is_none()
            && let Some(template) = only_template(traffic, client)
        {
            keys.extend(levels(distinct).map(|level| Key::Asset(template, level)));
        }
    } else {
        // Whoever was sent to what is not there has nothing to load.
        keys.extend(client.foreign_referer().filter(|_| client.s2xx > 0).map(Key::Referer));
        keys.push(Key::Prefix(Near::of(address)));
        keys.extend(client.network.map(Key::Network));
        if !client.more_actions {
            keys.push(Key::Only(set_hash(actions.iter().map(|(number, _)| *number))));
        }
    }
    keys.extend(steps::timed(traffic, client));
    keys.extend(client.rhythm.hash().map(Key::Rhythm));
    keys.extend(client.turn.template().map(Key::InTurn));
    let app = acts::of_app(traffic, client);
    if let Some(Key::Fully(app)) = app {
        keys.extend(actions.iter().map(|(number, _)| Key::OfApp(app, *number)));
    }
    keys.extend(app);
    keys.extend((client.login_tries > client.login_refused + 1).then_some(Key::SignedIn));
    keys.extend(asks_in_vain(client).then_some(Key::Vain));
    keys.extend(again::keys(traffic, client));
    keys.extend(steps::rounds(traffic, client));
    keys.extend(rotates(client).then_some(Key::Rotating));
    keys.extend(
        client.hasty_action().and_then(|number| traffic.action_of(number)).map(|form| Key::Hasty(form.template)),
    );
    keys.extend(steps::keys(client, traffic.last_ms));
    keys
}

/// Whether a client comes as somebody else at nearly every step. One page that is opened in an app and then in a browser,
/// or by each of those who share a link and an address, says nothing.
fn rotates(client: &ClientProfile) -> bool {
    let goes_on = client.writes > 0 || client.targets.len() > 2;
    goes_on && client.rotations >= 2 && (client.rotations + 1) * 2 >= client.pages + client.interfaces
}

/// Whether a client asks for page after page that is not there, and for hardly anything else.
fn asks_in_vain(client: &ClientProfile) -> bool {
    let missing = u32::try_from(client.missing.len()).unwrap_or(u32::MAX);
    let of_itself = client.foreign_referer().is_none() && client.heads * 4 < client.requests;
    of_itself
        && missing >= 3
        && client.assets == 0
        && missing * 5 >= client.pages * 3
        && client.pages * 5 >= client.requests * 4
}

/// How a client's actions end or begin, with how often, where others' do so too under other names.
fn shared(client: &ClientProfile, part_of: impl Fn(u32) -> Option<u64>) -> SmallVec<[(u64, u32); 6]> {
    let mut parts: SmallVec<[(u64, u32); 6]> = SmallVec::new();
    for (number, count) in client.actions() {
        let Some(part) = part_of(*number) else { continue };
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, sum)) => *sum += count,
            None => parts.push((part, *count)),
        }
    }
    parts
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

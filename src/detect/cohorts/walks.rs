//! Browsers that load pages with all that they need, as people's do, and go from page to page as no person does: no
//! page ever leads them to the next, and they pause as a timer does, or all of them send one agent. Each of the two
//! alone is also some people's way; how many have both by chance follows from how many have the one without the other.

use hashbrown::HashMap;

use super::{LEAST_MEMBERS, LEAST_PEOPLE, quiet_ratio, upper};
use crate::detect::traffic::{AgentKind, ClientProfile, Conduct, Traffic};

/// Spreads of pauses that are even, ever stricter: a random pause between five and twelve seconds lies within each.
const EVEN: [f32; 3] = [0.2, 0.14, 0.1];
/// How many people who send one agent may open pages from elsewhere only, out of mails for example.
const FROM_ELSEWHERE: f64 = 1.5;

/// How many go on in which way.
#[derive(Debug, Clone, Default)]
pub(super) struct Walks {
    /// By level of [`EVEN`]: whether even, whether unled.
    paces: [[[u32; 2]; 2]; EVEN.len()],
    /// By agent: those that pages led to others, and those that none ever led.
    agents: HashMap<u32, (u32, u32)>,
    /// Unled clients to led ones, as agents that people really use have them.
    unled_ratio: f64,
}

/// A way of going on that members share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared {
    /// The members' innocent share.
    pub(super) share: f64,
    /// Those who are alike in one thing only.
    pub(super) people: u32,
    /// The members.
    pub(super) members: u32,
}

impl Walks {
    /// Counts a client in.
    pub(super) fn count(&mut self, traffic: &Traffic<'_>, client: &ClientProfile) {
        if !is_browsing(client) {
            return;
        }
        let (walk, unled) = (&client.walk, client.walk.is_unled());
        if let Some(spread) = walk.spread()
            && (unled || walk.was_led())
        {
            for (table, limit) in self.paces.iter_mut().zip(EVEN) {
                table[usize::from(spread < limit)][usize::from(unled)] += 1;
            }
        }
        if walk.was_led() {
            self.agents.entry(client.agent).or_default().0 += 1;
        } else if is_never_led(traffic, client) {
            self.agents.entry(client.agent).or_default().1 += 1;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (sum, table) in self.paces.as_flattened_mut().iter_mut().zip(other.paces.as_flattened()) {
            sum.iter_mut().zip(table).for_each(|(sum, count)| *sum += count);
        }
        for (agent, (led, unled)) in other.agents {
            let sum = self.agents.entry(agent).or_default();
            *sum = (sum.0 + led, sum.1 + unled);
        }
    }

    /// Works out what is usual, once everybody is counted.
    pub(super) fn finish(&mut self) {
        self.unled_ratio = quiet_ratio(self.agents.values().copied());
    }

    /// The strictest likeness of an unled client's pace to the others'.
    pub(super) fn pace(&self, client: &ClientProfile) -> Option<Shared> {
        let spread = client.walk.spread().filter(|_| is_browsing(client) && client.walk.is_unled())?;
        let levels = self.paces.iter().zip(EVEN).filter(|(_, limit)| spread < *limit);
        levels.filter_map(|(table, _)| paced(table)).min_by(|one, other| one.share.total_cmp(&other.share))
    }

    /// A client's likeness to others of its agent that no page ever leads on.
    pub(super) fn unled(&self, traffic: &Traffic<'_>, client: &ClientProfile) -> Option<Shared> {
        if !is_never_led(traffic, client) {
            return None;
        }
        let (led, unled) = *self.agents.get(&client.agent)?;
        let expected = self.unled_ratio * f64::from(led) + FROM_ELSEWHERE;
        (unled >= LEAST_MEMBERS).then(|| Shared { share: share(expected, unled), people: led, members: unled })
    }
}

/// Whether a client shows pages and says by its referers what loads what: only then is a page without one telling.
fn is_browsing(client: &ClientProfile) -> bool {
    // Several browsers behind one address are each led their own way.
    let is_one = client.agent_changes <= 2;
    is_one && matches!(client.conduct, Conduct::Person | Conduct::Quiet) && client.own_referer && client.assets >= 2
}

fn is_never_led(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let is_browser = traffic.agent_kind(client.agent) == AgentKind::Browser && !traffic.is_in_app(client.agent);
    is_browsing(client) && is_browser && client.walk.is_never_led()
}

/// The innocents of the cell where both things come together, as if the one did not hang on the other.
fn paced([[neither, unled], [even, both]]: &[[u32; 2]; 2]) -> Option<Shared> {
    if *both < LEAST_MEMBERS || *neither < LEAST_PEOPLE {
        return None;
    }
    let [neither, unled] = [*neither, *unled].map(f64::from);
    let expected = (f64::from(*even) + 0.5) * (unled + 0.5) / (neither + 1.0);
    Some(Shared { share: share(expected, *both), people: *even, members: *both })
}

fn share(expected: f64, members: u32) -> f64 {
    (upper(expected) / f64::from(members)).min(1.0)
}

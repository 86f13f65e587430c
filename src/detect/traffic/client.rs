//! One client's behaviour in aggregates: small, because there may be a million of them.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::agents::AgentKind;
use super::distinct::Distinct;
use super::intern::{Interner, Renumbering};
use super::intervals::Intervals;
use super::pace::{Beat, Walk};
use super::rhythm::{Recent, Rhythm};
use super::rounds::Rounds;
use super::turn::Turn;
use crate::detect::rules::Words;

/// How many different actions a profile remembers; enough for everyone whose narrowness means anything.
const ACTIONS: usize = 6;

/// The new numbers of everything that a profile knows by number.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Of agents.
    pub agents: Renumbering,
    /// Of referers' hosts.
    pub hosts: Renumbering,
    /// Of targets.
    pub targets: Renumbering,
    /// Of actions.
    pub actions: Renumbering,
}

/// How a client conducts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conduct {
    /// Behaves as a browser with a person before it.
    Person,
    /// Claims to be a browser, or claims nothing, and does not behave like one.
    Quiet,
    /// Claims to be nothing that a person sits at.
    Program,
    /// A robot that says so.
    #[default]
    Robot,
}

/// One client's behaviour. Counts of requests unless said otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ClientProfile {
    /// All.
    pub requests: u32,
    /// Answers 200–299.
    pub s2xx: u32,
    /// Answers 300–399.
    pub s3xx: u32,
    /// Answers 400–499.
    pub s4xx: u32,
    /// Answers 499.
    pub s499: u32,
    /// Answers 500–599.
    pub s5xx: u32,
    /// Answers 304.
    pub revalidated: u32,
    /// Those of them that were for pages or what pages load: what a script polls it may keep by itself.
    pub renewed: u32,
    /// Answers 206: pieces of a download.
    pub pieces: u32,
    /// Bytes sent to it.
    pub bytes: u64,
    /// Time its requests took, in milliseconds.
    pub busy_ms: u64,
    /// First and last request, in milliseconds of Unix time.
    pub first_ms: i64,
    /// See `first_ms`.
    pub last_ms: i64,
    /// Since when its counts are, in milliseconds of Unix time: its first request, or later where they were halved.
    pub since_ms: i64,
    /// For assets that were there.
    pub assets: u32,
    /// For pages.
    pub pages: u32,
    /// For programming interfaces.
    pub interfaces: u32,
    /// With a method that changes something.
    pub writes: u32,
    /// With HEAD.
    pub heads: u32,
    /// Without a referer.
    pub without_referer: u32,
    /// Whose referer's host is [`ClientProfile::referer_host`].
    pub with_referer_host: u32,
    /// The first referer's host.
    pub referer_host: u32,
    /// The first referer's host that is another one.
    pub other_host: u32,
    /// Whether the site's own pages sent it: set when the window is finished.
    pub own_referer: bool,
    /// Whether the first referer is another site's: set when the window is finished.
    pub came_from_elsewhere: bool,
    /// How it conducts itself: set when the window is finished.
    #[serde(skip)]
    pub conduct: Conduct,
    /// The autonomous system that its address belongs to, where that is known.
    #[serde(skip)]
    pub network: Option<NonZeroU32>,
    /// With a query string.
    pub with_query: u32,
    /// Attempts to sign in or the like (theme login, a writing method).
    pub login_tries: u32,
    /// Those of them that were refused.
    pub login_refused: u32,
    /// Answered by 401, 403 or 407.
    pub denied: u32,
    /// Refused attempts to sign in over SSH.
    pub ssh_refused: u32,
    /// For pages and interfaces that are about signing in or paying.
    pub sensitive: u32,
    /// The most in a row for one page.
    pub repeats: u32,
    last_target: u32,
    in_row: u32,
    /// The first agent.
    pub agent: u32,
    /// Requests with another agent than the first.
    pub agent_changes: u32,
    last_agent: u32,
    /// Requests with another browser's agent than the one before.
    pub rotations: u32,
    /// Whether a browser's extension asked, as its referer says.
    pub by_extension: bool,
    /// Distinct targets.
    pub targets: Distinct,
    /// Distinct targets that were answered by 400, 403, 404, 405, 410 or 501.
    pub missing: Distinct,
    /// What it did, with how often: the first few different actions, and those that tell something before others.
    actions: [(u32, u32); ACTIONS],
    action_count: u8,
    /// Which of them tell something, one bit each.
    telling: u8,
    /// The last form that it sent in haste (see [`Walk::in_haste`]), as an action, and how many it did so.
    pub hasty: (u32, u32),
    /// Whether it did more different things than are remembered.
    pub more_actions: bool,
    /// The most requests in any sixty seconds.
    pub peak_minute: u32,
    recent: Recent,
    /// The order and the timing of its first steps.
    pub rhythm: Rhythm,
    /// Its way from page to page.
    pub walk: Walk,
    /// Whether it takes pages by their numbers.
    pub turn: Turn,
    /// The beat in which it asks again for pages and interfaces.
    pub beat: Beat,
    /// Gaps between requests.
    gaps: Intervals,
    /// What few clients do.
    seldom: Option<Box<Seldom>>,
    /// Rules matched, with how many requests each.
    #[expect(clippy::box_collection, reason = "hardly any client matches a rule: one word instead of three")]
    rules: Option<Box<Vec<(u16, u32)>>>,
}

/// What is remembered of a client only where it did so.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Seldom {
    /// The beat in which it sends forms to have or to hold something.
    form_beat: Beat,
    /// Whether it comes back to several things after the same time.
    rounds: Rounds,
    /// Pages that another site's page led it to once more, by the first one's template as a hash, how many, and the host.
    led_again: (u64, u16, u32),
    /// Requests that matched a rule without doubt only by what was searched for, and those of them with words around it.
    searched: (u16, u16),
}

impl ClientProfile {
    /// Of somebody who has done nothing so far and comes from a network, where that is known.
    pub fn from_network(network: Option<NonZeroU32>) -> Self {
        Self { network, last_agent: Interner::OVERFLOW, ..Self::default() }
    }

    /// Notes when a request came. Requests come nearly in order; one that is late counts as now.
    pub fn at(&mut self, at_ms: i64) {
        if self.requests == 0 {
            (self.first_ms, self.since_ms) = (at_ms, at_ms);
        } else {
            self.first_ms = self.first_ms.min(at_ms);
            self.since_ms = self.since_ms.min(at_ms);
            self.gaps.add((at_ms - self.last_ms).max(0));
        }
        self.last_ms = self.last_ms.max(at_ms);
        self.peak_minute = self.peak_minute.max(self.recent.add(at_ms));
    }

    /// The standard deviation of log10 of the gaps: near zero for a clock, one and more for a person. `None` under
    /// five gaps.
    pub fn gap_spread(&self) -> Option<f32> {
        self.gaps.spread(5)
    }

    /// The mean of log10 of the gaps in milliseconds.
    pub fn gap_mean(&self) -> f32 {
        self.gaps.mean()
    }

    /// Halves every count: what is left counts as half the time up to now.
    pub fn fade(&mut self, now_ms: i64) {
        self.since_ms = now_ms - (now_ms - self.since_ms) / 2;
        for count in [
            &mut self.requests,
            &mut self.s2xx,
            &mut self.s3xx,
            &mut self.s4xx,
            &mut self.s499,
            &mut self.s5xx,
            &mut self.revalidated,
            &mut self.renewed,
            &mut self.pieces,
            &mut self.assets,
            &mut self.pages,
            &mut self.interfaces,
            &mut self.writes,
            &mut self.heads,
            &mut self.without_referer,
            &mut self.with_referer_host,
            &mut self.with_query,
            &mut self.login_tries,
            &mut self.login_refused,
            &mut self.denied,
            &mut self.ssh_refused,
            &mut self.sensitive,
            &mut self.repeats,
            &mut self.agent_changes,
            &mut self.rotations,
            &mut self.peak_minute,
            &mut self.hasty.1,
        ] {
            // Rounded up: what was seen once stays seen.
            *count = count.div_ceil(2);
        }
        let used = usize::from(self.action_count);
        self.actions[..used].iter_mut().for_each(|(_, count)| *count = count.div_ceil(2));
        self.walk.fade();
        self.turn.fade();
        if let Some(seldom) = &mut self.seldom {
            for count in [&mut seldom.led_again.1, &mut seldom.searched.0, &mut seldom.searched.1] {
                *count = count.div_ceil(2);
            }
        }
        self.targets.halve(now_ms / 60_000);
        self.missing.halve(now_ms / 60_000);
        self.bytes /= 2;
        self.busy_ms /= 2;
    }

    /// Notes the agent of a request. `is_browser` is whether it is a browser's.
    pub fn sent_agent(&mut self, agent: u32, is_browser: bool) {
        if is_browser {
            self.rotations += u32::from(self.last_agent != agent && self.last_agent != Interner::OVERFLOW);
            self.last_agent = agent;
        }
    }

    /// Notes a page that was asked for.
    pub fn looked_at(&mut self, target: u32) {
        self.in_row = if self.in_row > 0 && self.last_target == target { self.in_row + 1 } else { 1 };
        self.last_target = target;
        self.repeats = self.repeats.max(self.in_row);
    }

    /// Notes that another site's page led to a page once more, by its template as a hash. The first such page counts: it
    /// may lead on to another.
    pub fn led_again_to(&mut self, template: u64, host: u32) {
        let led_again = &mut self.seldom.get_or_insert_default().led_again;
        if led_again.1 == 0 || led_again.0 == template {
            *led_again = (template, led_again.1.saturating_add(1), host);
        }
    }

    /// The template of the page that another site's page led it to once more, as a hash, how many times, and that host.
    pub fn led_again(&self) -> (u64, u16, u32) {
        self.seldom.as_ref().map_or((0, 0, Interner::OVERFLOW), |seldom| seldom.led_again)
    }

    /// Notes a form that it sent to have or to hold something.
    pub fn sent_form(&mut self, at_ms: i64) {
        self.seldom.get_or_insert_default().form_beat.note(at_ms);
    }

    /// The beat of such forms.
    pub fn form_beat(&self) -> Beat {
        self.seldom.as_ref().map_or_else(Beat::default, |seldom| seldom.form_beat)
    }

    /// Notes a page or an interface that it read, and that it had read before.
    pub fn came_back(&mut self, target: u32, at_ms: i64) {
        self.seldom.get_or_insert_default().rounds.note(target, at_ms);
    }

    /// What it came back to.
    pub fn rounds(&self) -> Option<&Rounds> {
        self.seldom.as_ref().map(|seldom| &seldom.rounds)
    }

    /// Notes an action. One that tells something takes the place of one that does not, where there is no other.
    pub fn did(&mut self, action: u32, tells: bool) {
        let used = usize::from(self.action_count);
        if let Some(known) = self.actions[..used].iter_mut().find(|(known, _)| *known == action) {
            known.1 += 1;
            return;
        }
        let place = if used < ACTIONS {
            self.action_count += 1;
            used
        } else {
            self.more_actions = true;
            let plain = (0..used).filter(|place| self.telling & (1 << place) == 0);
            match plain.min_by_key(|place| self.actions[*place].1).filter(|_| tells) {
                Some(place) => place,
                None => return,
            }
        };
        self.actions[place] = (action, 1);
        self.telling |= u8::from(tells) << place;
    }

    /// What it did, with how often.
    pub fn actions(&self) -> &[(u32, u32)] {
        &self.actions[..usize::from(self.action_count)]
    }

    /// The action of the last form that it sent in haste.
    pub fn hasty_action(&self) -> Option<u32> {
        (self.hasty.1 > 0).then_some(self.hasty.0)
    }

    /// Gives everything that it knows by number other numbers: what it saw in one [`super::Traffic`] as another knows it.
    pub fn renumber(&mut self, to: &Numbers) {
        self.agent = to.agents.of(self.agent);
        self.last_agent = to.agents.of(self.last_agent);
        self.referer_host = to.hosts.of(self.referer_host);
        self.other_host = to.hosts.of(self.other_host);
        for set in [&mut self.targets, &mut self.missing] {
            let mut other = Distinct::default();
            set.iter().for_each(|number| other.insert(to.targets.of(number)));
            *set = other;
        }
        self.last_target = to.targets.of(self.last_target);
        let used = usize::from(self.action_count);
        for (number, _) in &mut self.actions[..used] {
            *number = to.actions.of(*number);
        }
        self.hasty.0 = to.actions.of(self.hasty.0);
        if let Some(seldom) = &mut self.seldom {
            seldom.rounds.renumber(&to.targets);
            seldom.led_again.2 = to.hosts.of(seldom.led_again.2);
        }
    }

    /// Notes how an attack was written into a search.
    pub fn searched_for(&mut self, words: Words) {
        if words != Words::None {
            let searched = &mut self.seldom.get_or_insert_default().searched;
            searched.0 = searched.0.saturating_add(1);
            searched.1 = searched.1.saturating_add((words == Words::Prose).into());
        }
    }

    /// In how many requests one stood only there, and in how many of those with words around it.
    pub fn searched(&self) -> (u32, u32) {
        self.seldom.as_ref().map_or((0, 0), |seldom| (seldom.searched.0.into(), seldom.searched.1.into()))
    }

    /// Notes a matched rule.
    pub fn matched(&mut self, rule: u16) {
        let rules = self.rules.get_or_insert_default();
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((rule, 1)),
        }
    }

    /// Rules matched, with how many requests each.
    pub fn rules(&self) -> &[(u16, u32)] {
        self.rules.as_deref().map_or(&[], |rules| rules)
    }

    /// How it conducts itself as somebody with such an agent. `is_odd` tells whether a rule speaks against a person's
    /// agent: it is asked only of those who claim to have one.
    pub(super) fn conduct_as(&self, agent: AgentKind, is_odd: impl Fn() -> bool) -> Conduct {
        match agent {
            // A robot reads; what mostly sends something in is a program, whatever it calls itself.
            AgentKind::DeclaredBot if self.writes * 2 > self.requests => Conduct::Program,
            AgentKind::DeclaredBot => Conduct::Robot,
            // Without an agent and with one thing to ask for: a check or a job of somebody who did not think of it.
            AgentKind::Empty if self.targets.len() > 1 => Conduct::Quiet,
            AgentKind::Library | AgentKind::Empty | AgentKind::Other => Conduct::Program,
            AgentKind::Browser if self.is_humanlike() && !is_odd() => Conduct::Person,
            // What somebody installed asks by itself, on whatever page he is.
            AgentKind::Browser if self.by_extension && !is_odd() => Conduct::Program,
            // Asks whether something has changed, and mostly it has not: nobody gains or loses by that.
            AgentKind::Browser if self.revalidated * 2 >= self.requests && !is_odd() => Conduct::Program,
            AgentKind::Browser => Conduct::Quiet,
        }
    }

    /// Whether it behaves as a browser with a person before it does: pages with what they load, or links followed
    /// within the site. Set `own_referer` first.
    pub fn is_humanlike(&self) -> bool {
        let looks = self.pages + self.interfaces >= 1;
        let loads = self.assets >= 2 && self.assets * 10 >= self.pages;
        let follows = self.own_referer && (self.assets >= 1 || self.renewed >= 1);
        looks && (loads || follows)
    }

    /// The foreign host that sent it, where one did.
    pub fn foreign_referer(&self) -> Option<u32> {
        (self.came_from_elsewhere && !is_overflow(self.referer_host)).then_some(self.referer_host)
    }

    /// The share of a count in all its requests.
    pub fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.requests.max(1))
    }
}

/// Whether a number stands for "too many to tell apart".
pub fn is_overflow(number: u32) -> bool {
    number == Interner::OVERFLOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_in_sixty_seconds_does_not_depend_on_where_the_minute_begins() {
        for start in [0, 17_000, 59_000] {
            let mut profile = ClientProfile::default();
            // A hundred within 50 s, straddling a minute of the clock, then one a minute.
            for nth in 0..100 {
                profile.at(start + nth * 500);
                profile.requests += 1;
            }
            for nth in 0..20 {
                profile.at(start + 110_000 + nth * 60_000);
                profile.requests += 1;
            }
            assert_eq!(profile.peak_minute, 100, "{start}");
        }
        let mut slow = ClientProfile::default();
        for nth in 0..200 {
            slow.at(nth * 12_000);
            slow.requests += 1;
        }
        assert!(slow.peak_minute <= 12, "five a minute: {}", slow.peak_minute);
    }

    #[test]
    fn a_clock_has_no_spread_and_a_person_has() {
        let spread = |gaps: &[i64]| {
            let mut profile = ClientProfile::default();
            let mut at = 0;
            for gap in gaps {
                at += gap;
                profile.at(at);
                profile.requests += 1;
            }
            profile.gap_spread().unwrap_or(f32::NAN)
        };
        assert!(spread(&[1000; 10]) < 0.01);
        assert!(spread(&[100, 40, 60, 15_000, 120, 90, 30, 48_000, 77, 20]) > 0.8);
    }
}

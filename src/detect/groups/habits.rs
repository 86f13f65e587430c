//! What the members of a cohort do that the site's people do not.

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::cohorts::CLOCK;
use super::super::traffic::{ClientProfile, Conduct, Traffic};
use crate::text::{Lang, Say, number};

/// Something that a client does or leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// Loads nothing of what a page needs.
    NoAssets,
    /// Never names the page before.
    NoReferer,
    /// Does one kind of thing only.
    OneThing,
    /// Sends the members' most frequent agent.
    SameAgent,
    /// Asks for the members' most frequent thing.
    SameThing,
    /// Is refused or breaks something in most of its requests.
    MostlyFails,
    /// Keeps the time of a clock between requests.
    Clockwork,
}

/// How many have a habit: of the members, and of the people on this site.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// What.
    pub habit: Habit,
    /// Of the members, 0 to 1.
    pub members: f64,
    /// Of the clients that behave as people's browsers do, 0 to 1; `None` where there is none.
    pub people: Option<f64>,
}

/// So many people are enough to say what share of people does something.
const MOST_PEOPLE: usize = 2_000;

/// The habits that do not depend on whom a client is compared with.
const OWN: [Habit; 5] = [Habit::OneThing, Habit::NoAssets, Habit::NoReferer, Habit::MostlyFails, Habit::Clockwork];

/// The site's people, or of very many the same number of them from everywhere.
pub(super) struct People<'t> {
    profiles: Vec<&'t ClientProfile>,
    /// Half of them sent at most so many requests.
    pub median_requests: u32,
    /// How many have each habit of [`OWN`], 0 to 1.
    own: [Option<f64>; OWN.len()],
}

impl<'t> People<'t> {
    pub(super) fn of(traffic: &'t Traffic<'_>) -> Self {
        let mut people: Vec<_> =
            traffic.clients.par_iter().filter(|(_, client)| client.conduct == Conduct::Person).collect();
        let step = people.len().div_ceil(MOST_PEOPLE).max(1);
        if step > 1 {
            people.sort_unstable_by_key(|(address, _)| **address);
        }
        let profiles: Vec<&ClientProfile> = people.into_iter().step_by(step).map(|(_, client)| client).collect();
        let own = OWN.map(|habit| share(&profiles, |client| has(habit, client)));
        Self { median_requests: median(&profiles), own, profiles }
    }

    /// The habits that most members have, those that people have least first.
    pub(super) fn shares(&self, members: &[&ClientProfile]) -> Vec<Share> {
        let agent = most_frequent(members.iter().map(|client| client.agent));
        let thing = most_frequent(members.iter().flat_map(|client| client.actions().iter().map(|(number, _)| *number)));
        let same_agent = |client: &ClientProfile| Some(client.agent) == agent;
        let same_thing = |client: &ClientProfile| client.actions().iter().any(|(number, _)| Some(*number) == thing);
        let mut all = vec![
            (Habit::SameThing, share(members, same_thing), share(&self.profiles, same_thing)),
            (Habit::SameAgent, share(members, same_agent), share(&self.profiles, same_agent)),
        ];
        all.extend(
            OWN.into_iter()
                .zip(self.own)
                .map(|(habit, people)| (habit, share(members, |client| has(habit, client)), people)),
        );
        let mut shares: Vec<Share> = all
            .into_iter()
            .filter_map(|(habit, members, people)| {
                Some(Share { habit, members: members.filter(|members| *members >= 0.6)?, people })
            })
            .filter(|share| share.people.is_none_or(|people| people + 0.2 <= share.members))
            .collect();
        let gap = |share: &Share| share.members - share.people.unwrap_or(0.0);
        shares.sort_by(|one, other| gap(other).total_cmp(&gap(one)).then(one.habit.cmp(&other.habit)));
        shares
    }
}

/// Whether a client has one of the habits of [`OWN`].
fn has(habit: Habit, client: &ClientProfile) -> bool {
    match habit {
        Habit::NoAssets => client.assets == 0,
        Habit::NoReferer => client.without_referer == client.requests,
        Habit::OneThing => client.actions().len() == 1 && !client.more_actions,
        Habit::MostlyFails => client.share(client.s4xx + client.s5xx) > 0.5,
        Habit::Clockwork => client.gap_spread().is_some_and(|spread| spread < CLOCK),
        Habit::SameAgent | Habit::SameThing => false,
    }
}

/// The share of clients of which something is true; `None` of nobody.
#[expect(clippy::cast_precision_loss, reason = "counts of clients stay far below 2^53")]
fn share(of: &[&ClientProfile], is: impl Fn(&ClientProfile) -> bool) -> Option<f64> {
    (!of.is_empty()).then(|| of.iter().filter(|client| is(client)).count() as f64 / of.len() as f64)
}

/// Half of the clients sent at most so many requests.
pub(super) fn median(clients: &[&ClientProfile]) -> u32 {
    let mut requests: Vec<u32> = clients.iter().map(|client| client.requests).collect();
    requests.sort_unstable();
    requests.get(requests.len() / 2).copied().unwrap_or(0)
}

fn most_frequent(numbers: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts.into_iter().max_by_key(|(number, count)| (*count, std::cmp::Reverse(*number))).map(|(number, _)| number)
}

impl Habit {
    /// What a client does that has it.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::NoAssets => say::no_assets(lang),
            Self::NoReferer => say::no_referer(lang),
            Self::OneThing => say::one_thing(lang),
            Self::SameAgent => say::same_agent(lang),
            Self::SameThing => say::same_thing(lang),
            Self::MostlyFails => say::mostly_fails(lang),
            Self::Clockwork => say::clockwork(lang),
        }
    }

    /// What a client does instead that has it not.
    pub fn instead(self, lang: Lang) -> &'static str {
        match self {
            Self::NoAssets => say::loads(lang),
            Self::NoReferer => say::names_page(lang),
            Self::OneThing => say::many_things(lang),
            Self::SameAgent => say::other_agent(lang),
            Self::SameThing => say::other_thing(lang),
            Self::MostlyFails => say::succeeds(lang),
            Self::Clockwork => say::pauses(lang),
        }
    }
}

/// `send the same user agent: 100% of them, 3% of the site's people`.
impl Say for Share {
    fn say(&self, lang: Lang) -> String {
        let members = number::percent(self.members);
        match self.people {
            Some(people) => say::share(lang, self.habit.label(lang), &members, &number::percent(people)),
            None => say::share_alone(lang, self.habit.label(lang), &members),
        }
    }
}

/// The words.
mod say {
    crate::text::words! {
        no_assets { en: "load nothing that a page needs", ko: "페이지에 필요한 자원을 받지 않음" }
        no_referer { en: "never name the page before", ko: "이전 페이지를 밝히지 않음" }
        one_thing { en: "do one kind of thing only", ko: "한 가지 동작만 함" }
        same_agent { en: "send the same user agent", ko: "같은 사용자 에이전트를 보냄" }
        same_thing { en: "ask for the same thing", ko: "같은 것을 요청함" }
        mostly_fails { en: "are mostly refused", ko: "대부분 거부당함" }
        clockwork { en: "keep the time of a clock", ko: "시계처럼 일정한 간격" }
        loads { en: "load a page with its styles and pictures", ko: "스타일과 그림까지 페이지를 함께 받음" }
        names_page { en: "name the page that they come from", ko: "어느 페이지에서 왔는지 밝힘" }
        many_things { en: "do several things", ko: "여러 동작을 함" }
        other_agent { en: "send all sorts of agents", ko: "에이전트가 제각각임" }
        other_thing { en: "ask for other things", ko: "다른 것을 요청함" }
        succeeds { en: "mostly get what they ask for", ko: "대부분 정상 응답을 받음" }
        pauses { en: "pause as people do", ko: "사람처럼 쉬어 감" }
    }
    crate::text::sentences! {
        share(habit: &str, members: &str, people: &str) {
            en: "{habit}: {members} of them, {people} of the site's people",
            ko: "{habit}: 구성원의 {members}, 일반 방문자의 {people}",
        }
        share_alone(habit: &str, members: &str) { en: "{habit}: {members} of them", ko: "{habit}: 구성원의 {members}" }
    }
}

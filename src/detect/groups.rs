//! Cohorts as a person is shown them: who belongs to one, what its members share, what the site's people do instead,
//! and which prefixes cover them at what price. All of it is counted over one traffic and the scores of its clients;
//! nothing here decides whether a cohort is one ([`super::cohorts`] does).

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assess::Assessed;
use super::cohorts::{Conduct, Key, Membership};
use super::replay::Action;
use super::score::Scorer;
use super::traffic::window::Outcome;
use super::traffic::{ClientProfile, Traffic};
use crate::text::escape::visible;
use crate::text::{Lang, Say, number};

/// In what the members of a cohort are alike. Texts are as logged: hostile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Alike {
    /// They ask for the same thing and are answered alike.
    Action {
        /// Whether the method changes something.
        writes: bool,
        /// The path with its variable parts folded.
        template: String,
        /// `fine`, `refused`, `broken`.
        outcome: String,
    },
    /// They send the same agent.
    Agent {
        /// The agent.
        agent: String,
    },
    /// They come from one prefix.
    Prefix {
        /// The prefix.
        prefix: IpNet,
    },
    /// They do the same few things and nothing else.
    Only {
        /// The things' templates.
        templates: Vec<String>,
    },
    /// The same foreign page sent them.
    Referer {
        /// Its host.
        host: String,
    },
    /// They look at about as many pages without naming the page before.
    Depth {
        /// At least so many.
        pages: u32,
    },
    /// They open the same pages in the same order with the same pauses.
    Rhythm {
        /// How many pages are looked at.
        steps: u8,
        /// Tells one rhythm from another.
        mark: String,
    },
    /// They ask for one file that pages load, and for nothing else.
    Asset {
        /// The file.
        target: String,
    },
}

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

/// A member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub client: IpAddr,
    /// The probability of an attack.
    pub score: f64,
    /// What its score leads to.
    pub action: Action,
    /// Its requests.
    pub requests: u32,
    /// Its last request.
    pub last: Timestamp,
}

/// A prefix that covers members, no wider than it has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covering {
    /// The prefix.
    pub prefix: IpNet,
    /// Members in it.
    pub members: u32,
    /// Others seen in it that nothing speaks against.
    pub others: u32,
    /// An upper estimate of the share of innocents in it, 0 to 1; never 0, because one may come that was not seen yet.
    pub innocent_share: f64,
}

/// A cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// `cohort:action`, `cohort:agent`, …
    pub detector: String,
    /// In what they are alike.
    pub alike: Alike,
    /// The largest share of innocents among its members, as [`super::cohorts`] estimates it.
    pub innocent_share: f64,
    /// Clients that behave as people do and are alike in the same way.
    pub people: u32,
    /// Its members, surest first.
    pub members: Vec<Member>,
    /// Half of the members sent at most so many requests.
    pub median_requests: u32,
    /// The same of the site's people.
    pub people_median_requests: u32,
    /// What they share, and how many of the site's people do the same; the most telling first.
    pub shares: Vec<Share>,
    /// Prefixes that cover members; those with the most members first.
    pub prefixes: Vec<Covering>,
}

/// A cohort as one of its members carries it: all but the other members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Belongs {
    /// In what the members are alike.
    pub alike: Alike,
    /// How many there are.
    pub members: usize,
    /// The largest share of innocents among them.
    pub innocent_share: f64,
    /// Clients that behave as people do and are alike in the same way.
    pub people: u32,
    /// What they share.
    pub shares: Vec<Share>,
    /// The prefix that covers this member with others.
    pub prefix: Option<Covering>,
}

impl Cohort {
    /// It as one of its members carries it.
    pub fn of_member(&self, client: IpAddr) -> Belongs {
        Belongs {
            alike: self.alike.clone(),
            members: self.members.len(),
            innocent_share: self.innocent_share,
            people: self.people,
            shares: self.shares.clone(),
            prefix: self.prefixes.iter().find(|covering| covering.prefix.contains(&client)).cloned(),
        }
    }
}

/// Fewer clients than this are not shown as a cohort.
const LEAST_SHOWN: usize = 3;
/// So many people are enough to say what share of people does something.
const MOST_PEOPLE: usize = 2_000;
/// A prefix that covers fewer members says nothing.
const LEAST_COVERED: usize = 3;
/// The widest prefixes that members are gathered in.
const WIDEST: (u8, u8) = (24, 48);
/// A spread of the gaps' logarithms below this is a clock's.
const CLOCK: f32 = 0.35;

/// The cohorts of the clients that a threshold was reached by; sets each one's place in the list.
pub fn of(traffic: &Traffic<'_>, scorer: &Scorer<'_, '_>, assessed: &mut [Assessed]) -> Vec<Cohort> {
    let mut groups: HashMap<Alike, (Vec<usize>, Membership)> = HashMap::new();
    for (index, one) in assessed.iter().enumerate().filter(|(_, one)| one.action.is_some()) {
        if !one.score.parts.iter().any(|part| part.detector.starts_with("cohort:")) {
            continue;
        }
        let Some(client) = traffic.clients.get(&one.client) else { continue };
        let Some(membership) = scorer.membership(one.client, client) else { continue };
        let Some(alike) = alike(traffic, client, membership.key) else { continue };
        let group = groups.entry(alike).or_insert_with(|| (Vec::new(), membership));
        group.0.push(index);
        group.1.innocent_share = group.1.innocent_share.max(membership.innocent_share);
    }
    let people: Vec<&ClientProfile> = people(traffic, scorer);
    let flagged: HashSet<IpAddr> =
        assessed.iter().filter(|one| one.action >= Some(Action::Ask)).map(|one| one.client).collect();
    let neighbours = Neighbours::of(traffic, &flagged);
    let mut cohorts: Vec<(Vec<usize>, Cohort)> = groups
        .into_iter()
        .filter(|(_, (members, _))| members.len() >= LEAST_SHOWN)
        .map(|(alike, (members, membership))| {
            let cohort = cohort(alike, &membership, &members, assessed, traffic, &people, &neighbours);
            (members, cohort)
        })
        .collect();
    cohorts.sort_by(|(_, one), (_, other)| {
        other.members.len().cmp(&one.members.len()).then_with(|| one.alike.cmp(&other.alike))
    });
    for (place, (members, _)) in cohorts.iter().enumerate() {
        for member in members {
            assessed[*member].cohort = Some(place);
        }
    }
    cohorts.into_iter().map(|(_, cohort)| cohort).collect()
}

/// The site's people, or of very many the same number of them from everywhere.
fn people<'t>(traffic: &'t Traffic<'_>, scorer: &Scorer<'_, '_>) -> Vec<&'t ClientProfile> {
    let mut people: Vec<(&IpAddr, &ClientProfile)> =
        traffic.clients.iter().filter(|(_, client)| scorer.conduct(client) == Conduct::Person).collect();
    let step = people.len().div_ceil(MOST_PEOPLE).max(1);
    if step > 1 {
        people.sort_unstable_by_key(|(address, _)| **address);
    }
    people.into_iter().step_by(step).map(|(_, client)| client).collect()
}

/// The key in words that stay the same from window to window. Cells that differ by agent only are one cohort.
fn alike(traffic: &Traffic<'_>, client: &ClientProfile, key: Key) -> Option<Alike> {
    Some(match key {
        Key::Action(number) | Key::AgentAction(_, number) => {
            let action = traffic.action_of(number)?;
            let template = traffic.templates.text(action.template).to_owned();
            Alike::Action { writes: action.writes, template, outcome: outcome_word(action.outcome).to_owned() }
        }
        Key::Agent(number) => Alike::Agent { agent: traffic.agent_text(number).to_owned() },
        Key::Prefix(prefix) => Alike::Prefix { prefix },
        Key::Only(_) => {
            let actions = client.actions().iter().filter_map(|(number, _)| traffic.action_of(*number));
            let mut templates: Vec<String> =
                actions.map(|action| traffic.templates.text(action.template).to_owned()).collect();
            templates.sort_unstable();
            templates.dedup();
            Alike::Only { templates }
        }
        Key::Referer(number) => Alike::Referer { host: traffic.host_text(number).to_owned() },
        Key::Rhythm(hash) => Alike::Rhythm { steps: client.rhythm.steps(), mark: format!("{:08x}", hash >> 32) },
        Key::Asset(number) => Alike::Asset { target: traffic.target_text(number).to_owned() },
        Key::Depth(log) => Alike::Depth { pages: 1_u32.checked_shl(log).unwrap_or(u32::MAX) },
    })
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fine => "fine",
        Outcome::Refused => "refused",
        Outcome::Broken => "broken",
    }
}

fn cohort(
    alike: Alike,
    membership: &Membership,
    indices: &[usize],
    assessed: &[Assessed],
    traffic: &Traffic<'_>,
    people: &[&ClientProfile],
    neighbours: &Neighbours,
) -> Cohort {
    let clients: Vec<&ClientProfile> =
        indices.iter().filter_map(|index| traffic.clients.get(&assessed[*index].client)).collect();
    let mut members: Vec<Member> = indices
        .iter()
        .filter_map(|index| {
            let one = &assessed[*index];
            Some(Member {
                client: one.client,
                score: one.score.probability,
                action: one.action?,
                requests: one.requests,
                last: one.last,
            })
        })
        .collect();
    members.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.client.cmp(&other.client)));
    let addresses: Vec<IpAddr> = members.iter().map(|member| member.client).collect();
    Cohort {
        detector: format!("cohort:{}", alike.word()),
        innocent_share: membership.innocent_share,
        people: membership.cell.people,
        median_requests: median(&clients),
        people_median_requests: median(people),
        shares: shares(&clients, people),
        prefixes: neighbours.covering(&addresses),
        members,
        alike,
    }
}

fn median(clients: &[&ClientProfile]) -> u32 {
    let mut requests: Vec<u32> = clients.iter().map(|client| client.requests).collect();
    requests.sort_unstable();
    requests.get(requests.len() / 2).copied().unwrap_or(0)
}

/// The habits that most members have, those that people have least first.
fn shares(members: &[&ClientProfile], people: &[&ClientProfile]) -> Vec<Share> {
    let agent = most_frequent(members.iter().map(|client| client.agent));
    let thing = most_frequent(members.iter().flat_map(|client| client.actions().iter().map(|(number, _)| *number)));
    let has = |habit: Habit, client: &ClientProfile| match habit {
        Habit::NoAssets => client.assets == 0,
        Habit::NoReferer => client.without_referer == client.requests,
        Habit::OneThing => client.actions().len() == 1 && !client.more_actions,
        Habit::SameAgent => Some(client.agent) == agent,
        Habit::SameThing => client.actions().iter().any(|(number, _)| Some(*number) == thing),
        Habit::MostlyFails => client.share(client.s4xx + client.s5xx) > 0.5,
        Habit::Clockwork => client.gap_spread().is_some_and(|spread| spread < CLOCK),
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of clients stay far below 2^53")]
    let share = |habit: Habit, of: &[&ClientProfile]| {
        (!of.is_empty()).then(|| of.iter().filter(|client| has(habit, client)).count() as f64 / of.len() as f64)
    };
    let all = [
        Habit::SameThing,
        Habit::OneThing,
        Habit::SameAgent,
        Habit::NoAssets,
        Habit::NoReferer,
        Habit::MostlyFails,
        Habit::Clockwork,
    ];
    let mut shares: Vec<Share> = all
        .into_iter()
        .filter_map(|habit| Some((habit, share(habit, members).filter(|members| *members >= 0.6)?)))
        .map(|(habit, members)| Share { habit, members, people: share(habit, people) })
        .filter(|share| share.people.is_none_or(|people| people + 0.2 <= share.members))
        .collect();
    shares.sort_by(|one, other| {
        let gap = |share: &Share| share.members - share.people.unwrap_or(0.0);
        gap(other).total_cmp(&gap(one))
    });
    shares
}

fn most_frequent(numbers: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts.into_iter().max_by_key(|(number, count)| (*count, std::cmp::Reverse(*number))).map(|(number, _)| number)
}

/// Who else was seen near the clients that something speaks against.
struct Neighbours {
    /// By the widest prefix around an address: all that nothing speaks against.
    others: HashMap<IpNet, Vec<IpAddr>>,
}

impl Neighbours {
    fn of(traffic: &Traffic<'_>, flagged: &HashSet<IpAddr>) -> Self {
        let near: HashSet<IpNet> = flagged.iter().filter_map(|address| widest(*address)).collect();
        let mut others: HashMap<IpNet, Vec<IpAddr>> = HashMap::new();
        for address in traffic.clients.keys().filter(|address| !flagged.contains(*address)) {
            if let Some(prefix) = widest(*address).filter(|prefix| near.contains(prefix)) {
                others.entry(prefix).or_default().push(*address);
            }
        }
        Self { others }
    }

    /// The prefixes that cover these addresses.
    fn covering(&self, addresses: &[IpAddr]) -> Vec<Covering> {
        let mut by: HashMap<IpNet, Vec<IpAddr>> = HashMap::new();
        for address in addresses {
            if let Some(prefix) = widest(*address) {
                by.entry(prefix).or_default().push(*address);
            }
        }
        let mut prefixes: Vec<Covering> = by
            .into_iter()
            .filter(|(_, members)| members.len() >= LEAST_COVERED)
            .filter_map(|(wide, members)| {
                let prefix = narrowest(&members)?;
                let near = self.others.get(&wide).map_or(&[][..], |others| others);
                let others = near.iter().filter(|address| prefix.contains(*address)).count();
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let (members, others) = (count(members.len()), count(others));
                Some(Covering { prefix, members, others, innocent_share: innocent_share(members, others) })
            })
            .collect();
        prefixes.sort_by(|one, other| other.members.cmp(&one.members).then(one.prefix.cmp(&other.prefix)));
        prefixes
    }
}

/// Half a client is added to those that were seen, for the one that was not: the mean of what Jeffreys' prior makes of
/// the counts.
pub fn innocent_share(members: u32, others: u32) -> f64 {
    (f64::from(others) + 0.5) / (f64::from(members) + f64::from(others) + 1.0)
}

/// The widest prefix that an address's neighbours are looked for in.
fn widest(address: IpAddr) -> Option<IpNet> {
    let length = if address.is_ipv4() { WIDEST.0 } else { WIDEST.1 };
    IpNet::new(address, length).ok().map(|net| net.trunc())
}

/// The narrowest prefix around addresses of one family.
fn narrowest(addresses: &[IpAddr]) -> Option<IpNet> {
    let (first, rest) = addresses.split_first()?;
    let full = IpNet::from(*first).max_prefix_len();
    let least = if first.is_ipv4() { WIDEST.0 } else { WIDEST.1 };
    (least..=full)
        .rev()
        .filter_map(|length| IpNet::new(*first, length).ok().map(|net| net.trunc()))
        .find(|net| rest.iter().all(|address| net.contains(address)))
}

impl Alike {
    /// A word for the sort of likeness: what follows `cohort:` in a detector's name.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Action { .. } => "action",
            Self::Agent { .. } => "agent",
            Self::Prefix { .. } => "prefix",
            Self::Only { .. } => "only",
            Self::Referer { .. } => "referer",
            Self::Depth { .. } => "depth",
            Self::Rhythm { .. } => "rhythm",
            Self::Asset { .. } => "asset",
        }
    }
}

impl Say for Alike {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Action { writes, template, outcome } => {
                let method = if *writes { "POST" } else { "GET" };
                let what = format!("{method} {}", visible(template));
                match outcome.as_str() {
                    "refused" => say::refused(lang, &what),
                    "broken" => say::broken(lang, &what),
                    _ => say::asked(lang, &what),
                }
            }
            Self::Agent { agent } if agent.trim().is_empty() || agent == "-" => say::no_agent(lang).to_owned(),
            Self::Agent { agent } => say::agent(lang, &visible(agent)),
            Self::Prefix { prefix } => say::prefix(lang, &prefix.to_string()),
            Self::Only { templates } => say::only(lang, &visible(&templates.join(", "))),
            Self::Referer { host } => say::referer(lang, &visible(host)),
            Self::Depth { pages } => say::depth(lang, *pages),
            Self::Rhythm { steps, .. } => say::rhythm(lang, u32::from(*steps)),
            Self::Asset { target } => say::asset(lang, &visible(target)),
        }
    }
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
        no_agent { en: "send no user agent", ko: "사용자 에이전트를 보내지 않음" }
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
        refused(what: &str) { en: "ask {what} and are refused", ko: "{what} 요청이 거부됨" }
        broken(what: &str) { en: "ask {what} and break it off or break it", ko: "{what} 요청이 끊기거나 오류가 남" }
        asked(what: &str) { en: "ask {what}", ko: "{what} 요청" }
        agent(agent: &str) { en: "send the agent {agent}", ko: "에이전트 {agent}" }
        prefix(prefix: &str) { en: "come from {prefix}", ko: "{prefix}에서 접속" }
        only(what: &str) { en: "do nothing but {what}", ko: "{what} 외에는 아무것도 하지 않음" }
        referer(host: &str) { en: "were sent by {host}", ko: "{host}에서 넘어옴" }
        depth(pages: u32) {
            en: "look at {pages} pages or more without naming the page before",
            ko: "이전 페이지를 밝히지 않고 {pages}쪽 이상을 봄",
        }
        rhythm(steps: u32) {
            en: "open the same {steps} pages in the same order with the same pauses",
            ko: "같은 {steps}쪽을 같은 순서와 간격으로 엶",
        }
        asset(target: &str) { en: "ask for {target} and nothing else", ko: "{target}만 요청" }
        share(habit: &str, members: &str, people: &str) {
            en: "{habit}: {members} of them, {people} of the site's people",
            ko: "{habit}: 구성원의 {members}, 일반 방문자의 {people}",
        }
        share_alone(habit: &str, members: &str) { en: "{habit}: {members} of them", ko: "{habit}: 구성원의 {members}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_covering_prefix_is_no_wider_than_it_has_to_be() {
        let narrow = |texts: &[&str]| narrowest(&addresses(texts)).unwrap().to_string();
        assert_eq!(narrow(&["203.0.113.4", "203.0.113.7", "203.0.113.5"]), "203.0.113.4/30");
        assert_eq!(narrow(&["203.0.113.1", "203.0.113.200"]), "203.0.113.0/24");
        assert_eq!(narrow(&["2001:db8:1::1", "2001:db8:1::2"]), "2001:db8:1::/126");
        assert_eq!(narrow(&["203.0.113.9"]), "203.0.113.9/32");
    }

    #[test]
    fn innocents_who_were_seen_and_one_who_was_not_count() {
        let neighbours = Neighbours {
            others: [("203.0.113.0/24".parse().unwrap(), addresses(&["203.0.113.6", "203.0.113.77"]))]
                .into_iter()
                .collect(),
        };
        let members = addresses(&["203.0.113.4", "203.0.113.5", "203.0.113.7", "198.51.100.1"]);
        let covering = neighbours.covering(&members);
        assert_eq!(covering.len(), 1, "{covering:?}");
        assert_eq!((covering[0].prefix.to_string().as_str(), covering[0].others), ("203.0.113.4/30", 1));
        assert!((covering[0].innocent_share - 1.5 / 5.0).abs() < 1e-9);
        assert!(innocent_share(9, 0) <= 0.05 && innocent_share(8, 0) > 0.05);
    }
}

//! The one pass over a window's requests.

use std::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use indexmap::IndexMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::agents::{self, AgentKind};
use super::client::ClientProfile;
use super::foresight::{Paths, Read};
use super::intern::Interner;
use super::pace::{Origin, was_shown};
use super::rounds::Rounds;
use super::tails::{self, Sharing};
use super::targets::{TargetKind, Theme};
use super::whole::Whole;
use crate::detect::reader::SSH;
use crate::detect::rules::{Matched, Places, Request, RuleSet, normal};

/// A request as detection sees it. Texts are as logged: hostile.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// When, in milliseconds of Unix time.
    pub at_ms: i64,
    /// Who.
    pub client: IpAddr,
    /// What was asked and answered.
    pub request: Request<'a>,
    /// Bytes sent.
    pub bytes: u64,
    /// How long it took, in milliseconds; 0 where the log does not say.
    pub duration_ms: u64,
}

/// What is known of a target's text.
#[derive(Debug, Clone)]
pub struct Target {
    /// Page, asset, …
    pub kind: TargetKind,
    /// Login, purchase, …
    pub theme: Theme,
    /// The number of its template.
    pub template: u32,
    /// Whether a query string was sent.
    pub has_query: bool,
    /// Whether it is about signing in or paying, or the site's owner says that it is as sensitive.
    is_sensitive: bool,
    /// See [`Read::number`].
    number: Option<u32>,
    /// Of its template's text: the same in every window.
    hash: u64,
    matched: Matched,
}

/// How a server answered, as far as an action cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// 2xx, and 3xx to a request that changes nothing.
    Fine,
    /// 4xx but 499.
    Refused,
    /// 5xx, 499.
    Broken,
    /// 3xx to a request that changes something: a form that was taken, where a page that is shown again refuses it.
    Taken,
}

impl Outcome {
    /// Whether it got what it asked for, as far as the status tells.
    pub const fn is_fine(self) -> bool {
        matches!(self, Self::Fine | Self::Taken)
    }
}

/// What a client did: asked a template with a method, and how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action {
    /// The template's number.
    pub template: u32,
    /// Whether the method changes something.
    pub writes: bool,
    /// How it went.
    pub outcome: Outcome,
}

/// An agent's text and claim.
#[derive(Debug, Clone)]
pub struct Agent {
    /// What it claims to be.
    pub kind: AgentKind,
    /// Whether it is an app's that shows pages within itself.
    pub(super) is_in_app: bool,
    /// Which crawler it claims to be.
    pub(super) crawler: Option<usize>,
    /// See [`agents`].
    pub(super) is_fetcher: bool,
    /// See [`agents`].
    pub(super) app: Option<u64>,
    pub(super) matched: Matched,
}

impl Agent {
    /// Everything that an agent's text tells.
    pub(super) fn read(text: &str, rules: &RuleSet) -> Self {
        let (kind, is_in_app) = (agents::kind(text), agents::is_in_app(text));
        Self {
            kind,
            is_in_app,
            crawler: rules.crawlers().claimed(text),
            is_fetcher: agents::is_fetcher(text),
            app: agents::app(kind, text),
            matched: rules.agent(text),
        }
    }
}

/// What is known of a referers' host.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct HostUse {
    /// Assets that were loaded from its pages.
    pub(super) loads: u64,
    /// Requests that named it, as long as few assets were.
    pub(super) seen: u64,
    /// Those of them that named a page that the same client had asked for.
    pub(super) leads: u64,
}

/// So many requests tell of a host whether its pages are served here.
const LEAST_LEADS: u64 = 8;

/// The ceilings of what is kept.
pub(super) const MOST_TARGETS: usize = 200_000;
const MOST_AGENTS: usize = 50_000;
const MOST_TEMPLATES: usize = 50_000;
const MOST_HOSTS: usize = 4_096;
const MOST_CLIENTS: usize = 114_000;

/// Clients by address. They lie side by side, so that looking at everybody is quick, and the table beside them, which
/// doubles where it grows, is small.
pub type Clients = IndexMap<IpAddr, ClientProfile, DefaultHashBuilder>;

/// A window's traffic in aggregates.
#[derive(Debug, Clone)]
pub struct Traffic<'r> {
    pub(super) rules: &'r RuleSet,
    /// Clients with what they did.
    pub clients: Clients,
    pub(super) target_names: Interner,
    pub(super) targets: Vec<Target>,
    /// How many targets were kept when those that nobody refers to were left out last.
    pub(super) kept_targets: usize,
    pub(super) agent_names: Interner,
    pub(super) agents: Vec<Agent>,
    /// Templates by number.
    pub templates: Interner,
    pub(super) template_facts: Vec<(TargetKind, Theme)>,
    pub(super) hosts: Interner,
    pub(super) host_uses: HashMap<u32, HostUse>,
    /// The site's own hosts, with others of their domains, as the last finished window told them.
    pub(super) own_hosts: HashSet<u32>,
    /// The most assets that were loaded from one host's pages so far.
    pub(super) most_loads: u64,
    pub(super) action_numbers: HashMap<Action, u32>,
    pub(super) actions: Vec<Action>,
    /// By action: its tail, where several actions share it. Worked out when the window is finished.
    pub(super) tails: Sharing,
    /// The same of forms' beginnings.
    pub(super) heads: Sharing,
    /// What all clients add up to. Worked out when the window is finished.
    pub whole: Whole,
    /// All requests.
    pub requests: u64,
    /// When the last request came, in milliseconds of Unix time.
    pub last_ms: i64,
    /// Whether the log does not tell agents at all, or hardly ever: then an empty one says nothing.
    pub(super) without_agents: bool,
}

impl<'r> Traffic<'r> {
    /// An empty window that looks for these rules.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            clients: Clients::default(),
            target_names: Interner::new(MOST_TARGETS),
            targets: Vec::new(),
            kept_targets: 0,
            agent_names: Interner::new(MOST_AGENTS),
            agents: Vec::new(),
            templates: Interner::new(MOST_TEMPLATES),
            template_facts: Vec::new(),
            hosts: Interner::new(MOST_HOSTS),
            host_uses: HashMap::new(),
            own_hosts: HashSet::new(),
            most_loads: 0,
            action_numbers: HashMap::new(),
            actions: Vec::new(),
            tails: Sharing::default(),
            heads: Sharing::default(),
            whole: Whole::default(),
            requests: 0,
            last_ms: i64::MIN,
            without_agents: false,
        }
    }

    /// Takes one request in.
    pub fn add(&mut self, hit: &Hit<'_>) {
        let request = &hit.request;
        let (target_number, fresh) = self.target_names.number(request.target);
        let overflow;
        let target = match self.targets.get(target_number as usize) {
            Some(target) => target,
            None => {
                let target = self.read_target(request.target);
                if fresh {
                    self.targets.push(target);
                    &self.targets[self.targets.len() - 1]
                } else {
                    overflow = target;
                    &overflow
                }
            }
        };
        let (kind, theme, template, has_query) = (target.kind, target.theme, target.template, target.has_query);
        let (template_hash, item, is_sensitive) = (target.hash, target.number, target.is_sensitive);
        let (agent_number, fresh_agent) = self.agent_names.number(request.agent);
        if fresh_agent {
            self.agents.push(Agent::read(request.agent, self.rules));
        }
        let unknown_agent;
        let agent = match self.agents.get(agent_number as usize) {
            Some(agent) => agent,
            None => {
                unknown_agent = Agent::read(request.agent, self.rules);
                &unknown_agent
            }
        };
        // The agent that sshd's messages do not tell is no sign of anything.
        let matches = if request.method != SSH && self.rules.may_match(&target.matched, &agent.matched) {
            self.rules.settle_indices(&target.matched, &agent.matched, request)
        } else {
            Places::new()
        };
        let words = self.rules.words(&matches, &agent.matched, request);
        let is_browser = agent.kind == AgentKind::Browser;
        let writes = matches!(request.method, "POST" | "PUT" | "PATCH" | "DELETE" | SSH);
        let outcome = match request.status {
            499 | 500.. => Outcome::Broken,
            400..=498 => Outcome::Refused,
            300..=399 if writes => Outcome::Taken,
            _ => Outcome::Fine,
        };
        let action = self.action(Action { template, writes, outcome });
        let referer_host = self.referer_host(request.referer);
        if let Some(host) = referer_host
            && kind == TargetKind::Asset
        {
            let host = self.host_uses.entry(host).or_default();
            host.loads += 1;
            self.most_loads = self.most_loads.max(host.loads);
        }
        let is_own = referer_host.is_some_and(|host| self.looks_own(host));
        // Where a form leads on to another page once it is taken, the form's own page in answer says that it was not.
        let leads_on =
            writes && self.action_numbers.contains_key(&Action { template, writes, outcome: Outcome::Taken });

        self.requests += 1;
        if self.clients.len() >= MOST_CLIENTS && !self.clients.contains_key(&hit.client) {
            self.make_room();
        }
        let networks = self.rules.networks();
        let client =
            self.clients.entry(hit.client).or_insert_with(|| ClientProfile::from_network(networks.of(hit.client)));
        client.at(hit.at_ms);
        client.sent_agent(agent_number, is_browser);
        if client.requests == 0 {
            client.agent = agent_number;
            (client.referer_host, client.other_host) = (Interner::OVERFLOW, Interner::OVERFLOW);
        } else if client.agent != agent_number {
            // A connection that was opened in advance and not used names no agent; what comes over the next one does.
            if self.agents.get(client.agent as usize).is_some_and(|agent| agent.kind == AgentKind::Empty) {
                client.agent = agent_number;
            } else {
                client.agent_changes += 1;
            }
        }
        client.requests += 1;
        client.bytes += hit.bytes;
        client.busy_ms += hit.duration_ms;
        match request.status {
            200..=299 => client.s2xx += 1,
            300..=399 => client.s3xx += 1,
            400..=499 => client.s4xx += 1,
            500..=599 => client.s5xx += 1,
            _ => {}
        }
        client.s499 += u32::from(request.status == 499);
        client.revalidated += u32::from(request.status == 304);
        client.renewed += u32::from(request.status == 304 && kind != TargetKind::Interface);
        client.pieces += u32::from(request.status == 206);
        client.assets += u32::from(kind == TargetKind::Asset && outcome.is_fine());
        client.pages += u32::from(kind == TargetKind::Page);
        client.interfaces += u32::from(kind == TargetKind::Interface);
        client.writes += u32::from(writes);
        client.heads += u32::from(request.method == "HEAD");
        client.with_query += u32::from(has_query);
        let signs_in = theme == Theme::Login && writes;
        let is_refused = !outcome.is_fine() || outcome == Outcome::Fine && leads_on;
        if signs_in {
            client.login_tries += 1;
            client.login_refused += u32::from(is_refused);
        }
        match referer_host {
            None => client.without_referer += 1,
            Some(host) => {
                if client.referer_host == Interner::OVERFLOW {
                    client.referer_host = host;
                }
                client.with_referer_host += u32::from(client.referer_host == host);
                if client.referer_host != host && client.other_host == Interner::OVERFLOW {
                    client.other_host = host;
                }
            }
        }
        client.by_extension |=
            request.referer.split_once("://").is_some_and(|(scheme, _)| scheme.ends_with("-extension"));
        client.ssh_refused += u32::from(request.method == SSH && request.status == 401);
        client.denied += u32::from(matches!(request.status, 401 | 403 | 407));
        // A page that is left open asks an interface for the same thing again; what the owner lists counts all the same.
        let by_page = kind == TargetKind::Interface && !writes && referer_host.is_some();
        let is_again = client.targets.contains(target_number);
        let polls = by_page && theme != Theme::Plain && is_again;
        client.sensitive += u32::from(is_sensitive && !polls && request.method != SSH);
        if kind == TargetKind::Page && !writes {
            let origin = Origin::of(&self.target_names, client, is_again, request.referer, is_own);
            client.walk.page(origin, hit.at_ms);
            let is_led = matches!(origin, Origin::Led | Origin::Again);
            item.into_iter().for_each(|number| client.turn.note(template_hash, number, is_led));
        } else if kind == TargetKind::Interface && !writes && referer_host.is_none() {
            // What names a page as its referer is loaded by that page.
            item.into_iter().for_each(|number| client.turn.note(template_hash, number, false));
        }
        if let Some(host) = referer_host.filter(|host| *host != Interner::OVERFLOW) {
            let host = self.host_uses.entry(host).or_default();
            // Of the greatest nothing more has to be known.
            if host.loads * 20 < self.most_loads {
                host.seen += 1;
                host.leads += u64::from(was_shown(&self.target_names, client, request.referer));
            }
        }
        let is_foreign = referer_host.is_some() && !is_own;
        if kind == TargetKind::Page && !writes && has_query && is_foreign && is_again {
            client.led_again_to(template_hash, referer_host.unwrap_or(Interner::OVERFLOW));
        }
        let reads = matches!(kind, TargetKind::Page | TargetKind::Interface) && !writes;
        if reads && is_again && hit.at_ms - client.first_ms > Rounds::LEAST_MS {
            client.came_back(target_number, hit.at_ms);
        }
        client.targets.insert(target_number);
        if matches!(request.status, 400 | 403 | 404 | 405 | 410 | 501) && kind != TargetKind::Utility {
            client.missing.insert(target_number);
        }
        // A password that is filled in by itself gets in as fast as a page is read.
        let gets_in = theme == Theme::Login && !is_refused;
        if writes && theme != Theme::Plain && !gets_in && client.walk.in_haste(hit.at_ms) {
            client.hasty = (action, client.hasty.1 + 1);
        }
        // The pieces of one recording are no actions of their own.
        let fetches = kind == TargetKind::Download && request.status != 206;
        if matches!(kind, TargetKind::Page | TargetKind::Interface) || fetches {
            client.did(action, writes && theme != Theme::Plain);
        }
        if matches!(kind, TargetKind::Page | TargetKind::Interface) {
            client.beat.note(hit.at_ms);
            if writes && theme == Theme::Purchase {
                client.sent_form(hit.at_ms);
            }
        }
        if kind == TargetKind::Page {
            client.rhythm.step(template_hash, writes, hit.at_ms);
            client.looked_at(target_number);
        }
        self.last_ms = self.last_ms.max(hit.at_ms);
        client.searched_for(words);
        for rule in matches {
            client.matched(rule);
        }
    }

    pub(super) fn read_target(&mut self, sent: &str) -> Target {
        self.target_of(Paths::default().read(self.rules, sent))
    }

    pub(super) fn target_of(&mut self, read: Read) -> Target {
        let Read { reading, matched, number, is_listed } = read;
        let (template, fresh) = self.templates.number(&reading.template);
        if fresh {
            self.template_facts.push((reading.kind, reading.theme));
        }
        Target {
            kind: reading.kind,
            theme: reading.theme,
            template,
            has_query: reading.has_query,
            is_sensitive: is_listed || matches!(reading.theme, Theme::Login | Theme::Purchase),
            number,
            hash: reading.hash,
            matched,
        }
    }

    pub(super) fn action(&mut self, action: Action) -> u32 {
        let next = u32::try_from(self.actions.len()).unwrap_or(Interner::OVERFLOW);
        *self.action_numbers.entry(action).or_insert_with(|| {
            let template = self.templates.text(action.template);
            self.tails.push(action, tails::tail(template));
            self.heads.push(action, tails::head(template).filter(|_| action.writes));
            self.actions.push(action);
            next
        })
    }

    /// The number of the host that a referer names; `None` where none was sent.
    fn referer_host(&mut self, referer: &str) -> Option<u32> {
        let rest = referer.split_once("://").map(|(_, rest)| rest)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        (!host.is_empty()).then(|| self.hosts.number(&normal::header(host)).0)
    }

    /// Whether a host looks like the site's own from what was seen so far: the pages that load the site's assets are
    /// the site's pages; a stray hotlink does not come near. Of several sites in one log the smaller ones are told by
    /// their pages: whoever was sent by one had asked for it here.
    pub(in crate::detect) fn looks_own(&self, number: u32) -> bool {
        let host = self.host_uses.get(&number).copied().unwrap_or_default();
        let is_led = host.leads >= LEAST_LEADS && host.leads * 4 >= host.seen;
        host.loads * 20 >= self.most_loads || is_led || self.own_hosts.contains(&number)
    }

    /// Forgets the clients that say least: of those with few requests and no rule against them the ones that have been
    /// quiet for longest, an eighth of all. Whoever sends every request from another address fills no memory.
    fn make_room(&mut self) {
        let weight = |client: &ClientProfile| (!client.rules().is_empty(), client.requests.min(4), client.last_ms);
        let mut weights: Vec<(bool, u32, i64)> = self.clients.values().map(weight).collect();
        let (_, limit, _) = weights.select_nth_unstable(MOST_CLIENTS / 8);
        let limit = *limit;
        let mut left = MOST_CLIENTS / 8;
        // From the end on: what takes a place that was left has been looked at.
        for place in (0..self.clients.len()).rev() {
            if left > 0 && weight(&self.clients[place]) <= limit {
                self.clients.swap_remove_index(place);
                left -= 1;
            }
        }
    }

    /// Forgets clients that have been quiet for `span_ms` (milliseconds of Unix time) and halves what is known of those
    /// whose counts are of longer than that, so that nobody's counts are ever of more. Texts that no client refers to
    /// any more go where room gets scarce.
    pub fn forget(&mut self, now_ms: i64, span_ms: i64) {
        let before = now_ms.saturating_sub(span_ms);
        let fade = |(place, client): (usize, &mut ClientProfile)| {
            if client.since_ms < before {
                client.fade(now_ms);
            }
            (client.last_ms < before).then_some(place)
        };
        let gone: Vec<usize> = self.clients.par_values_mut().enumerate().filter_map(fade).collect();
        for place in gone.into_iter().rev() {
            self.clients.swap_remove_index(place);
        }
        if self.is_crowded() {
            self.compact();
        }
    }
}

/// What an agent claims to be, in a log that may not tell agents at all.
pub(super) fn kind_of(agents: &[Agent], without_agents: bool, number: u32) -> AgentKind {
    match agents.get(number as usize).map_or(AgentKind::Other, |agent| agent.kind) {
        // Nobody can be told for a browser then, nor be held against what browsers do.
        AgentKind::Empty if without_agents => AgentKind::Other,
        kind => kind,
    }
}

/// FNV-1a of bytes.
pub(in crate::detect) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

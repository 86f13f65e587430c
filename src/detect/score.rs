//! One probability per client out of all kinds of evidence. Each kind adds to the log-odds and never takes away, so
//! more evidence of attack never lowers the score; a client's likeness to a person only keeps weak evidence from
//! counting. The weights were calibrated on the measuring populations of `sim`.

use std::net::IpAddr;

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use super::cohorts::{CLOCK, Cohorts, Membership};
use super::cost;
use super::crawlers::{Claim, Proofs};
use super::forest::Model;
use super::limits::Limits;
use super::rules::Severity;
use super::traffic::whole::FEWEST_PROBES;
use super::traffic::window::Outcome;
use super::traffic::{ClientProfile, Conduct, TargetKind, Traffic};

/// Log-odds of a client before any evidence: about one in a hundred and fifty attacks.
const PRIOR: f64 = -5.0;

/// From how many on files are fetched again and again.
const AGAIN: u32 = 6;
/// From how many on nobody merely reads about what a rule looks for.
const READER: u32 = 3;
/// From how many on a page in a row is often.
const REPEATS: u32 = 30;

/// What many requests, and for what is not there, weigh at most of a program that fetches packages.
const FETCHING: f64 = 1.0;

/// Answers with what is new are shorter than so many bytes on average.
const LITTLE_NEWS: u64 = 1_024;

/// A kind of evidence; two different kinds are independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Rules on single requests.
    Rule,
    /// Many things asked for that are not there.
    Probing,
    /// Attempts to sign in that fail.
    Login,
    /// Rate.
    Burst,
    /// One template walked through without reading.
    Harvest,
    /// Acting as one with others.
    Cohort,
    /// Claiming to be who it is not.
    Identity,
    /// Costing the site far more than its share.
    Cost,
    /// Unlike the site's usual clients: never evidence of its own.
    Forest,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The kind.
    pub kind: Kind,
    /// `rule:dot-file`, `cohort:agent-action`, …
    pub detector: String,
    /// What it adds to the log-odds.
    pub weight: f64,
    /// What it counted.
    pub value: f64,
}

/// What a client's behaviour amounts to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The probability of an attack, 0 to 1.
    pub probability: f64,
    /// Its parts, heaviest first.
    pub parts: Vec<Part>,
    /// Whether one part alone cannot be innocent.
    pub conclusive: bool,
}

impl Score {
    /// The score without the parts of some detectors, named by how they begin.
    #[must_use]
    pub fn without(&self, detector: &str) -> Self {
        let parts: Vec<Part> = self.parts.iter().filter(|part| !part.detector.starts_with(detector)).cloned().collect();
        let conclusive = self.conclusive && !detector.starts_with("rule:");
        Self::of(parts, conclusive)
    }

    /// The score that parts amount to.
    pub fn of(mut parts: Vec<Part>, conclusive: bool) -> Self {
        parts.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        let log_odds = PRIOR + parts.iter().map(|part| part.weight.max(0.0)).sum::<f64>();
        Self { probability: 1.0 / (1.0 + (-log_odds).exp()), parts, conclusive }
    }

    /// Whether the evidence is of two kinds, or of one that cannot be innocent: what acting needs.
    pub fn is_corroborated(&self) -> bool {
        let mut kinds: Vec<Kind> = self.parts.iter().filter(|part| part.weight >= 1.0).map(|part| part.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.conclusive || kinds.len() >= 2
    }
}

/// A window in which everything has been counted, ready to score clients.
#[derive(Debug)]
pub struct Scorer<'t, 'r> {
    traffic: &'t Traffic<'r>,
    cohorts: Cohorts,
    totals: cost::Totals,
    forest: Option<&'t Model>,
    proofs: Option<&'t Proofs>,
}

/// The forest is asked only about clients against whom so much speaks already: less would not reach any threshold.
const ASK_FOREST: f64 = 2.0;

impl<'t, 'r> Scorer<'t, 'r> {
    /// Counts what the score needs. The traffic must be finished.
    pub fn new(traffic: &'t Traffic<'r>) -> Self {
        let totals = cost::Totals::of(traffic);
        Self { traffic, cohorts: Cohorts::of(traffic), totals, forest: None, proofs: None }
    }

    /// Asks a model of the site's usual clients too.
    pub fn with_forest(self, forest: Option<&'t Model>) -> Self {
        Self { forest, ..self }
    }

    /// Believes what the DNS says of those that claim to be crawlers.
    pub fn with_proofs(self, proofs: &'t Proofs) -> Self {
        Self { proofs: Some(proofs), ..self }
    }

    /// The cohorts of the window.
    pub fn cohorts(&self) -> &Cohorts {
        &self.cohorts
    }

    /// The score of one client.
    pub fn score(&self, address: IpAddr, client: &ClientProfile) -> Score {
        self.judge(address, client).0
    }

    /// The score of one client, and the strongest cohort that it belongs to; `None` where it belongs to none that means
    /// anything.
    pub fn judge(&self, address: IpAddr, client: &ClientProfile) -> (Score, Option<Membership>) {
        let claim = self.claim(address, client);
        let conduct = conduct_of(claim, client);
        let limits = self.traffic.rules().limits();
        let (mut parts, mut conclusive) = (Vec::new(), false);
        // A true crawler follows old links to pages that are gone, as fast as it likes; and whoever wants it banned
        // only has to put a link with an attack in it where it looks.
        if claim != Claim::True {
            parts = self.rule_parts(client, conduct);
            conclusive = self.rule_severities(client, conduct).any(|(severity, _, _)| severity == Severity::Certain);
            // A scanner that borrows such a name is known by what it asks for.
            let is_odd = || self.rule_severities(client, conduct).any(|(severity, ..)| severity > Severity::Hint);
            let fetches = self.traffic.is_fetcher(client.agent) && client.writes * 4 <= client.requests && !is_odd();
            let weigh =
                |part: Part| Part { weight: if fetches { part.weight.min(FETCHING) } else { part.weight }, ..part };
            parts.extend(self.probing(client).map(weigh));
            parts.extend(burst(client, conduct, limits).map(weigh));
        }
        let lie = match claim {
            Claim::False => Some(("crawler:false", 5.2)),
            Claim::Doubtful => Some(("crawler:doubtful", 2.5)),
            Claim::True | Claim::Unknown | Claim::None => None,
        };
        if let Some((detector, weight)) = lie {
            parts.push(Part { kind: Kind::Identity, detector: detector.to_owned(), weight, value: 1.0 });
        }
        parts.extend(login(client, conduct));
        parts.extend(harvest(client, conduct).filter(|_| !self.is_open_page(client)));
        parts.extend(sshd(client, limits));
        parts.extend(sensitive(client, conduct, limits));
        parts.extend(repeats(client, conduct));
        parts.extend(self.fetched_again(client, conduct));
        let memberships = self.cohorts.memberships(self.traffic, address, client, conduct);
        parts.extend(cohort_parts(&memberships));
        parts.extend(cost::part(client, &self.totals));
        if let Some(forest) = self.forest
            && parts.iter().map(|part| part.weight).sum::<f64>() >= ASK_FOREST
        {
            parts.extend(forest.part(self.traffic, client));
        }
        (Score::of(parts, conclusive), memberships.into_iter().next())
    }

    fn claim(&self, address: IpAddr, client: &ClientProfile) -> Claim {
        let (crawlers, claimed) = (self.traffic.rules().crawlers(), self.traffic.agent_crawler(client.agent));
        self.proofs
            .map_or_else(|| crawlers.worth(claimed, address), |proofs| crawlers.worth_with(claimed, address, proofs))
    }

    /// The rules that a client matched, with how often. Whoever reads a page about an attack searches for it too: what
    /// somebody who behaves as a visitor wrote into a search once or twice, and nowhere else, cannot be held for one.
    fn rule_severities<'a>(
        &'a self,
        client: &'a ClientProfile,
        conduct: Conduct,
    ) -> impl Iterator<Item = (Severity, &'a str, u32)> {
        let (searched, prose) = client.searched();
        client.rules().iter().filter_map(move |(index, count)| {
            let rule = self.traffic.rules().rules().get(usize::from(*index))?;
            let may_be_read = conduct == Conduct::Person && *count <= searched;
            let severity = match rule.severity {
                Severity::Certain if may_be_read && *count < READER && *count <= prose => Severity::Notable,
                Severity::Certain if may_be_read => Severity::Severe,
                // Somebody may have followed a link, and the site may be such a site itself.
                Severity::Severe if conduct == Conduct::Person && rule.name.starts_with("referer-") => Severity::Hint,
                severity => severity,
            };
            Some((severity, rule.name.as_str(), *count))
        })
    }

    /// Rules: the first match of a rule says most, repeats add by their logarithm up to a bound.
    fn rule_parts(&self, client: &ClientProfile, conduct: Conduct) -> Vec<Part> {
        let mut parts: Vec<Part> = self
            .rule_severities(client, conduct)
            .map(|(severity, name, count)| {
                let (first, most) = match severity {
                    Severity::Hint => (0.1, 0.1),
                    Severity::Notable => (1.5, 3.0),
                    Severity::Severe => (5.2, 7.0),
                    Severity::Certain => (8.0, 9.0),
                };
                let weight = (first + 0.5 * f64::from(count).ln()).min(most);
                Part { kind: Kind::Rule, detector: format!("rule:{name}"), weight, value: f64::from(count) }
            })
            .collect();
        parts.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        // Rules overlap (a scanner's path matches several): each further one counts half of the one before.
        let mut factor = 1.0;
        for part in &mut parts {
            part.weight *= factor;
            factor *= 0.5;
        }
        parts
    }

    /// Whether it is a page left open that asks one interface for what is new, by the clock and mostly in vain: the
    /// place up to which it has read makes every target another one. Nobody walks through anything at one path and
    /// takes so little home.
    fn is_open_page(&self, client: &ClientProfile) -> bool {
        let [(number, _)] = client.actions() else { return false };
        let asks_on = client.own_referer && client.interfaces == client.requests && !client.more_actions;
        let brings_little = self.totals.bytes > 0.0 && client.bytes < u64::from(client.requests) * LITTLE_NEWS;
        let by_the_clock = client.gap_spread().is_some_and(|spread| spread < CLOCK);
        let reads = self.traffic.action_of(*number).is_some_and(|action| !action.writes);
        asks_on && brings_little && by_the_clock && reads && self.is_at_one_path(client)
    }

    fn is_at_one_path(&self, client: &ClientProfile) -> bool {
        let mut paths = client.targets.iter().map(|target| self.traffic.target_text(target).split('?').next());
        let first = paths.next();
        paths.all(|path| Some(path) == first)
    }

    /// The same files fetched whole over and over, by what claims to be a browser: a person keeps what was fetched.
    fn fetched_again(&self, client: &ClientProfile, conduct: Conduct) -> Option<Part> {
        let is_fetch = |number: u32| {
            let action = self.traffic.action_of(number)?;
            let (kind, _) = self.traffic.template_facts(action.template);
            Some(kind == TargetKind::Download && !action.writes && action.outcome != Outcome::Refused)
        };
        let fetches = client.actions().iter().filter(|(number, _)| is_fetch(*number) == Some(true));
        let fetches: u32 = fetches.map(|(_, count)| count).sum();
        if conduct != Conduct::Quiet || fetches < AGAIN || client.revalidated > 0 {
            return None;
        }
        // Under ever new query strings a file is the same one.
        let paths = client.targets.iter().map(|target| self.traffic.target_text(target).split('?').next());
        let files = paths.collect::<HashSet<_>>().len();
        if fetches < 3 * u32::try_from(files).unwrap_or(u32::MAX) {
            return None;
        }
        let weight = if fetches < 2 * AGAIN { 2.5 } else { 4.0 };
        Some(Part { kind: Kind::Burst, detector: "repeat:download".into(), weight, value: fetches.into() })
    }

    /// Distinct targets that are not there and that no person asked for.
    fn probing(&self, client: &ClientProfile) -> Option<Part> {
        if client.missing.len() < FEWEST_PROBES {
            return None;
        }
        let own = client
            .missing
            .iter()
            .filter(|target| self.traffic.whole.broken_links.get(target).is_none_or(|people| *people < 2));
        let own = own.count();
        let count = u32::try_from(own).unwrap_or(u32::MAX);
        let share = f64::from(count) / f64::from(client.requests.max(1));
        let weight = match count {
            _ if own < FEWEST_PROBES => return None,
            _ if share < 0.15 => return None,
            4..=7 => 2.0,
            8..=14 => 4.0,
            _ => 6.0,
        };
        Some(Part { kind: Kind::Probing, detector: "probing:missing-paths".into(), weight, value: f64::from(count) })
    }
}

/// How a client conducts itself: one that lies about being a crawler does not count as one.
fn conduct_of(claim: Claim, client: &ClientProfile) -> Conduct {
    if claim == Claim::False { Conduct::Quiet } else { client.conduct }
}

/// Refused attempts to sign in: people get in at last, and do not try long.
fn login(client: &ClientProfile, conduct: Conduct) -> Option<Part> {
    let refused = client.login_refused;
    if refused < 5 || refused * 10 < client.login_tries * 8 {
        return None;
    }
    let weight = match (refused, conduct) {
        (..=9, Conduct::Person) => 1.0,
        (..=9, _) => 2.5,
        (10..=19, Conduct::Person) => 2.5,
        (10..=19, _) => 4.5,
        _ => 6.0,
    };
    Some(Part { kind: Kind::Login, detector: "login:refused".into(), weight, value: f64::from(refused) })
}

/// The most requests in one minute; what a page loads does not count for those who behave as people.
fn burst(client: &ClientProfile, conduct: Conduct, limits: &Limits) -> Option<Part> {
    if conduct == Conduct::Person && client.assets * 2 >= client.requests {
        return None;
    }
    let broken = client.share(client.s5xx + client.s499) >= 0.15;
    if client.peak_minute < limits.burst {
        return None;
    }
    let weight = match (client.peak_minute / limits.burst.max(1), broken) {
        (..=2, true) => 5.0,
        (..=2, false) => 3.0,
        (_, true) => 7.0,
        (_, false) => 5.5,
    };
    Some(Part { kind: Kind::Burst, detector: "burst:minute".into(), weight, value: f64::from(client.peak_minute) })
}

/// Refused sign-ins over SSH: so many within a minute, or four times as many over longer.
fn sshd(client: &ClientProfile, limits: &Limits) -> Option<Part> {
    let (refused, many) = (client.ssh_refused, limits.ssh_failures);
    let quick = refused >= many && client.peak_minute >= many;
    if !(quick || refused >= many.saturating_mul(4)) || refused * 10 < client.login_tries * 8 {
        return None;
    }
    Some(Part { kind: Kind::Login, detector: "sshd:refused".into(), weight: 4.0, value: f64::from(refused) })
}

/// Much that is about signing in or paying, without the rest of a visit.
fn sensitive(client: &ClientProfile, conduct: Conduct, limits: &Limits) -> Option<Part> {
    let few_others = client.sensitive * 10 >= client.requests * 7;
    if client.sensitive < limits.sensitive || conduct == Conduct::Robot || conduct == Conduct::Person || !few_others {
        return None;
    }
    // A program whose calls succeed does what it is for.
    let weight = match conduct {
        Conduct::Program if client.share(client.s4xx + client.s5xx) < 0.5 => 0.5,
        _ if client.sensitive < limits.sensitive.saturating_mul(3) => 3.5,
        _ => 5.0,
    };
    let value = f64::from(client.sensitive);
    Some(Part { kind: Kind::Burst, detector: "sensitive:requests".into(), weight, value })
}

/// One page again and again, by what claims to be a browser.
fn repeats(client: &ClientProfile, conduct: Conduct) -> Option<Part> {
    let revalidates = client.revalidated * 2 >= client.requests;
    if client.repeats < REPEATS || conduct != Conduct::Quiet || revalidates {
        return None;
    }
    let weight = if client.repeats < 4 * REPEATS { 2.0 } else { 3.5 };
    let value = f64::from(client.repeats);
    Some(Part { kind: Kind::Burst, detector: "repeat:page".into(), weight, value })
}

/// Many different targets, no assets, few kinds of action: walking through a catalogue or through numbers.
fn harvest(client: &ClientProfile, conduct: Conduct) -> Option<Part> {
    // The pieces of a recording follow from one another.
    // What is sent in is no walk.
    let walked = (client.pages + client.interfaces).saturating_sub(client.writes);
    let distinct = u32::try_from(client.targets.len()).unwrap_or(u32::MAX).min(walked);
    if conduct != Conduct::Quiet || distinct < 15 || client.assets * 20 > client.requests {
        return None;
    }
    let regular = client.gap_spread().is_some_and(|spread| spread < CLOCK);
    // Who goes where pages lead it, as people do who have everything else in their caches, may go on for long.
    let by_number = match (distinct, client.walk.is_led()) {
        (..=24, true) => return None,
        (..=24, false) | (25..=59, true) => 2.0,
        (25..=59, false) | (_, true) => 3.5,
        (_, false) => 5.5,
    };
    let weight = by_number + if regular { 1.0 } else { 0.0 };
    Some(Part { kind: Kind::Harvest, detector: "harvest:walk".into(), weight, value: f64::from(distinct) })
}

/// The weight of cohorts: the odds that a member is not one of the innocents. Being alike in a further, different way
/// counts less, because the ways are not quite independent.
fn cohort_parts(memberships: &[Membership]) -> Vec<Part> {
    let mut parts = Vec::new();
    for membership in memberships {
        let share = membership.innocent_share.max(0.002);
        if share > 0.3 {
            break;
        }
        let odds = ((1.0 - share) / share).ln();
        // Who does it again and again cannot have strayed into it.
        let often = 0.3 * f64::from(membership.key.level().saturating_sub(1));
        let weight = if parts.is_empty() { odds + 2.3 + often } else { (odds * 0.5).min(1.5) };
        let detector = format!("cohort:{}", membership.key.word());
        parts.push(Part { kind: Kind::Cohort, detector, weight, value: share });
        if parts.len() == 2 {
            break;
        }
    }
    parts
}

#[cfg(test)]
mod tests;

//! The rules every proposal has to pass, and the ruling they give. Pure arithmetic over what the caller says of the
//! situation: no I/O, no clock.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use jiff::Timestamp;
use serde::Serialize;

use super::{Plan, Proposal, Refusal, Remedy};
use crate::detect::ranges::{never_bannable, overlaps, plain};
use crate::judge::Opinion;

/// The longest ban: a year (8760 h).
pub const MAX_DURATION: Duration = Duration::from_secs(8760 * 3600);

/// What the policy protects and how far it may go.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Never banned, by the settings.
    pub allow_list: Vec<IpNet>,
    /// Proxies whose X-Forwarded-For is believed: banning one bans everybody behind it.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the operator comes from (see [`super::ssh_client`]).
    pub operator: Vec<IpAddr>,
    /// This host's own addresses.
    pub host: Vec<IpAddr>,
    /// The addresses of the source, the model and the LAPI.
    pub services: Vec<IpAddr>,
    /// The widest IPv4 range that may be banned, as a prefix length.
    pub max_prefix_v4: u8,
    /// The widest IPv6 range that may be banned, as a prefix length.
    pub max_prefix_v6: u8,
    /// At most so many new bans per unattended cycle.
    pub max_new_bans: usize,
    /// The circuit breaker: the largest share (0 to 1) of the window's clients that may be hit. One client may always
    /// be.
    pub max_client_share: f64,
    /// An unattended ban needs a yes at least so sure, 0 to 1.
    pub min_confidence: f64,
    /// An unattended ban of a range needs an innocent share at most so large, 0 to 1.
    pub max_innocent_share: f64,
    /// A target that was acted on within this time is not acted on again unattended.
    pub dedup: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            allow_list: Vec::new(),
            trusted_proxies: Vec::new(),
            operator: Vec::new(),
            host: Vec::new(),
            services: Vec::new(),
            max_prefix_v4: 24,
            max_prefix_v6: 48,
            max_new_bans: 5,
            max_client_share: 0.2,
            min_confidence: 0.7,
            max_innocent_share: 0.05,
            dedup: Duration::from_secs(24 * 3600),
        }
    }
}

/// What the caller knows when it proposes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Situation {
    /// Whether nobody is asked: `--auto`.
    pub unattended: bool,
    /// The judge's opinion and confidence; `None` where no model judged (the offline judge's word is not one).
    pub verdict: Option<(Opinion, f64)>,
    /// Whether the verdict cites only evidence that does not exist.
    pub groundless: bool,
    /// Whether the detection's score stands for a verdict: it leads to acting, and the settings let it.
    pub by_score: bool,
    /// Of a range: how many of those in it are innocent, 0 to 1; `None` where nobody counted.
    pub innocent_share: Option<f64>,
    /// Bans made so far in this cycle.
    pub new_bans_so_far: usize,
    /// Distinct clients in the window; 0 where unknown.
    pub clients_in_window: u64,
    /// How many of them this target hits, those hit by this cycle's bans so far counted in.
    pub clients_hit: u64,
    /// When the target was last acted on with success (see `Journal::settled_since`).
    pub last_acted: Option<Timestamp>,
    /// Until when a decision that covers the whole target is already in force.
    pub in_force_until: Option<Timestamp>,
}

/// What becomes of a proposal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// Nothing is done; each rule that stands against it.
    Ignore(Vec<Refusal>),
    /// A person has to confirm this very plan.
    Ask(Plan),
    /// It may be carried out without asking.
    Act(Plan),
}

impl Ruling {
    /// The plan, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Ignore(_) => None,
            Self::Ask(plan) | Self::Act(plan) => Some(plan),
        }
    }
}

impl Rules {
    /// Rules on a proposal. The plan's target is the proposal's without host bits, and as IPv4 where it was an
    /// IPv4-mapped IPv6 range. Attended, a proposal that no rule refuses becomes [`Ruling::Ask`]; unattended it needs
    /// a yes of the judge that is sure enough, or a score that stands for one, and becomes [`Ruling::Act`].
    pub fn decide(&self, proposal: Proposal, situation: &Situation, now: Timestamp) -> Ruling {
        let target = tidy(proposal.target);
        let mut refusals = self.of_target(target);
        refusals.extend(of_form(&proposal));
        refusals.extend(self.of_reach(situation));
        if situation.unattended {
            refusals.extend(self.of_unattended(target, situation, now));
        }
        if !refusals.is_empty() {
            return Ruling::Ignore(refusals);
        }
        let plan = Plan::of(proposal, target, now);
        if situation.unattended { Ruling::Act(plan) } else { Ruling::Ask(plan) }
    }

    /// Every rule that says this address or range must not be touched, whoever asks.
    pub fn of_target(&self, target: IpNet) -> Vec<Refusal> {
        let target = tidy(target);
        let mut refusals: Vec<Refusal> = never_bannable()
            .iter()
            .filter(|(range, _)| touches(&target, range))
            .map(|(range, why)| Refusal::NeverBannable { target, range: *range, why: *why })
            .collect();
        let mut ranges = |ranges: &[IpNet], refusal: fn(IpNet, IpNet) -> Refusal| {
            refusals.extend(ranges.iter().filter(|range| touches(&target, range)).map(|range| refusal(target, *range)));
        };
        ranges(&self.allow_list, |target, range| Refusal::AllowList { target, range });
        ranges(&self.trusted_proxies, |target, range| Refusal::TrustedProxy { target, range });
        let mut addresses = |addresses: &[IpAddr], refusal: fn(IpNet, IpAddr) -> Refusal| {
            let hit = addresses.iter().filter(|address| touches(&target, &IpNet::from(plain(**address))));
            refusals.extend(hit.map(|address| refusal(target, plain(*address))));
        };
        addresses(&self.operator, |target, address| Refusal::Operator { target, address });
        addresses(&self.host, |target, address| Refusal::ThisHost { target, address });
        addresses(&self.services, |target, address| Refusal::Service { target, address });
        let widest = if target.addr().is_ipv4() { self.max_prefix_v4 } else { self.max_prefix_v6 };
        if target.prefix_len() < widest {
            refusals.push(Refusal::TooWide { target, widest });
        }
        refusals
    }

    /// The circuit breaker and the cap of a cycle.
    fn of_reach(&self, situation: &Situation) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if situation.unattended && situation.new_bans_so_far >= self.max_new_bans {
            refusals.push(Refusal::Cap { cap: self.max_new_bans });
        }
        let (hit, clients) = (situation.clients_hit, situation.clients_in_window);
        #[expect(clippy::cast_precision_loss, reason = "counts of clients stay far below 2^53")]
        let (share, allowed) = (hit as f64, self.max_client_share.clamp(0.0, 1.0) * clients as f64);
        // Written so that a share that is not a number allows nothing.
        if hit > 1 && !matches!(share.partial_cmp(&allowed), Some(order) if order.is_le()) {
            refusals.push(Refusal::CircuitBreaker { hit, clients, share: self.max_client_share });
        }
        refusals
    }

    /// What only an unattended run has to show: a verdict that rests on something, and that nobody acted on the target lately.
    fn of_unattended(&self, target: IpNet, situation: &Situation, now: Timestamp) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        match situation.verdict {
            None if situation.by_score => {}
            None => refusals.push(Refusal::NoVerdict),
            Some((Opinion::Yes, confidence)) => {
                // Written so that a confidence that is not a number is not enough either.
                if !matches!(confidence.partial_cmp(&self.min_confidence), Some(order) if order.is_ge()) {
                    refusals.push(Refusal::NotSure { confidence, needed: self.min_confidence });
                }
                if situation.groundless {
                    refusals.push(Refusal::Groundless);
                }
            }
            Some((opinion, _)) => refusals.push(Refusal::NotGuilty { opinion }),
        }
        if target.prefix_len() < target.max_prefix_len() {
            let share = situation.innocent_share.unwrap_or(1.0);
            // Written so that a share that is not a number is too large.
            if !matches!(share.partial_cmp(&self.max_innocent_share), Some(order) if order.is_le()) {
                refusals.push(Refusal::Innocents { target, share, most: self.max_innocent_share });
            }
        }
        if let Some(until) = situation.in_force_until.filter(|until| *until > now) {
            refusals.push(Refusal::InForce { target, until });
        }
        let recent = |at: &Timestamp| at.duration_since(now).unsigned_abs() < self.dedup;
        if let Some(at) = situation.last_acted.filter(recent) {
            refusals.push(Refusal::ActedOn { target, at });
        }
        refusals
    }
}

/// The rules about duration, reason and names.
fn of_form(proposal: &Proposal) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if proposal.duration < Duration::from_secs(1) {
        refusals.push(Refusal::NoDuration);
    } else if proposal.duration > MAX_DURATION {
        refusals.push(Refusal::TooLong {
            hours: proposal.duration.as_secs() / 3600,
            longest: MAX_DURATION.as_secs() / 3600,
        });
    }
    if proposal.reason.trim().is_empty() {
        refusals.push(Refusal::NoReason);
    }
    if !is_name(&proposal.detector) {
        refusals.push(Refusal::BadDetector { name: proposal.detector.clone() });
    }
    if let Remedy::Custom(name) = &proposal.remedy
        && !is_name(name)
    {
        refusals.push(Refusal::BadRemedy { name: name.clone() });
    }
    refusals
}

/// Whether a word may name a detector or a remedy: 1 to 64 of `A-Z a-z 0-9 _ -`.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A range without host bits; one inside `::ffff:0:0/96` as the IPv4 range that it means.
fn tidy(target: IpNet) -> IpNet {
    let target = target.trunc();
    if let IpNet::V6(v6) = target
        && let (Some(address), Some(length)) = (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96))
        && let Ok(v4) = Ipv4Net::new(address, length)
    {
        return IpNet::V4(v4.trunc());
    }
    target
}

/// Whether banning `target` would hit anything of `range`. An IPv6 range wide enough to hold the IPv4-mapped
/// addresses hits every IPv4 range.
fn touches(target: &IpNet, range: &IpNet) -> bool {
    let range = tidy(*range);
    match (target, &range) {
        (IpNet::V6(wide), IpNet::V4(narrow)) => wide.contains(&narrow.addr().to_ipv6_mapped()),
        (IpNet::V4(narrow), IpNet::V6(wide)) => wide.contains(&narrow.addr().to_ipv6_mapped()),
        _ => overlaps(target, &range),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;

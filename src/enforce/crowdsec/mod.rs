//! CrowdSec's Local API, as a machine speaks it: login, alerts with decisions, the list of what is in force, lifting
//! by id. A ban is called done only once it has been read back. It never deletes by anything but an id, because the
//! LAPI takes a deletion without a filter for "everything", and never writes a credentials file.
//!
//! The protocol is that of `pkg/apiserver` in CrowdSec 1.4.6 and 1.7; where they differ from the documentation, this
//! follows the servers.

use std::net::IpAddr;
use std::time::Instant;

use async_trait::async_trait;
use ipnet::IpNet;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};

use super::{ActiveDecision, EnforceError, Enforced, Enforcer, EnforcerStatus, NotApplied};
use crate::detect::ranges::overlaps;
use crate::policy::{Plan, Remedy, short};
use crate::text::escape::visible;

mod alert;
mod http;
mod options;
mod wire;

pub use options::Options;

/// A machine of a LAPI.
pub struct Client {
    lapi: http::Lapi,
}

impl Client {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`EnforceError::NoCredentials`] where the URL or the CA file cannot be used.
    pub fn new(options: &Options) -> Result<Self, EnforceError> {
        Ok(Self { lapi: http::Lapi::new(options)? })
    }

    /// The allow lists with their entries; `None` where the server is too old to have any.
    async fn allow_lists(&self, now: Timestamp) -> Result<Option<Vec<wire::AllowList>>, EnforceError> {
        let answer = self.lapi.get("v1/allowlists", &[("with_content", "true")], now).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.lapi.read::<Option<_>>(&answer).map(|lists| Some(lists.unwrap_or_default()))
    }

    /// Decisions the server does not enforce its allow lists on are ours to check; a range is refused where it holds
    /// a part of an entry too.
    async fn check_allow_lists(&self, target: IpNet, now: Timestamp) -> Result<(), EnforceError> {
        for list in self.allow_lists(now).await?.unwrap_or_default() {
            for item in list.items {
                let Some(entry) = wire::read_target(&item.value) else {
                    return Err(self.lapi.unexpected(&format!("the allow list entry {:?}", item.value)));
                };
                if overlaps(&entry, &target) {
                    let list = visible(&format!("{} of {}", short(&entry), list.name)).into_owned();
                    return Err(EnforceError::AllowListed { target, list });
                }
            }
        }
        Ok(())
    }

    /// Active decisions of alerts that fit the query, newest first.
    async fn list(&self, query: &[(&str, &str)], now: Now) -> Result<Vec<ActiveDecision>, EnforceError> {
        let query = [&[("has_active_decision", "true"), ("limit", "0")], query].concat();
        let answer = self.lapi.get("v1/alerts", &query, now.at()).await?;
        let now = now.at();
        let alerts: Option<Vec<wire::Alert>> = self.lapi.read(&answer)?;
        let mut decisions: Vec<_> =
            alerts.unwrap_or_default().into_iter().flat_map(|alert| alert.active(now)).collect();
        decisions.sort_by_key(|decision| std::cmp::Reverse(decision.id));
        Ok(decisions)
    }

    /// Reads a ban back: by the alert's id, and in the list of what is in force.
    async fn read_back(&self, plan: &Plan, alert: u64, now: Now) -> Result<Vec<ActiveDecision>, EnforceError> {
        let not_applied = |why| EnforceError::NotApplied { target: plan.target(), why };
        let answer = self.lapi.get(&format!("v1/alerts/{alert}"), &[], now.at()).await?;
        let now_read = now.at();
        let alert: wire::Alert = self.lapi.read(&answer)?;
        let any_kind = *plan.remedy() == Remedy::ServerProfile;
        let wanted = |decision: &ActiveDecision| {
            decision.target == Some(plan.target()) && (any_kind || decision.kind == plan.remedy().as_str())
        };
        let mut made: Vec<ActiveDecision> = alert.active(now_read).filter(wanted).collect();
        if made.is_empty() {
            return Err(not_applied(NotApplied::NoDecision));
        }
        if made.iter().all(|decision| decision.simulated) {
            return Err(not_applied(NotApplied::Simulated));
        }
        let value = short(&plan.target());
        let in_force = self.list(&[("value", &value)], now).await?;
        made.retain(|decision| in_force.iter().any(|active| active.id == decision.id));
        if made.is_empty() { Err(not_applied(NotApplied::NotActive)) } else { Ok(made) }
    }

    /// Whether a decision is in force. The short list first: the long one holds the community's blocklist.
    async fn is_in_force(&self, id: u64, now: Now) -> Result<bool, EnforceError> {
        for query in [&[OWN][..], &[]] {
            if self.list(query, now).await?.iter().any(|decision| decision.id == id) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The time that the caller gave, and how long ago: the LAPI says how much of a decision is left, not when it ends.
#[derive(Clone, Copy)]
struct Now {
    given: Timestamp,
    then: Instant,
}

impl Now {
    fn is(given: Timestamp) -> Self {
        Self { given, then: Instant::now() }
    }

    fn at(self) -> Timestamp {
        self.given.saturating_add(self.then.elapsed()).unwrap_or(self.given)
    }
}

/// Leaves out what the community's and third parties' lists decided, as cscli does.
const OWN: (&str, &str) = ("include_capi", "false");

#[async_trait]
impl Enforcer for Client {
    fn is_live(&self) -> bool {
        true
    }

    fn label(&self) -> String {
        self.lapi.address.label()
    }

    fn hosts(&self) -> Vec<String> {
        vec![self.lapi.address.host()]
    }

    async fn status(&self) -> Result<EnforcerStatus, EnforceError> {
        let now = Timestamp::now();
        self.lapi.health().await?;
        self.lapi.log_in(true, now).await?;
        let has_allow_lists = self.allow_lists(now).await?.is_some();
        Ok(EnforcerStatus { label: self.label(), version: None, has_allow_lists })
    }

    async fn check(&self, plan: &Plan, now: Timestamp) -> Result<(), EnforceError> {
        if !plan.is_fresh(now) {
            return Err(EnforceError::Stale { target: plan.target() });
        }
        self.check_allow_lists(plan.target(), now).await
    }

    async fn enforce(&self, plan: &Plan, now: Timestamp) -> Result<Enforced, EnforceError> {
        let clock = Now::is(now);
        self.check(plan, now).await?;
        let body =
            serde_json::to_value([alert::of(plan, now)]).map_err(|error| self.lapi.unexpected(&error.to_string()))?;
        let answer = self.lapi.change(Method::POST, "v1/alerts", Some(&body), now).await?;
        // From here on something was sent: an answer that cannot be understood leaves it open what was done.
        let unconfirmed = |error: EnforceError| match error {
            error @ (EnforceError::NotApplied { .. } | EnforceError::Unconfirmed { .. }) => error,
            error => EnforceError::Unconfirmed { url: self.label(), cause: error.to_string() },
        };
        if !answer.status.is_success() {
            return Err(self.lapi.refused(&answer));
        }
        let ids: Option<Vec<String>> = self.lapi.read(&answer).map_err(unconfirmed)?;
        let alert = match ids.unwrap_or_default().as_slice() {
            [] => return Err(EnforceError::NotApplied { target: plan.target(), why: NotApplied::Dropped }),
            [id] => id.parse().map_err(|_| unconfirmed(self.lapi.unexpected(&format!("the alert id {id:?}"))))?,
            more => return Err(unconfirmed(self.lapi.unexpected(&format!("{} ids for one alert", more.len())))),
        };
        let decisions = self.read_back(plan, alert, clock).await.map_err(unconfirmed)?;
        Ok(Enforced { decisions, rehearsal: false })
    }

    async fn active(&self, target: Option<IpAddr>, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError> {
        let now = Now::is(now);
        let Some(address) = target else { return self.list(&[OWN], now).await };
        let text = crate::detect::ranges::plain(address).to_string();
        let mut decisions = self.list(&[("ip", &text)], now).await?;
        // The server lists every decision of an alert that has one which fits.
        decisions.retain(|decision| decision.covers(address));
        Ok(decisions)
    }

    async fn lift(&self, id: u64, now: Timestamp) -> Result<bool, EnforceError> {
        // The LAPI "deletes" again what has run out, and answers an unknown id with a 500.
        if !self.is_in_force(id, Now::is(now)).await? {
            return Ok(false);
        }
        let answer = self.lapi.change(Method::DELETE, &format!("v1/decisions/{id}"), None, now).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let deleted: wire::Deleted = self.lapi.read(&answer)?;
        Ok(deleted.count.trim() != "0")
    }
}

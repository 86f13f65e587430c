//! The rehearsal: does everything but send. What it would have decided is kept in the journal, so that it shows as
//! active, with its countdown, in another process too. Where a LAPI is configured it is asked (allow lists, what is
//! really in force) but never told anything.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{ActiveDecision, EnforceError, Enforced, Enforcer, EnforcerStatus};
use crate::journal::{Journal, JournalError};
use crate::policy::Plan;

/// Rehearsed decisions are numbered from here on, so that they are never taken for one of the LAPI's.
const FIRST_ID: u64 = 9_000_000_000;

/// Carries plans out without sending anything.
pub struct Rehearsal {
    journal: Arc<Journal>,
    lapi: Option<Arc<dyn Enforcer>>,
}

impl Rehearsal {
    /// Without a LAPI: the demo, or a host where CrowdSec is not set up.
    pub fn new(journal: Arc<Journal>) -> Self {
        Self { journal, lapi: None }
    }

    /// In front of a real LAPI, which is asked but never changed.
    pub fn in_front_of(lapi: Arc<dyn Enforcer>, journal: Arc<Journal>) -> Self {
        Self { journal, lapi: Some(lapi) }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, EnforceError> {
        self.journal.run(work).await.map_err(|cause| EnforceError::Rehearsal { cause })
    }
}

#[async_trait]
impl Enforcer for Rehearsal {
    fn is_live(&self) -> bool {
        false
    }

    fn label(&self) -> String {
        self.lapi.as_ref().map_or_else(|| "rehearsal".to_owned(), |lapi| format!("rehearsal of {}", lapi.label()))
    }

    fn hosts(&self) -> Vec<String> {
        self.lapi.as_ref().map(|lapi| lapi.hosts()).unwrap_or_default()
    }

    async fn status(&self) -> Result<EnforcerStatus, EnforceError> {
        let status = match &self.lapi {
            Some(lapi) => lapi.status().await?,
            None => EnforcerStatus::default(),
        };
        Ok(EnforcerStatus { label: self.label(), ..status })
    }

    async fn check(&self, plan: &Plan, now: Timestamp) -> Result<(), EnforceError> {
        match &self.lapi {
            Some(lapi) => lapi.check(plan, now).await,
            None if plan.is_fresh(now) => Ok(()),
            None => Err(EnforceError::Stale { target: plan.target() }),
        }
    }

    async fn enforce(&self, plan: &Plan, now: Timestamp) -> Result<Enforced, EnforceError> {
        self.check(plan, now).await?;
        let plan = plan.clone();
        let decision = self.run(move |journal| journal.rehearse(&plan, now)).await?;
        Ok(Enforced { decisions: vec![numbered(decision)], rehearsal: true })
    }

    async fn active(&self, target: Option<IpAddr>, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError> {
        let mut decisions = match &self.lapi {
            Some(lapi) => lapi.active(target, now).await?,
            None => Vec::new(),
        };
        let covers = |decision: &ActiveDecision| target.is_none_or(|address| decision.covers(address));
        let rehearsed = self.run(move |journal| journal.rehearsed(now)).await?;
        decisions.splice(0..0, rehearsed.into_iter().rev().map(numbered).filter(covers));
        Ok(decisions)
    }

    async fn lift(&self, id: u64, now: Timestamp) -> Result<bool, EnforceError> {
        if let Some(number) = id.checked_sub(FIRST_ID) {
            return self.run(move |journal| journal.end_rehearsed(number, now)).await;
        }
        // A real decision: say whether it is there, and leave it.
        let active = self.active(None, now).await?;
        Ok(active.iter().any(|decision| decision.id == id))
    }
}

fn numbered(decision: ActiveDecision) -> ActiveDecision {
    ActiveDecision { id: FIRST_ID.saturating_add(decision.id), ..decision }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::policy::{Proposal, Remedy, Rules, Situation};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + second).unwrap()
    }

    fn plan(target: &str) -> Plan {
        let proposal = Proposal {
            target: target.parse().unwrap(),
            remedy: Remedy::Captcha,
            duration: Duration::from_secs(600),
            detector: "manual".to_owned(),
            reason: "because".to_owned(),
            events_count: 3,
            events: Vec::new(),
            first_seen: at(-9),
            last_seen: at(-1),
        };
        Rules::default().decide(proposal, &Situation::default(), at(0)).plan().unwrap().clone()
    }

    /// A LAPI that has one decision, and panics where it is told to change anything.
    struct Untouchable;

    #[async_trait]
    impl Enforcer for Untouchable {
        fn is_live(&self) -> bool {
            true
        }
        fn label(&self) -> String {
            "http://127.0.0.1:8080".to_owned()
        }
        fn hosts(&self) -> Vec<String> {
            vec!["127.0.0.1".to_owned()]
        }
        async fn status(&self) -> Result<EnforcerStatus, EnforceError> {
            Ok(EnforcerStatus { label: self.label(), has_allow_lists: true, ..EnforcerStatus::default() })
        }
        async fn check(&self, plan: &Plan, _: Timestamp) -> Result<(), EnforceError> {
            let listed = "203.0.113.9/32".parse().unwrap();
            if plan.target() == listed {
                return Err(EnforceError::AllowListed { target: listed, list: "office".to_owned() });
            }
            Ok(())
        }
        async fn enforce(&self, _: &Plan, _: Timestamp) -> Result<Enforced, EnforceError> {
            panic!("a rehearsal sent a plan")
        }
        async fn active(&self, _: Option<IpAddr>, _: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError> {
            Ok(vec![ActiveDecision {
                id: 5,
                target: "192.0.2.5/32".parse().ok(),
                scope: "Ip".to_owned(),
                value: "192.0.2.5".to_owned(),
                kind: "ban".to_owned(),
                origin: "crowdsec".to_owned(),
                scenario: "crowdsecurity/ssh-bf".to_owned(),
                reason: String::new(),
                until: at(99),
                simulated: false,
                alert_id: 1,
            }])
        }
        async fn lift(&self, _: u64, _: Timestamp) -> Result<bool, EnforceError> {
            panic!("a rehearsal lifted a decision")
        }
    }

    #[tokio::test]
    async fn a_rehearsed_ban_shows_counts_down_and_can_be_lifted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let rehearsal = Rehearsal::new(Arc::new(Journal::open(&path).unwrap()));
        assert!(!rehearsal.is_live());
        let done = rehearsal.enforce(&plan("203.0.113.9/32"), at(1)).await.unwrap();
        assert!(done.rehearsal);
        assert_eq!((done.decisions[0].kind.as_str(), done.decisions[0].until), ("captcha", at(601)));

        let elsewhere = Rehearsal::new(Arc::new(Journal::open(&path).unwrap()));
        let address = "::ffff:203.0.113.9".parse().ok();
        assert_eq!(elsewhere.active(address, at(2)).await.unwrap(), done.decisions);
        assert_eq!(elsewhere.active("203.0.113.8".parse().ok(), at(2)).await.unwrap(), []);
        assert_eq!(elsewhere.active(None, at(601)).await.unwrap(), [], "it runs out by itself");
        assert!(elsewhere.lift(done.decisions[0].id, at(3)).await.unwrap());
        assert!(!rehearsal.lift(done.decisions[0].id, at(4)).await.unwrap());
        assert_eq!(rehearsal.active(None, at(4)).await.unwrap(), []);
        assert_eq!(
            rehearsal.enforce(&plan("203.0.113.9/32"), at(61)).await.unwrap_err(),
            EnforceError::Stale { target: "203.0.113.9/32".parse().unwrap() }
        );
    }

    #[tokio::test]
    async fn in_front_of_a_real_server_it_asks_and_never_tells() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Arc::new(Journal::open(folder.path().join("journal.db")).unwrap());
        let rehearsal = Rehearsal::in_front_of(Arc::new(Untouchable), journal);
        assert_eq!(rehearsal.label(), "rehearsal of http://127.0.0.1:8080");
        assert_eq!(rehearsal.hosts(), ["127.0.0.1"]);
        assert!(rehearsal.status().await.unwrap().has_allow_lists);
        let refused = rehearsal.enforce(&plan("203.0.113.9/32"), at(1)).await.unwrap_err();
        assert!(matches!(refused, EnforceError::AllowListed { .. }), "{refused:?}");
        let done = rehearsal.enforce(&plan("203.0.113.0/24"), at(1)).await.unwrap();
        let ids: Vec<u64> = rehearsal.active(None, at(2)).await.unwrap().iter().map(|decision| decision.id).collect();
        assert_eq!(ids, [done.decisions[0].id, 5]);
        assert!(rehearsal.lift(5, at(3)).await.unwrap(), "it is there, and stays");
        assert!(!rehearsal.lift(6, at(3)).await.unwrap());
        assert_eq!(rehearsal.active(None, at(3)).await.unwrap().len(), 2);
    }
}

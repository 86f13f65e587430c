//! Acts: the intent is on disk before the enforcer is called, the outcome after. Where it is not known whether an act
//! arrived, the intent stays open until [`Engine::reconcile`] has asked the enforcer's own list, which is the truth.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;

use super::Engine;
use crate::enforce::{ActiveDecision, EnforceError, Enforced};
use crate::journal::{Act, Actor, Intent, IntentId, JournalError, Outcome};
use crate::policy::{Plan, Proposal, Ruling, Situation};
use crate::text::{Lang, Say};

/// Why an act did not happen, or is not known to have happened.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum ActError {
    /// The plan is older than a minute: it has to be made and confirmed again. Nothing was sent.
    Stale {
        /// The plan's target.
        target: IpNet,
    },
    /// The intent could not be written, so nothing was sent.
    Journal(JournalError),
    /// The enforcer failed.
    Enforcer(EnforceError),
    /// The act was done, but its outcome could not be written: the intent stays open, and the next reconciliation
    /// finds the decision in force.
    NotRecorded {
        /// What was done.
        enforced: Box<Enforced>,
        /// Why it could not be written.
        cause: JournalError,
    },
}

impl Say for ActError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Stale { target } => say::stale(lang, target),
            Self::Journal(cause) => say::not_intended(lang, &cause.say(lang)),
            Self::Enforcer(error) => error.say(lang),
            Self::NotRecorded { cause, .. } => say::not_recorded(lang, &cause.say(lang)),
        }
    }
}

/// Who acts where nobody is at the keyboard.
pub const UNATTENDED: &str = "auto";

/// An act of somebody else may be in flight for so long; its intent is left alone until then.
const IN_FLIGHT: Duration = Duration::from_secs(60);

impl Engine {
    /// The policy's ruling on a proposal.
    pub fn propose(&self, proposal: Proposal, situation: &Situation, now: Timestamp) -> Ruling {
        self.settings.rules.decide(proposal, situation, now)
    }

    /// Carries a plan out: intent → enforcer → outcome. In a rehearsal nothing is sent and the journal says so.
    /// Where it is not known whether the ban arrived, the intent stays open for [`Engine::reconcile`].
    ///
    /// # Errors
    /// [`ActError::Stale`] and [`ActError::Journal`]: nothing was sent. [`ActError::Enforcer`]: what the enforcer
    /// says. [`ActError::NotRecorded`]: it was done all the same.
    pub async fn carry_out(&self, plan: &Plan, actor: &Actor, now: Timestamp) -> Result<Enforced, ActError> {
        if !plan.is_fresh(now) {
            return Err(ActError::Stale { target: plan.target() });
        }
        let live = self.enforcer.is_live();
        let (intended, by) = (plan.clone(), actor.clone());
        let intend = self.journal.run(move |journal| journal.intend(&intended, &by, live, now));
        let intent = intend.await.map_err(ActError::Journal)?;
        match self.enforcer.enforce(plan, now).await {
            Ok(enforced) => {
                let ids = enforced.decisions.iter().map(|decision| decision.id).collect();
                let outcome = if enforced.rehearsal { Outcome::Rehearsed } else { Outcome::Done(ids) };
                match self.settle(intent, outcome, now).await {
                    Ok(()) => Ok(enforced),
                    Err(cause) => Err(ActError::NotRecorded { enforced: Box::new(enforced), cause }),
                }
            }
            Err(error) => Err(self.failed(intent, error, now).await),
        }
    }

    /// The decisions in force.
    ///
    /// # Errors
    /// Those of the enforcer.
    pub async fn decisions(&self, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError> {
        self.enforcer.active(None, now).await
    }

    /// Lifts a decision: intent → enforcer → outcome. `Ok(false)` where it was not there any more.
    ///
    /// # Errors
    /// As [`Engine::carry_out`].
    pub async fn lift(&self, decision: &ActiveDecision, actor: &Actor, now: Timestamp) -> Result<bool, ActError> {
        let live = self.enforcer.is_live();
        let (intended, by) = (decision.clone(), actor.clone());
        let intend = self.journal.run(move |journal| journal.intend_lift(&intended, &by, live, now));
        let intent = intend.await.map_err(ActError::Journal)?;
        match self.enforcer.lift(decision.id, now).await {
            Ok(was_there) => {
                let outcome = match (live, was_there) {
                    (false, _) => Outcome::Rehearsed,
                    (true, true) => Outcome::Done(vec![decision.id]),
                    (true, false) => Outcome::FoundMissing,
                };
                let settled = self.settle(intent, outcome, now).await;
                settled.map(|()| was_there).map_err(|cause| {
                    let (decisions, rehearsal) = (Vec::new(), !live);
                    ActError::NotRecorded { enforced: Box::new(Enforced { decisions, rehearsal }), cause }
                })
            }
            Err(error) => Err(self.failed(intent, error, now).await),
        }
    }

    /// Settles the intents that a crash or an unclear failure left open, by the enforcer's own list. Gives those that
    /// were settled now, with their outcome. Nothing is sent. An intent of somebody else that is younger than a
    /// minute may be an act in flight and is left alone; a live intent is left alone in a rehearsal, which cannot
    /// know.
    ///
    /// # Errors
    /// [`ActError::Journal`] and [`ActError::Enforcer`]: the intents stay open.
    pub async fn reconcile(&self, now: Timestamp) -> Result<Vec<Intent>, ActError> {
        let live = self.enforcer.is_live();
        let mut open = self.journal.run(|journal| journal.open_intents()).await.map_err(ActError::Journal)?;
        open.retain(|intent| (live || !intent.live) && !may_be_in_flight(intent, now));
        if open.is_empty() {
            return Ok(open);
        }
        let decisions = self.decisions(now).await.map_err(ActError::Enforcer)?;
        for intent in &mut open {
            let outcome = found(intent, &decisions, live);
            self.settle(intent.id, outcome.clone(), now).await.map_err(ActError::Journal)?;
            intent.outcome = Some(outcome);
        }
        Ok(open)
    }

    async fn settle(&self, intent: IntentId, outcome: Outcome, now: Timestamp) -> Result<(), JournalError> {
        self.journal.run(move |journal| journal.settle(intent, &outcome, now)).await
    }

    /// Settles an act that failed, unless it may have been done all the same. An outcome that cannot be written
    /// leaves the intent open too, which is safe: the server is asked again later.
    async fn failed(&self, intent: IntentId, error: EnforceError, now: Timestamp) -> ActError {
        if !error.maybe_sent() {
            let outcome = Outcome::Failed(error.say(Lang::En));
            if let Err(cause) = self.settle(intent, outcome, now).await {
                tracing::warn!(intent = intent.0, %cause, "the failure of an act could not be recorded");
            }
        }
        ActError::Enforcer(error)
    }
}

impl ActError {
    /// Whether the act may have been done all the same, so that its intent is open.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Enforcer(error) => error.maybe_sent(),
            Self::NotRecorded { .. } => true,
            Self::Stale { .. } | Self::Journal(_) => false,
        }
    }
}

/// Whether another process may be working on it just now. The unattended run's own intents are not: it holds the
/// journal's lock, so that whatever it finds is what a former run left behind.
fn may_be_in_flight(intent: &Intent, now: Timestamp) -> bool {
    intent.actor.user != UNATTENDED && now.duration_since(intent.at).unsigned_abs() < IN_FLIGHT
}

/// What the enforcer's list says of an open intent.
fn found(intent: &Intent, decisions: &[ActiveDecision], live: bool) -> Outcome {
    // A rehearsal's intent, seen by a live run: nothing was ever sent for it.
    if live && !intent.live {
        return Outcome::FoundMissing;
    }
    let is_it = |decision: &&ActiveDecision| match intent.act {
        Act::Enforce => intent.brought(decision),
        Act::Lift => intent.decision_id == Some(decision.id),
    };
    let ids: Vec<u64> = decisions.iter().filter(is_it).map(|decision| decision.id).collect();
    if ids.is_empty() { Outcome::FoundMissing } else { Outcome::FoundInForce(ids) }
}

/// The sentences.
mod say {
    use ipnet::IpNet;

    crate::text::sentences! {
        stale(target: &IpNet) {
            en: "the plan for {target} is older than a minute; nothing was sent. Make it and confirm it again.",
            ko: "{target} 계획이 만든 지 1분이 넘었습니다. 아무것도 보내지 않았습니다. 다시 만들어 확인하세요.",
        }
        not_intended(cause: &str) {
            en: "nothing was sent, because the intent could not be written down first: {cause}",
            ko: "의도를 먼저 기록하지 못해 아무것도 보내지 않았습니다: {cause}",
        }
        not_recorded(cause: &str) {
            en: "it was done, but its outcome could not be written down: {cause} The next run finds it at the server.",
            ko: "실행했지만 결과를 기록하지 못했습니다: {cause} 다음 실행 때 서버에서 확인합니다.",
        }
    }
}

//! Acts: the intent is on disk before the enforcer is called, the outcome after. Where it is not known whether an act
//! arrived, the intent stays open until [`Engine::reconcile`] has asked the enforcer's own list, which is the truth.

use ipnet::IpNet;
use jiff::Timestamp;

use super::Engine;
use crate::enforce::{ActiveDecision, EnforceError, Enforced};
use crate::journal::{Actor, Intent, JournalError};
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
            Self::Journal(cause) => say::not_intended(lang, &cause.to_string()),
            Self::Enforcer(error) => error.to_string(),
            Self::NotRecorded { cause, .. } => say::not_recorded(lang, &cause.to_string()),
        }
    }
}

impl Engine {
    /// The policy's ruling on a proposal.
    pub fn propose(&self, proposal: Proposal, situation: &Situation, now: Timestamp) -> Ruling {
        self.settings.rules.decide(proposal, situation, now)
    }

    /// Carries a plan out: intent → enforcer → outcome. In a rehearsal nothing is sent and the journal says so.
    pub async fn carry_out(&self, plan: &Plan, _actor: &Actor, now: Timestamp) -> Result<Enforced, ActError> {
        self.enforcer.enforce(plan, now).await.map_err(ActError::Enforcer)
    }

    /// The decisions in force.
    pub async fn decisions(&self, now: Timestamp) -> Result<Vec<ActiveDecision>, EnforceError> {
        self.enforcer.active(None, now).await
    }

    /// Lifts a decision: intent → enforcer → outcome. `Ok(false)` where it was not there any more.
    pub async fn lift(&self, decision: &ActiveDecision, _actor: &Actor, now: Timestamp) -> Result<bool, ActError> {
        self.enforcer.lift(decision.id, now).await.map_err(ActError::Enforcer)
    }

    /// Settles the intents that a crash or an unclear failure left open, by the enforcer's own list. Gives those that
    /// were settled now, with their outcome. Nothing is sent.
    pub async fn reconcile(&self, _now: Timestamp) -> Result<Vec<Intent>, ActError> {
        Ok(Vec::new())
    }
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

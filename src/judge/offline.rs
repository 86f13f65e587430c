//! The judge that needs no model: it says what the gates and the signs alone say, and that no model was asked. The
//! same dossier always gets the same words. It says yes only on a sign that no browser gives, never on a gate alone,
//! and never no: thresholds cannot tell that somebody is harmless.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::signs::{self, Sign};
use super::{Dossier, Judge, JudgeError, JudgeProgress, JudgeStatus, Opinion, Verdict};
use crate::detect::gates::Gate;
use crate::text::{Lang, Say};

/// What this judge is called in verdicts, in the journal and on screen.
pub const NAME: &str = "offline";

/// The offline judge.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

impl Offline {
    /// The verdict on a dossier. Pure.
    pub fn verdict(self, dossier: &Dossier, lang: Lang, now: Timestamp) -> Verdict {
        let signs = signs::signs(dossier);
        let deciding = signs.iter().filter(|sign| sign.decides()).count();
        let is_suspect = dossier.suspect.is_suspect();
        let (opinion, confidence) = match deciding {
            0 => (Opinion::Unsure, 0.0),
            _ if !is_suspect => (Opinion::Unsure, 0.3),
            1 => (Opinion::Yes, 0.7),
            2 => (Opinion::Yes, 0.8),
            _ => (Opinion::Yes, 0.9),
        };
        Verdict {
            target: dossier.suspect.target,
            opinion,
            confidence,
            category: category(dossier, &signs).to_owned(),
            reason: reason(dossier, &signs, lang),
            cites: cites(dossier, &signs),
            cites_unknown: Vec::new(),
            judge: NAME.to_owned(),
            note: Some(say::no_model(lang).to_owned()),
            prompt: String::new(),
            raw: String::new(),
            took: Duration::ZERO,
            at: now,
        }
    }
}

/// What the strongest sign says, or else the strongest gate.
fn category(dossier: &Dossier, signs: &[Sign]) -> &'static str {
    let by_gate = || match dossier.suspect.gates.first().map(|hit| hit.gate) {
        Some(Gate::ClientErrors | Gate::Paths) => "enumeration",
        Some(Gate::ServerErrors | Gate::Aborted) => "flood",
        None => "other",
    };
    signs.first().map_or_else(by_gate, Sign::category)
}

/// The gates in one sentence, the strongest sign in another.
fn reason(dossier: &Dossier, signs: &[Sign], lang: Lang) -> String {
    let gates: Vec<String> = dossier.suspect.gates.iter().map(|hit| hit.say(lang)).collect();
    let first = match (&dossier.suspect.exempt, gates.is_empty()) {
        (Some(why), _) => say::exempt(lang, why.label(lang)),
        (None, true) => say::no_gate(lang, dossier.suspect.stats.requests),
        (None, false) => say::gates(lang, dossier.suspect.stats.requests, &gates.join(", ")),
    };
    let second = match signs.first() {
        Some(sign) => say::sign(lang, &sign.say(lang)),
        None => say::no_sign(lang).to_owned(),
    };
    format!("{first} {second}")
}

/// The evidence for the gates and for the signs.
fn cites(dossier: &Dossier, signs: &[Sign]) -> Vec<String> {
    let rests_on = |kind: &str| kind == "gate" || signs.iter().any(|sign| sign.shown_by().contains(&kind));
    dossier.evidence.iter().filter(|one| rests_on(&one.kind)).map(|one| one.id.clone()).collect()
}

#[async_trait]
impl Judge for Offline {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn hosts(&self) -> Vec<String> {
        Vec::new()
    }

    async fn status(&self) -> Result<JudgeStatus, JudgeError> {
        Ok(JudgeStatus { kind: NAME.to_owned(), model_present: true, ..JudgeStatus::default() })
    }

    async fn judge(
        &self,
        dossier: &Dossier,
        lang: Lang,
        now: Timestamp,
        _progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError> {
        Ok(self.verdict(dossier, lang, now))
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        no_model { en: "no model was asked: the gates and rules alone", ko: "모델에 묻지 않음: 게이트와 규칙만으로 설명" }
        no_sign {
            en: "Nothing beyond that tells an attack from an unlucky client.",
            ko: "그 밖에 공격인지 단순한 오류인지 가려낼 근거는 없습니다.",
        }
    }
    crate::text::sentences! {
        gates(requests: u64, gates: &str) {
            en: "{requests} requests passed these gates: {gates}.",
            ko: "요청 {requests}건이 게이트를 넘었습니다: {gates}.",
        }
        no_gate(requests: u64) {
            en: "{requests} requests passed no gate.",
            ko: "요청 {requests}건은 어떤 게이트도 넘지 않았습니다.",
        }
        exempt(why: &str) {
            en: "It is never a suspect ({why}).",
            ko: "용의자가 될 수 없는 주소입니다({why}).",
        }
        sign(sign: &str) { en: "Beyond that, {sign}.", ko: "또한 {sign}." }
    }
}

#[cfg(test)]
#[path = "offline_tests.rs"]
mod tests;

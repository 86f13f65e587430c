//! The judge that needs no model: it says what detection's score and the signs say, and that no model was asked. The
//! same dossier always gets the same words. It says yes where the score does, or where nothing was scored on a sign that
//! no browser gives; never on a gate alone, and never no: thresholds cannot tell that somebody is harmless.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::signs::{self, Sign};
use super::{Dossier, Judge, JudgeError, JudgeProgress, JudgeStatus, Opinion, Verdict};
use crate::detect::gates::Gate;
use crate::detect::replay::Action;
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
        let score = dossier.suspect.score.as_deref();
        let probability = score.filter(|score| score.action.is_some()).map_or(0.0, |score| score.probability);
        let told = score.map(|score| score.action);
        let (opinion, confidence) = match (deciding, told) {
            (0, _) if !dossier.suspect.is_suspect() => (Opinion::Unsure, 0.0),
            _ if !dossier.suspect.is_suspect() => (Opinion::Unsure, 0.3),
            // What was weighed with the whole site in sight says more than what one client's rows look like.
            (_, Some(None | Some(Action::Watch))) => (Opinion::Unsure, probability),
            (0, Some(Some(Action::Ask | Action::Act))) => (Opinion::Yes, probability),
            (0, None) => (Opinion::Unsure, 0.0),
            (1, _) => (Opinion::Yes, probability.max(0.7)),
            (2, _) => (Opinion::Yes, probability.max(0.8)),
            (_, _) => (Opinion::Yes, probability.max(0.9)),
        };
        let asks_only = opinion == Opinion::Yes && deciding == 0;
        Verdict {
            target: dossier.suspect.target,
            opinion,
            confidence,
            asks_only,
            category: category(dossier, &signs).to_owned(),
            reason: reason(dossier, &signs, asks_only, lang),
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

/// The gates in one sentence, the strongest sign and what detection says in another each.
fn reason(dossier: &Dossier, signs: &[Sign], asks_only: bool, lang: Lang) -> String {
    let gates: Vec<String> = dossier.suspect.gates.iter().map(|hit| hit.say(lang)).collect();
    let mut sentences = vec![match (&dossier.suspect.exempt, gates.is_empty()) {
        (Some(why), _) => say::exempt(lang, why.label(lang)),
        (None, true) => say::no_gate(lang, dossier.suspect.stats.requests),
        (None, false) => say::gates(lang, dossier.suspect.stats.requests, &gates.join(", ")),
    }];
    let (detected, seen): (Vec<&Sign>, Vec<&Sign>) =
        signs.iter().partition(|sign| matches!(sign, Sign::Detected { .. }));
    let beyond = |sign: &&Sign| match gates.is_empty() {
        true => say::but(lang, &sign.say(lang)),
        false => say::sign(lang, &sign.say(lang)),
    };
    let mut said = seen.first().into_iter().chain(detected.first());
    sentences.push(said.next().map_or_else(|| say::no_sign(lang).to_owned(), beyond));
    sentences.extend(said.map(|sign| say::also(lang, &sign.say(lang))));
    if asks_only {
        sentences.push(say::asks_only(lang).to_owned());
    }
    sentences.join(" ")
}

/// The evidence for the gates and for the signs.
fn cites(dossier: &Dossier, signs: &[Sign]) -> Vec<String> {
    // That no gate was passed is what a verdict rests on only where there is nothing else.
    let by_gate = !dossier.suspect.gates.is_empty() || signs.is_empty();
    let rests_on = |kind: &str| (by_gate && kind == "gate") || signs.iter().any(|sign| sign.shown_by().contains(&kind));
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
        no_model {
            en: "no model was asked: gates, rules and the score alone",
            ko: "모델에 묻지 않음: 게이트와 규칙, 점수만으로 설명",
        }
        asks_only {
            en: "That is one kind of evidence alone: enough to ask a person, not to act unattended.",
            ko: "한 종류의 근거뿐이라 사람이 확인할 일이며 무인으로 조치할 만큼은 아닙니다.",
        }
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
        but(sign: &str) { en: "But {sign}.", ko: "그러나 {sign}." }
        also(sign: &str) { en: "And {sign}.", ko: "그리고 {sign}." }
    }
}

#[cfg(test)]
#[path = "offline_tests.rs"]
mod tests;

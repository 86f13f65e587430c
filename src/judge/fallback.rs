//! A model where it answers, the offline judge where not: a person always gets an explanation, and its note says why
//! no model gave it. An unattended cycle tells the two apart by [`Verdict::is_by_model`] and does not act on the latter.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::offline::Offline;
use super::{Dossier, Judge, JudgeError, JudgeProgress, JudgeStatus, Verdict};
use crate::text::{Lang, Say};

/// A judge with the offline judge behind it.
pub struct WithFallback {
    model: Arc<dyn Judge>,
}

impl WithFallback {
    /// Puts the offline judge behind `model`.
    pub fn new(model: Arc<dyn Judge>) -> Self {
        Self { model }
    }
}

#[async_trait]
impl Judge for WithFallback {
    fn name(&self) -> String {
        self.model.name()
    }

    fn hosts(&self) -> Vec<String> {
        self.model.hosts()
    }

    /// The model's, an error included: a status line has to show that it is down.
    async fn status(&self) -> Result<JudgeStatus, JudgeError> {
        self.model.status().await
    }

    async fn judge(
        &self,
        dossier: &Dossier,
        lang: Lang,
        now: Timestamp,
        progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError> {
        match self.model.judge(dossier, lang, now, progress).await {
            Ok(verdict) => Ok(verdict),
            Err(error) => {
                let mut verdict = Offline.verdict(dossier, lang, now);
                verdict.note = Some(say::instead(lang, &error.say(lang)));
                Ok(verdict)
            }
        }
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        instead(error: &str) {
            en: "no model judged this, gates, rules and the score alone speak: {error}",
            ko: "모델 판정 없이 게이트와 규칙, 점수만으로 설명합니다: {error}",
        }
    }
}

//! What the judge is doing and what it said, as lines.

use jiff::Timestamp;

use super::sections::{Lines, Piece};
use crate::judge::{JudgeProgress, Opinion, Verdict};
use crate::text::Lang;
use crate::text::escape::visible;
use crate::text::number::{clock, percent};
use crate::text::width::wrap;
use crate::tui::app::Shared;
use crate::tui::theme::Role;

crate::text::words! {
    heading { en: "Judge", ko: "판정" }
    idle { en: "not asked yet: e asks", ko: "아직 묻지 않았습니다: e 키로 묻기" }
    cancelled { en: "stopped; e asks again", ko: "중단했습니다. e 키로 다시 묻기" }
    waiting { en: "asking", ko: "요청 중" }
    loading { en: "loading the model", ko: "모델을 불러오는 중" }
    reading { en: "reading the dossier", ko: "조서를 읽는 중" }
    thinking { en: "thinking", ko: "생각하는 중" }
    answering { en: "answering", ko: "답하는 중" }
    repairing { en: "the answer was broken; asking once more", ko: "답이 깨져 다시 묻는 중" }
    yes { en: "attack", ko: "공격" }
    no { en: "not an attack", ko: "공격 아님" }
    unsure { en: "unsure", ko: "확신 없음" }
    stop { en: "x stops it", ko: "x 중단" }
}

crate::text::sentences! {
    rests_on(ids: &str) { en: "rests on {ids}", ko: "근거: {ids}" }
    made_up(ids: &str) {
        en: "cites {ids}, which do not exist: take the rest with care",
        ko: "존재하지 않는 {ids}을(를) 인용했습니다. 나머지도 주의해서 보세요",
    }
    by(judge: &str, time: &str) { en: "{judge} · {time}", ko: "{judge} · {time}" }
}

/// The state of the judge.
#[derive(Debug)]
pub enum Judging {
    /// Not asked.
    Idle,
    /// At work.
    Running {
        /// Since when.
        since: Timestamp,
        /// What it does.
        phase: Phase,
        /// What it thought so far.
        thought: String,
        /// What it answered so far.
        answer: String,
    },
    /// It answered.
    Done(Box<Verdict>),
    /// It could not.
    Failed(String),
    /// It was stopped.
    Cancelled,
}

/// What a judge at work does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was heard yet.
    Waiting,
    /// The model is loaded.
    Loading,
    /// The prompt is read.
    Reading,
    /// It thinks.
    Thinking,
    /// It answers.
    Answering,
    /// It is asked once more.
    Repairing,
}

/// So much of a thought or an answer is kept while it streams.
const KEPT: usize = 4000;
/// So many lines of it are shown.
const SHOWN: usize = 6;

impl Judging {
    /// It is asked.
    pub const fn begin(now: Timestamp) -> Self {
        Self::Running { since: now, phase: Phase::Waiting, thought: String::new(), answer: String::new() }
    }

    /// Whether it is at work.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// Since when it is at work.
    pub const fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Running { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// It says how far it is.
    pub fn hear(&mut self, progress: JudgeProgress) {
        let Self::Running { phase, thought, answer, .. } = self else { return };
        match progress {
            JudgeProgress::Loading => *phase = Phase::Loading,
            JudgeProgress::Reading => *phase = Phase::Reading,
            JudgeProgress::Thinking(piece) => {
                *phase = Phase::Thinking;
                keep(thought, &piece);
            }
            JudgeProgress::Answer(piece) => {
                *phase = Phase::Answering;
                keep(answer, &piece);
            }
            JudgeProgress::Repairing => {
                *phase = Phase::Repairing;
                answer.clear();
            }
        }
    }

    /// Ids of evidence that the verdict cites.
    pub fn cited(&self) -> &[String] {
        match self {
            Self::Done(verdict) => &verdict.cites,
            _ => &[],
        }
    }

    /// The section, in lines.
    pub fn lines(&self, lines: &mut Lines, shared: &Shared) {
        let lang = shared.lang;
        lines.heading(heading(lang));
        match self {
            Self::Idle => lines.words(idle(lang), Role::Muted),
            Self::Cancelled => lines.words(cancelled(lang), Role::Muted),
            Self::Failed(words) => lines.words(words, Role::Error),
            Self::Done(verdict) => verdict_lines(lines, verdict, shared),
            Self::Running { since, phase, thought, answer } => {
                let time = clock(shared.since(*since));
                lines.push(vec![
                    Piece::new(format!("{} ", phase.label(lang)), Role::Warning),
                    Piece::new(format!("{time} · {}", stop(lang)), Role::Muted),
                ]);
                let text = if answer.is_empty() { thought } else { answer };
                let wrapped = wrap(text.trim_end(), lines.width());
                for line in wrapped.iter().skip(wrapped.len().saturating_sub(SHOWN)) {
                    lines.push(vec![Piece::new(line.clone(), Role::Muted)]);
                }
            }
        }
    }
}

impl Phase {
    const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Waiting => waiting(lang),
            Self::Loading => loading(lang),
            Self::Reading => reading(lang),
            Self::Thinking => thinking(lang),
            Self::Answering => answering(lang),
            Self::Repairing => repairing(lang),
        }
    }
}

/// Adds a piece and drops what is too old to be shown.
fn keep(text: &mut String, piece: &str) {
    text.push_str(piece);
    if text.len() > 2 * KEPT {
        let mut from = text.len() - KEPT;
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text.drain(..from);
    }
}

/// The opinion as a mark, a word and a role.
pub const fn opinion(opinion: Opinion, lang: Lang) -> (&'static str, &'static str, Role) {
    match opinion {
        Opinion::Yes => ("!", yes(lang), Role::VerdictYes),
        Opinion::No => ("·", no(lang), Role::VerdictNo),
        Opinion::Unsure => ("?", unsure(lang), Role::VerdictUnsure),
    }
}

fn verdict_lines(lines: &mut Lines, verdict: &Verdict, shared: &Shared) {
    let lang = shared.lang;
    let (mark, word, role) = opinion(verdict.opinion, lang);
    lines.push(vec![
        Piece::new(format!("{mark} {word} {}", percent(verdict.confidence)), role),
        Piece::new(format!("  {}", visible(&verdict.category)), Role::Text),
    ]);
    lines.words(&verdict.reason, Role::Strong);
    if !verdict.cites.is_empty() {
        lines.words(&rests_on(lang, &visible(&verdict.cites.join(", "))), Role::Muted);
    }
    if !verdict.cites_unknown.is_empty() {
        lines.words(&made_up(lang, &visible(&verdict.cites_unknown.join(", "))), Role::Warning);
    }
    if let Some(note) = &verdict.note {
        lines.words(note, Role::Warning);
    }
    let judge = visible(&verdict.judge);
    let line = if verdict.took.as_secs() > 0 { by(lang, &judge, &clock(verdict.took)) } else { judge.into_owned() };
    lines.words(&line, Role::Muted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_keeps_its_end_only() {
        let mut judging = Judging::begin(Timestamp::UNIX_EPOCH);
        for _ in 0..3000 {
            judging.hear(JudgeProgress::Answer("가나다".to_owned()));
        }
        let Judging::Running { answer, .. } = judging else { panic!("it runs") };
        assert!(answer.len() <= 2 * KEPT && answer.ends_with("가나다"));
    }
}

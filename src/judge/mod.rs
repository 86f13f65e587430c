//! Asks what a dossier means. [`Judge`] has an Ollama implementation and an offline one that speaks from the gates
//! alone. A judge gives an opinion: it never chooses a target, a duration or an act.
//!
//! | file | what it is for |
//! |---|---|
//! | [`prompt`] | the dossier as a model is sent it: escaped, fenced, cut to fit |
//! | [`verdict`] | the answer as it came → a verdict, checked and bounded |
//! | [`ollama`] | the conversation with Ollama over HTTP |
//! | [`signs`] | what in a dossier no browser would do |
//! | [`offline`] | no model: what the gates and the rules alone say |
//! | [`fallback`] | a model where it answers, the offline judge where not |

use std::time::Duration;

use async_trait::async_trait;
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::detect::{Evidence, Suspect, WindowTotals};
use crate::enforce::ActiveDecision;
use crate::logs::{FieldMap, HitSeries, Row, ValueHits, Window};
use crate::text::Lang;

pub mod error;
pub mod fallback;
pub mod offline;
pub mod ollama;
pub mod prompt;
pub mod signs;
pub mod verdict;

#[cfg(test)]
mod testing;

pub use error::JudgeError;

/// All that is known of one suspect: what a person reads and what the judge is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dossier {
    /// Who, with numbers and gates.
    pub suspect: Suspect,
    /// The window it was seen in.
    pub window: Window,
    /// All traffic of that window.
    pub totals: WindowTotals,
    /// Its requests over time.
    pub timeline: HitSeries,
    /// Its most requested paths.
    pub top_paths: Vec<ValueHits>,
    /// Its user agents.
    pub agents: Vec<ValueHits>,
    /// Its methods.
    pub methods: Vec<ValueHits>,
    /// Its response statuses.
    pub statuses: Vec<ValueHits>,
    /// A sample of its rows, newest first.
    pub rows: Vec<Row>,
    /// Which fields of those rows play which part.
    pub fields: FieldMap,
    /// Former verdicts on it, newest first. Their reasons are model text: hostile.
    pub history: Vec<Verdict>,
    /// Decisions in force that cover it.
    pub decisions: Vec<ActiveDecision>,
    /// The numbered evidence a verdict may cite.
    pub evidence: Vec<Evidence>,
    /// Parts that could not be read, said in words; empty for a whole dossier.
    pub gaps: Vec<String>,
}

/// The judge's answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    /// An attack.
    Yes,
    /// Not an attack.
    No,
    /// Cannot tell, or the answer could not be understood.
    Unsure,
}

impl Opinion {
    /// The opinion in a word.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Yes => say::yes(lang),
            Self::No => say::no(lang),
            Self::Unsure => say::unsure(lang),
        }
    }
}

/// What a judge thinks of a dossier. Never carries a target: the judged address is the dossier's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whose dossier this is: set by us, whatever the model wrote.
    pub target: IpNet,
    /// Yes, no, unsure.
    pub opinion: Opinion,
    /// 0 to 1.
    pub confidence: f64,
    /// Whether a yes rests on one kind of evidence alone: enough to tell a person, never to act unattended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_only: bool,
    /// `scanner`, `brute_force`, `flood`, `enumeration`, `exploit`, `scraper`, `benign`, `other`.
    pub category: String,
    /// One or two sentences in the asked language. Model text: hostile.
    pub reason: String,
    /// Ids of evidence it rests on that do exist.
    pub cites: Vec<String>,
    /// Ids it cited that do not exist: a sign that it made things up.
    pub cites_unknown: Vec<String>,
    /// Who judged: `ollama gemma4:e4b`, `offline`.
    pub judge: String,
    /// What was wrong with the answer, where it was repaired or could not be understood.
    pub note: Option<String>,
    /// The prompt as sent; empty for the offline judge.
    pub prompt: String,
    /// The answer as it came.
    pub raw: String,
    /// How long it took.
    #[serde(with = "millis")]
    pub took: Duration,
    /// When.
    pub at: Timestamp,
}

impl Verdict {
    /// Whether all that it cites was made up. A verdict without citations is none of these: it claims nothing.
    pub fn is_groundless(&self) -> bool {
        self.cites.is_empty() && !self.cites_unknown.is_empty()
    }

    /// Whether a model gave it. On the offline judge's word alone nobody is banned unattended unless the settings say so.
    pub fn is_by_model(&self) -> bool {
        self.judge != offline::NAME
    }
}

/// The categories a verdict may have; anything else a model says becomes `other`.
pub const CATEGORIES: [&str; 8] =
    ["scanner", "brute_force", "flood", "enumeration", "exploit", "scraper", "benign", "other"];

/// What a judge tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JudgeProgress {
    /// The model is being loaded into memory.
    Loading,
    /// The model reads the prompt.
    Reading,
    /// A piece of its thinking. Hostile text.
    Thinking(String),
    /// A piece of its answer. Hostile text.
    Answer(String),
    /// The answer was broken and is asked for once more.
    Repairing,
}

/// How a judge is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JudgeStatus {
    /// `ollama`, `offline`.
    pub kind: String,
    /// The model in use; empty for the offline judge.
    pub model: String,
    /// Whether the model is installed there.
    pub model_present: bool,
    /// The models that are installed.
    pub installed: Vec<String>,
    /// The server's version.
    pub version: String,
}

/// Gives an opinion on a dossier. Dropping the future cancels, at the server too.
#[async_trait]
pub trait Judge: Send + Sync + 'static {
    /// A short name for the status line: `ollama gemma4:e4b`, `offline`.
    fn name(&self) -> String;

    /// Hosts it is reached at; the policy never bans what they resolve to.
    fn hosts(&self) -> Vec<String>;

    /// Whether it answers, and with what.
    async fn status(&self) -> Result<JudgeStatus, JudgeError>;

    /// Judges. An answer that cannot be understood is `Ok` with [`Opinion::Unsure`]; `Err` means there was none.
    async fn judge(
        &self,
        dossier: &Dossier,
        lang: Lang,
        now: Timestamp,
        progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError>;
}

/// Durations as whole milliseconds in JSON.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// The words.
mod say {
    crate::text::words! {
        yes { en: "yes", ko: "공격" }
        no { en: "no", ko: "공격 아님" }
        unsure { en: "unsure", ko: "불확실" }
    }
}

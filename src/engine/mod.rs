//! The investigation itself: survey → dossier → judge → decide → enforce → record, as plain async functions over the
//! traits. The console, the subcommands and `--auto` all call these; nothing here names a server or a screen.
//!
//! | file | what it answers |
//! |---|---|
//! | [`requests`] | a range's requests, row by row or out of one aggregation |
//! | [`detection`] | everybody's score, with a memory from window to window |
//! | `claims` | whether those that call themselves crawlers are, by their names in the DNS |
//! | [`survey`] | who hurts: gates and scores, one client's numbers, the histogram |
//! | [`costs`] | what clients cost against their share of the requests |
//! | [`dossier`] | all that is known of one suspect, and the judge's opinion of it |
//! | [`impact`] | whom a ban of this target would have hit |
//! | [`many`] | the same for many targets that are confirmed together |
//! | [`events`] | which series are out of what their rules allow, and who caused it |
//! | [`forest`] | the model of the site's usual clients: trained, kept, compared |
//! | [`act`] | intent → enforcer → outcome, lifting, and what a crash left open |
//! | [`cycle`] | all of it once, unattended |
//! | [`report`] | what a cycle saw and did, for people and machines |

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::detect::baseline::Baselines;
use crate::detect::gates::GateLimits;
use crate::detect::replay::Thresholds;
use crate::detect::rules::RuleSet;
use crate::dns::Resolver;
use crate::enforce::Enforcer;
use crate::journal::Journal;
use crate::judge::Judge;
use crate::logs::LogSource;
use crate::policy::{Remedy, Rules};
use crate::text::Lang;

pub mod act;
mod claims;
pub mod costs;
pub mod cycle;
pub mod detection;
pub mod dossier;
pub mod events;
mod evidence;
pub mod forest;
pub mod impact;
pub mod many;
pub mod report;
pub mod requests;
pub mod survey;

pub use act::ActError;
pub use impact::{Impact, Prepared};
pub use report::Report;
pub use survey::Scope;

/// What the engine works with, by the settings.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// The language of reasons and reports.
    pub lang: Lang,
    /// A LogsQL filter that picks the access-log rows out of the source (`log_type:access`); `*` for all.
    pub base_filter: String,
    /// A LogsQL filter that picks sshd's rows out of a server; empty where their sign-ins are not counted.
    pub sshd: String,
    /// How far back an unattended cycle looks.
    pub window: Duration,
    /// Where its window ends, for a log that was recorded; `None` for now.
    pub window_end: Option<Timestamp>,
    /// The thresholds.
    pub gates: GateLimits,
    /// From which probability on a score leads to what.
    pub thresholds: Thresholds,
    /// The rules that requests are held against.
    pub rule_set: &'static RuleSet,
    /// The series that are watched, with their rules.
    pub baselines: Arc<Baselines>,
    /// The isolation forest.
    pub forest: Arc<forest::Forest>,
    /// Who is asked for the names of those that claim to be crawlers; `None` asks nobody.
    pub resolver: Option<Arc<dyn Resolver>>,
    /// At most so many rows in a gate table.
    pub max_table_rows: usize,
    /// At most so many suspects judged per unattended cycle.
    pub max_candidates: usize,
    /// What is done to a suspect that is banned.
    pub remedy: Remedy,
    /// How long a ban lasts.
    pub ban_duration: Duration,
    /// Whether an unattended cycle may act on the offline judge's opinion, which is the gates' alone. Off unless the
    /// operator says so: a model that is down must not turn thresholds into bans.
    pub trust_offline: bool,
    /// Whether an unattended cycle may act on a score that leads to it, without a verdict. Off unless the operator says
    /// so, for the same reason.
    pub trust_score: bool,
    /// What the policy protects and how far it may go; the allow list, the trusted proxies and the time of dedup are
    /// kept here and nowhere else.
    pub rules: Rules,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            lang: Lang::En,
            base_filter: "*".to_owned(),
            sshd: "*".to_owned(),
            window: Duration::from_secs(5 * 60),
            window_end: None,
            gates: GateLimits::default(),
            thresholds: Thresholds::default(),
            rule_set: RuleSet::shipped(),
            baselines: Arc::default(),
            forest: Arc::default(),
            resolver: None,
            max_table_rows: 500,
            max_candidates: 5,
            remedy: Remedy::Ban,
            ban_duration: Duration::from_secs(4 * 3600),
            trust_offline: false,
            trust_score: false,
            rules: Rules::default(),
        }
    }
}

/// The parts an investigation needs, behind their traits.
#[derive(Clone)]
pub struct Engine {
    /// Where rows come from.
    pub source: Arc<dyn LogSource>,
    /// Who gives an opinion.
    pub judge: Arc<dyn Judge>,
    /// Who carries plans out.
    pub enforcer: Arc<dyn Enforcer>,
    /// The memory.
    pub journal: Arc<Journal>,
    /// The settings.
    pub settings: Arc<EngineSettings>,
    /// What detection remembers of the last hour; clones share it.
    pub recollection: detection::Shared,
}

impl Engine {
    /// The same, speaking another language from here on.
    pub fn speaking(&self, lang: Lang) -> Self {
        if self.settings.lang == lang {
            return self.clone();
        }
        let settings = Arc::new(EngineSettings { lang, ..(*self.settings).clone() });
        Self { settings, ..self.clone() }
    }
}

/// The time now; the only clock the engine reads, so that tests can set it.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

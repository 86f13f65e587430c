//! The investigation itself: survey → dossier → judge → decide → enforce → record, as plain async functions over the
//! traits. The console, the subcommands and `--auto` all call these; nothing here names a server or a screen.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;

use crate::detect::gates::GateLimits;
use crate::enforce::Enforcer;
use crate::journal::Journal;
use crate::judge::Judge;
use crate::logs::LogSource;
use crate::text::Lang;

/// What the engine works with, by the settings.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// The language of reasons and reports.
    pub lang: Lang,
    /// A LogsQL filter that picks the access-log rows out of the source (`log_type:access`); `*` for all.
    pub base_filter: String,
    /// The thresholds.
    pub gates: GateLimits,
    /// At most so many rows in a gate table.
    pub max_table_rows: usize,
    /// At most so many suspects judged per unattended cycle, and so many new bans.
    pub max_candidates: usize,
    /// How long a ban lasts.
    pub ban_duration: Duration,
    /// An address judged within this time is not judged again unattended.
    pub dedup: Duration,
    /// Never suspects, never banned.
    pub allow_list: Vec<IpNet>,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
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

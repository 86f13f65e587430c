//! What the update asks for and what comes back: plain data, so that a test can read it. Carried out by
//! [`super::runtime`] and [`super::work`], never here.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::detect::baseline::Event;
use crate::detect::{Survey, Suspect};
use crate::enforce::{ActiveDecision, EnforceError, Enforced, EnforcerStatus};
use crate::engine::costs::Costs;
use crate::engine::events::Chart;
use crate::engine::many::PreparedMany;
use crate::engine::{ActError, Prepared, Scope};
use crate::journal::JournalError;
use crate::judge::{Dossier, JudgeError, JudgeProgress, JudgeStatus, Verdict};
use crate::logs::{HitSeries, SourceError, SourceStatus, Window};
use crate::policy::{Plan, Proposal};
use crate::text::Lang;

use super::views::query;

/// A place for one task. Starting in it replaces, and so cancels, the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The gate table.
    Survey,
    /// The histogram of the window.
    Histogram,
    /// The dossier's numbers and rows.
    Dossier,
    /// The judge.
    Judge,
    /// Active decisions.
    Decisions,
    /// Verdicts of the clients in the gate table.
    Verdicts,
    /// The plan that the ban form shows, with what it would have stopped.
    Plan,
    /// How source, model and LAPI are doing.
    Health,
    /// The clipboard.
    Copy,
    /// Looking at the series.
    Events,
    /// The journal's events, read or changed.
    Event,
    /// The chart of an event.
    Chart,
    /// What clients cost.
    Costs,
    /// The Query view's own.
    Query(query::Slot),
}

/// What a task is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Reads the gate table.
    Survey {
        /// The range.
        window: Window,
        /// Only those that pass, or the top clients too.
        scope: Scope,
    },
    /// Reads the histogram by status class.
    Histogram {
        /// The range.
        window: Window,
        /// The length of a bucket.
        step: Duration,
    },
    /// Reads all about one suspect.
    Dossier {
        /// Who.
        client: IpAddr,
        /// Its numbers, where the gate table has them.
        known: Option<Box<Suspect>>,
        /// The range.
        window: Window,
        /// What its sentences are in.
        lang: Lang,
    },
    /// Asks the judge, who answers in a language.
    Judge(Box<Dossier>, Lang),
    /// Lists active decisions.
    Decisions,
    /// Looks up the newest verdict of each.
    Verdicts(Vec<IpNet>),
    /// Has the policy rule on a proposal, with its impact on the last hour.
    Plan(Box<Proposal>),
    /// The same of many, each counted in for those after it.
    Plans(Vec<Proposal>),
    /// Asks all three servers how they are.
    Health,
    /// Puts text on the clipboard.
    Copy(String),
    /// Looks at the watched series of a range and lists the events.
    WatchSeries(Window),
    /// Lists the events.
    Events,
    /// Acknowledges an event, or resolves it, and lists the events.
    SettleEvent {
        /// Its number.
        id: i64,
        /// Resolve.
        resolve: bool,
    },
    /// Reads what clients cost.
    Costs(Window),
    /// Reads the points of an event's series.
    Chart(Box<Event>, Window),
    /// The Query view's own.
    Query(query::Request),
}

/// An act on the world outside: never replaced, never cancelled, waited for at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Carries a plan out.
    Enforce(Box<Plan>),
    /// Lifts a decision.
    Lift(Box<ActiveDecision>),
}

/// What the update asks the runtime for.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Begins a task in a slot, after a pause.
    Start {
        /// Where.
        slot: Slot,
        /// What.
        request: Request,
        /// The pause; a task that is replaced in it never begins.
        after: Duration,
    },
    /// Drops the task of a slot.
    Cancel(Slot),
    /// Acts.
    Act(Act),
    /// Gives the terminal back and stops the process until it is continued.
    Suspend,
    /// Draws everything anew.
    Repaint,
    /// Takes the mouse or gives it back.
    Mouse(bool),
}

impl Effect {
    /// Begins a task at once.
    pub fn start(slot: Slot, request: Request) -> Self {
        Self::Start { slot, request, after: Duration::ZERO }
    }

    /// Begins a task after a pause: for work that follows typing.
    pub fn after(pause: Duration, slot: Slot, request: Request) -> Self {
        Self::Start { slot, request, after: pause }
    }
}

/// How the servers are doing.
#[derive(Debug)]
pub struct Health {
    /// The source.
    pub source: Result<SourceStatus, SourceError>,
    /// The model.
    pub judge: Result<JudgeStatus, JudgeError>,
    /// The LAPI.
    pub enforcer: Result<EnforcerStatus, EnforceError>,
}

/// What comes back.
#[derive(Debug)]
pub enum Reply {
    /// The gate table.
    Survey(Result<Survey, SourceError>),
    /// The histogram.
    Histogram {
        /// The range asked for.
        window: Window,
        /// The length of a bucket.
        step: Duration,
        /// The series by status class.
        series: Result<Vec<HitSeries>, SourceError>,
    },
    /// The dossier.
    Dossier(Result<Box<Dossier>, SourceError>),
    /// The judge is at work.
    Judging(JudgeProgress),
    /// The judge is done.
    Judged(Result<Box<Verdict>, JudgeError>),
    /// Active decisions.
    Decisions(Result<Vec<ActiveDecision>, EnforceError>),
    /// The newest verdict of each client that has one.
    Verdicts(Result<Vec<Verdict>, JournalError>),
    /// A proposal was ruled on.
    Plan(Box<Prepared>),
    /// Many proposals were ruled on.
    Plans(Box<PreparedMany>),
    /// A plan was carried out, or not.
    Enforced(Box<Plan>, Result<Enforced, ActError>),
    /// A decision was lifted (`true`), was gone already (`false`), or not.
    Lifted(Box<ActiveDecision>, Result<bool, ActError>),
    /// How the servers are doing.
    Health(Box<Health>),
    /// Where the copied text went, said in words.
    Copied(Result<super::clipboard::Way, String>),
    /// The events of the journal; `failures` are those of the series, where they were looked at.
    Events {
        /// The events, the newest first.
        events: Result<Vec<Event>, JournalError>,
        /// What could not be read, in words.
        failures: Option<Vec<String>>,
    },
    /// What clients cost; `None` where the log does not say.
    Costs(Result<Option<Costs>, SourceError>),
    /// The chart of an event.
    Chart(i64, Result<Chart, SourceError>),
    /// The Query view's own.
    Query(query::Reply),
    /// A task panicked: its slot (`None` for an act) and the message.
    Broken(Option<Slot>, String),
}

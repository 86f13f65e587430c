//! The engine without a screen: one cycle, or one after another on the clock. One run per journal, which a lock sees
//! to; reports on standard output, log lines on standard error. It ends after the act in flight and never opens a
//! terminal.
//!
//! | how it ended | exit code |
//! |---|---|
//! | all was done; with `--every`: SIGTERM between two cycles | 0 |
//! | nothing could be done: the source did not answer | 1 |
//! | done in part: a server was down, the journal could not be written | 3 |
//! | a rehearsal that would have acted | 10 |
//! | another run holds the journal's lock | 75 |
//! | SIGINT, or SIGTERM in the middle of a cycle | 130 |

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::exit::Exit;
use crate::engine::report::End;
use crate::engine::{Clock, Engine, Report};
use crate::logs::Window;
use crate::text::escape::visible;
use crate::text::json;
use crate::text::{Lang, Say};

pub mod lock;
pub mod schedule;
pub mod stop;
pub mod units;

pub use lock::Lock;
pub use stop::Stop;
pub use units::units;

/// How an unattended run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Repeat at this interval, aligned to the clock; `None` for one cycle.
    pub every: Option<Duration>,
    /// Reports as JSON, one a line, instead of tables.
    pub json: bool,
    /// Records of the journal older than this are pruned.
    pub keep: Duration,
}

/// Why an unattended run did not begin, or could not go on.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum AutoError {
    /// Another run works with the same journal.
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, where it says so.
        pid: Option<u32>,
    },
    /// The lock file cannot be made.
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// The signals cannot be listened for.
    Signals {
        /// The system's words.
        cause: String,
    },
    /// The report cannot be written.
    Output(io::Error),
}

impl AutoError {
    /// The exit code that it means.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Held { .. } => Exit::Locked,
            Self::Lock { .. } | Self::Signals { .. } | Self::Output(_) => Exit::Failed,
        }
    }
}

impl Say for AutoError {
    fn say(&self, lang: Lang) -> String {
        let shown = |path: &PathBuf| visible(&path.display().to_string()).into_owned();
        match self {
            Self::Held { path, pid: Some(pid) } => say::held_by(lang, &shown(path), *pid),
            Self::Held { path, pid: None } => say::held(lang, &shown(path)),
            Self::Lock { path, cause } => say::lock(lang, &shown(path), &visible(cause)),
            Self::Signals { cause } => say::signals(lang, &visible(cause)),
            Self::Output(cause) => say::output(lang, &visible(&cause.to_string())),
        }
    }
}

/// Runs unattended until it is done or told to stop, and writes a report after each cycle.
///
/// # Errors
/// [`AutoError`]; what goes wrong inside a cycle is in its report and in the exit code.
pub async fn run(
    engine: &Engine,
    options: &Options,
    clock: &dyn Clock,
    stop: &Stop,
    out: &mut (dyn Write + Send),
) -> Result<Exit, AutoError> {
    let _lock = Lock::take(engine.journal.path())?;
    let Some(every) = options.every else {
        let report = cycle(engine, options, clock, stop, out).await?;
        return Ok(exit_of(report.end()));
    };
    loop {
        let report = cycle(engine, options, clock, stop, out).await?;
        if report.stopped || !schedule::wait(clock, every, stop).await {
            let idle = !report.stopped && stop.is_gentle();
            return Ok(if idle { Exit::Done } else { Exit::Interrupted });
        }
    }
}

/// One cycle with its report; old records go first.
async fn cycle(
    engine: &Engine,
    options: &Options,
    clock: &dyn Clock,
    stop: &Stop,
    out: &mut (dyn Write + Send),
) -> Result<Report, AutoError> {
    let before = Window::ending(clock.now(), options.keep).start;
    match engine.journal.run(move |journal| journal.prune(before)).await {
        Ok(0) => {}
        Ok(pruned) => tracing::info!(pruned, "old records of the journal deleted"),
        Err(error) => tracing::warn!(%error, "old records of the journal could not be deleted"),
    }
    let report = engine.cycle(clock, stop.token()).await;
    write(&report, options, engine.settings.lang, out).map_err(AutoError::Output)?;
    Ok(report)
}

fn write(report: &Report, options: &Options, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    if options.json {
        json::write_line(&mut *out, report)?;
    } else {
        writeln!(out, "{}", report.table(lang))?;
    }
    out.flush()
}

fn exit_of(end: End) -> Exit {
    match end {
        End::Done => Exit::Done,
        End::WouldAct => Exit::WouldAct,
        End::Partly => Exit::Partly,
        End::Failed => Exit::Failed,
        End::Stopped => Exit::Interrupted,
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        held_by(path: &str, pid: u32) {
            en: "another unattended run (process {pid}) works with this journal; its lock is {path}",
            ko: "다른 무인 실행(프로세스 {pid})이 이 저널을 쓰고 있습니다. 잠금 파일: {path}",
        }
        held(path: &str) {
            en: "another unattended run works with this journal; its lock is {path}",
            ko: "다른 무인 실행이 이 저널을 쓰고 있습니다. 잠금 파일: {path}",
        }
        lock(path: &str, cause: &str) {
            en: "the lock {path} cannot be taken: {cause}. Check the folder's rights, or name another journal with --journal.",
            ko: "잠금 파일 {path}을(를) 쓸 수 없습니다: {cause}. 폴더 권한을 확인하거나 --journal로 다른 저널을 지정하세요.",
        }
        signals(cause: &str) {
            en: "signals cannot be listened for: {cause}",
            ko: "시그널을 받을 수 없습니다: {cause}",
        }
        output(cause: &str) {
            en: "the report cannot be written: {cause}. What was done is in the journal.",
            ko: "보고서를 쓸 수 없습니다: {cause}. 실행한 내용은 저널에 있습니다.",
        }
    }
}

#[cfg(test)]
mod tests;

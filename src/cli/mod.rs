//! The command line: one file per subcommand, each a thin layer over the library that ends in an exit code. Data goes
//! to standard output, log lines and messages to standard error. Holds no logic of its own.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ArgMatches;
use clap::error::ErrorKind;

use crate::config::{self, Colour, LangChoice, Loaded, Places};
use crate::text::Lang;

mod ancestors;
pub mod args;
mod auto;
mod backtest;
mod ban;
mod console;
mod costs;
mod decisions;
mod demo;
mod detect;
mod doctor;
mod events;
pub mod exit;
mod explain;
pub mod failure;
mod forest;
mod logging;
mod logsql;
mod manual;
mod nosource;
pub mod output;
mod query;
mod rows;
mod settings;
mod simulate;
mod suspects;
mod target;
pub mod timerange;
mod unread;
mod usage;
pub mod wiring;

use exit::Exit;
use failure::{Failure, OrFail as _};
use output::{Format, Output};

/// What every subcommand works with.
pub struct Run {
    /// The settings in force.
    pub loaded: Loaded,
    /// The language of everything shown.
    pub lang: Lang,
    /// Standard output.
    pub out: Output,
    /// Whether an act is in flight, which an interrupt lets end.
    acting: Arc<AtomicBool>,
}

impl Run {
    /// A message for people on standard error; the caller has escaped what strangers wrote.
    pub fn note(&self, message: &str) {
        // There is nowhere left to report a failure of standard error.
        let _ = writeln!(std::io::stderr(), "{message}");
    }

    /// Marks that an act is in flight until the guard is dropped: an interrupt then waits for its end.
    pub fn act(&self) -> Acting {
        self.acting.store(true, Ordering::SeqCst);
        Acting(Arc::clone(&self.acting))
    }
}

/// An act is in flight while this lives.
pub struct Acting(Arc<AtomicBool>);

impl Drop for Acting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Runs the program: the command line → a mode → an exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let lang = early_language(&args);
    let matches = match args::command(lang).try_get_matches_from(&args) {
        Ok(matches) => matches,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A reader that went away is no failure.
            let _ = error.print();
            return Exit::Done.into();
        }
        Err(error) => return end(Err(Failure::usage(usage::message(&error, lang)))),
    };
    end(start(&matches, lang))
}

/// The message of a failure on standard error, and the code.
fn end(result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(Failure::BrokenPipe) => Exit::Done.into(),
        Err(Failure::Message(exit, message)) => {
            // There is nowhere left to report a failure of standard error.
            let _ = writeln!(std::io::stderr(), "gatewatch: {message}");
            exit.into()
        }
    }
}

/// Reads the settings and runs the command.
fn start(matches: &ArgMatches, early: Lang) -> Result<Exit, Failure> {
    let levels = levels(matches);
    let deepest = levels.last().map_or(matches, |level| level);
    let names: Vec<&str> =
        std::iter::successors(matches.subcommand(), |(_, sub)| sub.subcommand()).map(|(name, _)| name).collect();
    let named = deepest.get_one::<String>("config").map(PathBuf::from);
    // These need no settings: they have to work where the settings are wrong.
    match names.as_slice() {
        ["completions"] => return manual::completions(early, deepest),
        ["man"] => return manual::man(early, deepest),
        ["config", "rules"] => return settings::rules(early, deepest),
        ["config", "init"] => return settings::init(early, named, deepest),
        _ => {}
    }
    let flags = args::given_settings(&levels).map_err(|pair| Failure::usage(say::bad_set(early, &pair)))?;
    let profile = deepest.get_one::<String>("profile").cloned();
    let loaded = config::load(&Places { file: named, profile, env: &environment, flags }).or_usage(early)?;
    let lang = language(&loaded);
    let format = deepest.get_one::<String>("output").and_then(|name| Format::named(name)).unwrap_or(Format::Table);
    let no_colour = loaded.settings.general.colour == Colour::Never
        || (loaded.settings.general.colour == Colour::Auto && environment("NO_COLOR").is_some_and(|v| !v.is_empty()));
    let acting = Arc::new(AtomicBool::new(false));
    let mut run = Run { lang, out: Output::stdout(format, lang, no_colour), loaded, acting: Arc::clone(&acting) };
    let is_console = matches!(names.as_slice(), [] | ["demo"])
        && !deepest.try_get_one::<bool>("auto").ok().flatten().is_some_and(|auto| *auto);
    logging::init(deepest.get_count("verbose"), is_console);
    let done = match names.as_slice() {
        ["config", "show"] => settings::show(&mut run),
        ["config", "check"] => settings::check(&mut run),
        ["config", "path"] => settings::path(&mut run),
        ["logsql", tool] => logsql::run(&mut run, tool, deepest),
        // It waits for its input: a signal ends it as it ends any filter.
        ["detect"] => detect::run(&mut run, deepest),
        // These have the signals themselves: the console gives the terminal back, an unattended run ends its act.
        [] if deepest.get_flag("auto") => with_runtime(auto::run(&mut run, deepest)),
        [] => with_runtime(console::run(&mut run, deepest)),
        ["demo"] => with_runtime(demo::run(&mut run, deepest)),
        names => with_runtime(interruptible(command(&mut run, names, deepest), acting)),
    };
    // What was printed before a failure is part of the answer.
    let flushed = run.out.flush();
    let exit = done?;
    flushed?;
    Ok(exit)
}

/// Runs a future on a runtime of its own. What still blocks at the end (a read of standard input) is left behind.
fn with_runtime(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// Ends a command at Ctrl+C or SIGTERM; an act in flight is let end first.
async fn interruptible(
    work: impl Future<Output = Result<Exit, Failure>>,
    acting: Arc<AtomicBool>,
) -> Result<Exit, Failure> {
    // Both are caught before the work begins, so that a signal in its first moments ends it in order too.
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => done,
        () = async { tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => () } } => {
            if acting.load(Ordering::SeqCst) {
                work.await?;
            }
            Ok(Exit::Interrupted)
        }
    }
}

async fn command(run: &mut Run, names: &[&str], matches: &ArgMatches) -> Result<Exit, Failure> {
    match names {
        ["query"] => query::run(run, matches).await,
        ["suspects"] => suspects::run(run, matches).await,
        ["explain"] => explain::run(run, matches).await,
        ["ban"] => ban::ban(run, matches).await,
        ["unban"] => ban::unban(run, matches).await,
        ["decisions"] => decisions::run(run, matches).await,
        ["events"] => events::list(run, matches).await,
        ["events", "check"] => events::check(run, matches).await,
        ["events", "ack"] => events::acknowledge(run, matches).await,
        ["events", "resolve"] => events::resolve(run, matches).await,
        ["forest", "train"] => forest::train(run, matches).await,
        ["forest", "show"] => forest::show(run, matches).await,
        ["backtest"] => backtest::run(run, matches).await,
        ["simulate"] => simulate::run(run, matches).await,
        ["doctor"] => doctor::run(run).await,
        _ => Ok(Exit::Failed),
    }
}

/// The matches of the root, of its subcommand, and so on down.
fn levels(matches: &ArgMatches) -> Vec<&ArgMatches> {
    std::iter::successors(Some(matches), |level| level.subcommand().map(|(_, sub)| sub)).collect()
}

/// A variable of the environment; one that is not UTF-8 counts as not set.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The language before the settings are read, for help and for mistakes on the command line: `--lang`, then
/// `GATEWATCH_LANG`, then the locale.
fn early_language(args: &[OsString]) -> Lang {
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    let mut given = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--lang") {
            Some("") => given = words.next(),
            Some(value) if value.starts_with('=') => given = Some(&value[1..]),
            _ if word == "--" => break,
            _ => {}
        }
    }
    match given.map(str::to_owned).or_else(|| environment("GATEWATCH_LANG")).as_deref() {
        Some("ko") => Lang::Ko,
        Some("en") => Lang::En,
        _ => Lang::from_locale(environment),
    }
}

/// The language by the settings.
fn language(loaded: &Loaded) -> Lang {
    match loaded.settings.general.lang {
        LangChoice::En => Lang::En,
        LangChoice::Ko => Lang::Ko,
        LangChoice::Auto => Lang::from_locale(environment),
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        bad_set(pair: &str) {
            en: "--set {pair}: write NAME=VALUE, for example --set gates.min_5xx=20",
            ko: "--set {pair}: 이름=값 형식으로 쓰세요. 예: --set gates.min_5xx=20",
        }
    }
}

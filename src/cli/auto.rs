//! `gatewatch --auto`: the unattended run by the settings.

use std::time::Duration;

use clap::ArgMatches;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Format;
use super::timerange::{self, Range};
use super::{Run, args, wiring};
use crate::auto::{self, AutoError, Options, Stop};
use crate::config::duration;
use crate::engine::{Engine, EngineSettings, SystemClock};
use crate::text::{Say as _, escape};

/// Runs one cycle, or one after another with `--every`.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let fail = |error: AutoError| match error {
        // What was done is in the journal; a reader of the report that went away is no failure of the run.
        AutoError::Output(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
        error => Failure::Message(error.exit(), error.say(lang)),
    };
    let options = Options {
        every: every(run, matches)?,
        json: matches!(run.out.format, Format::Json | Format::Jsonl),
        keep: run.loaded.settings.journal.keep,
    };
    if matches.get_flag("units") {
        return units(run, matches, options.every);
    }
    // From here on a signal ends the run after the act in flight.
    let stop = Stop::on_signals().map_err(fail)?;
    let files = args::given_files(matches);
    let engine = wiring::engine(run, &files, wiring::Waits::ForStdin).await?;
    let engine = over_range(run, matches, watching(run, engine), options.every.is_some())?;
    auto::run(&engine, &options, &SystemClock, &stop, &mut std::io::stdout()).await.map_err(fail)
}

/// Prints the systemd units that run this program with these settings. Nothing is installed.
fn units(run: &mut Run, matches: &ArgMatches, every: Option<Duration>) -> Result<Exit, Failure> {
    let program = std::env::current_exe()?;
    let named = ["config", "profile"]
        .into_iter()
        .filter_map(|flag| matches.get_one::<String>(flag).map(|value| [format!("--{flag}"), value.clone()]));
    let arguments: Vec<String> = named.flatten().collect();
    let text = auto::units(&program, &arguments, every.unwrap_or(Duration::from_secs(5 * 60)));
    run.out.line(text.trim_end())?;
    Ok(Exit::Done)
}

/// How often, if at all.
fn every(run: &Run, matches: &ArgMatches) -> Result<Option<Duration>, Failure> {
    let Some(text) = matches.get_one::<String>("every") else { return Ok(None) };
    match duration::parse(text).filter(|every| every.as_secs() > 0) {
        Some(every) => Ok(Some(every)),
        None => Err(Failure::usage(say::bad_interval(run.lang, &escape::visible(text)))),
    }
}

/// The engine without series to watch, where the settings say so.
fn watching(run: &Run, engine: Engine) -> Engine {
    if run.loaded.settings.baselines.active {
        return engine;
    }
    let settings = EngineSettings { baselines: std::sync::Arc::default(), ..(*engine.settings).clone() };
    Engine { settings: std::sync::Arc::new(settings), ..engine }
}

/// The engine over the range of the flags: one cycle over a recorded log. Repeating needs a range that moves.
fn over_range(run: &Run, matches: &ArgMatches, engine: Engine, repeats: bool) -> Result<Engine, Failure> {
    let now = Timestamp::now();
    let Some(window) = timerange::explicit(run, matches, now)? else { return Ok(engine) };
    let range = Range::of(&window, now);
    if repeats && range.end.is_some() {
        return Err(Failure::usage(say::fixed_range(run.lang)));
    }
    let settings = EngineSettings { window: range.length, window_end: range.end, ..(*engine.settings).clone() };
    Ok(Engine { settings: std::sync::Arc::new(settings), ..engine })
}

/// The sentences.
mod say {
    crate::text::words! {
        fixed_range {
            en: "--every looks at the last minutes each time; leave --end out",
            ko: "--every는 매번 최근 몇 분을 조회합니다. --end를 빼세요",
        }
    }
    crate::text::sentences! {
        bad_interval(text: &str) {
            en: "--every {text}: write an interval such as 5m",
            ko: "--every {text}: 5m 같은 간격으로 쓰세요",
        }
    }
}

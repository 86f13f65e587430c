//! The command line: one file per subcommand, each a thin layer over the library that ends in an exit code. Data goes
//! to standard output, log lines and messages to standard error. Holds no logic of its own.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::ErrorKind;

use crate::config::{self, Colour, LangChoice, Loaded, Places};
use crate::text::Lang;

pub mod args;
pub mod exit;
pub mod failure;
mod manual;
pub mod output;
mod settings;
pub mod timerange;
mod usage;

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
    let mut run = Run { lang, out: Output::stdout(format, lang, no_colour), loaded };
    let exit = command(&mut run, &names, deepest)?;
    run.out.flush()?;
    Ok(exit)
}

fn command(run: &mut Run, names: &[&str], matches: &ArgMatches) -> Result<Exit, Failure> {
    let _ = matches;
    match names {
        ["config", "show"] => settings::show(run),
        ["config", "check"] => settings::check(run),
        ["config", "path"] => settings::path(run),
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

//! The console, from the command line's side: what it is opened on, and with which options.

use std::path::Path;

use clap::ArgMatches;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::Failure;
use super::timerange::Range;
use super::{Run, args, timerange, wiring};
use crate::config;
use crate::engine::Engine;
use crate::logs::Window;
use crate::text::escape;

/// Opens the console on the files given, or on the configured source.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let files = args::given_files(matches);
    refuse_misspelt_command(run, &files)?;
    let engine = wiring::engine(run, &files, wiring::Waits::Not).await?;
    let range = range(run, &engine, matches).await?;
    open(run, wiring::looking_at(engine, range), range).await
}

/// The range to begin with: the flags', else the last minutes, moving with the clock. A log that nobody writes to any
/// more is shown whole.
async fn range(run: &Run, engine: &Engine, matches: &ArgMatches) -> Result<Range, Failure> {
    let now = Timestamp::now();
    if let Some(window) = timerange::explicit(run, matches, now)? {
        return Ok(Range::of(&window, now));
    }
    let recent = Window::ending(now, run.loaded.settings.general.window);
    if engine.source.info().kind != "files" {
        return Ok(Range::of(&recent, now));
    }
    // A source that cannot say its range is opened all the same: the console shows its error where it belongs.
    let span = timerange::span(engine.source.as_ref()).await.ok().flatten();
    Ok(Range::of(&span.filter(|span| span.end <= recent.start).unwrap_or(recent), now))
}

/// A word that is no file and almost a command is a slip of the fingers.
fn refuse_misspelt_command(run: &Run, files: &[String]) -> Result<(), Failure> {
    let Some(word) = files.first().filter(|word| !Path::new(word).exists()) else { return Ok(()) };
    let root = super::args::command(run.lang);
    let commands: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    match config::nearest(word, commands.into_iter()) {
        Some(command) => Err(Failure::usage(say::misspelt(run.lang, &escape::visible(word), command))),
        None => Ok(()),
    }
}

/// Opens the console over an engine.
#[cfg(feature = "tui")]
pub async fn open(run: &mut Run, engine: Engine, range: Range) -> Result<Exit, Failure> {
    use std::io::IsTerminal as _;

    use crate::config::{Colour, paths};
    use crate::tui::theme::Depth;
    use crate::tui::{ExitReason, TuiOptions};

    if !std::io::stdout().is_terminal() {
        return Err(Failure::usage(say::no_terminal(run.lang)));
    }
    let general = &run.loaded.settings.general;
    let options = TuiOptions {
        lang: run.lang,
        theme: general.theme.clone(),
        depth: match general.colour {
            Colour::Auto => None,
            Colour::Never => Some(Depth::None),
            Colour::Sixteen => Some(Depth::Ansi16),
            Colour::Indexed => Some(Depth::Ansi256),
            Colour::True => Some(Depth::True),
        },
        themes_dir: paths::config_dir(&super::environment).map(|dir| dir.join("themes")),
        queries_dir: paths::data_dir(&super::environment).map(|dir| dir.join("queries")),
        window: range.length,
        window_end: range.end,
        refresh: general.refresh,
        mouse: general.mouse,
        actor: wiring::actor(),
        ..TuiOptions::default()
    };
    match crate::tui::run(engine, options).await {
        Ok(ExitReason::Quit) => Ok(Exit::Done),
        Ok(ExitReason::Interrupted | ExitReason::Terminated | ExitReason::HungUp) => Ok(Exit::Interrupted),
        Err(error) => Err(Failure::failed(format!("{error:#}"))),
    }
}

/// Without the console there is nothing to open.
#[cfg(not(feature = "tui"))]
pub async fn open(run: &mut Run, _engine: Engine, _range: Range) -> Result<Exit, Failure> {
    Err(Failure::usage(say::not_built_in(run.lang)))
}

/// The sentences.
mod say {
    #[cfg(not(feature = "tui"))]
    crate::text::words! {
        not_built_in {
            en: "this gatewatch was built without its console; `gatewatch suspects` and `gatewatch query` are there",
            ko: "콘솔 없이 빌드된 gatewatch입니다. `gatewatch suspects`와 `gatewatch query`를 사용하세요",
        }
    }
    #[cfg(feature = "tui")]
    crate::text::words! {
        no_terminal {
            en: "the console needs a terminal; here `gatewatch suspects` or `gatewatch query` can be used",
            ko: "콘솔에는 터미널이 필요합니다. 여기서는 `gatewatch suspects`나 `gatewatch query`를 사용하세요",
        }
    }
    crate::text::sentences! {
        misspelt(word: &str, command: &str) {
            en: "there is no file {word}; did you mean `gatewatch {command}`?",
            ko: "{word} 파일이 없습니다. `gatewatch {command}`을(를) 찾으셨나요?",
        }
    }
}

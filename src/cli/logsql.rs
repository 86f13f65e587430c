//! `gatewatch logsql fmt`: a query in its canonical form. Asks no server.

use std::io::BufRead as _;

use clap::ArgMatches;

use super::exit::Exit;
use super::failure::Failure;
use super::{Run, query};
use crate::logsql::{self, Diagnostic, Severity};
use crate::text::Say as _;

/// Formats, or with `--check` only says by the exit code whether there is something to format.
pub fn fmt(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    if matches.get_flag("batch") {
        return batch(run);
    }
    let text = query::text_of(run.lang, matches)?;
    let parsed = logsql::parse(&text);
    for doubt in parsed.diagnostics.iter().filter(|found| found.severity() == Severity::Warning) {
        run.note(&told(run, &text, doubt));
    }
    let formatted =
        parsed.query().map(ToString::to_string).map_err(|error| Failure::usage(told(run, &text, &error)))?;
    if matches.get_flag("check") {
        return Ok(if formatted == text { Exit::Done } else { Exit::Failed });
    }
    run.out.line(&formatted)?;
    Ok(Exit::Done)
}

/// The finding, and carets under what it is about.
fn told(run: &Run, text: &str, diagnostic: &Diagnostic) -> String {
    let marked = query::marked(text, diagnostic.span.clone()).unwrap_or_default();
    format!("{}{marked}", diagnostic.say(run.lang))
}

/// `{"query":"…"}` a line from standard input, one JSON line each to standard output, as they come. A refusal is an
/// answer like any other.
fn batch(run: &mut Run) -> Result<Exit, Failure> {
    for line in std::io::stdin().lock().lines() {
        run.out.line(&logsql::format_line(&line?))?;
    }
    Ok(Exit::Done)
}

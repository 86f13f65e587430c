//! `gatewatch logsql fmt`: a query in its canonical form. Asks no server.

use std::io::BufRead as _;

use clap::ArgMatches;
use serde::Serialize;

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

/// What became of one line.
#[derive(Serialize)]
struct Formatted<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The bytes of the query that the error is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<[usize; 2]>,
}

/// One query a line from standard input, one JSON line each to standard output, as they come.
fn batch(run: &mut Run) -> Result<Exit, Failure> {
    let lang = run.lang;
    let mut exit = Exit::Done;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (formatted, error) = match logsql::format(&line) {
            Ok(formatted) => (Some(formatted), None),
            Err(error) => (None, Some(error)),
        };
        if error.is_some() {
            exit = Exit::Partly;
        }
        let span = error.as_ref().map(|error| [error.span.start, error.span.end]);
        run.out.json_line(&Formatted { query: &line, formatted, error: error.map(|error| error.say(lang)), span })?;
    }
    Ok(exit)
}

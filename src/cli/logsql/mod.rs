//! `gatewatch logsql`: the language's own tools. None of them asks a source.

mod doc;
mod explain;
mod fmt;

use clap::ArgMatches;

use super::exit::Exit;
use super::failure::Failure;
use super::{Run, query};
use crate::logsql::{self, Diagnostic, Severity};
use crate::text::Say as _;

/// Runs the tool of this name.
pub fn run(run: &mut Run, tool: &str, matches: &ArgMatches) -> Result<Exit, Failure> {
    match tool {
        "fmt" => fmt::run(run, matches),
        "explain" => explain::run(run, matches),
        "doc" => doc::run(run, matches),
        "syntax" => {
            run.out.line(logsql::sublime_syntax().trim_end())?;
            Ok(Exit::Done)
        }
        _ => Ok(Exit::Failed),
    }
}

/// The finding, carets under what it is about, and what to write instead.
fn told(run: &Run, text: &str, diagnostic: &Diagnostic) -> String {
    let marked = query::marked(text, diagnostic.span.clone()).unwrap_or_default();
    let better = logsql::fix(text, diagnostic).map(|fix| {
        let text = logsql::edited(text, &fix.edits);
        format!("\n  → {}", crate::text::escape::visible(&text.replace('\n', " ")))
    });
    format!("{}{marked}{}", diagnostic.say(run.lang), better.unwrap_or_default())
}

/// The query, with its warnings told; its error is the failure.
fn read(run: &Run, text: &str) -> Result<logsql::Query, Failure> {
    let parsed = logsql::parse(text);
    for doubt in parsed.diagnostics.iter().filter(|found| found.severity() == Severity::Warning) {
        run.note(&told(run, text, doubt));
    }
    parsed.query().cloned().map_err(|error| Failure::usage(told(run, text, &error)))
}

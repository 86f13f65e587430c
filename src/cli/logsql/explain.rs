//! `gatewatch logsql explain`: what a query does, step by step, in words.

use clap::ArgMatches;
use jiff::Timestamp;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::output::Format;
use super::super::{Run, query};
use super::read;
use crate::logsql;
use crate::text::escape;

/// Tells the plan; as data where JSON is asked for.
pub fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = query::text_of(run.lang, matches)?;
    let plan = read(run, &text)?.plan(logsql::nanos_of(Timestamp::now()));
    if matches!(run.out.format, Format::Json | Format::Jsonl) {
        run.out.json(&plan)?;
        return Ok(Exit::Done);
    }
    run.out.line(&escape::visible(&plan.query))?;
    for (heading, lines) in logsql::explain(&plan, run.lang) {
        run.out.line("")?;
        run.out.line(heading)?;
        for line in lines {
            run.out.line(&format!("  {}", escape::visible(&line)))?;
        }
    }
    Ok(Exit::Done)
}

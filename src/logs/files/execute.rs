//! A LogsQL query over files: the language asks for rows, the files give them. Blocks its thread.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::catalog::{Catalog, Content};
use super::formats::entry::Wanted;
use super::read::{Request, read};
use super::scan::TimeRange;
use super::spread::{Ask, spread};
use crate::logs::{self, SourceError, Window};
use crate::logsql::{self, Batch, Env, Flow, Input, Needs, Out, Query, Scan, Stop, Takers};

/// A query that is ready to run.
pub struct Question {
    /// The query.
    pub query: Query,
    /// The range of its rows.
    pub window: Window,
    /// At most so many rows of answer.
    pub limit: Option<u64>,
    /// Give up after this long.
    pub timeout: Option<Duration>,
}

impl Question {
    /// Reads a query; one that cannot be understood is an error with its place.
    pub fn new(query: &logs::Query) -> Result<Self, SourceError> {
        let (window, limit, timeout) = (query.window, query.limit, query.timeout);
        Ok(Self { query: parse(&query.text)?, window, limit, timeout })
    }
}

/// Reads a query's text.
pub fn parse(text: &str) -> Result<Query, SourceError> {
    let bad = |wrong: logsql::Diagnostic| SourceError::BadQuery { message: wrong.to_string(), span: Some(wrong.span) };
    logsql::parse(text).query().cloned().map_err(bad)
}

/// What is said of a query that could not be carried through.
pub fn stopped(stop: &Stop) -> SourceError {
    SourceError::BadQuery { message: stop.to_string(), span: None }
}

/// Runs a query; batches of answer go to `out`, which says whether it takes more. A file that cannot be read to its
/// end is told as an error after everything that could be read.
pub fn run(
    catalog: &Catalog,
    question: &Question,
    abandoned: &(dyn Fn() -> bool + Sync),
    out: &mut dyn FnMut(Batch) -> bool,
) -> Result<(), SourceError> {
    let options = catalog.options();
    let deadline = question.timeout.map(|timeout| (Instant::now(), timeout));
    let late = || deadline.is_some_and(|(started, timeout)| started.elapsed() >= timeout);
    let cancelled = || abandoned() || late();
    if options.wait_for_stdin {
        catalog.streams().for_each(|(_, spool)| spool.wait_for_end(&cancelled));
    }
    let files = Files { catalog, contents: catalog.list()?, cancelled: &cancelled, failure: RefCell::default() };
    let window = TimeRange::from(question.window);
    let env = Env {
        now: i64::try_from((options.now)().as_nanosecond()).unwrap_or(i64::MAX),
        window: Some((window.start, window.end.saturating_sub(1))),
        cancelled: &cancelled,
        memory: options.query_memory,
    };
    let mut left = question.limit.unwrap_or(u64::MAX);
    let result = question.query.execute(&files, &env, &mut |batch| {
        let batch = first_rows(batch, left);
        left -= batch.rows as u64;
        let more = batch.rows == 0 || out(batch);
        if more && left > 0 { Flow::More } else { Flow::Enough }
    });
    match result {
        _ if abandoned() => Ok(()),
        Err(Stop::Cancelled) => Err(SourceError::TimedOut {
            place: options.inputs.join(" "),
            after_seconds: question.timeout.unwrap_or_default().as_secs(),
        }),
        Err(stop) => Err(stopped(&stop)),
        Ok(()) => files.failure.into_inner().map_or(Ok(()), Err),
    }
}

/// At most so many rows of a batch.
fn first_rows(batch: Batch, limit: u64) -> Batch {
    match usize::try_from(limit) {
        Ok(limit) if limit < batch.rows => batch.gather(&(0..limit).collect::<Vec<_>>()),
        _ => batch,
    }
}

/// The files as the language's input. Opened once, so that a query and its sub-queries see the same lines.
struct Files<'a> {
    catalog: &'a Catalog,
    contents: Vec<Content>,
    cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Why a file could not be read to its end; the first such reason.
    failure: RefCell<Option<SourceError>>,
}

impl Files<'_> {
    /// Notes a file that could not be read to its end; ends the query where it was cancelled.
    fn ended(&self, result: Result<(), SourceError>) -> Result<(), Stop> {
        if let Err(error) = result {
            self.failure.borrow_mut().get_or_insert(error);
        }
        if (self.cancelled)() { Err(Stop::Cancelled) } else { Ok(()) }
    }
}

impl Input for Files<'_> {
    fn scan(&self, scan: &Scan, out: Out<'_>) -> Result<(), Stop> {
        let wanted = match &scan.fields {
            Needs::All => Wanted::all(),
            Needs::Only(names) => Wanted::only(names),
        };
        let request = Request {
            range: TimeRange { start: scan.from, end: scan.to.saturating_add(1) },
            wanted,
            asked: &|name| scan.fields.has(name),
            texts: &scan.texts,
            keep: scan.keep,
            reading: self.catalog.reading(),
            cancelled: self.cancelled,
        };
        let mut stopped = None;
        let result = read(&self.contents, self.catalog.options(), &request, &mut |batch| match out(batch) {
            Ok(Flow::More) => ControlFlow::Continue(()),
            Ok(Flow::Enough) => ControlFlow::Break(()),
            Err(stop) => {
                stopped = Some(stop);
                ControlFlow::Break(())
            }
        });
        let ended = self.ended(result);
        stopped.map_or(ended, Err)
    }

    fn spread(&self, scan: &Scan, names: &[String], takers: Takers<'_>) -> Option<Result<(), Stop>> {
        let range = TimeRange { start: scan.from, end: scan.to.saturating_add(1) };
        let ask = Ask { range, names, texts: &scan.texts, reading: self.catalog.reading(), cancelled: self.cancelled };
        Some(self.ended(spread(&self.contents, self.catalog.options(), &ask, takers)))
    }

    fn keeps_to_filter(&self) -> bool {
        true
    }

    /// The scan compares times as numbers; texts of times are only made where a query reads them.
    fn keeps_to_range(&self) -> bool {
        true
    }
}

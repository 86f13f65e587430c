//! Runs a query over an [`Input`]: batches flow through one stage per pipe, a stage that has enough stops the scan, a
//! stage that must keep rows counts them against a ceiling. Synchronous, without I/O or a clock of its own.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::logs::Row;
use crate::text::{Lang, Say, sentences, words};

use super::batch::{self, Batch};
use super::fast::Takers;
use super::query::Query;

/// What a query may know of the world, and how far it may go.
pub struct Env<'e> {
    /// The moment that `now` and `_time:5m` mean, in nanoseconds since 1970.
    pub now: i64,
    /// The first and the last nanosecond that rows may have, also in sub-queries; `None` for any.
    pub window: Option<(i64, i64)>,
    /// Asked between batches; `true` ends the query.
    pub cancelled: &'e (dyn Fn() -> bool + Sync),
    /// Bytes that the stages together may keep.
    pub memory: usize,
}

impl Env<'static> {
    /// An environment without window and cancellation.
    pub fn at(now: i64, memory: usize) -> Self {
        Self { now, window: None, cancelled: &|| false, memory }
    }
}

/// Whether a consumer wants more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    More,
    /// Stop: nothing that could come would change the answer.
    Enough,
}

/// Why a query ended before its answer was whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It was cancelled.
    Cancelled,
    /// A pipe would keep more than the ceiling allows.
    Memory {
        /// The pipe, in canonical form.
        pipe: String,
        /// The ceiling in bytes.
        limit: usize,
    },
    /// The input failed.
    Input(String),
    /// `stream_context` stands behind other pipes, which do not tell streams and times as they were stored.
    Misplaced(&'static str),
    /// The pipe needs a server: it tells of how a server stores its data.
    ServerOnly(&'static str),
    /// A regular expression is too large to compile.
    Regex(String),
}

impl Say for Stop {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Cancelled => say::cancelled(lang).to_owned(),
            Self::Memory { pipe, limit } => say::memory(lang, pipe, &crate::text::number::bytes(*limit as u64)),
            Self::Input(why) => say::input(lang, why),
            Self::Misplaced(pipe) => say::misplaced(lang, pipe),
            Self::ServerOnly(pipe) => say::server_only(lang, pipe),
            Self::Regex(why) => say::regex(lang, why),
        }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for Stop {}

/// The sentences.
mod say {
    use super::{sentences, words};

    sentences! {
        memory(pipe: &str, limit: &str) { en: "`{pipe}` needs more than {limit} of memory: narrow the time range or the filter, or add `limit N`", ko: "`{pipe}`에 {limit}보다 많은 메모리가 필요합니다. 시간 범위나 필터를 좁히거나 `limit N`을 더하세요" }
        input(why: &str) { en: "reading the logs failed: {why}", ko: "로그를 읽지 못했습니다: {why}" }
        misplaced(pipe: &str) { en: "`{pipe}` must be the first pipe: it looks around the rows that the filter finds", ko: "`{pipe}`은(는) 첫 파이프여야 합니다. 필터가 찾은 행의 앞뒤를 보기 때문입니다" }
        server_only(pipe: &str) { en: "`{pipe}` tells how VictoriaLogs stores its data; files have no such thing", ko: "`{pipe}`은(는) VictoriaLogs의 저장 방식을 보여 주므로 파일에는 쓸 수 없습니다" }
        regex(why: &str) { en: "the regular expression cannot be compiled: {why}", ko: "정규식을 컴파일할 수 없습니다: {why}" }
    }
    words! {
        cancelled { en: "cancelled", ko: "취소했습니다" }
    }
}

/// The fields that a query reads of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// Every field.
    All,
    /// These names and `prefix*`.
    Only(BTreeSet<String>),
}

impl Needs {
    /// No field.
    pub fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// One field more, or `prefix*`; `*` is all.
    pub fn add(&mut self, field: &str) {
        match self {
            Self::All => {}
            Self::Only(_) if field == "*" => *self = Self::All,
            Self::Only(fields) => {
                fields.insert(field.to_owned());
            }
        }
    }

    /// More fields.
    pub fn add_all<S: AsRef<str>>(&mut self, fields: &[S]) {
        for field in fields {
            self.add(field.as_ref());
        }
    }

    /// A field that is made by a pipe and so need not come from before it.
    pub fn made(&mut self, field: &str) {
        if let Self::Only(fields) = self {
            fields.remove(field);
        }
    }

    /// Whether the field is among them.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.iter().any(|known| batch::matches_one(known, field)),
        }
    }
}

/// Says of each row of a batch whether it matters.
pub type Keep<'s> = &'s (dyn Fn(&Batch) -> Vec<bool> + Sync);

/// What a scan is asked for. An input may give more fields and more rows than that, never fewer.
pub struct Scan<'s> {
    /// The fields that are read.
    pub fields: Needs,
    /// No row before this nanosecond matters.
    pub from: i64,
    /// No row after this nanosecond matters.
    pub to: i64,
    /// Of each of these, one text or another stands in its field in every row that matters.
    pub texts: Vec<AnyText>,
    /// Which rows of a batch matter. An input may ask it wherever it likes, on any thread.
    pub keep: Option<Keep<'s>>,
}

impl Scan<'_> {
    /// All rows, with these fields, from one nanosecond to another.
    pub const fn all(fields: Needs, from: i64, to: i64) -> Self {
        Self { fields, from, to, texts: Vec::new(), keep: None }
    }
}

/// Fields with texts, of which at least one field contains its text.
pub type AnyText = Vec<(String, String)>;

/// Takes batches until it has enough.
pub type Out<'o> = &'o mut dyn FnMut(Batch) -> Result<Flow, Stop>;

/// Where rows come from. A query with sub-queries scans more than once.
pub trait Input {
    /// Hands over the rows in order.
    fn scan(&self, scan: &Scan, out: Out<'_>) -> Result<(), Stop>;

    /// Hands the fields of these names, known by their whole names, of all rows of the scan to takers, each on a thread
    /// of its own; a taker that has enough ends all of it. `None` where the input only knows [`Self::scan`].
    fn spread(&self, _scan: &Scan, _names: &[String], _takers: Takers<'_>) -> Option<Result<(), Stop>> {
        None
    }

    /// Whether it hands over no row that the scan's `keep` leaves out, so that nobody needs to test rows again.
    fn keeps_to_filter(&self) -> bool {
        false
    }

    /// Whether no row that it hands over lies outside of the scan's range, so that nobody needs to look at `_time`
    /// again.
    fn keeps_to_range(&self) -> bool {
        false
    }
}

/// Rows in memory.
impl Input for Vec<Row> {
    fn scan(&self, _: &Scan, out: Out<'_>) -> Result<(), Stop> {
        for batch in batch::from_rows(self) {
            if out(batch)? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

/// Batches in memory.
impl Input for Vec<Batch> {
    fn scan(&self, _: &Scan, out: Out<'_>) -> Result<(), Stop> {
        for batch in self {
            if out(batch.clone())? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

/// One execution.
pub struct Run<'r> {
    pub(super) input: &'r dyn Input,
    pub(super) env: &'r Env<'r>,
    kept: Cell<usize>,
}

impl<'r> Run<'r> {
    pub(super) fn new(input: &'r dyn Input, env: &'r Env<'r>) -> Self {
        Self { input, env, kept: Cell::new(0) }
    }

    /// Counts bytes that a stage keeps.
    pub(super) fn keep(&self, bytes: usize, pipe: &dyn Fn() -> String) -> Result<(), Stop> {
        let kept = self.kept.get().saturating_add(bytes);
        self.kept.set(kept);
        if kept > self.env.memory { Err(Stop::Memory { pipe: pipe(), limit: self.env.memory }) } else { Ok(()) }
    }

    /// Ends the query where it was cancelled.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if (self.env.cancelled)() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    /// Runs a sub-query to its end.
    pub(super) fn sub_query(&self, query: &Query, out: Out<'_>) -> Result<(), Stop> {
        query.run(self, out)
    }
}

/// One pipe at work.
pub trait Stage {
    /// Takes a batch, and hands on what it makes of it.
    fn push(&mut self, batch: Batch, run: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop>;

    /// After the last batch: hands on what was kept.
    fn finish(&mut self, _run: &Run<'_>, _out: Out<'_>) -> Result<(), Stop> {
        Ok(())
    }
}

/// A pipe that changes each batch by itself.
pub(super) struct Each<F>(pub F);

impl<F: FnMut(Batch) -> Batch> Stage for Each<F> {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let batch = (self.0)(batch);
        if batch.rows == 0 { Ok(Flow::More) } else { out(batch) }
    }
}

/// Sends a batch through the stages.
pub(super) fn feed(
    stages: &mut [Box<dyn Stage + '_>],
    batch: Batch,
    run: &Run<'_>,
    out: Out<'_>,
) -> Result<Flow, Stop> {
    run.check()?;
    match stages.split_first_mut() {
        None => out(batch),
        Some((first, rest)) => first.push(batch, run, &mut |batch| feed(rest, batch, run, out)),
    }
}

/// Ends the stages one after another; each may still hand rows to those after it.
pub(super) fn finish(stages: &mut [Box<dyn Stage + '_>], run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
    let mut rest = stages;
    while let Some((first, after)) = rest.split_first_mut() {
        first.finish(run, &mut |batch| feed(after, batch, run, out))?;
        rest = after;
    }
    Ok(())
}

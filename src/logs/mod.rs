//! Where rows come from: [`LogSource`] and its two implementations, a VictoriaLogs server over HTTP and log files.
//! Both answer the same questions in LogsQL and give the same numbers. Nothing here decides anything about a client.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use jiff::Timestamp;

pub mod error;
pub mod fields;
pub mod files;
mod piped;
pub mod row;
pub mod victorialogs;

pub use error::SourceError;
pub use fields::FieldMap;
pub use row::Row;

use crate::logsql::{Batch, from_rows};
use crate::text::json;

/// A time range under study: from `start`, up to but without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
}

impl Window {
    /// The window of `length` that ends at `end`.
    pub fn ending(end: Timestamp, length: Duration) -> Self {
        let nanos = i128::try_from(length.as_nanos()).unwrap_or(i128::MAX);
        let start = Timestamp::from_nanosecond(end.as_nanosecond().saturating_sub(nanos)).unwrap_or(Timestamp::MIN);
        Self { start, end }
    }

    /// How long it is; zero where `end` is not after `start`.
    pub fn length(&self) -> Duration {
        let nanos = self.end.as_nanosecond() - self.start.as_nanosecond();
        u64::try_from(nanos).map_or(Duration::ZERO, Duration::from_nanos)
    }

    /// Whether an instant lies inside.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }
}

/// A LogsQL query with the range it is asked over. The range is always sent explicitly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The LogsQL text.
    pub text: String,
    /// The range.
    pub window: Window,
    /// At most so many rows, beside any limit in the text.
    pub limit: Option<u64>,
    /// Give up after this long; can only lower a server's own limit.
    pub timeout: Option<Duration>,
}

impl Query {
    /// A query without a limit of its own.
    pub fn new(text: impl Into<String>, window: Window) -> Self {
        Self { text: text.into(), window, limit: None, timeout: None }
    }

    /// The same with a row limit.
    pub fn limited(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// Rows as they arrive, in batches. An `Err` is the last item: what came before it is a partial answer.
/// Dropping the stream cancels the query, at the server too.
pub type RowStream = BoxStream<'static, Result<Vec<Row>, SourceError>>;

/// The same as columns: for those who count rather than show.
pub type BatchStream = BoxStream<'static, Result<Batch, SourceError>>;

/// Rows as lines of JSON in which nothing can reach a terminal unescaped: for those who only pass them on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The lines, each with its end.
    pub json: Vec<u8>,
    /// How many there are.
    pub rows: usize,
}

impl Lines {
    /// Adds a row. Writing into memory does not fail.
    pub fn push(&mut self, row: &Row) {
        let _ = json::write_line(&mut self.json, row);
        self.rows += 1;
    }
}

/// Lines as they arrive, like [`RowStream`].
pub type LineStream = BoxStream<'static, Result<Lines, SourceError>>;

/// All rows of an answer, and why it is cut where it is.
#[derive(Debug, Default)]
pub struct Answer {
    /// The rows that were read.
    pub rows: Vec<Row>,
    /// The failure that ended the answer early; `None` for a whole one.
    pub cut: Option<SourceError>,
}

/// Reads a stream to its end, or to `at_most` rows.
pub async fn collect(mut stream: RowStream, at_most: usize) -> Answer {
    let mut answer = Answer::default();
    while let Some(batch) = stream.next().await {
        match batch {
            Ok(rows) => answer.rows.extend(rows),
            Err(error) => {
                answer.cut = Some(error);
                break;
            }
        }
        if answer.rows.len() >= at_most {
            answer.rows.truncate(at_most);
            break;
        }
    }
    answer
}

/// What a source is, for the status line, the report and the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// `victorialogs`, `files` or `stdin`.
    pub kind: &'static str,
    /// A short name a person recognises: the URL without secrets, or the file names.
    pub label: String,
    /// What tells it from every other source: the URL with the tenant, or the files' whole paths. Holds no secret.
    pub identity: String,
    /// Hosts this source is reached at; the policy never bans what they resolve to.
    pub hosts: Vec<String>,
    /// Whether rows have to travel to get here, so that they are counted where they lie.
    pub is_remote: bool,
}

/// How a source is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct SourceStatus {
    /// The server's version, or the detected format of each file.
    pub detail: Vec<String>,
    /// Lines that could not be parsed so far (files only), never dropped in silence.
    pub unparsed_lines: u64,
    /// The first few of them, as they stand, with `file:line`.
    pub unparsed_samples: Vec<String>,
}

/// How far a source has come with what takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// With what.
    pub doing: Doing,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes to do in all.
    pub of_bytes: u64,
    /// Rows seen so far.
    pub rows: u64,
}

/// What takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Files are read for an answer.
    Reading,
    /// Lines are brought into memory, so that later answers come faster; meanwhile questions are answered all the same.
    Indexing,
}

impl Progress {
    /// The share that is done, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self) -> f64 {
        if self.of_bytes == 0 { 1.0 } else { (self.bytes as f64 / self.of_bytes as f64).min(1.0) }
    }

    /// How many rows there will be, by the share that is done.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate for people"
    )]
    pub fn estimated_rows(&self) -> u64 {
        let share = self.share();
        if share > 0.0 { (self.rows as f64 / share) as u64 } else { 0 }
    }
}

/// One series of a `hits` answer: counts by time bucket for one group of field values.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct HitSeries {
    /// The group's field values; empty for the whole, or for the remainder group.
    pub fields: Vec<(String, String)>,
    /// The start of each bucket that has hits.
    pub timestamps: Vec<Timestamp>,
    /// Hits per bucket, parallel to `timestamps`.
    pub values: Vec<u64>,
}

/// A value with its number of rows; `hits` is 0 where the source did not count.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ValueHits {
    /// The value, as logged: hostile text.
    pub value: String,
    /// Rows that have it.
    pub hits: u64,
}

/// The most frequent values of one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Facet {
    /// The field's name.
    pub field: String,
    /// Its values, most frequent first.
    pub values: Vec<ValueHits>,
}

/// One number of a `stats` answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Labels, `__name__` (the stats result's name) among them.
    pub labels: Vec<(String, String)>,
    /// The instant the value stands for.
    pub at: Timestamp,
    /// The value as the source printed it.
    pub value: String,
}

/// Where rows come from. Implementations are cheap to share behind an `Arc`; every call may be dropped at any await
/// point, which cancels it.
#[async_trait]
pub trait LogSource: Send + Sync + 'static {
    /// What this source is.
    fn info(&self) -> SourceInfo;

    /// Asks whether it answers, and what it found.
    async fn status(&self) -> Result<SourceStatus, SourceError>;

    /// Which of the source's fields play the parts that detection needs, looked up once and remembered.
    async fn fields(&self, window: Window) -> Result<FieldMap, SourceError>;

    /// How far it has come with what takes long at this moment; `None` where there is no such thing.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Runs a query. Rows have no order unless the query sorts.
    async fn query(&self, query: Query) -> Result<RowStream, SourceError>;

    /// Runs a query, and gives its answer as lines of JSON.
    async fn lines(&self, query: Query) -> Result<LineStream, SourceError> {
        let lines = |rows: Vec<Row>| {
            let mut lines = Lines::default();
            rows.iter().for_each(|row| lines.push(row));
            lines
        };
        Ok(self.query(query).await?.map(move |rows| rows.map(lines)).boxed())
    }

    /// Runs a query, and gives its answer as columns.
    async fn batches(&self, query: Query) -> Result<BatchStream, SourceError> {
        let rows = self.query(query).await?;
        let batches = rows.flat_map(|rows| match rows {
            Ok(rows) => futures::stream::iter(from_rows(&rows).into_iter().map(Ok).collect::<Vec<_>>()),
            Err(error) => futures::stream::iter(vec![Err(error)]),
        });
        Ok(batches.boxed())
    }

    /// Rows as they are logged from now on. The text may hold no pipe that needs the end of the input.
    async fn tail(&self, text: &str) -> Result<RowStream, SourceError>;

    /// Hits over time in buckets of `step`, grouped by `group_by` fields.
    async fn hits(&self, query: Query, step: Duration, group_by: &[String]) -> Result<Vec<HitSeries>, SourceError>;

    /// The most frequent values of every field.
    async fn facets(&self, query: Query) -> Result<Vec<Facet>, SourceError>;

    /// Names of the fields that rows of the query have.
    async fn field_names(&self, query: Query) -> Result<Vec<ValueHits>, SourceError>;

    /// Values of one field; `query.limit` bounds them, and a cut list is an arbitrary subset.
    async fn field_values(&self, query: Query, field: &str) -> Result<Vec<ValueHits>, SourceError>;

    /// The values of a query that ends in `stats`, at the window's end; with `step`, a series over the window.
    async fn stats(&self, query: Query, step: Option<Duration>) -> Result<Vec<Sample>, SourceError>;
}

/// The addresses that a source's hosts are written as; names are resolved by the caller.
pub fn literal_addresses(hosts: &[String]) -> Vec<IpAddr> {
    hosts.iter().filter_map(|host| host.trim_matches(['[', ']']).parse().ok()).collect()
}

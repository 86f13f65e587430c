//! Log files and standard input as a source: formats, detection, decompression, scanning, following through rotation.
//! Lines that do not parse are counted, sampled and kept as rows, never dropped in silence. Nothing here maps a file
//! into memory (a truncation would kill the process) or writes to one.

use std::time::Duration;

use async_trait::async_trait;
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{
    Facet, FieldMap, HitSeries, LogSource, Query, RowStream, Sample, SourceError, SourceInfo, SourceStatus, ValueHits,
    Window,
};

pub mod bytes;
pub mod formats;
pub mod ledger;
pub mod lines;
pub mod spool;

pub use formats::Kind;

/// What to read and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Paths and globs as the person gave them; `-` is standard input.
    pub inputs: Vec<String>,
    /// The format of every input; `None` detects it file by file from the first lines.
    pub format: Option<Kind>,
    /// Names that the operator gave to parts; an empty map leaves all to recognition.
    pub fields: FieldMap,
    /// Proxies whose X-Forwarded-For is believed: with them, rows have a virtual field `client`.
    pub trusted_proxies: Vec<IpNet>,
    /// The zone of timestamps that name none (RFC 3164).
    pub zone: TimeZone,
    /// How often a followed file is looked at.
    pub poll: Duration,
    /// Whether a query waits until standard input has ended, as a one-shot command needs it; the console reads what
    /// has arrived so far.
    pub wait_for_stdin: bool,
    /// What time it is, for `_time:5m` in a query and for timestamps without a year.
    pub now: fn() -> Timestamp,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            format: None,
            fields: FieldMap::default(),
            trusted_proxies: Vec::new(),
            zone: TimeZone::system(),
            poll: Duration::from_millis(250),
            wait_for_stdin: false,
            now: Timestamp::now,
        }
    }
}

/// Log files as a source.
pub struct FileSource {
    options: Options,
}

impl FileSource {
    /// Opens the inputs: a path that is missing, a directory or a glob without a match is an error here. Standard
    /// input is read from now on, in a thread of its own.
    pub fn open(options: Options) -> Result<Self, SourceError> {
        Ok(Self { options })
    }
}

/// The error of a part that is still to come.
fn not_yet<T>() -> Result<T, SourceError> {
    Err(SourceError::Unsupported { what: "answer from files yet".to_owned() })
}

#[async_trait]
impl LogSource for FileSource {
    fn info(&self) -> SourceInfo {
        let kind = if self.options.inputs.iter().all(|input| input == "-") { "stdin" } else { "files" };
        SourceInfo { kind, label: self.options.inputs.join(" "), hosts: Vec::new() }
    }

    async fn status(&self) -> Result<SourceStatus, SourceError> {
        not_yet()
    }

    async fn fields(&self, _window: Window) -> Result<FieldMap, SourceError> {
        Ok(FieldMap::canonical())
    }

    async fn query(&self, _query: Query) -> Result<RowStream, SourceError> {
        not_yet()
    }

    async fn tail(&self, _text: &str) -> Result<RowStream, SourceError> {
        not_yet()
    }

    async fn hits(&self, _query: Query, _step: Duration, _group_by: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        not_yet()
    }

    async fn facets(&self, _query: Query) -> Result<Vec<Facet>, SourceError> {
        not_yet()
    }

    async fn field_names(&self, _query: Query) -> Result<Vec<ValueHits>, SourceError> {
        not_yet()
    }

    async fn field_values(&self, _query: Query, _field: &str) -> Result<Vec<ValueHits>, SourceError> {
        not_yet()
    }

    async fn stats(&self, _query: Query, _step: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        not_yet()
    }
}

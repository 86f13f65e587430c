//! Log files and standard input as a source: formats, detection, decompression, scanning, following through rotation.
//! Lines that do not parse are counted, sampled and kept as rows, never dropped in silence. Nothing here maps a file
//! into memory (a truncation would kill the process) or writes to one.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::FieldMap;

pub mod batches;
pub mod bytes;
pub mod catalog;
pub mod columns;
mod execute;
pub mod follow;
pub mod formats;
pub mod index;
mod lean;
pub mod ledger;
pub mod lines;
pub mod memory;
pub mod progress;
pub mod read;
pub mod report;
pub mod rotation;
pub mod scan;
mod search;
pub mod seek;
mod slab;
mod source;
pub mod spool;
pub mod spread;
mod stats;
mod tail;

pub use formats::Kind;
pub use source::FileSource;

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
    /// What the lines of all files together may take in memory, so that a second question does not read them again;
    /// 0 for a command that asks once.
    pub index_memory: usize,
    /// What a query may keep.
    pub query_memory: usize,
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
            index_memory: 0,
            query_memory: memory::quarter(),
            now: Timestamp::now,
        }
    }
}

#[cfg(test)]
mod tests;

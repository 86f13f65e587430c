//! LogsQL: lossless tokens → tree → plan → execution over rows, one registry, one construct a file. Does no I/O and
//! reads no clock: the instant that `now` means comes in as an argument.
//!
//! ```
//! use gatewatch::logsql::{Env, parse};
//! use gatewatch::logs::Row;
//!
//! let rows: Vec<Row> = [("10.0.0.1", "500"), ("10.0.0.2", "200"), ("10.0.0.1", "404")]
//!     .map(|(ip, status)| [("ip", ip), ("status", status)].into_iter().collect())
//!     .into();
//! let parsed = parse("status:>=400 | stats by (ip) count() errors");
//! let query = parsed.query()?;
//! let answer = query.rows(&rows, &Env::at(0, 1 << 20)).expect("small enough");
//! assert_eq!((answer.len(), answer[0].get("errors")), (1, "2"));
//! # Ok::<(), gatewatch::logsql::Diagnostic>(())
//! ```

mod assist;
mod batch;
mod bucket;
mod cursor;
mod exec;
mod expression;
mod fast;
pub mod filter;
mod float;
mod highlight;
mod json;
mod layout;
mod lines;
mod number;
mod order;
mod parse;
mod pdqsort;
pub mod pipe;
mod plan;
mod problem;
mod query;
mod quote;
mod re2;
pub mod registry;
pub mod stats;
mod sublime;
mod syslog;
mod text;
mod time;
mod token;
mod trace;
mod xxhash;

pub use assist::{
    Candidate, Clause, Completion, Edit, Fix, Hover, Meaning, Offer, Origin, Reach, Refusal, Renamed, Signature,
    Vocabulary, advice, brackets, complete, edited, field_at, fix, for_source, hover, rename, signature,
};
pub use batch::{Batch, Builder, Column, Name, from_rows};
pub use exec::{AnyText, Env, Flow, Input, Keep, Needs, Out, Run, Scan, Stage, Stop};
pub use fast::{Cells, Rows, Take, Takers};
pub use highlight::{Class, highlight};
pub use layout::lay_out;
pub use lines::{format_line, query_line};
pub use parse::{Parse, format, parse};
pub use plan::{Plan, Section, Work, explain};
pub use problem::{Diagnostic, Problem, Severity, What};
pub use query::{Options, Query};
pub use quote::{any_of, equals, quote_field, quote_value};
pub use sublime::sublime_syntax;
pub use time::{nanos_of, parse_rfc3339, rfc3339_text};
pub use token::{Kind, Token, tokens};

#[cfg(test)]
mod tests;

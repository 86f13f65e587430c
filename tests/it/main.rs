//! Tests of the whole: real servers where they can run, servers that speak the real protocol where not. One crate, so
//! that there is one thing to link; one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auto;
mod cli;
#[cfg(feature = "tui")]
mod console;
mod crowdsec;
mod files;
mod journal;
mod logsql_corpus;
mod ollama;
mod readme;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod victorialogs;

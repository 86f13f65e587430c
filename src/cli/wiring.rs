//! Settings → the parts of an investigation: source, judge, enforcer, journal, and the engine over them. Here, and
//! nowhere else, a setting meets the implementation that it configures.

use std::sync::Arc;

use super::Run;
use super::failure::{Failure, OrFail as _};
use crate::logs::files::{self, FileSource};
use crate::logs::{FieldMap, LogSource};

/// Whether a query on standard input waits for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// A one-shot command reads all of it.
    ForStdin,
    /// The console reads what has arrived.
    Not,
}

/// The source: the files given, else those of the settings, else the server of the settings.
pub async fn source(run: &Run, given: &[String], waits: Waits) -> Result<Arc<dyn LogSource>, Failure> {
    let settings = &run.loaded.settings;
    let inputs = if given.is_empty() { settings.source.files.clone() } else { given.to_vec() };
    if !inputs.is_empty() {
        let options = files::Options {
            inputs,
            format: settings.source.format,
            fields: fields(run),
            trusted_proxies: settings.clients.trusted_proxies.clone(),
            wait_for_stdin: waits == Waits::ForStdin,
            ..files::Options::default()
        };
        return Ok(Arc::new(FileSource::open(options).or_fail(run.lang)?));
    }
    Err(Failure::usage("no source"))
}

/// The names that the operator gave to parts.
fn fields(run: &Run) -> FieldMap {
    let fields = run.loaded.settings.fields.clone();
    FieldMap {
        client: fields.client,
        remote_addr: fields.remote_addr,
        forwarded_for: fields.forwarded_for,
        method: fields.method,
        uri: fields.uri,
        path: fields.path,
        query: fields.query,
        request: fields.request,
        status: fields.status,
        bytes: fields.bytes,
        duration: fields.duration,
        user_agent: fields.user_agent,
        referer: fields.referer,
        host: fields.host,
        ..FieldMap::default()
    }
}

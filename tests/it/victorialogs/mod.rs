//! Against a real VictoriaLogs.

use std::path::Path;
use std::sync::Arc;

use gatewatch::enforce::rehearsal::Rehearsal;
use gatewatch::engine::{Engine, EngineSettings};
use gatewatch::journal::Journal;
use gatewatch::judge::offline::Offline;
use gatewatch::logs::LogSource;

mod detection;
mod endpoints;
mod gates;
mod series;
mod wire;

/// An engine over a source with its journal in a file.
fn engine(source: Arc<dyn LogSource>, journal: &Path, settings: EngineSettings) -> Engine {
    let journal = Arc::new(Journal::open(journal).unwrap());
    Engine {
        source,
        judge: Arc::new(Offline),
        enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
        journal,
        settings: Arc::new(settings),
        recollection: Arc::default(),
    }
}

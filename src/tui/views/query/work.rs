//! What the Query view's requests mean: calls of the source, the library and the journal. Cancelled by drop.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::Timestamp;

use super::detail;
use super::message::{Ending, Failure, Reply, Request};
use super::rows::{self, Columns};
use crate::engine::Engine;
use crate::journal::{Journal, JournalError, QueryRecord};
use crate::library::{Head, Library, LibraryError, Listing};
use crate::logs::{Query, SourceError, Window};
use crate::text::{Lang, Say as _};
use crate::tui::effect;
use crate::tui::work::{Services, Sink};

/// So many earlier queries are listed.
const HISTORY: usize = 200;
/// So many values of a field are offered.
const VALUES: u64 = 50;

/// Carries a request out.
pub async fn perform(request: Request, services: Services, sink: Sink) -> Reply {
    let engine = &services.engine;
    match request {
        Request::Run { text, window } => run(&services, text, window, &sink).await,
        Request::Order { rows, sorting } => {
            let order = off_thread({
                let sorting = sorting.clone();
                move || rows::order(&rows, &sorting)
            });
            Reply::Ordered { order: order.await.unwrap_or_default(), sorting }
        }
        Request::Detail(row) => Reply::Detail(off_thread(move || detail::lines(&row)).await.unwrap_or_default()),
        Request::Shelf => shelf(&services).await,
        Request::Save { name, description, text, replace } => {
            let library = library(&services);
            let saved = off_thread(move || match library {
                Some(library) => library.save(Head::new(&name, &description), &text, replace),
                None => Err(LibraryError::NoFolder),
            });
            Reply::Saved(saved.await.unwrap_or(Err(LibraryError::NoFolder)))
        }
        Request::Note(record) => Reply::Noted(journal(engine, move |journal| journal.record_query(&record)).await),
        Request::Names(window) => Reply::Names(engine.source.field_names(everything(engine, window)).await),
        Request::Progress => Reply::Progress(engine.source.progress()),
        Request::Fields(window) => Reply::Fields(engine.source.fields(window).await.map(Box::new)),
        Request::Values { field, window } => {
            let values = engine.source.field_values(everything(engine, window).limited(VALUES), &field).await;
            Reply::Values { field, values }
        }
    }
}

/// All access-log rows of a range: what completion looks at.
fn everything(engine: &Engine, window: Window) -> Query {
    Query::new(engine.settings.base_filter.clone(), window)
}

/// Rows are sent on as they come, measured here; the end is noted in the journal.
async fn run(services: &Services, text: String, window: Window, sink: &Sink) -> Reply {
    let started = services.clock.now();
    let most = u64::try_from(rows::MOST).unwrap_or(u64::MAX);
    // One more than is kept tells whether there are more.
    let query = Query::new(text.clone(), window).limited(most + 1);
    let mut count = 0_usize;
    let ending = match services.engine.source.query(query).await {
        Err(error) => failed(error),
        Ok(mut stream) => loop {
            match stream.next().await {
                None => break Ending::Whole,
                Some(Err(error)) => break failed(error),
                Some(Ok(mut batch)) => {
                    let capped = count + batch.len() > rows::MOST;
                    batch.truncate(rows::MOST - count);
                    count += batch.len();
                    let columns = Columns::of(&batch);
                    sink.send(effect::Reply::Query(Reply::Batch { rows: Arc::new(batch), columns })).await;
                    if capped {
                        break Ending::Capped;
                    }
                }
            }
        },
    };
    let took = since(started, services.clock.now());
    let error = match &ending {
        Ending::Failed(Failure(error)) => Some(error.say(Lang::En)),
        _ => None,
    };
    let record = QueryRecord { text, at: started, took, rows: u64::try_from(count).unwrap_or(u64::MAX), error };
    // The answer matters more than its note; a journal that cannot be written says so where it is used for acts.
    if let Err(error) = journal(&services.engine, move |journal| journal.record_query(&record)).await {
        tracing::warn!(%error, "the query is not in the history");
    }
    Reply::Ended { ending, took }
}

fn failed(error: SourceError) -> Ending {
    Ending::Failed(Failure(Arc::new(error)))
}

/// From one instant to another, never negative.
pub(super) fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

fn library(services: &Services) -> Option<Library> {
    services.queries_dir.clone().map(Library::new)
}

async fn shelf(services: &Services) -> Reply {
    let library = library(services);
    let listing = off_thread(move || match library {
        Some(library) => library.list(),
        None => Listing { queries: crate::library::shipped().to_vec(), problems: Vec::new() },
    });
    let history = journal(&services.engine, |journal| journal.queries(HISTORY)).await;
    Reply::Shelf { listing: listing.await.unwrap_or_default(), history }
}

/// Calls the journal, which waits for the disk.
async fn journal<T: Send + 'static>(
    engine: &Engine,
    call: impl FnOnce(&Journal) -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    let journal = Arc::clone(&engine.journal);
    let broken = || JournalError::Statement { cause: "the call panicked".to_owned() };
    off_thread(move || call(&journal)).await.unwrap_or_else(|| Err(broken()))
}

/// Runs work that takes its time beside the async threads; `None` where it panicked.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

//! Reads all contents at once on as many threads as there are cores, and hands the rows on in batches, in the order of
//! the files and their lines. What is read ahead is bounded.

use std::num::NonZero;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

use super::Options;
use super::batches::Batches;
use super::catalog::{Content, failed};
use super::columns::Columns;
use super::formats::Kind;
use super::formats::entry::Wanted;
use super::progress::Reading;
use super::scan::{Find, TimeRange, find};
use super::search::Search;
use super::seek;
use crate::logs::SourceError;
use crate::logsql::{AnyText, Batch, Keep};

/// Batches that may wait for each part that is being read.
const WAITING: usize = 16;

/// So many parts more than there are threads may be read, or wait for whoever takes their rows.
const AHEAD: usize = 2;

/// More threads than this gain nothing.
const MOST_THREADS: usize = 8;

/// What is asked of the files.
pub struct Request<'a> {
    /// Lines in this range.
    pub range: TimeRange,
    /// The fields that will be read.
    pub wanted: Wanted,
    /// Whether a query names a field, so that it is made where lines lack it.
    pub asked: &'a (dyn Fn(&str) -> bool + Sync),
    /// Of each of these, one text or another stands in its field in every row that matters.
    pub texts: &'a [AnyText],
    /// Which rows of a batch matter; the others are not handed on.
    pub keep: Option<Keep<'a>>,
    /// Where the reading is counted.
    pub reading: &'a Reading,
    /// Whether nobody waits for the answer any more.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

type Answer = Result<Batch, SourceError>;

/// Keeps the reading from running away from whoever takes the rows: a part is small enough to lie in its channel as a
/// whole, so that the channels alone hold nobody back.
#[derive(Default)]
struct Taken {
    /// Parts whose rows are all taken.
    parts: Mutex<usize>,
    more: Condvar,
}

impl Taken {
    /// Waits until a part is no farther ahead than `most`.
    fn wait_for(&self, part: usize, most: usize) {
        let taken = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.more.wait_while(taken, |taken| part >= taken.saturating_add(most));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// So many parts are taken.
    fn set(&self, parts: usize) {
        *self.parts.lock().unwrap_or_else(PoisonError::into_inner) = parts;
        self.more.notify_all();
    }
}

/// A part of a content, and where its rows go.
struct Job<'a> {
    content: &'a Content,
    part: Range<u64>,
    rows: SyncSender<Answer>,
}

/// Hands every row to `sink`, until that breaks. A file that cannot be read to its end does not keep the others from
/// being read: its error, the first of them, is given at the end.
pub fn read(
    contents: &[Content],
    options: &Options,
    request: &Request<'_>,
    sink: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), SourceError> {
    let (parts, mut failure) = parts(contents, request.range);
    let _question = request.reading.begin(parts.iter().map(|(_, part)| part.end - part.start).sum());
    let (mut jobs, mut answers) = (Vec::new(), Vec::new());
    for (content, part) in parts {
        let (rows, answer) = sync_channel(WAITING);
        jobs.push(Job { content, part, rows });
        answers.push(answer);
    }
    let threads = threads(jobs.len());
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let jobs: Vec<_> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
    let taken = Taken::default();
    // The first part that is not read yet is always in some thread's hands, so that waiting for it ends.
    let work = || {
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(part) else { break };
            taken.wait_for(part, threads + AHEAD);
            let job = job.lock().ok().and_then(|mut job| job.take());
            if let Some(job) = job.filter(|_| !stop.load(Ordering::Relaxed)) {
                run(&job, options, request, &stop);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
        let ended = hand_on(answers, request, &taken, &mut failure, sink);
        if ended.is_break() {
            stop.store(true, Ordering::Relaxed);
        }
        taken.set(usize::MAX);
    });
    failure.map_or(Ok(()), Err)
}

/// The parts of all contents, in order, and the first file that cannot be read.
pub fn parts(contents: &[Content], range: TimeRange) -> (Vec<(&Content, Range<u64>)>, Option<SourceError>) {
    let (mut all, mut failure) = (Vec::new(), None);
    for content in contents {
        match seek::parts(content, range, 0) {
            Ok(parts) => all.extend(parts.into_iter().map(|part| (content, part))),
            Err(error) => failure = failure.or(Some(failed(&content.path, &error))),
        }
    }
    (all, failure)
}

/// How many threads read so many parts.
pub fn threads(parts: usize) -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS).min(parts)
}

/// Takes the answers in order. Leaving early drops those that are left, which ends their threads.
fn hand_on(
    answers: Vec<Receiver<Answer>>,
    request: &Request<'_>,
    taken: &Taken,
    failure: &mut Option<SourceError>,
    sink: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (part, answer) in (1..).zip(answers) {
        for batch in answer {
            match batch {
                Ok(batch) => sink(batch)?,
                Err(error) => *failure = failure.take().or(Some(error)),
            }
            if (request.cancelled)() {
                return ControlFlow::Break(());
            }
        }
        taken.set(part);
    }
    ControlFlow::Continue(())
}

/// Reads one part.
fn run(job: &Job<'_>, options: &Options, request: &Request<'_>, stop: &AtomicBool) {
    let columns = Columns::new(&job.content.known.map, &options.trusted_proxies, request.asked);
    let mut wanted = request.wanted.clone();
    columns.want(&mut wanted);
    // Lines that go on where the one before ends stay behind it; other lines without a time are oddities, and a batch
    // for each of those would let a stranger slow every query down.
    let keep_order = job.content.known.format.kind() == Kind::Plain;
    let mut rows = 0;
    let (mut timed, mut untimed) = (Batches::new(&wanted, &columns), Batches::new(&wanted, &columns));
    let over = || stop.load(Ordering::Relaxed) || (request.cancelled)();
    let search = Search::new(request.texts, job.content.known.format.kind(), &columns, true);
    // The rows that matter go on; whether somebody takes them.
    let send = |batch: Batch| {
        let batch = match request.keep {
            Some(keep) => {
                let rows = keep(&batch);
                batch.filtered(&rows)
            }
            None => batch,
        };
        batch.rows == 0 || job.rows.send(Ok(batch)).is_ok()
    };
    let ask = Find { range: request.range, wanted: &wanted, search: search.as_ref() };
    let result = find(job.content, job.part.clone(), &ask, &over, &mut |entry, at| {
        let (own, other) = if entry.time.is_some() { (&mut timed, &mut untimed) } else { (&mut untimed, &mut timed) };
        let before = if keep_order { other.take() } else { None };
        let full = own.push(entry, at);
        rows += 1;
        let after = full.as_ref().and_then(|_| other.take());
        let alive = before.into_iter().chain(full).chain(after).all(send);
        if alive { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    request.reading.count(job.part.end - job.part.start, rows);
    for rest in timed.take().into_iter().chain(untimed.take()) {
        send(rest);
    }
    if let Err(error) = result {
        let _ = job.rows.send(Err(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Row;
    use crate::logs::files::catalog::Catalog;
    use crate::logs::files::tests::{EVER, Place, access};

    fn rows(catalog: &Catalog, wanted: Wanted, asked: &[&str]) -> (Vec<Row>, Result<(), SourceError>) {
        let mut rows = Vec::new();
        let asked = |name: &str| asked.contains(&name);
        let request = Request {
            range: EVER,
            wanted,
            asked: &asked,
            texts: &[],
            keep: None,
            reading: &Reading::default(),
            cancelled: &|| false,
        };
        let result = read(&catalog.list().unwrap(), catalog.options(), &request, &mut |batch| {
            for (index, mut row) in batch.to_rows().into_iter().enumerate() {
                for (name, column) in &batch.hidden {
                    row.push_hidden(name.clone(), column.get(index));
                }
                rows.push(row);
            }
            ControlFlow::Continue(())
        });
        (rows, result)
    }

    #[test]
    fn rows_come_in_the_order_of_files_and_lines_whatever_thread_read_them() {
        let place = Place::new();
        let lines = |range: Range<u64>| range.map(|second| access(second) + "\n").collect::<String>();
        // Several parts each.
        place.write("a.log", lines(0..45_000)).write("b.log", lines(0..45_000)).write("c.log", "");
        let (rows, result) = rows(&place.catalog(&["*.log"]), Wanted::only(["_msg"]), &[]);
        assert_eq!((rows.len(), result.is_ok()), (90_000, true));
        assert!(rows.iter().enumerate().all(|(index, row)| row.get("_msg") == access(index as u64 % 45_000)));
    }

    #[test]
    fn a_field_that_is_asked_for_is_made() {
        let place = Place::new();
        place.write("a", r#"{"client_ip":"10.0.0.1","x_forwarded_for":"203.0.113.9","request_uri":"/a?b"}"#);
        let options = Options { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..place.options(&["a"]) };
        let catalog = Catalog::open(options).unwrap();
        let (asked, _) = rows(&catalog, Wanted::only(["client", "path"]), &["client", "path"]);
        assert_eq!((asked[0].get("client"), asked[0].get("path")), ("203.0.113.9", "/a"));
        let (all, _) = rows(&catalog, Wanted::all(), &[]);
        assert!(all[0].iter().all(|(name, _)| name != "client" && name != "path"));
    }

    #[test]
    fn an_unreadable_file_does_not_keep_the_others_from_being_read() {
        let place = Place::new();
        place.write("a.gz", [0x1f, 0x8b, 8, 0, 1]).write("b", access(0));
        let (rows, result) = rows(&place.catalog(&["a.gz", "b"]), Wanted::all(), &[]);
        assert_eq!(rows.len(), 1);
        assert!(matches!(result, Err(SourceError::Damaged { .. })));
    }

    #[test]
    fn the_reading_does_not_run_away_from_whoever_takes_the_rows() {
        let (taken, begun) = (Taken::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for part in 0..50 {
                    taken.wait_for(part, 3);
                    begun.store(part + 1, Ordering::SeqCst);
                }
            });
            for parts in 0..=47 {
                taken.set(parts);
                while begun.load(Ordering::SeqCst) < parts + 3 {
                    std::thread::yield_now();
                }
                assert_eq!(begun.load(Ordering::SeqCst), parts + 3);
            }
        });
        let left = std::thread::scope(|scope| {
            let waits = scope.spawn(|| taken.wait_for(1_000, 3));
            taken.set(usize::MAX);
            waits.join()
        });
        assert!(left.is_ok(), "whoever leaves lets everybody go");
    }

    #[test]
    fn leaving_early_ends_every_thread() {
        let place = Place::new();
        place.write("a", (access(0) + "\n").repeat(200_000));
        let catalog = place.catalog(&["a"]);
        let asked = |_: &str| false;
        let request = Request {
            range: EVER,
            wanted: Wanted::all(),
            asked: &asked,
            texts: &[],
            keep: None,
            reading: &Reading::default(),
            cancelled: &|| false,
        };
        let mut seen = 0;
        let result = read(&catalog.list().unwrap(), catalog.options(), &request, &mut |batch| {
            seen += batch.rows;
            ControlFlow::Break(())
        });
        assert!(result.is_ok() && (1..200_000).contains(&seen), "{seen}");
        // Cancelled before it began: nothing is read at all.
        let request = Request { cancelled: &|| true, ..request };
        let mut seen = 0;
        let result = read(&catalog.list().unwrap(), catalog.options(), &request, &mut |batch| {
            seen += batch.rows;
            ControlFlow::Continue(())
        });
        assert!(result.is_ok() && seen == 0, "{seen}");
    }
}

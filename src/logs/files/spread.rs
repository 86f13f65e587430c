//! Reads all contents on as many threads as there are cores and gives each thread's rows to a taker of its own, as
//! columns that borrow from the block that was read. Nothing waits for another part, and no row is copied.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Options;
use super::bytes::Span;
use super::catalog::{Content, failed};
use super::columns::Columns;
use super::formats::Kind;
use super::formats::entry::Field;
use super::lines::Blocks;
use super::read::{parts, threads};
use super::scan::{Pass, TimeRange};
use super::slab::{self, Coder, Slab};
use crate::logs::SourceError;
use crate::logsql::{Flow, Take, Takers};

/// What is asked of the files.
pub struct Ask<'a> {
    /// Lines in this range.
    pub range: TimeRange,
    /// The fields, a column each.
    pub names: &'a [String],
    /// Whether nobody waits for the answer any more.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// The work of all threads.
struct Work<'a> {
    parts: Vec<(&'a Content, Range<u64>)>,
    options: &'a Options,
    ask: &'a Ask<'a>,
    next: AtomicUsize,
    stop: AtomicBool,
    /// The first part, in order, that could not be read to its end.
    failure: Mutex<Option<(usize, SourceError)>>,
}

/// Gives all rows to takers. A file that cannot be read to its end does not keep the others from being read: the error
/// of the first of them is given at the end.
pub fn spread(contents: &[Content], options: &Options, ask: &Ask<'_>, takers: Takers<'_>) -> Result<(), SourceError> {
    let (parts, failure) = parts(contents, ask.range);
    let threads = threads(parts.len());
    let work = Work {
        parts,
        options,
        ask,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        failure: Mutex::new(failure.map(|error| (0, error))),
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work.run(takers()));
        }
        work.run(takers());
    });
    let failure = work.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(()), |(_, error)| Err(error))
}

impl Work<'_> {
    fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || (self.ask.cancelled)()
    }

    /// Reads parts until there are no more.
    fn run<'t>(&self, mut taker: Box<dyn Take + 't>) {
        let mut coders: Vec<Coder> = self.ask.names.iter().map(|_| Coder::default()).collect();
        let mut buffer = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((content, part)) = self.parts.get(index) else { break };
            if self.over() {
                break;
            }
            match self.part(index, content, part.clone(), &mut coders, &mut *taker, buffer) {
                Ok(used) => buffer = used,
                Err(error) => {
                    buffer = Vec::new();
                    let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                    if failure.as_ref().is_none_or(|(first, _)| index < *first) {
                        *failure = Some((index, error));
                    }
                }
            }
        }
        taker.end();
    }

    fn part(
        &self,
        index: usize,
        content: &Content,
        part: Range<u64>,
        coders: &mut [Coder],
        taker: &mut dyn Take,
        buffer: Vec<u8>,
    ) -> Result<Vec<u8>, SourceError> {
        let fail = |error| failed(&content.path, &error);
        let Ask { range, names, .. } = *self.ask;
        let asked = |name: &str| names.iter().any(|known| known == name);
        let columns = Columns::new(&content.known.map, &self.options.trusted_proxies, &asked);
        let sources = slab::sources(names, &columns);
        let mut wanted = slab::wanted(names, &columns);
        // The time of a JSON line costs much of the whole and decides nothing where all times are asked for.
        let any_time = range.start == i64::MIN && range.end == i64::MAX;
        if !any_time || content.known.format.kind() != Kind::Json {
            wanted.add(Field::Time.name());
        }
        let span = Span::new(content.file.clone(), part.start, part.end);
        let reader = span.content(content.known.compression).map_err(fail)?;
        let mut blocks = Blocks::reusing(reader, part.start, buffer);
        let mut pass = Pass::new(content, range, &wanted);
        let mut place = (index as u64) << 32;
        while let Some(block) = blocks.next_block().map_err(fail)? {
            if self.over() {
                break;
            }
            let mut slab = Slab::new(&columns, &sources, coders);
            let _ = pass.block(&block, |entry, at| {
                slab.push(entry, at);
                ControlFlow::Continue(())
            });
            let rows = slab.rows();
            if rows.count > 0 && taker.take(place, &rows) == Flow::Enough {
                self.stop.store(true, Ordering::Relaxed);
                break;
            }
            place += rows.count as u64;
        }
        Ok(blocks.into_buffer())
    }
}

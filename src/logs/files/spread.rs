//! Reads all contents on as many threads as there are cores and gives each thread's rows to a taker of its own, as
//! columns that borrow from the block that was read. Nothing waits for another part, and no row is copied.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Options;
use super::bytes::{Compression, Span};
use super::catalog::{Content, failed};
use super::columns::Columns;
use super::formats::Kind;
use super::formats::entry::{Entry, Field, Wanted};
use super::formats::time::Context;
use super::index::{Chunk, Wish, serve};
use super::lean::{BlockText, Lean, Read};
use super::ledger::Sample;
use super::lines::{Block, Blocks};
use super::progress::Reading;
use super::read::threads;
use super::scan::{Line, Pass, TimeRange};
use super::search::{Lines, Search};
use super::seek;
use super::slab::{self, Coder, Slab};
use crate::logs::SourceError;
use crate::logsql::{AnyText, Flow, Take, Takers};

/// What is asked of the files.
pub struct Ask<'a> {
    /// Lines in this range.
    pub range: TimeRange,
    /// The fields, a column each.
    pub names: &'a [String],
    /// Of each of these, one text or another stands in its field in every row that matters.
    pub texts: &'a [AnyText],
    /// Where the reading is counted.
    pub reading: &'a Reading,
    /// Whether nobody waits for the answer any more.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// The work of all threads.
struct Work<'a> {
    jobs: Vec<(&'a Content, Job)>,
    options: &'a Options,
    ask: &'a Ask<'a>,
    next: AtomicUsize,
    stop: AtomicBool,
    /// The first part, in order, that could not be read to its end.
    failure: Mutex<Option<(usize, SourceError)>>,
}

/// What one thread does at a time.
enum Job {
    /// Lines in memory.
    Chunk(Arc<Chunk>),
    /// Lines of a part of the content; before it, the last line with a time had this one.
    Part(Range<u64>, Option<i64>),
}

/// The work in the order of files and lines, and the first file that cannot be read.
fn jobs<'a>(contents: &'a [Content], ask: &Ask<'_>) -> (Vec<(&'a Content, Job)>, Option<SourceError>) {
    let (mut jobs, mut failure) = (Vec::new(), None);
    for content in contents {
        let compressed = content.known.compression != Compression::None;
        let known = content.known.index.chunks(ask.names, content.length, compressed).unwrap_or_default();
        jobs.extend(known.chunks.into_iter().map(|chunk| (content, Job::Chunk(chunk))));
        match seek::parts(content, ask.range, known.rest) {
            Ok(parts) => {
                let mut last = known.last;
                jobs.extend(parts.into_iter().map(|part| (content, Job::Part(part, last.take()))));
            }
            Err(error) => failure = failure.or(Some(failed(&content.path, &error))),
        }
    }
    (jobs, failure)
}

/// Gives all rows to takers. A file that cannot be read to its end does not keep the others from being read: the error
/// of the first of them is given at the end.
pub fn spread(contents: &[Content], options: &Options, ask: &Ask<'_>, takers: Takers<'_>) -> Result<(), SourceError> {
    let (jobs, failure) = jobs(contents, ask);
    let threads = threads(jobs.len());
    let lengths = jobs.iter().map(|(_, job)| match job {
        Job::Chunk(_) => 0,
        Job::Part(part, _) => part.end - part.start,
    });
    let _question = ask.reading.begin(lengths.sum());
    let work = Work {
        jobs,
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
            let Some((content, job)) = self.jobs.get(index) else { break };
            if self.over() {
                break;
            }
            let result = match job {
                Job::Chunk(chunk) => {
                    self.chunk(index, content, chunk, &mut *taker);
                    continue;
                }
                Job::Part(part, last) => {
                    self.part(index, (content, part.clone(), *last), &mut coders, &mut *taker, buffer)
                }
            };
            match result {
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

    /// The rows of a chunk of an index.
    fn chunk(&self, index: usize, content: &Content, chunk: &Chunk, taker: &mut dyn Take) {
        let Ask { range, names, .. } = *self.ask;
        let asked = |name: &str| names.iter().any(|known| known == name);
        let columns = Columns::new(&content.known.map, &self.options.trusted_proxies, &asked);
        let sources = slab::sources(names, &columns);
        let fallback = Pass::new(content, range, &Wanted::all()).fallback();
        let wish = Wish { sources: &sources, range, halved: content.is_halved(), fallback };
        if serve(chunk, &wish, (index as u64) << 32, taker) == Flow::Enough {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn part(
        &self,
        index: usize,
        (content, part, last): (&Content, Range<u64>, Option<i64>),
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
        let kind = content.known.format.kind();
        // The time of a JSON line costs much of the whole and decides nothing where all times are asked for.
        let untimed = range.start == i64::MIN && range.end == i64::MAX && !asked(Field::Time.name());
        if !untimed || kind != Kind::Json {
            wanted.add(Field::Time.name());
        }
        let span = Span::new(content.file.clone(), part.start, part.end);
        let reader = span.content(content.known.compression).map_err(fail)?;
        let mut blocks = Blocks::reusing(reader, part.start, buffer);
        let mut rows = BlockRows {
            pass: Pass::new(content, range, &wanted).after(last),
            context: &content.context,
            search: Search::new(self.ask.texts, kind, &columns, untimed),
            lean: Lean::new(content.known.format, &sources, !untimed),
        };
        let mut place = (index as u64) << 32;
        while let Some(block) = blocks.next_block().map_err(fail)? {
            if self.over() {
                break;
            }
            let mut slab = Slab::new(&columns, &sources, coders);
            rows.fill(&block, &mut slab);
            let rows = slab.rows();
            self.ask.reading.count(block.bytes.len() as u64, rows.count as u64);
            if rows.count > 0 && taker.take(place, &rows) == Flow::Enough {
                self.stop.store(true, Ordering::Relaxed);
                break;
            }
            place += rows.count as u64;
        }
        Ok(blocks.into_buffer())
    }
}

/// Makes rows of blocks.
struct BlockRows<'a> {
    pass: Pass<'a>,
    context: &'a Context,
    search: Option<Search>,
    lean: Option<Lean<'a>>,
}

impl BlockRows<'_> {
    /// The lines of a block that can matter, as rows.
    fn fill<'block>(&mut self, block: &Block<'block>, slab: &mut Slab<'_, 'block>) {
        let Self { pass, context, search, lean } = self;
        let text = BlockText::new(block.bytes).filter(|_| !block.cut && !block.torn);
        let escaped = memchr::memchr(b'\\', block.bytes).is_some();
        let mut unparsed = Vec::new();
        let mut read_to = block.offset + block.bytes.len() as u64;
        let mut entry = Entry::default();
        let start = block.bytes.as_ptr() as usize;
        for line in Lines::new(block.bytes, search.as_ref()).filter(|line| !line.is_empty()) {
            if let (Some(lean), Some(text)) = (lean.as_mut(), text)
                && !(escaped && line.contains(&b'\\'))
            {
                match lean.read(line, text, context, slab, |time| pass.place(time)) {
                    Read::Row | Read::Outside => continue,
                    Read::Unusual => {}
                }
            }
            let offset = block.offset + (line.as_ptr() as usize - start) as u64;
            match pass.line(block, line, &mut entry) {
                Line::Growing => {
                    read_to = offset;
                    break;
                }
                Line::Unparsed => unparsed.push(Sample::new(offset, line)),
                Line::Parsed => {}
            }
            if let Some(at) = pass.place(entry.time) {
                slab.push(&entry, at);
            }
        }
        // Where lines were passed over, nobody knows how many of them would not have parsed.
        if search.is_none() {
            pass.note(block, read_to, &unparsed);
        }
    }
}

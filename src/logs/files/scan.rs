//! One pass over one content: the lines inside of a window, taken apart. Lines that do not parse are entered in the
//! ledger and handed on like the others.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::Ordering;

use super::bytes::Span;
use super::catalog::{Content, failed};
use super::formats::entry::{Entry, Field, Wanted};
use super::ledger::Sample;
use super::lines::{Block, Blocks};
use super::search::{Lines, Search};
use super::seek::SLACK;
use crate::logs::{SourceError, Window};

/// A range of time in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct TimeRange {
    /// The first instant inside.
    pub start: i64,
    /// The first instant after.
    pub end: i64,
}

impl From<Window> for TimeRange {
    fn from(window: Window) -> Self {
        let clamped = |instant: jiff::Timestamp| {
            i64::try_from(instant.as_nanosecond()).unwrap_or(if instant.as_second() < 0 { i64::MIN } else { i64::MAX })
        };
        Self { start: clamped(window.start), end: clamped(window.end) }
    }
}

/// What to do with a line that was taken apart; beside it the instant where it belongs: its own time, or that of the
/// line before it where it has none.
pub type Sink<'a> = dyn FnMut(&Entry<'_>, i64) -> ControlFlow<()> + 'a;

/// Hands every line of a part of a content that lies in the range to `sink`, until that breaks or the scan is
/// cancelled, which is asked before each block. Fields beside the
/// wanted ones may be missing.
#[cfg(test)]
pub fn scan(
    content: &Content,
    part: Range<u64>,
    range: TimeRange,
    wanted: &Wanted,
    cancelled: &dyn Fn() -> bool,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>, SourceError> {
    find(content, part, &Find { range, wanted, search: None }, cancelled, sink)
}

/// What is looked for.
pub struct Find<'a> {
    /// Lines in this range.
    pub range: TimeRange,
    /// The fields that are read; others may be missing.
    pub wanted: &'a Wanted,
    /// Only the lines that this finds, where it is given.
    pub search: Option<&'a Search>,
}

/// The same for the lines that a search finds.
pub fn find(
    content: &Content,
    part: Range<u64>,
    ask: &Find<'_>,
    cancelled: &dyn Fn() -> bool,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>, SourceError> {
    let fail = |error| failed(&content.path, &error);
    let span = Span::new(content.file.clone(), part.start, part.end);
    let mut blocks = Blocks::new(span.content(content.known.compression).map_err(fail)?, part.start);
    let mut wanted = ask.wanted.clone();
    wanted.add(Field::Time.name());
    let mut pass = Pass::new(content, ask.range, &wanted);
    while let Some(block) = blocks.next_block().map_err(fail)? {
        if cancelled() {
            return Ok(ControlFlow::Break(()));
        }
        let flow = match ask.search {
            None => pass.block(&block, |entry, at| sink(entry, at)),
            Some(search) => pass.found(&block, search, |entry, at| sink(entry, at)),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The lines of a content, block by block.
pub struct Pass<'a> {
    content: &'a Content,
    range: TimeRange,
    wanted: &'a Wanted,
    /// Where a line belongs that no time was seen before.
    fallback: i64,
    /// The time of the last line that had one.
    last: Option<i64>,
    newest: i64,
}

impl<'a> Pass<'a> {
    /// A pass over lines in the range.
    pub fn new(content: &'a Content, range: TimeRange, wanted: &'a Wanted) -> Self {
        // Lines before the first time, and those of a file without times, lie in any window: at the file's last change,
        // or as near to it as the window allows.
        let changed = i64::try_from(content.context.reference.as_nanosecond()).unwrap_or(i64::MAX);
        let fallback = changed.min(range.end.saturating_sub(1)).max(range.start);
        Self { content, range, wanted, fallback, last: None, newest: i64::MIN }
    }

    /// The same behind lines of which the last that had a time had this one.
    pub fn after(self, last: Option<i64>) -> Self {
        Self { last, newest: last.unwrap_or(i64::MIN), ..self }
    }

    /// Where lines belong before which no line had a time.
    pub const fn fallback(&self) -> i64 {
        self.fallback
    }

    /// Takes the lines of a block apart; what `sink` gets may borrow from the block.
    pub fn block<'block>(
        &mut self,
        block: &Block<'block>,
        mut sink: impl FnMut(&Entry<'block>, i64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut unparsed = Vec::new();
        let mut read_to = block.offset;
        let mut entry = Entry::default();
        let mut flow = ControlFlow::Continue(());
        for (offset, line) in block.lines() {
            if flow.is_break() {
                break;
            }
            read_to = offset + line.len() as u64 + 1;
            if line.is_empty() {
                continue;
            }
            match self.line(block, line, &mut entry) {
                Line::Growing => {
                    read_to = offset;
                    break;
                }
                Line::Unparsed => unparsed.push(Sample::new(offset, line)),
                Line::Parsed => {}
            }
            flow = self.entry(&entry, &mut sink);
        }
        self.note(block, read_to, &unparsed);
        flow
    }

    /// Takes the lines of a block apart that a search finds. The time of a line without one is that of a line before it,
    /// wherever that is.
    pub fn found<'block>(
        &mut self,
        block: &Block<'block>,
        search: &Search,
        mut sink: impl FnMut(&Entry<'block>, i64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut entry = Entry::default();
        let place = |line: &[u8]| line.as_ptr() as usize - block.bytes.as_ptr() as usize;
        // Up to here the time of the last line is known.
        let mut known = 0;
        for line in Lines::new(block.bytes, Some(search)).filter(|line| !line.is_empty()) {
            if matches!(self.line(block, line, &mut entry), Line::Growing) {
                return ControlFlow::Continue(());
            }
            if entry.time.is_none() {
                self.last = self.last_time(block, known..place(line)).or(self.last);
            }
            known = place(line) + line.len();
            self.entry(&entry, &mut sink)?;
        }
        self.last = self.last_time(block, known..block.bytes.len()).or(self.last);
        ControlFlow::Continue(())
    }

    /// The time of the last line in a part of a block that has one.
    fn last_time(&self, block: &Block<'_>, part: Range<usize>) -> Option<i64> {
        let mut rest = &block.bytes[part];
        let mut entry = Entry::default();
        while !rest.is_empty() {
            let start = memchr::memrchr(b'\n', &rest[..rest.len() - 1]).map_or(0, |end| end + 1);
            let line = rest[start..].trim_ascii_end();
            if self.parse(block, line, &mut entry) && entry.time.is_some() {
                return entry.time;
            }
            rest = &rest[..start];
        }
        None
    }

    /// Takes one line of a block apart.
    pub fn line<'line>(&self, block: &Block<'_>, line: &'line [u8], entry: &mut Entry<'line>) -> Line {
        if self.parse(block, line, entry) {
            Line::Parsed
        } else if block.torn && self.content.fresh {
            // Still being written: the next scan reads it whole.
            Line::Growing
        } else {
            Line::Unparsed
        }
    }

    /// Enters the lines of a block that did not parse, up to where it was read.
    pub fn note(&self, block: &Block<'_>, read_to: u64, unparsed: &[Sample]) {
        self.content.known.lock_ledger().enter(block.offset..read_to, unparsed);
    }

    fn parse<'line>(&self, block: &Block<'_>, line: &'line [u8], entry: &mut Entry<'line>) -> bool {
        if block.cut {
            entry.clear();
            entry.set(Field::Msg, line);
            return false;
        }
        self.content.known.format.parse(line, &self.content.context, self.wanted, entry)
    }

    fn entry<'block>(
        &mut self,
        entry: &Entry<'block>,
        sink: &mut impl FnMut(&Entry<'block>, i64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.place(entry.time).map_or(ControlFlow::Continue(()), |at| sink(entry, at))
    }

    /// Where the next line belongs by its own time; `None` outside of the range.
    pub fn place(&mut self, time: Option<i64>) -> Option<i64> {
        if let Some(time) = time {
            if time < self.newest.saturating_sub(SLACK) {
                self.content.known.disordered.store(true, Ordering::Relaxed);
            }
            self.newest = self.newest.max(time);
            self.last = Some(time);
        }
        let at = self.last.unwrap_or(self.fallback);
        (self.range.start <= at && at < self.range.end).then_some(at)
    }
}

/// What became of a line.
pub enum Line {
    /// It is of the format.
    Parsed,
    /// It is not; the entry holds it whole.
    Unparsed,
    /// It is the last one and still being written.
    Growing,
}

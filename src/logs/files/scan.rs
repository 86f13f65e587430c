//! One pass over one content: the lines inside of a window, taken apart. Lines that do not parse are entered in the
//! ledger and handed on like the others.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use super::bytes::Span;
use super::catalog::{Content, failed};
use super::formats::entry::{Entry, Field, Wanted};
use super::ledger::Sample;
use super::lines::{Block, Blocks};
use super::seek::{self, SLACK};
use crate::logs::{SourceError, Window};

/// Once lines are this much younger than the window's end, the rest of an ordered file is left alone. Much longer
/// than the slack, since a request is logged at its end under the time of its start (Apache), and some last an hour.
const AFTER_END: i64 = 60 * 60 * 1_000_000_000;

/// A range of time in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The first instant inside.
    pub start: i64,
    /// The first instant after.
    pub end: i64,
}

impl From<Window> for Range {
    fn from(window: Window) -> Self {
        let clamped = |instant: jiff::Timestamp| {
            i64::try_from(instant.as_nanosecond()).unwrap_or(if instant.as_second() < 0 { i64::MIN } else { i64::MAX })
        };
        Self { start: clamped(window.start), end: clamped(window.end) }
    }
}

/// Hands every line of a content that lies in the range to `sink`, until that breaks. A line without a time belongs
/// where the line before it does. Fields beside the wanted ones may be missing.
pub fn scan(
    content: &Content,
    range: Range,
    wanted: &Wanted,
    sink: &mut dyn FnMut(&Entry<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, SourceError> {
    let known = &content.known;
    if written_before(content, range.start) {
        return Ok(ControlFlow::Continue(()));
    }
    let fail = |error| failed(&content.path, &error);
    let start = seek::start_of(content, range.start).map_err(fail)?;
    let span = Span::new(content.file.clone(), start.offset, content.length);
    let mut blocks = Blocks::new(span.content(known.compression).map_err(fail)?, start.offset);
    let mut wanted = wanted.clone();
    wanted.add(Field::Time.name());
    let ordered = start.ordered;
    let mut pass = Pass { content, range, wanted: &wanted, ordered, last: None, newest: i64::MIN };
    while let Some(block) = blocks.next_block().map_err(fail)? {
        match pass.block(&block, sink) {
            ControlFlow::Continue(()) => {}
            ControlFlow::Break(Stop::PastTheEnd) => break,
            ControlFlow::Break(Stop::Sink) => return Ok(ControlFlow::Break(())),
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Whether a file was last written before the window, as rotated ones were; then none of its lines can lie inside.
/// Only believed where its first lines are not younger than that either (a copied or restored file).
fn written_before(content: &Content, start: i64) -> bool {
    let Ok(modified) = i64::try_from(content.context.reference.as_nanosecond()) else { return false };
    let believed = modified.saturating_add(SLACK);
    !content.fresh && content.known.latest.is_some_and(|latest| latest <= believed) && believed < start
}

enum Stop {
    Sink,
    PastTheEnd,
}

struct Pass<'a> {
    content: &'a Content,
    range: Range,
    wanted: &'a Wanted,
    ordered: bool,
    /// The time of the last line that had one.
    last: Option<i64>,
    newest: i64,
}

impl Pass<'_> {
    fn block(&mut self, block: &Block<'_>, sink: &mut dyn FnMut(&Entry<'_>) -> ControlFlow<()>) -> ControlFlow<Stop> {
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
            let parsed = self.parse(block, line, &mut entry);
            if !parsed && block.torn && self.content.fresh {
                // Still being written: the next scan reads it whole.
                read_to = offset;
                break;
            }
            if !parsed {
                unparsed.push(Sample::new(offset, line));
            }
            flow = self.entry(&entry, sink);
        }
        self.content.known.lock_ledger().enter(block.offset..read_to, &unparsed);
        flow
    }

    fn parse<'line>(&self, block: &Block<'_>, line: &'line [u8], entry: &mut Entry<'line>) -> bool {
        if block.cut {
            entry.clear();
            entry.set(Field::Msg, line);
            return false;
        }
        self.content.known.format.parse(line, &self.content.context, self.wanted, entry)
    }

    fn entry(&mut self, entry: &Entry<'_>, sink: &mut dyn FnMut(&Entry<'_>) -> ControlFlow<()>) -> ControlFlow<Stop> {
        if let Some(time) = entry.time {
            if time < self.newest.saturating_sub(SLACK) {
                self.content.known.disordered.store(true, Ordering::Relaxed);
                self.ordered = false;
            }
            self.newest = self.newest.max(time);
            self.last = Some(time);
        }
        match self.last {
            Some(time) if time < self.range.start => ControlFlow::Continue(()),
            Some(time) if time >= self.range.end => {
                let past = self.ordered && time.saturating_sub(AFTER_END) >= self.range.end;
                if past { ControlFlow::Break(Stop::PastTheEnd) } else { ControlFlow::Continue(()) }
            }
            _ => sink(entry).map_break(|()| Stop::Sink),
        }
    }
}

//! Where in a big log file a window begins. Log files are written in the order of time, give or take the length of a
//! request, so that a search by halves finds the place by reading a few lines. A file whose lines turn out not to be
//! in order is read whole.

use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::Ordering;

use super::bytes::Compression;
use super::catalog::Content;
use super::formats::entry::{Entry, Wanted};
use super::scan::TimeRange;

/// How far apart in time lines may be swapped; the search aims this much before the window.
pub const SLACK: i64 = 10 * 60 * 1_000_000_000;

/// How long after the window's end lines are still looked at. Much longer than the slack, since Apache logs a request
/// at its end under the time of its start, and some last an hour.
const AFTER_END: i64 = 60 * 60 * 1_000_000_000;

/// How much one thread reads at a time.
const PART: u64 = 4 << 20;

/// Smaller files are read whole.
const WORTH_IT: u64 = 4 << 20;

/// The search stops at steps of this many bytes.
const STEP: u64 = 64 << 10;

/// How much of a place is read to find a line with a time.
const GLANCE: usize = 64 << 10;

/// How many places are looked at to see whether the file is in order.
const PLACES: u64 = 48;

/// The parts of a content, from the start of a line on, to be read for lines in a range, in order, each of whole lines.
/// Lines outside of the range are among them; lines inside are nowhere else.
pub fn parts(content: &Content, range: TimeRange, from: u64) -> io::Result<Vec<Range<u64>>> {
    if content.length <= from || written_before(content, range.start) {
        return Ok(Vec::new());
    }
    if content.known.compression != Compression::None {
        return Ok(std::iter::once(0..content.length).collect());
    }
    let bounds = bounds(content, range)?;
    split(content, bounds.start.max(from)..bounds.end.max(from))
}

/// Whether a file was last written before the window, as rotated ones were; then none of its lines can lie inside.
/// Only believed where its first lines are not younger than that either (a copied or restored file).
fn written_before(content: &Content, start: i64) -> bool {
    let Ok(modified) = i64::try_from(content.context.reference.as_nanosecond()) else { return false };
    let believed = modified.saturating_add(SLACK);
    !content.fresh && content.known.latest.is_some_and(|latest| latest <= believed) && believed < start
}

/// From the start of the window to its end, where the file is big and in order; else all of it.
pub fn bounds(content: &Content, range: TimeRange) -> io::Result<Range<u64>> {
    let whole = 0..content.length;
    let is_any = range.start == i64::MIN && range.end == i64::MAX;
    if is_any || content.length < WORTH_IT || !content.known.is_ordered() {
        return Ok(whole);
    }
    if !in_order(content)? {
        content.known.disordered.store(true, Ordering::Relaxed);
        return Ok(whole);
    }
    let (start, _) = search(content, range.start.saturating_sub(SLACK))?;
    let (_, end) = search(content, range.end.saturating_add(AFTER_END))?;
    let end = glance(content, end)?.map_or(content.length, |(line, _)| line);
    Ok(start..end.max(start))
}

/// Two offsets, close together: every line before the first is older than the goal, every line after the second is
/// not. The first is the start of a line.
fn search(content: &Content, goal: i64) -> io::Result<(u64, u64)> {
    let (mut low, mut line, mut high) = (0, 0, content.length);
    while high - low > STEP {
        let middle = low + (high - low) / 2;
        match glance(content, middle)? {
            Some((at, time)) if time < goal => (low, line) = (middle, at),
            _ => high = middle,
        }
    }
    Ok((line, high))
}

/// Cuts a range into parts that several threads can read, each beginning with a line that has a time.
fn split(content: &Content, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    let (mut parts, mut from) = (Vec::new(), range.start);
    while range.end - from > PART + STEP {
        let Some((line, _)) = glance(content, from + PART)?.filter(|(line, _)| *line < range.end) else { break };
        parts.push(from..line);
        from = line;
    }
    if from < range.end {
        parts.push(from..range.end);
    }
    Ok(parts)
}

/// Whether the times at places spread over the file only grow.
fn in_order(content: &Content) -> io::Result<bool> {
    let mut newest = i64::MIN;
    for place in 0..=PLACES {
        // The last place is near the end, so that an old piece at the end is seen.
        let at = (content.length / PLACES * place).min(content.length.saturating_sub(STEP));
        if let Some((_, time)) = glance(content, at)? {
            if time < newest.saturating_sub(SLACK) {
                return Ok(false);
            }
            newest = newest.max(time);
        }
    }
    Ok(true)
}

/// The first line with a time that begins at or after an offset, with its own offset. `None` where the place shows
/// none.
fn glance(content: &Content, at: u64) -> io::Result<Option<(u64, i64)>> {
    // Few lines are longer than a small look shows.
    match glance_at(content, at, GLANCE / 16)? {
        None => glance_at(content, at, GLANCE),
        found => Ok(found),
    }
}

fn glance_at(content: &Content, at: u64, length: usize) -> io::Result<Option<(u64, i64)>> {
    let mut buffer = vec![0; length];
    let wanted_length = usize::try_from(content.length.saturating_sub(at)).unwrap_or(length).min(length);
    let read = content.file.read_at(&mut buffer[..wanted_length], at)?;
    let bytes = &buffer[..read];
    let mut from = match at {
        0 => 0,
        _ => memchr::memchr(b'\n', bytes).map_or(read, |end| end + 1),
    };
    let (wanted, mut entry) = (Wanted::only(["_time"]), Entry::default());
    while let Some(end) = memchr::memchr(b'\n', &bytes[from..]) {
        let line = &bytes[from..from + end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if content.known.format.parse(line, &content.context, &wanted, &mut entry)
            && let Some(time) = entry.time
        {
            return Ok(Some((at + from as u64, time)));
        }
        from += end + 1;
    }
    Ok(None)
}

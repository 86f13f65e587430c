//! Where in a big log file a window begins. Log files are written in the order of time, give or take the length of a
//! request, so that a search by halves finds the place by reading a few lines. A file whose lines turn out not to be
//! in order is read whole.

use std::io;
use std::os::unix::fs::FileExt as _;

use super::bytes::Compression;
use super::catalog::Content;
use super::formats::entry::{Entry, Wanted};

/// How far apart in time lines may be swapped; the search aims this much before the window.
pub const SLACK: i64 = 10 * 60 * 1_000_000_000;

/// Smaller files are read whole.
const WORTH_IT: u64 = 4 << 20;

/// The search stops at steps of this many bytes.
const STEP: u64 = 64 << 10;

/// How much of a place is read to find a line with a time.
const GLANCE: usize = 64 << 10;

/// How many places are looked at to see whether the file is in order.
const PLACES: u64 = 48;

/// Where to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// From this offset on, a line's.
    pub offset: u64,
    /// Whether the file was looked at and found in order, so that it may be left once the window is passed.
    pub ordered: bool,
}

/// Where the file is to be read for lines at or after `start` (nanoseconds).
pub fn start_of(content: &Content, start: i64) -> io::Result<Start> {
    let whole = Start { offset: 0, ordered: false };
    let goal = start.saturating_sub(SLACK);
    if content.known.compression != Compression::None || content.length < WORTH_IT || !content.known.is_ordered() {
        return Ok(whole);
    }
    if !in_order(content)? {
        content.known.disordered.store(true, std::sync::atomic::Ordering::Relaxed);
        return Ok(whole);
    }
    // Invariant: every line before `low` is older than the goal.
    let (mut low, mut high) = (0, content.length);
    while high - low > STEP {
        let middle = low + (high - low) / 2;
        match glance(content, middle)? {
            Some((line, time)) if time < goal => low = line.max(low + 1),
            _ => high = middle,
        }
    }
    // `low` is the start of a line, of the file, or one byte into a line where a line is longer than a step.
    Ok(Start { offset: low, ordered: true })
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
    let mut buffer = vec![0; GLANCE];
    let wanted_length = usize::try_from(content.length.saturating_sub(at)).unwrap_or(GLANCE).min(GLANCE);
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

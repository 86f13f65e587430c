//! `stream_context before N after M`: the rows around those found, in the same log stream.

use std::collections::{BTreeMap, BTreeSet};

use super::super::batch::Builder;
use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Scan, Stage, Stop};
use super::super::number::{SECOND, duration_text, parse_duration};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::registry::{Doc, Sort as Kind};
use super::super::time::{parse_rfc3339, rfc3339_text};
use super::rows::send;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "stream_context",
    aliases: &[],
    syntax: "stream_context before N after M time_window 1h",
    en: "Adds the rows around each found row of its log stream; `---` stands between pieces.",
    ko: "찾은 행의 로그 스트림에서 앞뒤 행을 더합니다. 조각 사이에는 `---`가 들어갑니다.",
    example: "error | stream_context before 2 after 5",
};

const DEFAULT_WINDOW: i64 = 3600 * SECOND;

/// The pipe.
#[derive(Debug, Clone)]
pub struct StreamContext {
    before: u64,
    after: u64,
    window: i64,
}

impl StreamContext {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (mut before, mut after) = (None, None);
        loop {
            let slot = if cursor.take("before") {
                &mut before
            } else if cursor.take("after") {
                &mut after
            } else {
                break;
            };
            let mark = cursor.mark();
            let (value, text) = cursor.number()?;
            if value < 0.0 || value > super::super::number::from_i64(i64::MAX) {
                return fault(cursor.span_since(mark), Problem::OutOfRange(text));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked; `as` saturates")]
            {
                *slot = Some(value as u64);
            }
        }
        if before.is_none() && after.is_none() {
            return cursor.wanted(What::BeforeOrAfter);
        }
        let mut window = DEFAULT_WINDOW;
        if cursor.take("time_window") {
            match parse_duration(cursor.value()) {
                Some(nanos) => window = nanos,
                None => return fault(cursor.span(), Problem::BadDuration(cursor.value().to_owned())),
            }
            cursor.advance();
        }
        Ok(Self { before: before.unwrap_or(0), after: after.unwrap_or(0), window })
    }
}

impl Step for StreamContext {
    fn print(&self, out: &mut String) {
        out.push_str("stream_context");
        if self.before > 0 {
            out.push_str(&format!(" before {}", self.before));
        }
        if self.after > 0 {
            out.push_str(&format!(" after {}", self.after));
        }
        if self.before == 0 && self.after == 0 {
            out.push_str(" after 0");
        }
        if self.window != DEFAULT_WINDOW {
            out.push_str(&format!(" time_window {}", duration_text(self.window)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Around
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Around { pipe: self, found: BTreeMap::new() }))
    }
}

/// The times of the rows that were found, by stream.
struct Around<'p> {
    pipe: &'p StreamContext,
    found: BTreeMap<String, BTreeSet<i64>>,
}

/// The stream that a row belongs to; rows without one are a stream of their own.
fn stream_of(batch: &Batch, row: usize) -> String {
    let id = batch.column("_stream_id").get(row);
    if id.is_empty() { batch.column("_stream").get(row).to_owned() } else { id.to_owned() }
}

impl Stage for Around<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        for row in 0..batch.rows {
            if let Some(nanos) = parse_rfc3339(batch.column("_time").get(row)) {
                self.found.entry(stream_of(&batch, row)).or_default().insert(nanos);
            }
        }
        run.keep(batch.rows * 32, &|| "stream_context".to_owned())?;
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let window = self.pipe.window.max(0);
        let all = || self.found.values().flatten();
        let (Some(first), Some(last)) = (all().min(), all().max()) else { return Ok(()) };
        let scan = Scan::all(Needs::All, first.saturating_sub(window), last.saturating_add(window));
        let mut streams: BTreeMap<String, Vec<(i64, usize, usize)>> = BTreeMap::new();
        let mut batches = Vec::new();
        run.input.scan(&scan, &mut |batch| {
            run.check()?;
            run.keep(batch.size(), &|| "stream_context".to_owned())?;
            for row in 0..batch.rows {
                let stream = stream_of(&batch, row);
                if self.found.contains_key(&stream)
                    && let Some(nanos) = parse_rfc3339(batch.column("_time").get(row))
                {
                    streams.entry(stream).or_default().push((nanos, batches.len(), row));
                }
            }
            batches.push(batch);
            Ok(Flow::More)
        })?;
        let mut builder = Builder::default();
        let mut pieces = 0;
        for (stream, times) in &self.found {
            let Some(rows) = streams.get_mut(stream) else { continue };
            rows.sort_by_key(|(nanos, ..)| *nanos);
            let mut end = 0;
            for range in self.ranges(rows, times) {
                if range.start > end || end == 0 {
                    if pieces > 0 {
                        push_gap(&mut builder, stream, rows.get(range.start), &batches);
                    }
                    pieces += 1;
                }
                for (_, batch, row) in rows.get(range.start.max(end)..range.end).unwrap_or_default() {
                    if let Some(batch) = batches.get(*batch) {
                        builder.push(batch.columns.iter().map(|(name, column)| (&**name, column.get(*row))));
                    }
                }
                end = end.max(range.end);
            }
        }
        send(builder, out).map(|_| ())
    }
}

impl Around<'_> {
    /// The pieces of a stream's rows, in order; they may overlap.
    fn ranges(&self, rows: &[(i64, usize, usize)], times: &BTreeSet<i64>) -> Vec<std::ops::Range<usize>> {
        let window = self.pipe.window.max(0);
        let (before, after) = (
            usize::try_from(self.pipe.before).unwrap_or(usize::MAX),
            usize::try_from(self.pipe.after).unwrap_or(usize::MAX),
        );
        let around = |time: &i64| {
            let first = rows.partition_point(|(nanos, ..)| nanos < time);
            let last = rows.partition_point(|(nanos, ..)| nanos <= time);
            let near = |nanos: i64| nanos.abs_diff(*time) <= window.unsigned_abs();
            let mut start = first.saturating_sub(before);
            while start < first && !near(rows[start].0) {
                start += 1;
            }
            let mut end = last.saturating_add(after).min(rows.len());
            while end > last && !near(rows[end - 1].0) {
                end -= 1;
            }
            start..end
        };
        times.iter().map(around).collect()
    }
}

/// The row that tells that something is left out here.
fn push_gap(builder: &mut Builder, stream: &str, next: Option<&(i64, usize, usize)>, batches: &[Batch]) {
    let Some((nanos, batch, row)) = next else { return };
    let time = rfc3339_text(nanos - 1);
    let tags = batches.get(*batch).map_or("", |batch| batch.column("_stream").get(*row));
    let fields = [("_time", time.as_str()), ("_stream_id", stream), ("_stream", tags), ("_msg", "---")];
    builder.push(fields.into_iter().filter(|(_, value)| !value.is_empty()));
}

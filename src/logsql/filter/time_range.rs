//! `_time:5m`, `_time:[2024-01-01, now)`, `_time:>1h offset 1d`: rows of a time range.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::registry::{Doc, Sort};
use super::super::time::{Instant, end_of_precision, parse_instant, parse_rfc3339};
use super::{Filter, Leaf, Test, day_range, week_range};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "_time",
    aliases: &[],
    syntax: "_time:5m, _time:2024-05-01, _time:[start, end], _time:<5m, … offset 1d",
    en: "Rows of a time range: the last so many minutes, a day, from start to end; `offset` shifts it back.",
    ko: "시간 범위의 행: 최근 몇 분, 하루, 시작부터 끝까지. `offset`은 뒤로 옮깁니다.",
    example: "_time:[2024-05-01,2024-05-02) offset 1h",
};

/// One end of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    at: Instant,
    /// Nanoseconds to add, for open and inclusive ends.
    shift: i64,
}

/// The filter.
#[derive(Debug, Clone)]
pub struct TimeRange {
    from: Option<End>,
    to: Option<End>,
    /// The text of the end where it reaches to the end of its precision.
    to_whole: Option<String>,
    offset: i64,
    /// What the options of the query take off in addition.
    shift: i64,
    written: String,
}

/// What may follow `_time:`.
pub(super) fn parse_any(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    if cursor.is(&["day_range"]) {
        day_range::parse(cursor)
    } else if cursor.is(&["week_range"]) {
        week_range::parse(cursor)
    } else {
        parse(cursor).map(|range| Filter::Time(TimeRange { shift: cursor.time_shift, ..range }))
    }
}

fn parse(cursor: &mut Cursor<'_>) -> Parsed<TimeRange> {
    if cursor.is(&["offset"]) {
        let (offset, text) = parse_offset(cursor)?;
        let to = Some(End { at: Instant::Ago(0), shift: 0 });
        return Ok(TimeRange { from: None, to, to_whole: None, offset, shift: 0, written: text });
    }
    let mut range = parse_range(cursor)?;
    if cursor.is(&["offset"]) {
        let (offset, text) = parse_offset(cursor)?;
        range.offset = offset;
        range.written = format!("{} {text}", range.written);
    }
    Ok(range)
}

pub(super) fn parse_offset(cursor: &mut Cursor<'_>) -> Parsed<(i64, String)> {
    cursor.expect("offset")?;
    let (offset, text) = cursor.duration()?;
    Ok((offset, format!("offset {text}")))
}

fn parse_range(cursor: &mut Cursor<'_>) -> Parsed<TimeRange> {
    if cursor.is(&[">", "<"]) {
        return parse_comparison(cursor);
    }
    if !cursor.is(&["[", "("]) {
        return parse_equal(cursor);
    }
    let with_start = cursor.is(&["["]);
    cursor.advance();
    let (start, start_text) = parse_time(cursor)?;
    cursor.expect(",")?;
    let (end, end_text) = parse_time(cursor)?;
    let with_end = cursor.is(&["]"]);
    if !cursor.is(&["]", ")"]) {
        return cursor.wanted(What::Token("]"));
    }
    cursor.advance();
    let (open, close) = (if with_start { '[' } else { '(' }, if with_end { ']' } else { ')' });
    Ok(TimeRange {
        from: Some(End { at: start, shift: i64::from(!with_start) }),
        to: Some(End { at: end, shift: if with_end { 0 } else { -1 } }),
        written: format!("{open}{start_text},{end_text}{close}"),
        to_whole: with_end.then_some(end_text),
        offset: 0,
        shift: 0,
    })
}

fn parse_comparison(cursor: &mut Cursor<'_>) -> Parsed<TimeRange> {
    let greater = cursor.is(&[">"]);
    cursor.advance();
    let with_end = cursor.take("=");
    let sign = format!("{}{}", if greater { ">" } else { "<" }, if with_end { "=" } else { "" });
    let none = TimeRange { from: None, to: None, to_whole: None, offset: 0, shift: 0, written: String::new() };
    if looks_like_time(cursor) {
        let (at, text) = parse_time(cursor)?;
        let written = format!("{sign}{text}");
        return Ok(match (greater, with_end) {
            (true, _) => TimeRange { from: Some(End { at, shift: i64::from(!with_end) }), written, ..none },
            (false, true) => TimeRange { to: Some(End { at, shift: 0 }), to_whole: Some(text), written, ..none },
            (false, false) => TimeRange { to: Some(End { at, shift: -1 }), written, ..none },
        });
    }
    let (nanos, text) = cursor.duration()?;
    let at = Instant::Ago(nanos.saturating_abs());
    let written = format!("{sign}{text}");
    // Older than that is earlier: the signs turn around.
    Ok(if greater {
        TimeRange { to: Some(End { at, shift: if with_end { 0 } else { -1 } }), written, ..none }
    } else {
        let from = Some(End { at, shift: i64::from(!with_end) });
        TimeRange { from, to: Some(End { at: Instant::Ago(0), shift: 0 }), written, ..none }
    })
}

fn parse_equal(cursor: &mut Cursor<'_>) -> Parsed<TimeRange> {
    let sign = if cursor.take("=") { "=" } else { "" };
    if looks_like_time(cursor) {
        let (at, text) = parse_time(cursor)?;
        let end = Some(End { at, shift: 0 });
        let written = format!("{sign}{text}");
        return Ok(TimeRange { from: end, to: end, to_whole: Some(text), offset: 0, shift: 0, written });
    }
    let (nanos, text) = cursor.duration()?;
    Ok(TimeRange {
        from: Some(End { at: Instant::Ago(nanos.saturating_abs()), shift: 0 }),
        to: Some(End { at: Instant::Ago(0), shift: 0 }),
        to_whole: None,
        offset: 0,
        shift: 0,
        written: format!("{sign}{text}"),
    })
}

/// `now`, or four digits and then nothing, a sign or a zone.
fn looks_like_time(cursor: &Cursor<'_>) -> bool {
    let bytes = cursor.value().as_bytes();
    cursor.is(&["now"])
        || (bytes.len() >= 4
            && bytes[..4].iter().all(u8::is_ascii_digit)
            && bytes.get(4).is_none_or(|next| matches!(next, b'-' | b'+' | b'Z' | b'z')))
}

fn parse_time(cursor: &mut Cursor<'_>) -> Parsed<(Instant, String)> {
    let mark = cursor.mark();
    let text = cursor.compound()?;
    match parse_instant(&text) {
        Some(instant) => Ok((instant, text)),
        None => fault(cursor.span_since(mark), Problem::BadTime(text)),
    }
}

impl TimeRange {
    /// The first and the last nanosecond for a query that runs at `now`; the ends of time where an end is open.
    pub(in super::super) fn bounds(&self, now: i64) -> (i64, i64) {
        let resolve = |end: End| end.at.resolve(now).saturating_add(end.shift);
        let back = |at: i64| at.saturating_sub(self.offset).saturating_sub(self.shift);
        let from = self.from.map_or(i64::MIN, |end| back(resolve(end)));
        let to = self.to.map_or(i64::MAX, |end| {
            let at = resolve(end);
            let at = self.to_whole.as_deref().map_or(at, |text| end_of_precision(at, text));
            back(at)
        });
        (from, to)
    }
}

impl Leaf for TimeRange {
    fn print(&self, out: &mut String) {
        out.push_str("_time:");
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add("_time");
    }

    fn compile(&self, run: &Run<'_>) -> Result<Test, Stop> {
        let (from, to) = self.bounds(run.env.now);
        Ok(time_test(from, to))
    }
}

/// Rows whose time lies in the range, both ends included.
pub(in super::super) fn time_test(from: i64, to: i64) -> Test {
    Test::value("_time", move |value| parse_rfc3339(value).is_some_and(|nanos| from <= nanos && nanos <= to))
}

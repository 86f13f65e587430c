//! `_time:day_range[08:00, 18:00)`: a part of each day.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::number::DAY;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::registry::{Doc, Sort};
use super::super::time::{parse_clock, parse_rfc3339};
use super::{Filter, Leaf, Test};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "day_range",
    aliases: &[],
    syntax: "_time:day_range[hh:mm, hh:mm) offset 9h",
    en: "Rows logged between these times of any day, in UTC or as `offset` says.",
    ko: "매일 이 시각 사이에 기록된 행. UTC 또는 `offset` 기준입니다.",
    example: "_time:day_range[08:00, 18:00) offset 2h",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct DayRange {
    first: i64,
    last: i64,
    offset: i64,
    written: String,
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let (ends, written) = bracketed(cursor, |cursor| {
        let mark = cursor.mark();
        let text = cursor.compound()?;
        match parse_clock(&text) {
            Some(nanos) => Ok((nanos.min(DAY - 1), text)),
            None => fault(cursor.span_since(mark), Problem::BadTime(text)),
        }
    })?;
    let (first, last, offset) = ends;
    Ok(Filter::DayRange(DayRange { first, last, offset: offset.saturating_sub(cursor.time_shift), written }))
}

/// `name[a, b) offset 1h`: first, last and offset, with the open ends taken off, and the text.
pub(super) fn bracketed(
    cursor: &mut Cursor<'_>,
    mut end: impl FnMut(&mut Cursor<'_>) -> Parsed<(i64, String)>,
) -> Parsed<((i64, i64, i64), String)> {
    cursor.advance();
    let with_first = cursor.is(&["["]);
    if !cursor.is(&["[", "("]) {
        return cursor.wanted(What::Token("["));
    }
    cursor.advance();
    let (first, first_text) = end(cursor)?;
    cursor.expect(",")?;
    let (last, last_text) = end(cursor)?;
    let with_last = cursor.is(&["]"]);
    if !cursor.is(&["]", ")"]) {
        return cursor.wanted(What::Token("]"));
    }
    cursor.advance();
    let (open, close) = (if with_first { '[' } else { '(' }, if with_last { ']' } else { ')' });
    let mut written = format!("{open}{first_text}, {last_text}{close}");
    let mut offset = 0;
    if cursor.is(&["offset"]) {
        let (nanos, text) = super::time_range::parse_offset(cursor)?;
        offset = nanos;
        written = format!("{written} {text}");
    }
    Ok(((first + i64::from(!with_first), last - i64::from(!with_last), offset), written))
}

impl Leaf for DayRange {
    fn print(&self, out: &mut String) {
        out.push_str("_time:day_range");
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add("_time");
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let Self { first, last, offset, .. } = *self;
        if first > last {
            return Ok(Test::Always(false));
        }
        if first == 0 && last == DAY - 1 {
            return Ok(Test::Always(true));
        }
        Ok(Test::value("_time", move |value| {
            parse_rfc3339(value)
                .is_some_and(|nanos| (first..=last).contains(&nanos.saturating_sub(offset).rem_euclid(DAY)))
        }))
    }
}

//! `range(a, b]`, `>a`, `<=b`: numbers on one axis, whether written as counts, durations, sizes, times or addresses.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::number::parse_math;
use super::super::problem::{Parsed, What};
use super::super::quote::{field_prefix, quoted_unless_text};
use super::super::registry::{Doc, Sort};
use super::string_range::StringRange;
use super::{Filter, Leaf, Test, field_name, name_as_phrase};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "range",
    aliases: &[],
    syntax: "field:>N, field:<=N, field:range(min, max], field:range[min, max)",
    en: "Rows whose field is a number in the range; durations, sizes, times and IPv4 addresses are numbers too.",
    ko: "필드가 범위 안의 숫자인 행. 기간, 크기, 시각, IPv4 주소도 숫자로 봅니다.",
    example: "status:>=500 duration:>1.5s size:range[1KiB, 1MiB)",
};

/// The filter. Both ends belong to it.
#[derive(Debug, Clone)]
pub struct Range {
    field: String,
    min: f64,
    max: f64,
    written: String,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    cursor.advance();
    let with_min = cursor.take("[");
    if !with_min && !cursor.take("(") {
        return name_as_phrase(cursor, name, field);
    }
    let (mut min, min_text) = cursor.number()?;
    cursor.expect(",")?;
    let (mut max, max_text) = cursor.number()?;
    let with_max = cursor.take("]");
    if !with_max && !cursor.take(")") {
        return cursor.wanted(What::Token("]"));
    }
    if !with_min {
        min = next_up(min);
    }
    if !with_max {
        max = next_down(max);
    }
    let (open, close) = (if with_min { '[' } else { '(' }, if with_max { ']' } else { ')' });
    let written = format!("range{open}{min_text}, {max_text}{close}");
    Ok(Filter::Range(Range { field: field_name(field), min, max, written }))
}

fn next_up(value: f64) -> f64 {
    if value.is_infinite() { value } else { value.next_up() }
}

fn next_down(value: f64) -> f64 {
    if value.is_infinite() { value } else { value.next_down() }
}

pub(super) fn parse_greater(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    parse_comparison(cursor, field, ">")
}

pub(super) fn parse_less(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    parse_comparison(cursor, field, "<")
}

fn parse_comparison(cursor: &mut Cursor<'_>, field: Option<&str>, sign: &str) -> Parsed<Filter> {
    cursor.advance();
    let with_end = cursor.take("=");
    let sign = format!("{sign}{}", if with_end { "=" } else { "" });
    let mark = cursor.mark();
    let field = field_name(field);
    if let Ok((end, text)) = cursor.number() {
        let written = format!("{sign}{text}");
        let (min, max) = match (sign.starts_with('>'), with_end) {
            (true, true) => (end, f64::INFINITY),
            (true, false) => (next_up(end), f64::INFINITY),
            (false, true) => (f64::NEG_INFINITY, end),
            (false, false) => (f64::NEG_INFINITY, next_down(end)),
        };
        return Ok(Filter::Range(Range { field, min, max, written }));
    }
    cursor.reset(mark);
    let text = cursor.compound()?;
    let written = format!("{sign}{}", quoted_unless_text(&text));
    Ok(Filter::StringRange(StringRange::comparison(field, sign.starts_with('>'), with_end, text, written)))
}

impl Leaf for Range {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let (min, max) = (self.min, self.max);
        if min > max {
            return Ok(Test::Always(false));
        }
        Ok(Test::value(&self.field, move |value| {
            parse_math(value).is_some_and(|number| number >= min && number <= max)
        }))
    }
}

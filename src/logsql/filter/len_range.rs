//! `len_range(min, max)`: the number of characters in the value.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::number::parse_count;
use super::super::problem::{Parsed, Problem};
use super::super::quote::field_prefix;
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "len_range",
    aliases: &[],
    syntax: "field:len_range(min, max)",
    en: "Rows whose field has so many characters; `inf` is no upper limit.",
    ko: "필드의 글자 수가 이 범위인 행. `inf`는 상한이 없음을 뜻합니다.",
    example: "user_agent:len_range(0, 5)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct LenRange {
    field: String,
    min: u64,
    max: u64,
    written: String,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    call(cursor, field, |arguments| {
        let [min, max] = arguments.as_slice() else {
            return Err(Problem::Arguments { name, takes: "2", got: arguments.len() });
        };
        let number = |text: &String| parse_count(text).ok_or_else(|| Problem::BadNumber(text.clone()));
        let written = format!("len_range({min}, {max})");
        Ok(Filter::LenRange(LenRange { field: field_name(field), min: number(min)?, max: number(max)?, written }))
    })
}

impl Leaf for LenRange {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let range = self.min..=self.max;
        Ok(Test::value(&self.field, move |value| range.contains(&(value.chars().count() as u64))))
    }
}

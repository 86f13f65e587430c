//! `string_range(a, b)`, `>text`: values between two texts, compared by bytes.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem};
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "string_range",
    aliases: &[],
    syntax: "field:string_range(min, max), field:>text",
    en: "Rows whose field is at least `min` and less than `max`, compared as bytes.",
    ko: "필드가 바이트 순서로 `min` 이상 `max` 미만인 행.",
    example: "user:string_range(a, n)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct StringRange {
    field: String,
    /// The least value, and whether it belongs to the range.
    min: (String, bool),
    /// The greatest value, and whether it belongs to the range; `None` for no end.
    max: Option<(String, bool)>,
    written: String,
}

impl StringRange {
    /// `>text`, `>=text`, `<text`, `<=text`.
    pub(super) fn comparison(field: String, greater: bool, with_end: bool, text: String, written: String) -> Self {
        if greater {
            Self { field, min: (text, with_end), max: None, written }
        } else {
            Self { field, min: (String::new(), true), max: Some((text, with_end)), written }
        }
    }
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    call(cursor, field, |arguments| {
        let got = arguments.len();
        let Ok([min, max]) = <[String; 2]>::try_from(arguments) else {
            return Err(Problem::Arguments { name, takes: "2", got });
        };
        let written = format!("{name}({}, {})", quoted(&min), quoted(&max));
        let (min, max) = ((min, true), Some((max, false)));
        Ok(Filter::StringRange(StringRange { field: field_name(field), min, max, written }))
    })
}

impl Leaf for StringRange {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let ((min, with_min), max) = (self.min.clone(), self.max.clone());
        Ok(Test::value(&self.field, move |value| {
            let above = if with_min { value >= min.as_str() } else { value > min.as_str() };
            above
                && max.as_ref().is_none_or(
                    |(max, with_max)| {
                        if *with_max { value <= max.as_str() } else { value < max.as_str() }
                    },
                )
        }))
    }
}

//! `i(foo)`, `i(foo*)`: a phrase or prefix in any case.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::word::Phrase;
use super::{Filter, Leaf, Test, call_with_prefix, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "i",
    aliases: &[],
    syntax: "field:i(phrase), field:i(prefix*)",
    en: "Rows whose field contains the phrase or prefix in upper or lower case.",
    ko: "대소문자를 가리지 않고 구절이나 접두사가 들어 있는 행.",
    example: "i(error) user_agent:i(sqlmap*)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct AnyCase {
    field: String,
    phrase: String,
    is_prefix: bool,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = field_name(field);
    call_with_prefix(cursor, field, |phrase, is_prefix| Filter::AnyCase(AnyCase { field: name, phrase, is_prefix }))
}

impl Leaf for AnyCase {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str("i(");
        if !self.is_prefix || !self.phrase.is_empty() {
            out.push_str(&quoted(&self.phrase));
        }
        out.push_str(if self.is_prefix { "*)" } else { ")" });
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        if self.is_prefix && self.phrase.is_empty() {
            return Ok(Test::value(&self.field, |value| !value.is_empty()));
        }
        let lower = lowered(&self.phrase);
        let finder = if self.is_prefix { Phrase::prefix(&lower) } else { Phrase::new(&lower) };
        Ok(Test::value(&self.field, move |value| finder.matches(&lowered(value))))
    }
}

/// Lower case of each character by itself.
fn lowered(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
    } else {
        text.chars().map(super::super::text::lower).collect::<String>().into()
    }
}

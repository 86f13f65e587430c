//! `seq(a, b)`: the phrases one after another.

use super::super::cursor::Cursor;
use super::super::exec::{AnyText, Needs, Run, Stop};
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::word::Phrase;
use super::{Filter, Leaf, Test, call, field_name, one_text};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "seq",
    aliases: &[],
    syntax: "field:seq(phrase, …)",
    en: "Rows whose field contains the phrases in this order.",
    ko: "필드에 구절들이 이 순서로 들어 있는 행.",
    example: "seq(error,\"open file\")",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Sequence {
    field: String,
    phrases: Vec<String>,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    call(cursor, field, |phrases| Ok(Filter::Sequence(Sequence { field: field_name(field), phrases })))
}

impl Leaf for Sequence {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        let phrases: Vec<String> = self.phrases.iter().map(|phrase| quoted(phrase)).collect();
        out.push_str(&format!("seq({})", phrases.join(",")));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        self.phrases.iter().flat_map(|phrase| one_text(&self.field, phrase)).collect()
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let phrases: Vec<Phrase> =
            self.phrases.iter().filter(|phrase| !phrase.is_empty()).map(|phrase| Phrase::new(phrase)).collect();
        Ok(Test::value(&self.field, move |value| {
            let mut rest = value;
            phrases.iter().all(|phrase| match phrase.position(rest) {
                Some(position) => {
                    rest = &rest[position + phrase.text().len()..];
                    true
                }
                None => false,
            })
        }))
    }
}

//! `extract "…" from field`: parts of a text become fields.

use super::super::cursor::Cursor;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::registry::{Doc, Sort as Kind};
use super::pattern;
use super::taking::{Matcher, Taking};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "extract",
    aliases: &[],
    syntax: "extract if (filter) \"text<field>text\" from field keep_original_fields",
    en: "Makes fields of the parts of a text that stand where the pattern has `<name>`.",
    ko: "패턴에서 `<이름>` 자리에 있는 부분을 필드로 만듭니다.",
    example: "* | extract \"ip=<ip> \"",
};

/// The pipe.
pub type Extract = Taking<Pattern>;

/// Text and the fields between it.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    steps: Vec<pattern::Step>,
}

impl Matcher for Pattern {
    const PIPE: &'static str = DOC.name;

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let text = cursor.compound()?;
        let span = cursor.span_since(mark);
        let steps = pattern::parse(&text).filter(|steps| {
            let parted = steps.iter().skip(1).all(|step| !step.before.is_empty());
            parted && steps.iter().all(|step| !step.field.ends_with('*'))
        });
        let Some(steps) = steps else { return fault(span, Problem::BadPattern(text)) };
        if steps.iter().all(|step| step.field.is_empty()) {
            return fault(span, Problem::Wanted { what: What::PatternField, found: text });
        }
        Ok(Self { text, steps })
    }

    fn pattern(&self) -> &str {
        &self.text
    }

    fn names(&self) -> Vec<Option<&str>> {
        self.steps.iter().map(|step| Some(step.field.as_str()).filter(|field| !field.is_empty())).collect()
    }

    fn places(&self) -> Vec<(usize, &str)> {
        pattern::names(&self.text)
    }

    fn parts(&self, text: &str) -> Vec<String> {
        pattern::apply(&self.steps, text)
    }
}

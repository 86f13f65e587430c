//! `foo*`, `field:*`: a word that begins like this; `*` alone needs any value.

use super::super::exec::{AnyText, Needs, Run, Stop};
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::word::Phrase;
use super::{Leaf, Test, one_text};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "prefix",
    aliases: &[],
    syntax: "field:word*, field:*",
    en: "Rows whose field contains a word that begins like this; `field:*` needs a value that is not empty.",
    ko: "필드에 이렇게 시작하는 단어가 있는 행. `field:*`는 비어 있지 않은 값을 찾습니다.",
    example: "err* user:*",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Prefix {
    /// The field.
    pub field: String,
    /// What the word begins with; empty for any value.
    pub prefix: String,
}

impl Leaf for Prefix {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        if !self.prefix.is_empty() {
            out.push_str(&quoted(&self.prefix));
        }
        out.push('*');
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        one_text(&self.field, &self.prefix)
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        if self.prefix.is_empty() {
            return Ok(Test::value(&self.field, |value| !value.is_empty()));
        }
        let finder = Phrase::prefix(&self.prefix);
        Ok(Test::value(&self.field, move |value| finder.matches(value)))
    }
}

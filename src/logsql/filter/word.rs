//! `foo`, `"foo bar"`: a word or phrase somewhere in the value, not in the midst of a word.

use super::super::exec::{AnyText, Needs, Run, Stop};
use super::super::quote::{field_prefix, is_word_char, quoted};
use super::super::registry::{Doc, Sort};
use super::{Leaf, Test, one_text};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "word",
    aliases: &["phrase"],
    syntax: "field:word, field:\"a phrase\"",
    en: "Rows whose field contains the word or phrase; without a field the message is searched.",
    ko: "필드에 단어나 구절이 들어 있는 행. 필드가 없으면 메시지를 검색합니다.",
    example: "error \"connection refused\" level:warn",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Word {
    /// The field.
    pub field: String,
    /// The phrase; the empty one matches the empty value.
    pub phrase: String,
}

impl Leaf for Word {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str(&quoted(&self.phrase));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        one_text(&self.field, &self.phrase)
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let finder = Phrase::new(&self.phrase);
        Ok(Test::value(&self.field, move |value| finder.matches(value)))
    }
}

/// A phrase prepared for searching.
#[derive(Debug, Clone)]
pub(in super::super) struct Phrase {
    text: String,
    word_before: bool,
    word_after: bool,
    finder: memchr::memmem::Finder<'static>,
}

impl Phrase {
    /// Both edges are checked where the phrase has a word character there.
    pub(in super::super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            word_before: text.chars().next().is_some_and(is_word_char),
            word_after: text.chars().next_back().is_some_and(is_word_char),
            finder: memchr::memmem::Finder::new(text).into_owned(),
        }
    }

    /// Only the left edge is checked.
    pub(in super::super) fn prefix(text: &str) -> Self {
        Self { word_after: false, ..Self::new(text) }
    }

    /// Whether the value contains the phrase; an empty phrase is only in an empty value.
    pub(in super::super) fn matches(&self, value: &str) -> bool {
        if self.text.is_empty() { value.is_empty() } else { self.position(value).is_some() }
    }

    /// Where the phrase begins in the value; an empty phrase is everywhere.
    pub(in super::super) fn position(&self, value: &str) -> Option<usize> {
        if self.text.is_empty() {
            return Some(0);
        }
        let mut start = 0;
        while let Some(found) = self.finder.find(value.as_bytes().get(start..)?) {
            let position = start + found;
            let before = value.get(..position).and_then(|text| text.chars().next_back());
            let after = value.get(position + self.text.len()..).and_then(|text| text.chars().next());
            let inside = |edge: bool, c: Option<char>| edge && c.is_some_and(|c| is_word_char(c) || c == '\u{fffd}');
            if !inside(self.word_before, before) && !inside(self.word_after, after) {
                return Some(position);
            }
            start = position + 1;
        }
        None
    }

    /// The phrase.
    pub(in super::super) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_count_only_where_the_phrase_has_a_word_character() {
        for (phrase, value, found) in [
            ("foo", "a foo b", true),
            ("foo", "foo_bar", false),
            ("foo", "xfoo", false),
            ("foo", "Foo", false),
            ("-bar", "foo-bar", true),
            ("foo", "foobar foo", true),
            ("로그", "로그 파일", true),
            ("로그", "로그인", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(Phrase::new(phrase).matches(value), found, "{phrase} in {value}");
        }
        assert!(Phrase::prefix("foo").matches("a foobar"));
        assert!(!Phrase::prefix("foo").matches("afoobar"));
    }
}

//! `extract_regexp "…" from field`: named groups of a regular expression become fields.

use regex::Regex;

use super::super::cursor::Cursor;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::re2;
use super::super::registry::{Doc, Sort as Kind};
use super::taking::{Matcher, Taking};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "extract_regexp",
    aliases: &[],
    syntax: "extract_regexp if (filter) \"re with (?P<field>…)\" from field keep_original_fields",
    en: "Makes fields of the named groups of a regular expression.",
    ko: "정규식의 이름 있는 그룹을 필드로 만듭니다.",
    example: "* | extract_regexp \"status=(?P<status>[0-9]+)\"",
};

/// The pipe.
pub type ExtractRegexp = Taking<Groups>;

/// A regular expression with named groups.
#[derive(Debug, Clone)]
pub struct Groups {
    pattern: String,
    regex: Regex,
    /// The field of each group.
    names: Vec<Option<String>>,
}

impl Matcher for Groups {
    const PIPE: &'static str = DOC.name;

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mark = cursor.mark();
        let pattern = cursor.compound()?;
        let regex = match re2::compile(&pattern, false) {
            Ok(regex) => regex,
            Err(why) => return fault(cursor.span_since(mark), Problem::BadRegex { pattern, why }),
        };
        let names = re2::group_names(&pattern);
        if names.iter().all(Option::is_none) {
            return fault(cursor.span_since(mark), Problem::Wanted { what: What::NamedGroup, found: pattern });
        }
        Ok(Self { pattern, regex, names })
    }

    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn names(&self) -> Vec<Option<&str>> {
        self.names.iter().map(Option::as_deref).collect()
    }

    fn places(&self) -> Vec<(usize, &str)> {
        re2::group_places(&self.pattern)
    }

    fn parts(&self, text: &str) -> Vec<String> {
        let Some(captures) = self.regex.captures(text) else { return vec![String::new(); self.names.len()] };
        captures.iter().map(|group| group.map_or_else(String::new, |group| group.as_str().to_owned())).collect()
    }
}

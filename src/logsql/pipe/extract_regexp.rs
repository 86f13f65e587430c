//! `extract_regexp "…" from field`: named groups of a regular expression become fields.

use regex::Regex;

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::re2;
use super::super::registry::{Doc, Sort as Kind};
use super::taking::{Matcher, Taking};
use super::{Query, Step};

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
#[derive(Debug, Clone)]
pub struct ExtractRegexp(Taking<Groups>);

/// A regular expression with named groups.
#[derive(Debug, Clone)]
struct Groups {
    pattern: String,
    regex: Regex,
    /// The field of each group.
    names: Vec<Option<String>>,
}

impl Matcher for Groups {
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

impl ExtractRegexp {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Taking::parse(cursor).map(Self)
    }
}

impl Step for ExtractRegexp {
    fn print(&self, out: &mut String) {
        self.0.print(DOC.name, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        self.0.stage(run)
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.0.condition {
            condition.visit_queries(visit);
        }
    }
}

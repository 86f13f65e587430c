//! `~"re"`, `re("re")`: a regular expression anywhere in the value; the dot matches a line feed too.

use super::super::cursor::Cursor;
use super::super::exec::{AnyText, Needs, Run, Stop};
use super::super::problem::{Parsed, Problem, fault};
use super::super::quote::{field_prefix, quoted};
use super::super::re2;
use super::super::registry::{Doc, Sort};
use super::prefix::Prefix;
use super::{Filter, Leaf, Test, call, field_name, one_text, single};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "re",
    aliases: &["regexp"],
    syntax: "field:~\"regexp\", field:!~\"regexp\"",
    en: "Rows whose field matches the regular expression (RE2, not anchored).",
    ko: "필드가 정규식(RE2, 고정되지 않음)과 일치하는 행.",
    example: "path:~\"^/api/v[0-9]+/\"",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Regexp {
    field: String,
    /// The expression.
    pub pattern: String,
}

fn make(field: Option<&str>, pattern: String) -> Result<Filter, Problem> {
    let field = field_name(field);
    match pattern.as_str() {
        "" | ".*" => Ok(Filter::All),
        ".+" => Ok(Filter::Prefix(Prefix { field, prefix: String::new() })),
        _ => match re2::check(&pattern) {
            Ok(_) => Ok(Filter::Regexp(Regexp { field, pattern })),
            Err(why) => Err(Problem::BadRegex { pattern, why }),
        },
    }
}

pub(super) fn parse_operator(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    cursor.advance();
    let mark = cursor.mark();
    let pattern = cursor.compound()?;
    make(field, pattern).or_else(|problem| fault(cursor.span_since(mark), problem))
}

pub(super) fn parse_function(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    call(cursor, field, |arguments| make(field, single("re", arguments)?))
}

impl Leaf for Regexp {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push('~');
        out.push_str(&quoted(&self.pattern));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        one_text(&self.field, &re2::text(&self.pattern))
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let regex = re2::compile(&self.pattern, true).map_err(Stop::Regex)?;
        Ok(Test::value(&self.field, move |value| regex.is_match(value)))
    }
}

//! `{app="nginx", host=~"web.*"}`: labels of the log stream.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::{go_quote, quoted, unquote_prefix};
use super::super::re2;
use super::super::registry::{Doc, Sort};
use super::super::trace::{Expected, How};
use super::{Filter, Leaf, Test};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "stream",
    aliases: &["_stream"],
    syntax: "{label=\"value\", label=~\"regexp\" or …}",
    en: "Rows of the log streams with these labels; `=`, `!=`, `=~`, `!~`, `in(…)`, `not_in(…)`.",
    ko: "이 레이블을 가진 로그 스트림의 행. `=`, `!=`, `=~`, `!~`, `in(…)`, `not_in(…)`.",
    example: "{app=\"nginx\",host!~\"test.*\"}",
};

#[derive(Debug, Clone)]
struct Label {
    name: String,
    negated: bool,
    regexp: bool,
    value: String,
}

/// The filter: any of the groups, all labels of a group.
#[derive(Debug, Clone)]
pub struct Stream {
    groups: Vec<Vec<Label>>,
}

impl Stream {
    /// Stream filters that stand side by side become one where each is a single group.
    pub(in super::super) fn merged(filters: Vec<Self>) -> Vec<Self> {
        if filters.len() < 2 || filters.iter().any(|filter| filter.groups.len() != 1) {
            return filters;
        }
        vec![Self { groups: vec![filters.into_iter().flat_map(|filter| filter.groups).flatten().collect()] }]
    }
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    cursor.expect("{")?;
    if cursor.at_end() {
        return cursor.wanted(What::Token("}"));
    }
    let mut groups = Vec::new();
    loop {
        groups.push(parse_group(cursor)?);
        if cursor.take("}") {
            return Ok(Filter::Stream(Stream { groups }));
        }
        if !cursor.take("or") || cursor.at_end() || cursor.is(&["}"]) {
            return cursor.wanted(What::Token("}"));
        }
    }
}

fn parse_group(cursor: &mut Cursor<'_>) -> Parsed<Vec<Label>> {
    let mut labels = Vec::new();
    loop {
        if cursor.is(&["}"]) {
            return Ok(labels);
        }
        labels.push(parse_label(cursor)?);
        if cursor.is(&["or", "}"]) {
            return Ok(labels);
        }
        cursor.expect(",")?;
        if cursor.at_end() {
            return cursor.wanted(What::Token("}"));
        }
    }
}

fn parse_label(cursor: &mut Cursor<'_>) -> Parsed<Label> {
    cursor.expects(|| Expected::Field);
    let mark = cursor.mark();
    let name = cursor.compound_until(&["=", "!=", "=~", "!~", ",", "{", "}", "'", "\"", "`", ""])?;
    cursor.note_field(mark, &name, How::Read);
    if !cursor.is(&["=", "!=", "=~", "!~", "in", "not_in"]) {
        return cursor.wanted(What::StreamOperation);
    }
    let negated = cursor.is(&["!=", "!~", "not_in"]);
    let list = cursor.is(&["in", "not_in"]);
    let regexp = list || cursor.is(&["=~", "!~"]);
    // The server knows `in` and `not_in` in lower case only from here on.
    if list && !matches!(cursor.value(), "in" | "not_in") {
        return cursor.wanted(What::StreamOperation);
    }
    cursor.advance();
    let mark = cursor.mark();
    let value = if list {
        let arguments = cursor.arguments()?;
        match arguments.as_slice() {
            [only] if only == "*" => ".*".to_owned(),
            _ => arguments.iter().map(|argument| re2::escape(argument)).collect::<Vec<_>>().join("|"),
        }
    } else {
        cursor.expects(|| Expected::Value(name.clone()));
        cursor.compound_until(&[",", "{", "}", "(", "'", "\"", "`", ""])?
    };
    if regexp && let Err(why) = re2::check(&value) {
        return fault(cursor.span_since(mark), Problem::BadRegex { pattern: value, why });
    }
    Ok(Label { name, negated, regexp, value })
}

impl Leaf for Stream {
    fn print(&self, out: &mut String) {
        let label = |label: &Label| {
            let sign = match (label.negated, label.regexp) {
                (false, false) => "=",
                (true, false) => "!=",
                (false, true) => "=~",
                (true, true) => "!~",
            };
            format!("{}{sign}{}", quoted(&label.name), go_quote(&label.value))
        };
        let group = |labels: &Vec<Label>| labels.iter().map(label).collect::<Vec<_>>().join(",");
        out.push('{');
        out.push_str(&self.groups.iter().map(group).collect::<Vec<_>>().join(" or "));
        out.push('}');
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add("_stream");
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        if self.groups.iter().all(Vec::is_empty) {
            return Ok(Test::Always(true));
        }
        let mut groups: Vec<Vec<(String, LabelTest)>> = Vec::new();
        for labels in &self.groups {
            let tests = labels.iter().map(|label| Ok((label.name.clone(), compile_label(label)?)));
            groups.push(tests.collect::<Result<_, Stop>>()?);
        }
        Ok(Test::value("_stream", move |value| {
            let Some(labels) = parse_labels(value) else { return false };
            let get = |name: &str| labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
            groups.iter().any(|tests| tests.iter().all(|(name, test)| test(get(name))))
        }))
    }
}

type LabelTest = Box<dyn Fn(&str) -> bool + Send + Sync>;

fn compile_label(label: &Label) -> Result<LabelTest, Stop> {
    let negated = label.negated;
    if label.regexp {
        let regex = re2::compile(&format!("^(?:{})$", label.value), true).map_err(Stop::Regex)?;
        Ok(Box::new(move |value| regex.is_match(value) != negated))
    } else {
        let wanted = label.value.clone();
        Ok(Box::new(move |value| (value == wanted) != negated))
    }
}

/// `{a="1",b="2"}` as names and values.
fn parse_labels(text: &str) -> Option<Vec<(String, String)>> {
    let mut out = Vec::new();
    if text.is_empty() {
        // A row that knows of no stream has no labels.
        return Some(out);
    }
    let mut rest = text.strip_prefix('{')?.strip_suffix('}')?;
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        if !value.starts_with('"') {
            return None;
        }
        let (unquoted, length) = unquote_prefix(value)?;
        out.push((name.to_owned(), unquoted));
        rest = &value[length..];
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?;
        }
    }
    Some(out)
}

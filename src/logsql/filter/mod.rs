//! Filters: the tree, how it is read and printed, and the tests that it compiles to. Each sort of filter has its own
//! file with everything about it.

use std::fmt::Write as _;

use super::cursor::Cursor;
use super::exec::{AnyText, Needs, Run, Stop};
use super::problem::{Parsed, Problem, What, fault};
use super::query::Query;
use super::registry::{self, Doc};
use super::trace::{Expected, How};

pub mod any_case;
mod call;
pub mod common_case;
pub mod day_range;
pub mod exact;
pub mod field_compare;
pub mod ipv4_range;
pub mod ipv6_range;
pub mod json_array_contains_any;
pub mod len_range;
pub mod list;
pub mod pattern_match;
pub mod prefix;
pub mod range;
pub mod regexp;
pub mod sequence;
pub mod stream;
pub mod stream_id;
pub mod string_range;
mod test;
pub mod time_range;
pub mod value_type;
pub mod week_range;
pub mod word;

pub(super) use call::{call, call_glued, call_with_prefix, name_as_phrase, single};
pub(super) use test::{Test, ValueTest};

/// The documentation of all filters.
pub(super) const DOCS: &[&Doc] = &[
    &any_case::DOC,
    &common_case::CONTAINS,
    &common_case::EQUALS,
    &day_range::DOC,
    &exact::DOC,
    &field_compare::EQ,
    &field_compare::LE,
    &field_compare::LT,
    &ipv4_range::DOC,
    &ipv6_range::DOC,
    &json_array_contains_any::DOC,
    &len_range::DOC,
    &list::IN,
    &list::CONTAINS_ALL,
    &list::CONTAINS_ANY,
    &pattern_match::DOC,
    &prefix::DOC,
    &range::DOC,
    &regexp::DOC,
    &sequence::DOC,
    &stream::DOC,
    &stream_id::DOC,
    &string_range::DOC,
    &time_range::DOC,
    &value_type::DOC,
    &week_range::DOC,
    &word::DOC,
];

/// A filter.
#[derive(Debug, Clone)]
pub enum Filter {
    /// `*`: every row.
    All,
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
    /// `foo`, `"foo bar"`.
    Word(word::Word),
    /// `foo*`.
    Prefix(prefix::Prefix),
    /// `i(foo)`, `i(foo*)`.
    AnyCase(any_case::AnyCase),
    /// `=foo`, `=foo*`.
    Exact(exact::Exact),
    /// `in(…)`, `contains_all(…)`, `contains_any(…)`.
    List(list::List),
    /// `seq(…)`.
    Sequence(sequence::Sequence),
    /// `~"re"`.
    Regexp(regexp::Regexp),
    /// `range(…)`, `>N`, `<=N`.
    Range(range::Range),
    /// `string_range(…)`, `>text`.
    StringRange(string_range::StringRange),
    /// `len_range(…)`.
    LenRange(len_range::LenRange),
    /// `ipv4_range(…)`.
    Ipv4Range(ipv4_range::Ipv4Range),
    /// `ipv6_range(…)`.
    Ipv6Range(ipv6_range::Ipv6Range),
    /// `contains_common_case(…)`, `equals_common_case(…)`.
    CommonCase(common_case::CommonCase),
    /// `json_array_contains_any(…)`.
    JsonArrayContainsAny(json_array_contains_any::JsonArrayContainsAny),
    /// `pattern_match("…")`.
    PatternMatch(pattern_match::PatternMatch),
    /// `eq_field(…)`, `le_field(…)`, `lt_field(…)`.
    FieldCompare(field_compare::FieldCompare),
    /// `value_type(…)`.
    ValueType(value_type::ValueType),
    /// `{label="value"}`.
    Stream(stream::Stream),
    /// `_stream_id:…`.
    StreamId(stream_id::StreamId),
    /// `_time:…`.
    Time(time_range::TimeRange),
    /// `_time:day_range[…]`.
    DayRange(day_range::DayRange),
    /// `_time:week_range[…]`.
    WeekRange(week_range::WeekRange),
}

/// What every sort of filter but the logical ones can do.
pub(super) trait Leaf {
    /// Appends the canonical form.
    fn print(&self, out: &mut String);
    /// The fields that it reads.
    fn needs(&self, needs: &mut Needs);
    /// Makes the test.
    fn compile(&self, run: &Run<'_>) -> Result<Test, Stop>;
    /// Texts that every row contains that passes.
    fn texts(&self) -> Vec<AnyText> {
        Vec::new()
    }
    /// The sub-query in it.
    fn sub_query(&self) -> Option<&Query> {
        None
    }
    /// The sub-query in it, to rewrite it.
    fn sub_query_mut(&mut self) -> Option<&mut Query> {
        None
    }
}

macro_rules! each_leaf {
    ($filter:expr, $leaf:ident => $do:expr, $otherwise:expr) => {
        match $filter {
            Filter::All | Filter::And(_) | Filter::Or(_) | Filter::Not(_) => $otherwise,
            Filter::Word($leaf) => $do,
            Filter::Prefix($leaf) => $do,
            Filter::AnyCase($leaf) => $do,
            Filter::Exact($leaf) => $do,
            Filter::List($leaf) => $do,
            Filter::Sequence($leaf) => $do,
            Filter::Regexp($leaf) => $do,
            Filter::Range($leaf) => $do,
            Filter::StringRange($leaf) => $do,
            Filter::LenRange($leaf) => $do,
            Filter::Ipv4Range($leaf) => $do,
            Filter::Ipv6Range($leaf) => $do,
            Filter::CommonCase($leaf) => $do,
            Filter::JsonArrayContainsAny($leaf) => $do,
            Filter::PatternMatch($leaf) => $do,
            Filter::FieldCompare($leaf) => $do,
            Filter::ValueType($leaf) => $do,
            Filter::Stream($leaf) => $do,
            Filter::StreamId($leaf) => $do,
            Filter::Time($leaf) => $do,
            Filter::DayRange($leaf) => $do,
            Filter::WeekRange($leaf) => $do,
        }
    };
}

impl Filter {
    fn leaf(&self) -> Option<&dyn Leaf> {
        each_leaf!(self, leaf => Some(leaf), None)
    }

    fn leaf_mut(&mut self) -> Option<&mut dyn Leaf> {
        each_leaf!(self, leaf => Some(leaf), None)
    }

    /// Appends the canonical form.
    pub fn print(&self, out: &mut String) {
        match self {
            Self::All => out.push('*'),
            Self::And(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    out.push_str(if index > 0 { " " } else { "" });
                    part.print_inside(out, matches!(part, Self::Or(_)));
                }
            }
            Self::Or(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    out.push_str(if index > 0 { " or " } else { "" });
                    part.print(out);
                }
            }
            Self::Not(inner) => {
                out.push('!');
                inner.print_inside(out, matches!(**inner, Self::And(_) | Self::Or(_)));
            }
            other => {
                if let Some(leaf) = other.leaf() {
                    leaf.print(out);
                }
            }
        }
    }

    fn print_inside(&self, out: &mut String, parens: bool) {
        if parens {
            out.push('(');
            self.print(out);
            out.push(')');
        } else {
            self.print(out);
        }
    }

    /// The fields that it reads.
    pub fn needs(&self, needs: &mut Needs) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.needs(needs)),
            Self::Not(inner) => inner.needs(needs),
            other => {
                if let Some(leaf) = other.leaf() {
                    leaf.needs(needs);
                }
            }
        }
    }

    /// Texts of which every row that passes contains one or another, as it is logged: what to search for before a line is
    /// read.
    pub fn texts(&self) -> Vec<AnyText> {
        match self {
            Self::And(parts) => parts.iter().flat_map(Self::texts).collect(),
            Self::Or(parts) => {
                let best = |part: &Self| part.texts().into_iter().max_by_key(shortest);
                let all: Option<Vec<AnyText>> = parts.iter().map(best).collect();
                all.into_iter().map(|parts| parts.concat()).collect()
            }
            Self::All | Self::Not(_) => Vec::new(),
            other => other.leaf().map(Leaf::texts).unwrap_or_default(),
        }
    }

    /// Makes the test that it means; sub-queries run now.
    pub(super) fn compile(&self, run: &Run<'_>) -> Result<Test, Stop> {
        let all = |parts: &[Self]| parts.iter().map(|part| part.compile(run)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::All => Test::Always(true),
            Self::And(parts) => Test::And(all(parts)?),
            Self::Or(parts) => Test::Or(all(parts)?),
            Self::Not(inner) => Test::Not(Box::new(inner.compile(run)?)),
            other => other.leaf().map_or(Ok(Test::Always(true)), |leaf| leaf.compile(run))?,
        })
    }

    /// Calls `visit` for each sub-query in it.
    pub(super) fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.visit_queries(visit)),
            Self::Not(inner) => inner.visit_queries(visit),
            other => {
                if let Some(query) = other.leaf_mut().and_then(Leaf::sub_query_mut) {
                    visit(query);
                }
            }
        }
    }

    /// Calls `visit` for it and each filter inside it, sub-queries aside.
    pub fn walk<'f>(&'f self, visit: &mut dyn FnMut(&'f Filter)) {
        visit(self);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.walk(visit)),
            Self::Not(inner) => inner.walk(visit),
            _ => {}
        }
    }

    /// The sub-query directly in it.
    pub fn sub_query(&self) -> Option<&Query> {
        self.leaf().and_then(Leaf::sub_query)
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.print(&mut out);
        f.write_str(&out)
    }
}

/// The length of the shortest of some texts.
pub(super) fn shortest(any: &AnyText) -> usize {
    any.iter().map(|(_, text)| text.len()).min().unwrap_or(0)
}

/// The one text that a field contains; none where it is empty.
fn one_text(field: &str, text: &str) -> Vec<AnyText> {
    if text.is_empty() { Vec::new() } else { vec![vec![(field.to_owned(), text.to_owned())]] }
}

/// A whole filter, up to `|`, `)` or the end.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    if cursor.pipe_ends() {
        return cursor.wanted(What::Filter);
    }
    let first = cursor.raw().to_lowercase();
    if registry::is_pipe_keyword(&first) {
        return fault(cursor.span(), Problem::PipeAsFilter(first));
    }
    parse_or(cursor, None)
}

/// `if (filter)`.
pub(super) fn parse_if(cursor: &mut Cursor<'_>) -> Parsed<Option<Filter>> {
    if !cursor.take("if") {
        return Ok(None);
    }
    cursor.expect("(")?;
    if cursor.take(")") {
        return Ok(Some(Filter::All));
    }
    let filter = parse(cursor)?;
    cursor.expect(")")?;
    Ok(Some(filter))
}

/// Appends ` if (filter)`.
pub(super) fn print_if(condition: Option<&Filter>, out: &mut String) {
    if let Some(condition) = condition {
        let _ = write!(out, " if ({condition})");
    }
}

fn parse_or(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    cursor.nested(|cursor| {
        let mut parts = Vec::new();
        loop {
            parts.push(parse_and(cursor, field)?);
            if cursor.pipe_ends() {
                return Ok(one_or(parts, Filter::Or));
            }
            if cursor.take("or") && cursor.at_end() {
                return cursor.wanted(What::Filter);
            }
        }
    })
}

fn parse_and(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let mut parts = Vec::new();
    loop {
        parts.push(parse_one(cursor, field)?);
        cursor.expects_filter();
        if cursor.is(&["or"]) || cursor.pipe_ends() {
            return Ok(one_or(parts, Filter::And));
        }
        if cursor.take("and") && cursor.at_end() {
            return cursor.wanted(What::Filter);
        }
    }
}

fn one_or(mut parts: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

/// The field that a filter is about where none is named.
pub(super) fn field_name(field: Option<&str>) -> String {
    field.filter(|name| !name.is_empty()).unwrap_or("_msg").to_owned()
}

/// One filter; `field` is what stood before the colon.
pub(super) fn parse_one(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let named = field.is_some_and(|name| !name.is_empty());
    if cursor.is(&["{"]) {
        return match field.filter(|_| named).filter(|name| *name != "_stream") {
            Some(name) => fault(cursor.span(), Problem::StreamField(name.to_owned())),
            None => stream::parse(cursor),
        };
    }
    if cursor.is(&[":"]) {
        cursor.advance();
        if cursor.at_end() {
            return cursor.wanted(What::Filter);
        }
        return cursor.nested(|cursor| parse_one(cursor, field));
    }
    if cursor.is(&["*"]) {
        cursor.advance();
        if cursor.is(&[":"]) {
            return fault(cursor.span(), Problem::Wildcard("*".to_owned()));
        }
        return Ok(Filter::Prefix(prefix::Prefix { field: field_name(field), prefix: String::new() }));
    }
    if cursor.is(&["("]) {
        if !cursor.spaced() && !cursor.came_after(&["", ":", "(", "!", "-", "not"]) {
            return fault(cursor.span(), Problem::GluedParen("…".to_owned()));
        }
        cursor.advance();
        let inner = parse_or(cursor, field)?;
        cursor.expect(")")?;
        return Ok(inner);
    }
    if cursor.is(&["not", "!", "-"]) {
        return parse_not(cursor, field);
    }
    if let Some(parse) = operator(cursor).or_else(|| function(cursor)) {
        return parse(cursor, field);
    }
    if cursor.is(&[",", ")", "[", "]"]) {
        return cursor.wanted(What::Filter);
    }
    let mark = cursor.mark();
    let phrase = cursor.phrase(named)?;
    parse_phrase(cursor, mark, phrase, field)
}

fn parse_not(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    cursor.advance();
    if cursor.at_end() {
        return cursor.wanted(What::Filter);
    }
    Ok(not(cursor.nested(|cursor| parse_one(cursor, field))?))
}

/// The opposite; of an opposite, what it is of.
pub(super) fn not(filter: Filter) -> Filter {
    match filter {
        Filter::Not(inner) => *inner,
        other => Filter::Not(Box::new(other)),
    }
}

type ParseFilter = fn(&mut Cursor<'_>, Option<&str>) -> Parsed<Filter>;

fn operator(cursor: &Cursor<'_>) -> Option<ParseFilter> {
    let table: [(&str, ParseFilter); 6] = [
        (">", range::parse_greater),
        ("<", range::parse_less),
        ("=", exact::parse_operator),
        ("!=", |cursor, field| Ok(Filter::Not(Box::new(exact::parse_operator(cursor, field)?)))),
        ("~", regexp::parse_operator),
        ("!~", |cursor, field| Ok(Filter::Not(Box::new(regexp::parse_operator(cursor, field)?)))),
    ];
    table.into_iter().find(|(sign, _)| cursor.is(&[sign])).map(|(_, parse)| parse)
}

fn function(cursor: &Cursor<'_>) -> Option<ParseFilter> {
    let table: [(&str, ParseFilter); 23] = [
        ("contains_all", list::parse),
        ("contains_any", list::parse),
        ("contains_common_case", common_case::parse),
        ("equals_common_case", common_case::parse),
        ("ipv6_range", ipv6_range::parse),
        ("json_array_contains_any", json_array_contains_any::parse),
        ("pattern_match", pattern_match::parse),
        ("pattern_match_full", pattern_match::parse),
        ("pattern_match_prefix", pattern_match::parse),
        ("pattern_match_suffix", pattern_match::parse),
        ("eq_field", field_compare::parse),
        ("exact", exact::parse_function),
        ("i", any_case::parse),
        ("in", list::parse),
        ("ipv4_range", ipv4_range::parse),
        ("le_field", field_compare::parse),
        ("len_range", len_range::parse),
        ("lt_field", field_compare::parse),
        ("range", range::parse),
        ("re", regexp::parse_function),
        ("seq", sequence::parse),
        ("string_range", string_range::parse),
        ("value_type", value_type::parse),
    ];
    table.into_iter().find(|(name, _)| cursor.is(&[name])).map(|(_, parse)| parse)
}

/// A phrase that began at `mark`, or the filter that follows where the phrase is a field's name.
pub(super) fn parse_phrase(
    cursor: &mut Cursor<'_>,
    mark: usize,
    phrase: String,
    field: Option<&str>,
) -> Parsed<Filter> {
    let named = field.is_some_and(|name| !name.is_empty());
    if named || !cursor.is(&[":"]) {
        if cursor.is(&["*"]) && !cursor.spaced() {
            cursor.advance();
            if cursor.is(&[":"]) {
                return fault(cursor.span(), Problem::Wildcard(format!("{phrase}*")));
            }
            return Ok(Filter::Prefix(prefix::Prefix { field: field_name(field), prefix: phrase }));
        }
        return Ok(Filter::Word(word::Word { field: field_name(field), phrase }));
    }
    cursor.note_field(mark, &field_name(Some(&phrase)), How::Read);
    cursor.advance();
    if cursor.at_end() {
        cursor.expects(|| Expected::Test(phrase));
        return cursor.wanted(What::Filter);
    }
    cursor.about(&phrase, |cursor| match phrase.as_str() {
        "_time" => time_range::parse_any(cursor),
        "_stream_id" => stream_id::parse(cursor),
        "_stream" => stream::parse(cursor),
        _ => cursor.nested(|cursor| parse_one(cursor, Some(&phrase))),
    })
}

//! Filters: the tree, how it is read and printed, and the tests that it compiles to. Each sort of filter has its own
//! file with everything about it.

use super::exec::{AnyText, Needs, Run, Stop};
use super::query::Query;
use super::registry::Doc;

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
mod parse;
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
pub(super) use parse::{field_name, not, parse, parse_if, parse_phrase, print_if};
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

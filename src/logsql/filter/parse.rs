//! How filters are read: `or` over `and` over single filters, each by the file of its own sort.

use std::fmt::Write as _;

use super::{
    Filter, any_case, common_case, exact, field_compare, ipv4_range, ipv6_range, json_array_contains_any, len_range,
    list, pattern_match, prefix, range, regexp, sequence, stream, stream_id, string_range, time_range, value_type,
    word,
};
use crate::logsql::cursor::Cursor;
use crate::logsql::problem::{Parsed, Problem, What, fault};
use crate::logsql::registry;
use crate::logsql::trace::{Expected, How};

/// A whole filter, up to `|`, `)` or the end.
pub(in crate::logsql) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
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
pub(in crate::logsql) fn parse_if(cursor: &mut Cursor<'_>) -> Parsed<Option<Filter>> {
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
pub(in crate::logsql) fn print_if(condition: Option<&Filter>, out: &mut String) {
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
pub(in crate::logsql) fn field_name(field: Option<&str>) -> String {
    field.filter(|name| !name.is_empty()).unwrap_or("_msg").to_owned()
}

/// One filter; `field` is what stood before the colon.
pub(in crate::logsql) fn parse_one(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
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
pub(in crate::logsql) fn not(filter: Filter) -> Filter {
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
pub(in crate::logsql) fn parse_phrase(
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

//! `in(a, b)`, `contains_all(a, b)`, `contains_any(a, b)`, each also with a sub-query that ends in one field.

use std::collections::HashSet;

use super::super::cursor::Cursor;
use super::super::exec::{AnyText, Flow, Needs, Run, Stop};
use super::super::pipe::push_normal;
use super::super::problem::Parsed;
use super::super::query::Query;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::word::Phrase;
use super::{Filter, Leaf, Test, call, field_name, one_text};

pub(in super::super) const IN: Doc = Doc {
    sort: Sort::Filter,
    name: "in",
    aliases: &[],
    syntax: "field:in(value, …), field:in(query | fields name)",
    en: "Rows whose field is one of the values, or of the values that a query finds.",
    ko: "필드 값이 목록이나 하위 쿼리 결과 중 하나인 행.",
    example: "status:in(500,502,503) ip:in(path:=\"/wp-login.php\" | fields ip)",
};

pub(in super::super) const CONTAINS_ALL: Doc = Doc {
    sort: Sort::Filter,
    name: "contains_all",
    aliases: &[],
    syntax: "field:contains_all(phrase, …)",
    en: "Rows whose field contains all of the phrases.",
    ko: "필드에 모든 구절이 들어 있는 행.",
    example: "contains_all(user,\"failed login\")",
};

pub(in super::super) const CONTAINS_ANY: Doc = Doc {
    sort: Sort::Filter,
    name: "contains_any",
    aliases: &[],
    syntax: "field:contains_any(phrase, …)",
    en: "Rows whose field contains any of the phrases.",
    ko: "필드에 구절 중 하나라도 들어 있는 행.",
    example: "path:contains_any(admin,phpmyadmin)",
};

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    In,
    ContainsAll,
    ContainsAny,
}

/// The values, or where they come from.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// As written.
    Listed(Vec<String>),
    /// The values of a field in the answer of a query.
    Found(Box<Query>, String),
}

impl Values {
    /// `(query | fields name)`; `None` for a query of all rows.
    pub(super) fn parse_query(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        let query = Query::parse_in_parens(cursor)?;
        if query.is_star() {
            return Ok(None);
        }
        let field = query.single_field(cursor)?;
        Ok(Some(Self::Found(Box::new(query), field)))
    }

    /// The values; a sub-query runs now.
    pub(super) fn resolve(&self, run: &Run<'_>) -> Result<Vec<String>, Stop> {
        let (query, field) = match self {
            Self::Listed(values) => return Ok(values.clone()),
            Self::Found(query, field) => (query, field),
        };
        let mut seen = HashSet::new();
        let mut normal = String::new();
        run.sub_query(query, &mut |batch| {
            let column = batch.column(field);
            for row in 0..batch.rows {
                // The server collects them as `uniq` does, so that a number comes in one form.
                normal.clear();
                push_normal(column.get(row), &mut normal);
                if !seen.contains(&normal) {
                    run.keep(normal.len() + 64, &|| query.to_string())?;
                    seen.insert(normal.clone());
                }
            }
            Ok(Flow::More)
        })?;
        Ok(seen.into_iter().collect())
    }
}

/// The filter.
#[derive(Debug, Clone)]
pub struct List {
    field: String,
    how: How,
    values: Values,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let how = if cursor.is(&["in"]) {
        How::In
    } else if cursor.is(&["contains_all"]) {
        How::ContainsAll
    } else {
        How::ContainsAny
    };
    let make = |values| Filter::List(List { field: field_name(field), how, values });
    let mark = cursor.mark();
    let listed = call(cursor, field, |arguments| match arguments.as_slice() {
        [only] if only == "*" => Ok(Filter::All),
        _ => Ok(make(Values::Listed(arguments))),
    });
    if listed.is_ok() {
        return listed;
    }
    cursor.reset(mark);
    cursor.advance();
    if !cursor.is(&["("]) {
        return listed;
    }
    Ok(Values::parse_query(cursor)?.map_or(Filter::All, make))
}

impl Leaf for List {
    fn print(&self, out: &mut String) {
        out.push_str(&field_prefix(&self.field));
        out.push_str(match self.how {
            How::In => "in(",
            How::ContainsAll => "contains_all(",
            How::ContainsAny => "contains_any(",
        });
        match &self.values {
            Values::Listed(values) => {
                out.push_str(&values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(","));
            }
            Values::Found(query, _) => out.push_str(&query.to_string()),
        }
        out.push(')');
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn texts(&self) -> Vec<AnyText> {
        let Values::Listed(values) = &self.values else { return Vec::new() };
        match self.how {
            How::ContainsAll => values.iter().flat_map(|value| one_text(&self.field, value)).collect(),
            // An empty value matches what is not there.
            How::In | How::ContainsAny if values.iter().any(String::is_empty) => Vec::new(),
            How::In | How::ContainsAny => {
                vec![values.iter().map(|value| (self.field.clone(), value.clone())).collect()]
            }
        }
    }

    fn compile(&self, run: &Run<'_>) -> Result<Test, Stop> {
        let values = self.values.resolve(run)?;
        let phrases = |values: &[String]| values.iter().map(|value| Phrase::new(value)).collect::<Vec<_>>();
        Ok(match self.how {
            How::In if values.is_empty() => Test::Always(false),
            How::In => {
                let values: HashSet<String> = values.into_iter().collect();
                Test::value(&self.field, move |value| values.contains(value))
            }
            How::ContainsAny if values.is_empty() => Test::Always(false),
            How::ContainsAny if values.iter().any(String::is_empty) => Test::Always(true),
            How::ContainsAny => {
                let phrases = phrases(&values);
                Test::value(&self.field, move |value| phrases.iter().any(|phrase| phrase.matches(value)))
            }
            How::ContainsAll => {
                let mut phrases = phrases(&values);
                phrases.retain(|phrase| !phrase.text().is_empty());
                Test::value(&self.field, move |value| phrases.iter().all(|phrase| phrase.matches(value)))
            }
        })
    }

    fn sub_query(&self) -> Option<&Query> {
        match &self.values {
            Values::Found(query, _) => Some(query),
            Values::Listed(_) => None,
        }
    }

    fn sub_query_mut(&mut self) -> Option<&mut Query> {
        match &mut self.values {
            Values::Found(query, _) => Some(query),
            Values::Listed(_) => None,
        }
    }
}

//! Pipes: what is done with rows, one after another.

use hashbrown::{HashMap, HashSet};
use regex::Regex;

use super::cursor::{Cursor, Read};
use super::diagnostic::Diagnostic;
use super::filter::{self, Filter};
use super::math::Expression;
use super::pattern::Pattern;
use super::quote::{quote_value, quoted};
use super::stats::{Call, State};
use super::{bucket, number, registry};
use crate::logs::Row;

/// Field names, where one that ends in `*` stands for all that begin so.
#[derive(Debug, Clone)]
pub struct Names(pub Vec<String>);

impl Names {
    fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == name,
        })
    }
}

/// A field to group or sort by.
#[derive(Debug, Clone)]
pub struct By {
    /// The field.
    pub field: String,
    /// Its bucket.
    pub bucket: Option<bucket::Bucket>,
    /// Descending.
    pub descending: bool,
}

/// A pipe.
#[derive(Debug, Clone)]
pub enum Pipe {
    /// `stats by (…) …`.
    Stats(Vec<By>, Vec<Call>),
    /// `filter …`.
    Filter(Filter),
    /// `sort by (…) limit N offset N`.
    Sort(Vec<By>, bool, Option<u64>, u64),
    /// `limit N`.
    Limit(u64),
    /// `offset N`.
    Offset(u64),
    /// `fields …`.
    Fields(Names),
    /// `delete …`.
    Delete(Names),
    /// `rename a as b`; with the flag `copy`.
    Rename(Vec<(String, String)>, bool),
    /// `uniq by (…) with hits limit N`.
    Uniq(Vec<String>, bool, u64),
    /// `top N by (…)`.
    Top(u64, Vec<String>, String),
    /// `math expression as name`.
    Math(Vec<(Expression, String)>),
    /// `format if (…) "…" as name`.
    Format(Option<Filter>, Pattern, String),
    /// `extract if (…) "…" from name`.
    Extract(Option<Filter>, Pattern, String),
    /// `extract_regexp if (…) "…" from name`.
    ExtractRegexp(Option<Filter>, Box<Regex>, String),
    /// `replace if (…) ("a", "b") at name`; regexp where there is one.
    Replace(Option<Filter>, Result<String, Box<Regex>>, String, String),
    /// `field_names`.
    FieldNames,
    /// `field_values name limit N`.
    FieldValues(String, u64),
    /// `facets N`.
    Facets(u64),
    /// `len(field) as name`.
    Len(String, String),
    /// `unroll by (…)`.
    Unroll(Vec<String>),
    /// `unpack_json from name`.
    UnpackJson(String),
}

fn names_list(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    let mut names = Vec::new();
    loop {
        let mut name = if cursor.is("*") { String::new() } else { cursor.compound(&["*", ",", "(", ")", "|"])? };
        if cursor.take("*") {
            name.push('*');
        }
        names.push(name);
        if !cursor.take(",") {
            return Ok(names);
        }
    }
}

fn in_parens(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    if !cursor.take("(") {
        return names_list(cursor);
    }
    if cursor.take(")") {
        return Ok(Vec::new());
    }
    let names = names_list(cursor)?;
    cursor.expect(")")?;
    Ok(names)
}

fn read_by(cursor: &mut Cursor<'_>, sorting: bool) -> Read<Vec<By>> {
    cursor.expect("(")?;
    let mut all = Vec::new();
    while !cursor.take(")") {
        if !all.is_empty() {
            cursor.expect(",")?;
        }
        let field = cursor.compound(&[":", ",", "(", ")", "|"])?;
        let bucket = if !sorting && cursor.take(":") { Some(bucket::Bucket::read(cursor)?) } else { None };
        let descending = sorting && (cursor.take("desc") || { cursor.take("asc"); false });
        all.push(By { field, bucket, descending });
    }
    Ok(all)
}

fn condition(cursor: &mut Cursor<'_>) -> Read<Option<Filter>> {
    if !cursor.take("if") {
        return Ok(None);
    }
    cursor.expect("(")?;
    let filter = if cursor.is(")") { Filter::everything() } else { filter::read(cursor)? };
    cursor.expect(")")?;
    Ok(Some(filter))
}

/// Reads one pipe, after its `|`.
pub fn read(cursor: &mut Cursor<'_>) -> Read<Pipe> {
    let name = cursor.word();
    let span = cursor.span();
    if registry::STATS.contains(&name.as_str()) || name == "by" {
        return read_stats(cursor);
    }
    if !registry::PIPES.contains(&name.as_str()) {
        return filter::read(cursor).map(Pipe::Filter);
    }
    cursor.next();
    Ok(match name.as_str() {
        "stats" => read_stats(cursor)?,
        "filter" | "where" => Pipe::Filter(filter::read(cursor)?),
        "sort" | "order" => read_sort(cursor)?,
        "limit" | "head" => Pipe::Limit(if cursor.is_end() || cursor.is_any(&["|", ")"]) { 10 } else { cursor.integer()? }),
        "offset" | "skip" => Pipe::Offset(cursor.integer()?),
        "first" | "last" => {
            let limit = if cursor.is_any(&["by", "|", "("]) || cursor.is_end() { 1 } else { cursor.integer()? };
            let mut by = if cursor.take("by") || cursor.is("(") { read_by(cursor, true)? } else { Vec::new() };
            if name == "last" {
                by.iter_mut().for_each(|by| by.descending = !by.descending);
            }
            Pipe::Sort(by, name == "last", Some(limit), 0)
        }
        "fields" | "keep" => Pipe::Fields(Names(names_list(cursor)?)),
        "delete" | "del" | "rm" | "drop" => Pipe::Delete(Names(names_list(cursor)?)),
        "rename" | "mv" | "copy" | "cp" => {
            let mut pairs = Vec::new();
            loop {
                let from = cursor.value()?;
                cursor.take("as");
                pairs.push((from, cursor.value()?));
                if !cursor.take(",") {
                    break;
                }
            }
            Pipe::Rename(pairs, matches!(name.as_str(), "copy" | "cp"))
        }
        "uniq" => {
            let by = if cursor.take("by") || cursor.is("(") { in_parens(cursor)? } else { Vec::new() };
            let hits = cursor.take("with") | cursor.take("hits");
            cursor.take("hits");
            let limit = if cursor.take("limit") { cursor.integer()? } else { 0 };
            Pipe::Uniq(by, hits, limit)
        }
        "top" => {
            let limit = if cursor.is_any(&["by", "("]) { 10 } else { cursor.integer()? };
            cursor.take("by");
            let by = in_parens(cursor)?;
            let hits = if cursor.take("hits") { cursor.take("as"); cursor.value()? } else { "hits".to_owned() };
            Pipe::Top(limit, by, hits)
        }
        "math" | "eval" => {
            let mut all = Vec::new();
            loop {
                let start = *cursor;
                let expression = Expression::read(cursor)?;
                let text = start.text_to(cursor);
                let named = cursor.take("as") || !(cursor.is_end() || cursor.is_any(&[",", "|", ")"]));
                all.push((expression, if named { cursor.value()? } else { text }));
                if !cursor.take(",") {
                    break;
                }
            }
            Pipe::Math(all)
        }
        "format" => {
            let condition = condition(cursor)?;
            let pattern = Pattern::read(&cursor.value()?);
            let field = if cursor.take("as") { cursor.value()? } else { "_msg".to_owned() };
            Pipe::Format(condition, pattern, field)
        }
        "extract" | "extract_regexp" => {
            let condition = condition(cursor)?;
            let span = cursor.span();
            let text = cursor.value()?;
            let from = if cursor.take("from") { cursor.value()? } else { "_msg".to_owned() };
            if name == "extract" {
                Pipe::Extract(condition, Pattern::read(&text), from)
            } else {
                let regex = filter::compile(&text).map_err(|message| Diagnostic::new(span, message))?;
                Pipe::ExtractRegexp(condition, Box::new(regex), from)
            }
        }
        "replace" | "replace_regexp" => {
            let condition = condition(cursor)?;
            let span = cursor.span();
            let values = cursor.values_in_parens()?;
            let [from, to] = values.as_slice() else {
                return Err(Diagnostic::new(span, format!("{name} takes (\"old\", \"new\")")));
            };
            let field = if cursor.take("at") { cursor.value()? } else { "_msg".to_owned() };
            let from = if name == "replace" {
                Ok(from.clone())
            } else {
                Err(Box::new(filter::compile(from).map_err(|message| Diagnostic::new(span, message))?))
            };
            Pipe::Replace(condition, from, to.clone(), field)
        }
        "field_names" => Pipe::FieldNames,
        "field_values" => {
            let field = cursor.value()?;
            Pipe::FieldValues(field, if cursor.take("limit") { cursor.integer()? } else { 0 })
        }
        "facets" => Pipe::Facets(if cursor.is_end() || cursor.is("|") { 10 } else { cursor.integer()? }),
        "len" => {
            let field = in_parens(cursor)?.into_iter().next().unwrap_or_default();
            cursor.take("as");
            Pipe::Len(field, cursor.value()?)
        }
        "unroll" => {
            cursor.take("by");
            Pipe::Unroll(in_parens(cursor)?)
        }
        "unpack_json" => Pipe::UnpackJson(if cursor.take("from") { cursor.value()? } else { "_msg".to_owned() }),
        _ => return Err(Diagnostic::new(span, format!("the pipe `{name}` does not run on files yet"))),
    })
}

fn read_stats(cursor: &mut Cursor<'_>) -> Read<Pipe> {
    let by = if cursor.take("by") || cursor.is("(") { read_by(cursor, false)? } else { Vec::new() };
    let mut calls = vec![Call::read(cursor)?];
    while cursor.take(",") {
        calls.push(Call::read(cursor)?);
    }
    Ok(Pipe::Stats(by, calls))
}

fn read_sort(cursor: &mut Cursor<'_>) -> Read<Pipe> {
    let by = if cursor.take("by") || cursor.is("(") { read_by(cursor, true)? } else { Vec::new() };
    let mut descending = false;
    let (mut limit, mut offset) = (None, 0);
    loop {
        if cursor.take("desc") {
            descending = true;
        } else if cursor.take("limit") {
            limit = Some(cursor.integer()?);
        } else if cursor.take("offset") {
            offset = cursor.integer()?;
        } else if !cursor.take("asc") {
            return Ok(Pipe::Sort(by, descending, limit, offset));
        }
    }
}

/// Takes rows and gives rows. `push` answers whether more rows are wanted.
pub trait Stage {
    /// Takes a row.
    fn push(&mut self, row: Row, next: &mut dyn FnMut(Row) -> bool) -> bool;
    /// No more rows come.
    fn finish(&mut self, next: &mut dyn FnMut(Row) -> bool);
}

struct Each<F>(F);

impl<F: FnMut(Row) -> Option<Row>> Stage for Each<F> {
    fn push(&mut self, row: Row, next: &mut dyn FnMut(Row) -> bool) -> bool {
        (self.0)(row).is_none_or(next)
    }
    fn finish(&mut self, _: &mut dyn FnMut(Row) -> bool) {}
}

struct Limit(u64);

impl Stage for Limit {
    fn push(&mut self, row: Row, next: &mut dyn FnMut(Row) -> bool) -> bool {
        if self.0 == 0 {
            return false;
        }
        self.0 -= 1;
        next(row) && self.0 > 0
    }
    fn finish(&mut self, _: &mut dyn FnMut(Row) -> bool) {}
}

/// Gathers rows and gives something made of them at the end.
struct Gather<S, A, E>(S, A, E);

impl<S: Default, A: FnMut(&mut S, Row), E: FnMut(S) -> Vec<Row>> Stage for Gather<S, A, E> {
    fn push(&mut self, row: Row, _: &mut dyn FnMut(Row) -> bool) -> bool {
        (self.1)(&mut self.0, row);
        true
    }
    fn finish(&mut self, next: &mut dyn FnMut(Row) -> bool) {
        for row in (self.2)(std::mem::take(&mut self.0)) {
            if !next(row) {
                return;
            }
        }
    }
}

/// Rows with how often each, most first, ties by text.
fn ranked(counts: HashMap<Vec<String>, u64>) -> Vec<(Vec<String>, u64)> {
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    all
}

impl Pipe {
    /// A stage that runs the pipe. `seconds`: the length of the time range, for rates.
    pub fn stage(&self, seconds: Option<f64>) -> Box<dyn Stage + '_> {
        let passes = |condition: &Option<Filter>, row: &Row| condition.as_ref().is_none_or(|filter| filter.matches(row));
        match self {
            Self::Stats(by, calls) => stats_stage(by, calls, seconds),
            Self::Filter(filter) => Box::new(Each(move |row: Row| filter.matches(&row).then_some(row))),
            Self::Sort(by, descending, limit, offset) => Box::new(Gather(
                Vec::new(),
                |rows: &mut Vec<Row>, row| rows.push(row),
                move |mut rows: Vec<Row>| {
                    sort(&mut rows, by, *descending);
                    let take = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
                    rows.into_iter().skip(usize::try_from(*offset).unwrap_or(usize::MAX)).take(take).collect()
                },
            )),
            Self::Limit(count) => Box::new(Limit(*count)),
            Self::Offset(count) => {
                let mut left = *count;
                Box::new(Each(move |row| {
                    let skip = left > 0;
                    left = left.saturating_sub(1);
                    (!skip).then_some(row)
                }))
            }
            Self::Fields(names) => Box::new(Each(move |row: Row| {
                let mut kept: Row = row.iter().filter(|(name, _)| names.matches(name)).collect();
                names.0.iter().filter(|name| !name.ends_with('*') && kept.get(name).is_empty()).for_each(|name| kept.set(name.as_str(), ""));
                Some(kept)
            })),
            Self::Delete(names) => {
                Box::new(Each(move |row: Row| Some(row.iter().filter(|(name, _)| !names.matches(name)).collect())))
            }
            Self::Rename(pairs, copy) => Box::new(Each(move |mut row: Row| {
                for (from, to) in pairs {
                    let value = row.get(from).to_owned();
                    if !copy {
                        row = row.iter().filter(|(name, _)| name != from).collect();
                    }
                    row.set(to.as_str(), value);
                }
                Some(row)
            })),
            Self::Uniq(by, hits, limit) => uniq_stage(by, *hits, *limit),
            Self::Top(limit, by, hits) => Box::new(Gather(
                HashMap::new(),
                move |counts: &mut HashMap<Vec<String>, u64>, row: Row| {
                    *counts.entry(by.iter().map(|field| row.get(field).to_owned()).collect()).or_default() += 1;
                },
                move |counts| {
                    let take = usize::try_from(*limit).unwrap_or(usize::MAX);
                    let with_hits = |(key, count): (Vec<String>, u64)| {
                        let mut row: Row = by.iter().map(String::as_str).zip(key).collect();
                        row.set(hits.as_str(), count.to_string());
                        row
                    };
                    ranked(counts).into_iter().take(take).map(with_hits).collect()
                },
            )),
            Self::Math(all) => Box::new(Each(move |mut row: Row| {
                for (expression, name) in all {
                    let value = expression.value(&row);
                    row.set(name.as_str(), number::print(value));
                }
                Some(row)
            })),
            Self::Format(condition, pattern, field) => Box::new(Each(move |mut row: Row| {
                if passes(condition, &row) {
                    let text = pattern.fill(&row);
                    row.set(field.as_str(), text);
                }
                Some(row)
            })),
            Self::Extract(condition, pattern, from) => Box::new(Each(move |mut row: Row| {
                if passes(condition, &row) {
                    for (name, value) in pattern.extract(row.get(from)) {
                        row.set(name, value);
                    }
                }
                Some(row)
            })),
            Self::ExtractRegexp(condition, regex, from) => Box::new(Each(move |mut row: Row| {
                if passes(condition, &row) {
                    let text = row.get(from).to_owned();
                    let captures = regex.captures(&text);
                    for name in regex.capture_names().flatten() {
                        let value = captures.as_ref().and_then(|found| found.name(name)).map_or("", |found| found.as_str());
                        row.set(name, value);
                    }
                }
                Some(row)
            })),
            Self::Replace(condition, from, to, field) => Box::new(Each(move |mut row: Row| {
                if passes(condition, &row) {
                    let value = match from {
                        Ok(text) => row.get(field).replace(text, to),
                        Err(regex) => regex.replace_all(row.get(field), to.as_str()).into_owned(),
                    };
                    row.set(field.as_str(), value);
                }
                Some(row)
            })),
            Self::FieldNames => Box::new(Gather(
                HashMap::new(),
                |counts: &mut HashMap<Vec<String>, u64>, row: Row| {
                    for (name, _) in row.iter().filter(|(_, value)| !value.is_empty()) {
                        *counts.entry(vec![name.to_owned()]).or_default() += 1;
                    }
                },
                |counts| named_hits(ranked(counts), "name"),
            )),
            Self::FieldValues(field, limit) => Box::new(Gather(
                HashMap::new(),
                move |counts: &mut HashMap<Vec<String>, u64>, row: Row| {
                    *counts.entry(vec![row.get(field).to_owned()]).or_default() += 1;
                },
                move |counts| {
                    let take = if *limit == 0 { usize::MAX } else { usize::try_from(*limit).unwrap_or(usize::MAX) };
                    named_hits(ranked(counts).into_iter().take(take).collect(), field)
                },
            )),
            Self::Facets(limit) => Box::new(Gather(
                HashMap::new(),
                |counts: &mut HashMap<String, HashMap<Vec<String>, u64>>, row: Row| {
                    for (name, value) in row.iter().filter(|(_, value)| !value.is_empty()) {
                        let field = counts.entry(name.to_owned()).or_default();
                        if field.len() <= 1000 {
                            *field.entry(vec![value.to_owned()]).or_default() += 1;
                        }
                    }
                },
                move |counts| facets(counts, usize::try_from(*limit).unwrap_or(10)),
            )),
            Self::Len(field, to) => Box::new(Each(move |mut row: Row| {
                let length = row.get(field).len();
                row.set(to.as_str(), length.to_string());
                Some(row)
            })),
            Self::Unroll(fields) => Box::new(Unroll(fields)),
            Self::UnpackJson(from) => Box::new(Each(move |mut row: Row| {
                let text = row.get(from).to_owned();
                if let Ok(serde_json::Value::Object(object)) = serde_json::from_str(&text) {
                    flatten("", object, &mut row);
                }
                Some(row)
            })),
        }
    }

    /// Whether rows go through one by one, so that the pipe can follow a growing log.
    pub fn can_follow(&self) -> bool {
        !matches!(
            self,
            Self::Stats(..) | Self::Sort(..) | Self::Limit(_) | Self::Offset(_) | Self::Uniq(..) | Self::Top(..) | Self::FieldNames
                | Self::FieldValues(..) | Self::Facets(_)
        )
    }

    /// Calls for every filter in it, to resolve sub-queries.
    pub fn filters_mut(&mut self) -> Vec<&mut Filter> {
        match self {
            Self::Filter(filter) => vec![filter],
            Self::Format(condition, ..) | Self::Extract(condition, ..) | Self::ExtractRegexp(condition, ..) | Self::Replace(condition, ..) => {
                condition.iter_mut().collect()
            }
            Self::Stats(_, calls) => calls.iter_mut().filter_map(Call::condition_mut).collect(),
            _ => Vec::new(),
        }
    }
}

fn named_hits(ranked: Vec<(Vec<String>, u64)>, name: &str) -> Vec<Row> {
    let row = |(mut key, hits): (Vec<String>, u64)| [(name, key.remove(0)), ("hits", hits.to_string())].into_iter().collect();
    ranked.into_iter().map(row).collect()
}

fn facets(counts: HashMap<String, HashMap<Vec<String>, u64>>, limit: usize) -> Vec<Row> {
    let mut fields: Vec<_> = counts.into_iter().filter(|(_, values)| values.len() > 1 && values.len() <= 1000).collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    let mut rows = Vec::new();
    for (field, values) in fields {
        for (mut value, hits) in ranked(values).into_iter().take(limit) {
            let value = value.remove(0);
            rows.push([("field_name", field.clone()), ("field_value", value), ("hits", hits.to_string())].into_iter().collect());
        }
    }
    rows
}

fn flatten(prefix: &str, object: serde_json::Map<String, serde_json::Value>, row: &mut Row) {
    for (name, value) in object {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::Object(inner) => flatten(&name, inner, row),
            serde_json::Value::String(text) => row.set(name, text),
            other => row.set(name, other.to_string()),
        }
    }
}

struct Unroll<'p>(&'p [String]);

impl Stage for Unroll<'_> {
    fn push(&mut self, row: Row, next: &mut dyn FnMut(Row) -> bool) -> bool {
        let lists: Vec<Vec<serde_json::Value>> =
            self.0.iter().map(|field| serde_json::from_str(row.get(field)).unwrap_or_default()).collect();
        for index in 0..lists.iter().map(Vec::len).max().unwrap_or(0).max(1) {
            let mut one = row.clone();
            for (field, list) in self.0.iter().zip(&lists) {
                let value = list.get(index).map_or(String::new(), |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                one.set(field.as_str(), value);
            }
            if !next(one) {
                return false;
            }
        }
        true
    }
    fn finish(&mut self, _: &mut dyn FnMut(Row) -> bool) {}
}

fn uniq_stage(by: &[String], hits: bool, limit: u64) -> Box<dyn Stage + '_> {
    let most = if limit == 0 { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
    Box::new(Gather(
        (Vec::new(), HashMap::new()),
        move |(order, counts): &mut (Vec<Vec<(String, String)>>, HashMap<Vec<(String, String)>, u64>), row: Row| {
            let key: Vec<(String, String)> = if by.is_empty() {
                row.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
            } else {
                by.iter().map(|field| (field.clone(), row.get(field).to_owned())).collect()
            };
            if let Some(count) = counts.get_mut(&key) {
                *count += 1;
            } else if order.len() < most {
                order.push(key.clone());
                counts.insert(key, 1);
            }
        },
        move |(order, counts)| {
            order
                .into_iter()
                .map(|key| {
                    let count = counts.get(&key).copied().unwrap_or(0);
                    let mut row: Row = key.into_iter().collect();
                    if hits {
                        row.set("hits", count.to_string());
                    }
                    row
                })
                .collect()
        },
    ))
}

fn stats_stage<'p>(by: &'p [By], calls: &'p [Call], seconds: Option<f64>) -> Box<dyn Stage + 'p> {
    type Groups = (Vec<Vec<String>>, HashMap<Vec<String>, Vec<State>>);
    Box::new(Gather(
        Groups::default(),
        move |(order, groups): &mut Groups, row: Row| {
            let key: Vec<String> = by
                .iter()
                .map(|by| by.bucket.as_ref().map_or_else(|| row.get(&by.field).to_owned(), |bucket| bucket.of(row.get(&by.field))))
                .collect();
            let states = groups.entry(key).or_insert_with_key(|key| {
                order.push(key.clone());
                calls.iter().map(Call::start).collect()
            });
            for (call, state) in calls.iter().zip(states) {
                call.add(state, &row);
            }
        },
        move |(mut order, mut groups)| {
            if by.is_empty() && order.is_empty() {
                order.push(Vec::new());
                groups.insert(Vec::new(), calls.iter().map(Call::start).collect());
            }
            let row = |key: Vec<String>| {
                let states = groups.remove(&key).unwrap_or_default();
                let mut row: Row = by.iter().map(|by| by.field.as_str()).zip(key).collect();
                for (call, state) in calls.iter().zip(states) {
                    row.set(call.result.as_str(), call.end(state, seconds));
                }
                row
            };
            order.into_iter().map(row).collect()
        },
    ))
}

fn sort(rows: &mut [Row], by: &[By], descending: bool) {
    if by.is_empty() {
        rows.sort_by_cached_key(|row| serde_json::to_string(row).unwrap_or_default());
        if descending {
            rows.reverse();
        }
        return;
    }
    rows.sort_by(|one, other| {
        let mut order = std::cmp::Ordering::Equal;
        for by in by {
            order = order.then_with(|| {
                let order = number::compare(one.get(&by.field), other.get(&by.field));
                if by.descending != descending { order.reverse() } else { order }
            });
        }
        order
    });
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| if name.ends_with('*') { name.clone() } else { quote_value(name) }).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for Pipe {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let given = |condition: &Option<Filter>| condition.as_ref().map_or(String::new(), |filter| format!(" if ({filter})"));
        match self {
            Self::Stats(by, calls) => {
                out.write_str("stats ")?;
                if !by.is_empty() {
                    let keys: Vec<String> = by
                        .iter()
                        .map(|by| by.bucket.as_ref().map_or_else(|| quote_value(&by.field), |bucket| format!("{}:{}", quote_value(&by.field), bucket.text)))
                        .collect();
                    write!(out, "by ({}) ", keys.join(", "))?;
                }
                out.write_str(&calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Filter(filter) => write!(out, "filter {filter}"),
            Self::Sort(by, descending, limit, offset) => {
                out.write_str("sort")?;
                if !by.is_empty() {
                    let keys: Vec<String> =
                        by.iter().map(|by| format!("{}{}", quote_value(&by.field), if by.descending { " desc" } else { "" })).collect();
                    write!(out, " by ({})", keys.join(", "))?;
                }
                if *descending {
                    out.write_str(" desc")?;
                }
                if *offset > 0 {
                    write!(out, " offset {offset}")?;
                }
                limit.map_or(Ok(()), |limit| write!(out, " limit {limit}"))
            }
            Self::Limit(count) => write!(out, "limit {count}"),
            Self::Offset(count) => write!(out, "offset {count}"),
            Self::Fields(names) => write!(out, "fields {}", list(&names.0)),
            Self::Delete(names) => write!(out, "delete {}", list(&names.0)),
            Self::Rename(pairs, copy) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|(from, to)| format!("{} as {}", quote_value(from), quote_value(to))).collect();
                write!(out, "{} {}", if *copy { "copy" } else { "rename" }, pairs.join(", "))
            }
            Self::Uniq(by, hits, limit) => {
                out.write_str("uniq")?;
                if !by.is_empty() {
                    write!(out, " by ({})", list(by))?;
                }
                out.write_str(if *hits { " with hits" } else { "" })?;
                if *limit > 0 { write!(out, " limit {limit}") } else { Ok(()) }
            }
            Self::Top(limit, by, hits) => {
                write!(out, "top {limit} by ({})", list(by))?;
                if hits == "hits" { Ok(()) } else { write!(out, " hits as {}", quote_value(hits)) }
            }
            Self::Math(all) => {
                let all: Vec<String> = all.iter().map(|(expression, name)| format!("{expression} as {}", quote_value(name))).collect();
                write!(out, "math {}", all.join(", "))
            }
            Self::Format(condition, pattern, field) => {
                write!(out, "format{} {}", given(condition), quoted(&pattern.text))?;
                if field == "_msg" { Ok(()) } else { write!(out, " as {}", quote_value(field)) }
            }
            Self::Extract(condition, pattern, from) => {
                write!(out, "extract{} {}", given(condition), quoted(&pattern.text))?;
                if from == "_msg" { Ok(()) } else { write!(out, " from {}", quote_value(from)) }
            }
            Self::ExtractRegexp(condition, regex, from) => {
                let text = regex.as_str().strip_prefix("(?s)").unwrap_or(regex.as_str());
                write!(out, "extract_regexp{} {}", given(condition), quoted(text))?;
                if from == "_msg" { Ok(()) } else { write!(out, " from {}", quote_value(from)) }
            }
            Self::Replace(condition, from, to, field) => {
                let (name, text) = match from {
                    Ok(text) => ("replace", text.as_str()),
                    Err(regex) => ("replace_regexp", regex.as_str().strip_prefix("(?s)").unwrap_or(regex.as_str())),
                };
                write!(out, "{name}{} ({}, {})", given(condition), quote_or_empty(text), quote_or_empty(to))?;
                if field == "_msg" { Ok(()) } else { write!(out, " at {}", quote_value(field)) }
            }
            Self::FieldNames => out.write_str("field_names"),
            Self::FieldValues(field, 0) => write!(out, "field_values {}", quote_value(field)),
            Self::FieldValues(field, limit) => write!(out, "field_values {} limit {limit}", quote_value(field)),
            Self::Facets(limit) => write!(out, "facets {limit}"),
            Self::Len(field, to) => write!(out, "len({}) as {}", quote_value(field), quote_value(to)),
            Self::Unroll(fields) => write!(out, "unroll by ({})", list(fields)),
            Self::UnpackJson(from) if from == "_msg" => out.write_str("unpack_json"),
            Self::UnpackJson(from) => write!(out, "unpack_json from {}", quote_value(from)),
        }
    }
}

fn quote_or_empty(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { quote_value(text) }
}

/// Distinct names in a list, in order: used where a pipe's output names matter.
pub fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(name.clone())).collect()
}

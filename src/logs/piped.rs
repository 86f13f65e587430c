//! Answers that are made of the rows of a pipe put behind a query, as VictoriaLogs' own endpoints give them: hits over
//! time, facets, names and values. Each pipe stands beside the function that reads its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Facet, HitSeries, Row, ValueHits};
use crate::logsql::quote_field;

/// A query with a pipe put behind it. The break ends a comment that the text may end with.
pub fn behind(text: &str, pipe: &str) -> String {
    format!("{text}\n| {pipe}")
}

/// Hits over time.
pub fn hits_pipe(step: Duration, group_by: &[String]) -> String {
    let by = std::iter::once(format!("_time:{}", step_of(step))).chain(group_by.iter().map(|name| quote_field(name)));
    format!("stats by ({}) count() as gw_hits", by.collect::<Vec<_>>().join(", "))
}

/// The series of [`hits_pipe`].
pub fn hits(rows: &[Row], group_by: &[String]) -> Vec<HitSeries> {
    series(rows.iter().filter_map(|row| {
        let fields = named(group_by, |name| row.get(name).to_owned());
        Some((fields, row.get("_time").parse().ok()?, row.get("gw_hits").parse().ok()?))
    }))
}

/// The most frequent values of every field.
pub fn facets_pipe(limit: Option<u64>) -> String {
    limit.map_or_else(|| "facets".to_owned(), |limit| format!("facets {limit}"))
}

/// The facets of [`facets_pipe`].
pub fn facets(rows: &[Row]) -> Vec<Facet> {
    facets_of(rows.iter().map(|row| (row.get("field_name").to_owned(), value_hits(row, "field_value", "hits"))))
}

/// The names of the fields.
pub const NAMES_PIPE: &str = "field_names as gw_name";

/// The names of [`NAMES_PIPE`].
pub fn names(rows: &[Row]) -> Vec<ValueHits> {
    most_frequent_first(rows.iter().map(|row| value_hits(row, "gw_name", "hits")).collect())
}

/// The values of one field, empty ones left out.
pub fn values_pipe(field: &str, limit: Option<u64>) -> String {
    let limit = limit.map(|limit| format!(" limit {limit}")).unwrap_or_default();
    let field = quote_field(field);
    let counted = format!("stats by ({field}) count() gw_hits | rename {field} as gw_value | filter gw_value:*");
    format!("{counted} | sort by (gw_hits desc, gw_value){limit}")
}

/// The values of [`values_pipe`].
pub fn values(rows: &[Row]) -> Vec<ValueHits> {
    most_frequent_first(rows.iter().map(|row| value_hits(row, "gw_value", "gw_hits")).collect())
}

/// A group's fields in the order asked for.
pub fn named(group_by: &[String], value: impl Fn(&str) -> String) -> Vec<(String, String)> {
    group_by.iter().map(|name| (name.clone(), value(name))).collect()
}

/// Points sorted into series; the server gives neither in any order.
pub fn series(points: impl Iterator<Item = (Vec<(String, String)>, Timestamp, u64)>) -> Vec<HitSeries> {
    let mut groups: BTreeMap<Vec<(String, String)>, BTreeMap<Timestamp, u64>> = BTreeMap::new();
    for (fields, at, hits) in points {
        *groups.entry(fields).or_default().entry(at).or_default() += hits;
    }
    groups
        .into_iter()
        .map(|(fields, buckets)| {
            let (timestamps, values) = buckets.into_iter().unzip();
            HitSeries { fields, timestamps, values }
        })
        .collect()
}

/// Values by field name, most frequent first.
pub fn facets_of(values: impl Iterator<Item = (String, ValueHits)>) -> Vec<Facet> {
    let mut fields: BTreeMap<String, Vec<ValueHits>> = BTreeMap::new();
    for (field, value) in values {
        fields.entry(field).or_default().push(value);
    }
    fields.into_iter().map(|(field, values)| Facet { field, values: most_frequent_first(values) }).collect()
}

/// Most frequent first, then by value.
pub fn most_frequent_first(mut values: Vec<ValueHits>) -> Vec<ValueHits> {
    values.sort_by(|one, other| other.hits.cmp(&one.hits).then_with(|| one.value.cmp(&other.value)));
    values
}

/// A step as the server reads it: it knows nothing finer than milliseconds.
pub fn step_of(step: Duration) -> String {
    let millis = step.as_millis().max(1);
    if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}

/// One row of a list of values.
fn value_hits(row: &Row, value: &str, hits: &str) -> ValueHits {
    ValueHits { value: row.get(value).to_owned(), hits: row.get(hits).parse().unwrap_or(0) }
}

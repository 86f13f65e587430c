//! A window's requests out of one aggregation where the data lies: rows that are alike in everything but their time
//! come as one, with their number, so that what travels is far less than the rows. Taken apart again they are the same
//! requests in the same order, but for the moments between the first and the last of those that are alike within five
//! seconds, which are spread evenly: the spread of a client's intervals is an estimate, everything else is exact.
//!
//! The plain files that a page loads are folded into one before they are counted, where the answer was a good one: how
//! many different ones there were is counted, and so many are made up again; where there was only one it keeps its
//! name. This module asks nothing itself and reads no clock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::sync::Arc;

use super::access::AccessLog;
use super::gates::read_number;
use super::reader::Reader;
use super::rules::Request;
use super::traffic::Hit;
use crate::logs::{FieldMap, Row, SourceError};
use crate::logsql::{quote_field as field, quote_value as value};

/// At most so many rows of the aggregation are asked for.
pub const MOST_ROWS: usize = 500_000;

/// The folded target and the referer that goes with it.
const TARGET: &str = "gw_target";
const REFERER: &str = "gw_referer";
/// Files that a page loads, plainly named: no rule looks for one of them.
const PLAIN_ASSET: &str =
    "^/[A-Za-z0-9/_-]*[.](css|js|mjs|png|jpg|jpeg|gif|svg|webp|avif|woff|woff2|ttf|ico|map)([?]v=[0-9A-Za-z.]+)?$";
/// What they are folded into; its `0` is counted up for the others.
const FOLDED: &str = "/gw/0.css";

/// The aggregation, and which of its columns play which part.
#[derive(Debug, Clone)]
pub struct Tuples {
    /// The LogsQL; one row more than [`MOST_ROWS`] is asked for.
    pub query: String,
    /// The columns.
    fields: FieldMap,
    bytes: bool,
    duration: bool,
}

impl Tuples {
    /// The aggregation of an access log.
    ///
    /// # Errors
    /// Where the log names no client.
    pub fn of(log: &AccessLog<'_>) -> Result<Self, SourceError> {
        let known = log.fields;
        // Without its target the log's path need not be worked out.
        let without_path = FieldMap { path: Some("_time".to_owned()), ..known.clone() };
        let start = AccessLog { fields: &without_path, ..*log }.start(None)?;
        let mut text = start.text;
        let (target, distinct, referer) = fold(&mut text, known);
        let keys: Vec<&str> = [
            Some(start.client.as_str()),
            target.as_deref(),
            known.query.as_deref().filter(|_| known.uri.is_none() && known.path.is_some()),
            known.method.as_deref(),
            known.request.as_deref().filter(|_| target.is_none()),
            known.status.as_deref(),
            known.user_agent.as_deref(),
            referer.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let by: Vec<String> = keys.iter().map(|name| field(name)).collect();
        text.push_str(&format!(
            " | stats by (_time:5s, {}) count() gw_hits, min(_time) gw_first, max(_time) gw_last",
            by.join(", ")
        ));
        if let Some(name) = distinct {
            let name = field(&name);
            text.push_str(&format!(", count_uniq({name}) gw_distinct, uniq_values({name}) limit 1 gw_names"));
        }
        for (name, column) in [(&known.bytes, "gw_bytes"), (&known.duration, "gw_busy")] {
            if let Some(name) = name {
                text.push_str(&format!(", sum({}) {column}", field(name)));
            }
        }
        text.push_str(&format!(" | sort by (gw_first) limit {}", MOST_ROWS + 1));
        let fields = FieldMap {
            remote_addr: Some(start.client.clone()),
            method: known.method.clone(),
            uri: target.clone().filter(|_| known.uri.is_some()),
            path: target.clone().filter(|_| known.uri.is_none()),
            query: known.query.clone().filter(|_| known.uri.is_none()),
            request: known.request.clone().filter(|_| target.is_none()),
            status: known.status.clone(),
            user_agent: known.user_agent.clone(),
            referer,
            ..FieldMap::default()
        };
        Ok(Self { query: text, fields, bytes: known.bytes.is_some(), duration: known.duration.is_some() })
    }

    /// Takes the rows apart, which come in the order of `gw_first`.
    pub fn unfolder(&self) -> Unfolder<'_> {
        Unfolder { tuples: self, waiting: BinaryHeap::new(), number: 0 }
    }
}

/// Puts the pipes that fold behind a query. Gives the target's column, the one whose distinct values are counted where
/// something was folded, and the referer's.
fn fold(text: &mut String, known: &FieldMap) -> (Option<String>, Option<String>, Option<String>) {
    let Some(target) = known.uri.as_ref().or(known.path.as_ref()) else {
        return (None, None, known.referer.clone());
    };
    let Some(status) = &known.status else { return (Some(target.clone()), None, known.referer.clone()) };
    let has_query = known.uri.is_none() && known.query.is_some();
    let no_query = known.query.as_deref().filter(|_| has_query).map(|query| format!(" {}:\"\"", field(query)));
    let good = format!("{}:range[200, 399]{}", field(status), no_query.unwrap_or_default());
    let (asset, from) = (value(PLAIN_ASSET), field(target));
    text.push_str(&format!(" | copy {from} as {TARGET}"));
    text.push_str(&format!(" | replace_regexp if ({good} {from}:~{asset}) ({asset}, {}) at {TARGET}", value(FOLDED)));
    let referer = known.referer.as_ref().map(|referer| {
        // Which page loaded a file does not matter, only whose page it was.
        let (host, page) = (value("^(https?://[^/]+)/.*$"), value("^https?://[A-Za-z0-9.:-]+/[A-Za-z0-9/_.-]*$"));
        let (named, folded) = (field(referer), value(FOLDED));
        text.push_str(&format!(" | copy {named} as {REFERER}"));
        text.push_str(&format!(
            " | replace_regexp if ({TARGET}:={folded} {named}:~{page}) ({host}, \"$1/\") at {REFERER}"
        ));
        REFERER.to_owned()
    });
    (Some(TARGET.to_owned()), Some(target.clone()), referer)
}

/// Requests that are alike.
#[derive(Debug)]
struct Alike {
    client: IpAddr,
    method: String,
    target: String,
    /// The target of one of them, where they were folded.
    name: Option<String>,
    protocol: String,
    status: u16,
    agent: String,
    referer: String,
    bytes: u64,
    duration_ms: u64,
    hits: u64,
    distinct: u64,
    first_ms: i64,
    last_ms: i64,
}

/// Takes rows apart into requests, in the order of time.
#[derive(Debug)]
pub struct Unfolder<'t> {
    tuples: &'t Tuples,
    /// Requests whose turn has not come: by time, then by the row's number and the request's within it.
    waiting: BinaryHeap<Reverse<(i64, u64, u64, Entry)>>,
    number: u64,
}

/// A group of which requests wait; its order says nothing.
#[derive(Debug, Clone)]
struct Entry(Arc<Alike>);

impl PartialEq for Entry {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// Texts of times sort nearly as the times do; rows may be so far out of order.
const SLACK_MS: i64 = 2_000;

impl Unfolder<'_> {
    /// Takes a row, and calls with every request whose turn has come.
    pub fn take(&mut self, row: &Row, mut each: impl FnMut(&Hit<'_>)) {
        let Some(alike) = self.read(row) else { return };
        self.release(alike.first_ms - SLACK_MS, &mut each);
        self.number += 1;
        let entry = Entry(Arc::new(alike));
        for nth in 0..entry.0.hits {
            self.waiting.push(Reverse((entry.0.time(nth), self.number, nth, entry.clone())));
        }
    }

    /// Calls with every request that is left.
    pub fn finish(mut self, mut each: impl FnMut(&Hit<'_>)) {
        self.release(i64::MAX, &mut each);
    }

    fn release(&mut self, before_ms: i64, each: &mut impl FnMut(&Hit<'_>)) {
        while let Some(Reverse((at, ..))) = self.waiting.peek()
            && *at < before_ms
        {
            let Some(Reverse((at_ms, _, nth, Entry(alike)))) = self.waiting.pop() else { return };
            alike.hit(at_ms, nth, each);
        }
    }

    fn read(&self, row: &Row) -> Option<Alike> {
        let number = |name: &str| read_number(row.get(name));
        let first: jiff::Timestamp = row.get("gw_first").parse().ok()?;
        let last: jiff::Timestamp = row.get("gw_last").parse().unwrap_or(first);
        let hits = number("gw_hits").max(1);
        let mut timed = row.clone();
        timed.set("_time", row.get("gw_first"));
        let mut read = None;
        Reader::new(&self.tuples.fields, &[]).read(&timed, |hit| {
            let request = &hit.request;
            read = Some(Alike {
                client: hit.client,
                method: request.method.to_owned(),
                target: request.target.to_owned(),
                name: first_of(row.get("gw_names")),
                protocol: request.protocol.to_owned(),
                status: request.status,
                agent: request.agent.to_owned(),
                referer: request.referer.to_owned(),
                bytes: if self.tuples.bytes { number("gw_bytes") } else { 0 },
                duration_ms: if self.tuples.duration { milliseconds(row.get("gw_busy")) } else { 0 },
                hits,
                distinct: number("gw_distinct").clamp(1, hits),
                first_ms: first.as_millisecond(),
                last_ms: last.as_millisecond().max(first.as_millisecond()),
            });
        });
        read
    }
}

impl Alike {
    /// When the nth of them came: the first and the last are known.
    fn time(&self, nth: u64) -> i64 {
        let (nth, gaps) = (i64::try_from(nth).unwrap_or(0), i64::try_from(self.hits - 1).unwrap_or(i64::MAX));
        if gaps == 0 { self.first_ms } else { self.first_ms + (self.last_ms - self.first_ms) * nth / gaps }
    }

    fn hit(&self, at_ms: i64, nth: u64, each: &mut impl FnMut(&Hit<'_>)) {
        // The remainder goes with the first, so that sums stay what they were.
        let part = |sum: u64| sum / self.hits + if nth == 0 { sum % self.hits } else { 0 };
        let made_up = self.made_up(nth % self.distinct);
        each(&Hit {
            at_ms,
            client: self.client,
            request: Request {
                method: &self.method,
                target: made_up.as_deref().unwrap_or(&self.target),
                protocol: &self.protocol,
                status: self.status,
                agent: &self.agent,
                referer: &self.referer,
            },
            bytes: part(self.bytes),
            duration_ms: part(self.duration_ms),
        });
    }

    /// The target of one of those that were folded: the first keeps its name, the others' are counted up.
    fn made_up(&self, nth: u64) -> Option<String> {
        if self.target != FOLDED {
            return None;
        }
        match &self.name {
            Some(name) if nth == 0 => Some(name.clone()),
            _ => Some(FOLDED.replace('0', &nth.to_string())),
        }
    }
}

/// The first of a JSON list of strings.
fn first_of(list: &str) -> Option<String> {
    let mut names: Vec<String> = serde_json::from_str(list).ok()?;
    (!names.is_empty()).then(|| names.swap_remove(0))
}

/// A sum of seconds in milliseconds.
fn milliseconds(seconds: &str) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = (seconds.parse().unwrap_or(0.0_f64) * 1000.0).round() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuples(fields: &FieldMap) -> Tuples {
        Tuples::of(&AccessLog { fields, base_filter: "log_type:access", trusted: &[] }).unwrap()
    }

    fn unfolded(tuples: &Tuples, rows: &[Row]) -> Vec<(i64, String, u64)> {
        let mut seen = Vec::new();
        let mut unfolder = tuples.unfolder();
        let mut note = |hit: &Hit<'_>| seen.push((hit.at_ms % 100_000, hit.request.target.to_owned(), hit.bytes));
        for row in rows {
            unfolder.take(row, &mut note);
        }
        unfolder.finish(&mut note);
        seen
    }

    #[test]
    fn rows_become_requests_in_the_order_of_time_and_sums_stay() {
        let tuples = tuples(&FieldMap::canonical());
        let row = |first: &str, last: &str, target: &str, hits: &str, distinct: &str| -> Row {
            [
                ("remote_addr", "203.0.113.7"),
                ("gw_target", target),
                ("gw_first", first),
                ("gw_last", last),
                ("gw_hits", hits),
                ("gw_distinct", distinct),
                ("gw_names", r#"["/static/app.js"]"#),
                ("gw_bytes", "100"),
            ]
            .into_iter()
            .collect()
        };
        let rows = [
            row("2026-03-02T09:00:00Z", "2026-03-02T09:00:04Z", FOLDED, "3", "2"),
            row("2026-03-02T09:00:01Z", "2026-03-02T09:00:01Z", "/b", "1", "1"),
            row("2026-03-02T09:00:03Z", "2026-03-02T09:00:03Z", FOLDED, "1", "1"),
        ];
        assert_eq!(
            unfolded(&tuples, &rows),
            [
                (0, "/static/app.js".to_owned(), 34),
                (1_000, "/b".to_owned(), 100),
                (2_000, "/gw/1.css".to_owned(), 33),
                (3_000, "/static/app.js".to_owned(), 100),
                (4_000, "/static/app.js".to_owned(), 33),
            ]
        );
    }

    #[test]
    fn the_aggregation_groups_by_what_the_log_has() {
        let query = tuples(&FieldMap::canonical()).query;
        assert!(query.starts_with("log_type:access | filter remote_addr:* | copy uri as gw_target |"), "{query}");
        assert!(query.contains("stats by (_time:5s, remote_addr, gw_target, method, status, user_agent, gw_referer)"));
        assert!(
            query.contains("count_uniq(uri) gw_distinct, uniq_values(uri) limit 1 gw_names, sum(bytes) gw_bytes"),
            "{query}"
        );
        let bare = FieldMap { remote_addr: Some("ip".into()), request: Some("line".into()), ..FieldMap::default() };
        let query = tuples(&bare).query;
        assert!(query.contains("stats by (_time:5s, ip, line) count()"), "{query}");
        assert!(!query.contains("gw_target") && !query.contains("gw_path"), "{query}");
    }

    #[test]
    fn what_is_folded_is_plain() {
        let asset = regex::Regex::new(PLAIN_ASSET).unwrap();
        for target in ["/static/app-1f.js", "/a/b.css?v=1.2", "/favicon.ico"] {
            assert!(asset.is_match(target), "{target}");
        }
        for target in ["/../etc/passwd.css", "/a.php.css", "/x.js?cmd=id", "/.git/x.css", "/a.css?v=1'"] {
            assert!(!asset.is_match(target), "{target}");
        }
    }
}

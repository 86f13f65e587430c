//! Per-IP thresholds on one window, and the one aggregation that computes the table where the data lies.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::access::{AccessLog, in_net, named};
use super::client_ip::parse_address;
use super::{ClientStats, ranges};
use crate::logs::{Row, SourceError};
use crate::logsql::{quote_field as field, quote_value as value};
use crate::text::{Lang, Say, number};

/// The thresholds. The defaults are those of the system that gatewatch replaces.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateLimits {
    /// The 4xx ratio counts only from this many requests on.
    pub min_requests: u64,
    /// Share of 4xx among a client's requests, 0 to 1, 499 counted in.
    pub min_4xx_ratio: f64,
    /// 5xx responses.
    pub min_5xx: u64,
    /// 499 responses.
    pub min_499: u64,
    /// Distinct paths.
    pub min_paths: u64,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self { min_requests: 30, min_4xx_ratio: 0.5, min_5xx: 10, min_499: 15, min_paths: 20 }
    }
}

/// A threshold that a client can pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Enough requests, and a large share of them 4xx.
    ClientErrors,
    /// 5xx responses.
    ServerErrors,
    /// 499 responses.
    Aborted,
    /// Distinct paths.
    Paths,
}

impl Gate {
    /// What it counts, in a word or two.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::ClientErrors => say::client_errors(lang),
            Self::ServerErrors => say::server_errors(lang),
            Self::Aborted => say::aborted(lang),
            Self::Paths => say::paths(lang),
        }
    }
}

/// A gate that was passed, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateHit {
    /// Which.
    pub gate: Gate,
    /// The client's value.
    pub value: f64,
    /// The threshold.
    pub limit: f64,
}

impl GateHit {
    /// How many times the threshold: 1.0 is just passed. A threshold of zero counts as one.
    pub fn factor(&self) -> f64 {
        self.value / if self.limit > 0.0 { self.limit } else { 1.0 }
    }
}

/// `paths 46 ≥ 20 (2.3×)`.
impl Say for GateHit {
    fn say(&self, lang: Lang) -> String {
        let shown = |value: f64| match self.gate {
            Gate::ClientErrors => number::percent(value),
            Gate::ServerErrors | Gate::Aborted | Gate::Paths => format!("{value:.0}"),
        };
        let (value, limit) = (shown(self.value), shown(self.limit));
        format!("{} {value} ≥ {limit} ({})", self.gate.label(lang), number::factor(self.factor()))
    }
}

/// The gates that a client passes, strongest first.
#[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^53")]
pub fn passed(stats: &ClientStats, limits: &GateLimits) -> Vec<GateHit> {
    let mut hits = Vec::new();
    if stats.requests >= limits.min_requests && stats.requests > 0 && stats.ratio_4xx() >= limits.min_4xx_ratio {
        hits.push(GateHit { gate: Gate::ClientErrors, value: stats.ratio_4xx(), limit: limits.min_4xx_ratio });
    }
    for (gate, value, limit) in [
        (Gate::ServerErrors, stats.s5xx, limits.min_5xx),
        (Gate::Aborted, stats.s499, limits.min_499),
        (Gate::Paths, stats.paths, limits.min_paths),
    ] {
        if value >= limit {
            hits.push(GateHit { gate, value: value as f64, limit: limit as f64 });
        }
    }
    hits.sort_by(|one, other| other.factor().total_cmp(&one.factor()).then(one.gate.cmp(&other.gate)));
    hits
}

/// What a gate table is asked for.
#[derive(Debug, Clone, Copy)]
pub struct TableQuestion<'a> {
    /// Only this client or range; `None` for every client.
    pub target: Option<&'a IpNet>,
    /// Only clients that pass one of these gates; `None` for all.
    pub gates: Option<&'a GateLimits>,
    /// Leave out, where the data lies, clients that can never be suspects: what is never bannable, and these ranges
    /// (allow list, trusted proxies). They must not crowd out suspects below the limit. `None` keeps them. A few
    /// odd ways to write such an address get through; the reader of the rows still looks at each.
    pub without: Option<&'a [IpNet]>,
    /// At most so many clients, those with the most requests first.
    pub limit: usize,
}

/// The aggregation that gives the gate table: one row a client, computed where the data lies. One row more than the
/// limit is asked for, so that [`read_table`] can tell whether there were more.
pub fn table_query(log: &AccessLog<'_>, question: &TableQuestion<'_>) -> Result<String, SourceError> {
    let start = log.start(question.target)?;
    let client = field(&start.client);
    let mut text = format!("{} | stats by ({client}) {}", start.text, columns(log, start.path.as_deref()));
    if let Some(gates) = question.gates {
        if log.fields.status.is_some() {
            text.push_str(" | math s4xx / requests as ratio");
        }
        text.push_str(&format!(" | filter {}", passing(log, start.path.is_some(), gates)));
    }
    if let Some(without) = question.without {
        text.push_str(&format!(" | filter !({})", exempt(&start.client, without)));
    }
    text.push_str(&format!(" | sort by (requests desc, {client}) limit {}", question.limit.saturating_add(1)));
    Ok(text)
}

/// The clients of the same table alone, to be counted.
pub fn clients_of(log: &AccessLog<'_>, question: &TableQuestion<'_>) -> Result<String, SourceError> {
    Ok(format!("{} | fields {}", table_query(log, question)?, field(&log.client_field()?)))
}

/// Reads what [`clients_of`] gives.
pub fn read_clients(log: &AccessLog<'_>, rows: &[Row]) -> Result<Vec<std::net::IpAddr>, SourceError> {
    let client = log.client_field()?;
    Ok(rows.iter().filter_map(|row| parse_address(row.get(&client))).collect())
}

/// The same table for clients by name, in the common ways to write each; all of them, whatever they pass.
pub fn clients_query(log: &AccessLog<'_>, clients: &[std::net::IpAddr]) -> Result<String, SourceError> {
    let start = log.start(None)?;
    let client = field(&start.client);
    let columns = columns(log, start.path.as_deref());
    let these = named(&start.client, clients);
    Ok(format!("{} | filter {these} | stats by ({client}) {columns}", start.text))
}

/// The numbers of one client; those that the log cannot tell are left out.
fn columns(log: &AccessLog<'_>, path: Option<&str>) -> String {
    let mut columns = vec!["count() requests".to_owned()];
    if let Some(status) = log.fields.status.as_deref().map(field) {
        for (name, low, high) in
            [("s2xx", 200, 299), ("s3xx", 300, 399), ("s4xx", 400, 499), ("s499", 499, 499), ("s5xx", 500, 599)]
        {
            columns.push(format!("count() if ({status}:range[{low}, {high}]) {name}"));
        }
    }
    if let Some(path) = path {
        columns.push(format!("count_uniq({}) paths", field(path)));
    }
    if let Some(bytes) = log.fields.bytes.as_deref() {
        columns.push(format!("sum({}) bytes", field(bytes)));
    }
    columns.push("min(_time) first_seen, max(_time) last_seen".to_owned());
    columns.join(", ")
}

/// The filter that [`passed`] is for one client's numbers.
fn passing(log: &AccessLog<'_>, has_path: bool, gates: &GateLimits) -> String {
    let mut any = Vec::new();
    if log.fields.status.is_some() {
        any.push(format!("(requests:>={} ratio:>={})", gates.min_requests, gates.min_4xx_ratio));
        any.push(format!("s5xx:>={}", gates.min_5xx));
        any.push(format!("s499:>={}", gates.min_499));
    }
    if has_path {
        any.push(format!("paths:>={}", gates.min_paths));
    }
    // A log with neither status nor path passes no gate.
    if any.is_empty() { "requests:<0".to_owned() } else { any.join(" or ") }
}

/// The never-bannable ranges of IPv6 by the beginning of their addresses' texts.
const NEVER_BANNABLE_V6: &str = "^(?i:fe[89ab][0-9a-f]:|f[cdf][0-9a-f][0-9a-f]:|::1?$)";

/// A filter for addresses that can never be suspects.
fn exempt(client: &str, without: &[IpNet]) -> String {
    let never = ranges::never_bannable().iter().map(|(net, _)| net).filter(|net| net.addr().is_ipv4());
    let mut any: Vec<String> = never.map(|net| v4_range(client, net)).collect();
    any.push(format!("{}:~{}", field(client), value(NEVER_BANNABLE_V6)));
    any.extend(
        without.iter().map(|net| if net.addr().is_ipv4() { v4_range(client, net) } else { in_net(client, net) }),
    );
    any.join(" or ")
}

fn v4_range(client: &str, net: &IpNet) -> String {
    format!("{}:ipv4_range({})", field(client), value(&net.to_string()))
}

/// Reads the rows that [`table_query`] gives, most requests first, at most `limit`; the second value tells whether
/// there were more. Rows whose client is no address are left out. Rows that are one client written in two ways
/// (`192.0.2.1`, `::ffff:192.0.2.1`) become one: all its numbers are sums, but of the distinct paths only the larger
/// number is known, so that it never passes a gate that it does not pass.
pub fn read_table(log: &AccessLog<'_>, rows: &[Row], limit: usize) -> Result<(Vec<ClientStats>, bool), SourceError> {
    let client = log.client_field()?;
    let mut table: Vec<ClientStats> = Vec::with_capacity(rows.len());
    for stats in rows.iter().filter_map(|row| read_row(row, &client)) {
        match table.iter_mut().find(|known| known.client == stats.client) {
            Some(known) => merge(known, &stats),
            None => table.push(stats),
        }
    }
    table.sort_by(|one, other| other.requests.cmp(&one.requests).then(one.client.cmp(&other.client)));
    table.truncate(limit);
    Ok((table, rows.len() > limit))
}

/// One row of the table; `None` where its client is no address.
fn read_row(row: &Row, client: &str) -> Option<ClientStats> {
    let number = |name: &str| read_number(row.get(name));
    Some(ClientStats {
        client: parse_address(row.get(client))?,
        requests: number("requests"),
        s2xx: number("s2xx"),
        s3xx: number("s3xx"),
        s4xx: number("s4xx"),
        s499: number("s499"),
        s5xx: number("s5xx"),
        paths: number("paths"),
        bytes: number("bytes"),
        first_seen: row.get("first_seen").parse().ok(),
        last_seen: row.get("last_seen").parse().ok(),
    })
}

/// A count or a sum; `NaN`, as the sum of nothing is printed, and a negative sum of made-up sizes count as 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
pub(super) fn read_number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| text.parse::<f64>().unwrap_or(0.0) as u64)
}

fn merge(into: &mut ClientStats, other: &ClientStats) {
    into.requests += other.requests;
    into.s2xx += other.s2xx;
    into.s3xx += other.s3xx;
    into.s4xx += other.s4xx;
    into.s499 += other.s499;
    into.s5xx += other.s5xx;
    into.bytes = into.bytes.saturating_add(other.bytes);
    into.paths = into.paths.max(other.paths);
    into.first_seen = [into.first_seen, other.first_seen].into_iter().flatten().min();
    into.last_seen = [into.last_seen, other.last_seen].into_iter().flatten().max();
}

/// The words.
mod say {
    crate::text::words! {
        client_errors { en: "4xx", ko: "4xx" }
        server_errors { en: "5xx", ko: "5xx" }
        aborted { en: "499", ko: "499" }
        paths { en: "paths", ko: "경로" }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;
    use crate::logs::FieldMap;

    fn row(pairs: &[(&str, &str)]) -> Row {
        pairs.iter().copied().collect()
    }

    fn question(gates: Option<&GateLimits>) -> TableQuestion<'_> {
        TableQuestion { target: None, gates, without: None, limit: 50 }
    }

    fn text(fields: &FieldMap, gates: Option<&GateLimits>) -> String {
        table_query(&AccessLog { fields, base_filter: "log_type:access", trusted: &[] }, &question(gates)).unwrap()
    }

    #[test]
    fn the_table_of_a_plain_access_log() {
        assert_eq!(
            text(&FieldMap::canonical(), Some(&GateLimits::default())),
            "log_type:access | filter remote_addr:* | stats by (remote_addr) count() requests, \
             count() if (status:range[200, 299]) s2xx, count() if (status:range[300, 399]) s3xx, \
             count() if (status:range[400, 499]) s4xx, count() if (status:range[499, 499]) s499, \
             count() if (status:range[500, 599]) s5xx, count_uniq(path) paths, sum(bytes) bytes, \
             min(_time) first_seen, max(_time) last_seen | math s4xx / requests as ratio \
             | filter (requests:>=30 ratio:>=0.5) or s5xx:>=10 or s499:>=15 or paths:>=20 \
             | sort by (requests desc, remote_addr) limit 51"
        );
    }

    #[test]
    fn what_a_log_cannot_tell_is_left_out() {
        let fields = FieldMap { remote_addr: Some("ip".into()), ..FieldMap::default() };
        let text = text(&fields, Some(&GateLimits::default()));
        assert!(text.contains("| filter requests:<0 |"), "{text}");
        assert!(!text.contains("ratio") && !text.contains("paths"), "{text}");
    }

    #[test]
    fn rows_become_numbers_and_two_ways_to_write_a_client_become_one() {
        let fields = FieldMap::canonical();
        let log = AccessLog { fields: &fields, base_filter: "*", trusted: &[] };
        let rows = [
            row(&[("remote_addr", "192.0.2.1"), ("requests", "10"), ("s4xx", "4"), ("paths", "3"), ("bytes", "NaN")]),
            row(&[("remote_addr", "garbage"), ("requests", "99")]),
            row(&[
                ("remote_addr", "::ffff:192.0.2.1"),
                ("requests", "5"),
                ("paths", "4"),
                ("bytes", "1.5e3"),
                ("first_seen", "2026-11-21T09:00:00.5Z"),
            ]),
            row(&[("remote_addr", "2001:db8::1"), ("requests", "20"), ("bytes", "-5")]),
        ];
        let (table, more) = read_table(&log, &rows, 3).unwrap();
        assert!(more);
        assert_eq!(table.len(), 2);
        assert_eq!((table[0].client.to_string().as_str(), table[0].bytes), ("2001:db8::1", 0));
        let one = &table[1];
        assert_eq!((one.requests, one.s4xx, one.paths, one.bytes), (15, 4, 4, 1500));
        assert_eq!(one.first_seen.unwrap().to_string(), "2026-11-21T09:00:00.5Z");
    }

    #[test]
    fn gates_passed_strongest_first() {
        let rows = [row(&[("remote_addr", "192.0.2.1"), ("requests", "100"), ("s4xx", "60"), ("paths", "80")])];
        let fields = FieldMap::canonical();
        let log = AccessLog { fields: &fields, base_filter: "*", trusted: &[] };
        let (table, more) = read_table(&log, &rows, 1).unwrap();
        let gates: Vec<Gate> = passed(&table[0], &GateLimits::default()).into_iter().map(|hit| hit.gate).collect();
        assert_eq!((gates, more), (vec![Gate::Paths, Gate::ClientErrors], false));
    }

    proptest! {
        /// The short pattern means the ranges that the table of never-bannable ranges lists, and none beside.
        #[test]
        fn the_ipv6_pattern_is_the_never_bannable_ipv6_ranges(
            first in prop_oneof![Just(0_u16), 0xfc00..=0xffff_u16, any::<u16>()],
            rest in prop::array::uniform7(prop_oneof![Just(0_u16), Just(1), any::<u16>()]),
        ) {
            let mut segments = [first; 8];
            segments[1..].copy_from_slice(&rest);
            let address = Ipv6Addr::from(segments);
            prop_assume!(address.to_ipv4_mapped().is_none());
            let pattern = regex::Regex::new(NEVER_BANNABLE_V6).unwrap();
            let exempt = ranges::never_bannable().iter().any(|(net, _)| net.contains(&IpAddr::V6(address)));
            prop_assert_eq!(pattern.is_match(&address.to_string()), exempt, "{}", address);
        }
    }
}

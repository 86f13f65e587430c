//! What a client costs: bytes and request time against its share of the clients and of the requests. An economic denial
//! of service needs neither errors nor haste: it asks, patiently, for what is dear. Pure arithmetic over one
//! aggregation; [`query`] writes it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::access::AccessLog;
use super::client_ip::parse_address;
use super::ranges;
use super::score::{Kind, Part};
use super::traffic::{ClientProfile, Traffic};
use crate::logs::{Row, SourceError};
use crate::logsql::quote_field;
use crate::text::{Lang, Say, number};

/// Under so many clients a share of them means nothing.
const FEWEST_CLIENTS: u64 = 20;
/// A client that costs less than this share hurts nobody.
const LEAST_SHARE: f64 = 0.03;
/// So many times the mean client's cost.
const TIMES_A_CLIENT: f64 = 20.0;
/// So many times the cost of everybody else's mean request: an office of many people costs as much as its requests do.
const TIMES_A_REQUEST: f64 = 3.0;
/// A big download is dear once; this needs requests, ranges of one download counted once.
const LEAST_REQUESTS: u64 = 20;

/// One client's line of the cost table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Who.
    pub client: IpAddr,
    /// Requests.
    pub requests: u64,
    /// Those answered by 206: pieces of a download.
    pub pieces: u64,
    /// Bytes sent to it.
    pub bytes: f64,
    /// Time its requests took, in seconds.
    pub seconds: f64,
}

/// The whole window's.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Clients.
    pub clients: u64,
    /// Bytes sent.
    pub bytes: f64,
    /// Time taken, in seconds.
    pub seconds: f64,
}

impl Totals {
    /// A finished traffic's.
    #[expect(clippy::cast_precision_loss, reason = "bytes and milliseconds stay far below 2^53")]
    pub fn of(traffic: &Traffic<'_>) -> Self {
        let (whole, clients) = (&traffic.whole, traffic.clients.len() as u64);
        let (bytes, seconds) = (whole.bytes as f64, whole.busy_ms as f64 / 1000.0);
        Self { requests: whole.requests, clients, bytes, seconds }
    }
}

/// The part of a score that a client's cost is: enough to be watched where it is extreme, never to be acted on alone.
#[expect(clippy::cast_precision_loss, reason = "bytes and milliseconds stay far below 2^53")]
pub fn part(client: &ClientProfile, totals: &Totals) -> Option<Part> {
    if u64::from(client.requests) < LEAST_REQUESTS {
        return None;
    }
    let spent = Spent {
        client: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        requests: u64::from(client.requests),
        pieces: u64::from(client.pieces),
        bytes: client.bytes as f64,
        seconds: client.busy_ms as f64 / 1000.0,
    };
    let cost = weighed(&spent, totals);
    let weight = (2.0 + (cost.times_a_client / TIMES_A_CLIENT).max(1.0).log10()).min(3.7);
    let detector = match cost.dear {
        Dear::Bytes => "cost:bytes",
        Dear::Time => "cost:time",
    };
    cost.is_suspect.then(|| Part { kind: Kind::Cost, detector: detector.into(), weight, value: cost.times_a_client })
}

/// What is dear about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dear {
    /// Bytes.
    Bytes,
    /// Request time.
    Time,
}

impl Dear {
    /// In a word.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Bytes => say::bytes(lang),
            Self::Time => say::time(lang),
        }
    }
}

/// A client weighed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Its line.
    pub spent: Spent,
    /// Its share of the requests, 0 to 1.
    pub of_requests: f64,
    /// Its share of the bytes.
    pub of_bytes: f64,
    /// Its share of the time.
    pub of_time: f64,
    /// What it has most of.
    pub dear: Dear,
    /// How many times the mean client's cost it costs in that.
    pub times_a_client: f64,
    /// How many times the cost of everybody else's mean request one of its requests costs.
    pub times_a_request: f64,
    /// Whether that makes it a suspect.
    pub is_suspect: bool,
}

impl Cost {
    /// The share of what it has most of.
    pub fn share(&self) -> f64 {
        match self.dear {
            Dear::Bytes => self.of_bytes,
            Dear::Time => self.of_time,
        }
    }
}

/// `42% of the bytes with 0.6% of the requests (310× a client, 70× a request)`.
impl Say for Cost {
    fn say(&self, lang: Lang) -> String {
        say::costs(
            lang,
            &number::percent(self.share()),
            self.dear.label(lang),
            &number::percent(self.of_requests),
            &number::times(self.times_a_client, lang),
            &number::times(self.times_a_request, lang),
        )
    }
}

/// Weighs clients against the whole, dearest first.
pub fn weigh(table: &[Spent], totals: &Totals) -> Vec<Cost> {
    let mut costs: Vec<Cost> = table.iter().map(|spent| weighed(spent, totals)).collect();
    costs.sort_by(|one, other| other.share().total_cmp(&one.share()).then(one.spent.client.cmp(&other.spent.client)));
    costs
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn weighed(spent: &Spent, totals: &Totals) -> Cost {
    let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
    let of_requests = share(spent.requests as f64, totals.requests as f64);
    let (of_bytes, of_time) = (share(spent.bytes, totals.bytes), share(spent.seconds, totals.seconds));
    let (dear, most) = if of_time > of_bytes { (Dear::Time, of_time) } else { (Dear::Bytes, of_bytes) };
    let times_a_client = most * totals.clients as f64;
    // Against everybody else's: a client that has nearly all of it would else be its own measure.
    let others = if of_requests < 1.0 { (1.0 - most) / (1.0 - of_requests) } else { 1.0 };
    let times_a_request = if of_requests > 0.0 { most / of_requests / others.max(1e-6) } else { 0.0 };
    let whole_requests = spent.requests.saturating_sub(spent.pieces);
    Cost {
        spent: *spent,
        of_requests,
        of_bytes,
        of_time,
        dear,
        times_a_client,
        times_a_request,
        is_suspect: totals.clients >= FEWEST_CLIENTS
            && most >= LEAST_SHARE
            && times_a_client >= TIMES_A_CLIENT
            && times_a_request >= TIMES_A_REQUEST
            && whole_requests >= LEAST_REQUESTS,
    }
}

/// The table and its totals as LogsQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// One row a client, dearest first.
    pub table: String,
    /// One row of the whole.
    pub totals: String,
}

/// The questions; `None` where the log tells neither bytes nor time. The table is of those with most of either.
pub fn query(log: &AccessLog<'_>, limit: usize) -> Result<Option<Questions>, SourceError> {
    let start = log.start(None)?;
    let client = quote_field(&start.client);
    let sums = [(log.fields.bytes.as_deref(), "bytes"), (log.fields.duration.as_deref(), "seconds")];
    let sums: Vec<(String, &str)> =
        sums.into_iter().filter_map(|(name, sum)| Some((format!("sum({}) {sum}", quote_field(name?)), sum))).collect();
    if sums.is_empty() {
        return Ok(None);
    }
    let columns = sums.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
    let pieces =
        log.fields.status.as_deref().map(|status| format!(", count() if ({}:=206) pieces", quote_field(status)));
    let totals = format!("{} | stats count() requests, count_uniq({client}) clients, {columns}", start.text);
    // Most of the bytes or most of the time: the sum of both shares would need the totals first, so each is ranked by
    // itself and the dearest of either are kept.
    let orders: Vec<String> = sums
        .iter()
        .map(|(_, sum)| {
            format!(
                "{} | stats by ({client}) count() requests{}, {columns} | sort by ({sum} desc, {client}) limit {limit}",
                start.text,
                pieces.clone().unwrap_or_default(),
            )
        })
        .collect();
    let table = match orders.as_slice() {
        [by_bytes, by_time] => format!("{by_bytes} | union ({by_time})"),
        one => one.concat(),
    };
    Ok(Some(Questions { table, totals }))
}

/// The rows of the table, each client once.
pub fn read_table(log: &AccessLog<'_>, rows: &[Row]) -> Result<Vec<Spent>, SourceError> {
    let client = log.client_field()?;
    let mut table: Vec<Spent> = Vec::new();
    for row in rows {
        let Some(address) = parse_address(row.get(&client)).map(ranges::plain) else { continue };
        if !table.iter().any(|spent| spent.client == address) {
            let whole = |name: &str| row.get(name).parse().unwrap_or(0);
            let number = |name: &str| row.get(name).parse().ok().filter(|value: &f64| value.is_finite()).unwrap_or(0.0);
            let (bytes, seconds) = (number("bytes"), number("seconds"));
            table.push(Spent { client: address, requests: whole("requests"), pieces: whole("pieces"), bytes, seconds });
        }
    }
    Ok(table)
}

/// The row of the totals.
pub fn read_totals(rows: &[Row]) -> Totals {
    let text = |name: &str| rows.first().map_or("", |row| row.get(name));
    let number = |name: &str| text(name).parse().ok().filter(|value: &f64| value.is_finite()).unwrap_or(0.0);
    Totals {
        requests: text("requests").parse().unwrap_or(0),
        clients: text("clients").parse().unwrap_or(0),
        bytes: number("bytes"),
        seconds: number("seconds"),
    }
}

/// The words.
mod say {
    crate::text::words! {
        bytes { en: "bytes", ko: "바이트" }
        time { en: "request time", ko: "요청 처리 시간" }
    }
    crate::text::sentences! {
        costs(share: &str, dear: &str, of_requests: &str, client: &str, request: &str) {
            en: "{share} of the {dear} with {of_requests} of the requests ({client} a client, {request} a request)",
            ko: "요청의 {of_requests}로 {dear}의 {share} 차지(평균 클라이언트의 {client}, 요청당 {request})",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::FieldMap;

    fn spent(last: u8, requests: u64, pieces: u64, bytes: f64, seconds: f64) -> Spent {
        Spent { client: IpAddr::from([203, 0, 113, last]), requests, pieces, bytes, seconds }
    }

    /// A shop's five minutes: 400 clients, 8,000 requests of 20 kB and 50 ms.
    const SHOP: Totals = Totals { requests: 8_000, clients: 400, bytes: 160e6, seconds: 400.0 };

    fn is_suspect(one: Spent) -> bool {
        weigh(&[one], &SHOP)[0].is_suspect
    }

    #[test]
    fn who_asks_for_what_is_dear_again_and_again_is_seen() {
        // Sixty exports of 500 kB; sixty searches of a second.
        assert!(is_suspect(spent(7, 60, 0, 30e6, 3.0)));
        assert!(is_suspect(spent(7, 60, 0, 1.2e6, 60.0)));
        // A flood that has nearly all of the time with a third of the requests.
        assert!(is_suspect(spent(8, 2_900, 0, 9e6, 370.0)));
        let cost = weigh(&[spent(7, 60, 0, 1.2e6, 60.0)], &SHOP)[0];
        assert_eq!(cost.dear, Dear::Time);
        assert_eq!(cost.say(Lang::En), "15% of the request time with 1% of the requests (60× a client, 23× a request)");
    }

    #[test]
    fn the_innocent_who_cost_much_are_spared() {
        // An office behind one address: as dear as its many requests are.
        assert!(!is_suspect(spent(1, 900, 0, 20e6, 50.0)));
        // One download of an installer, whole or in pieces.
        assert!(!is_suspect(spent(2, 3, 0, 60e6, 40.0)));
        assert!(!is_suspect(spent(3, 64, 62, 60e6, 40.0)));
        // A slow line: one client among few, and a small share.
        assert!(!is_suspect(spent(4, 60, 0, 2.4e6, 6.0)));
        let tiny = Totals { clients: 6, requests: 100, bytes: 1e6, seconds: 9.0 };
        assert!(!weigh(&[spent(5, 40, 0, 0.9e6, 8.0)], &tiny)[0].is_suspect);
    }

    #[test]
    fn questions_are_queries_and_their_rows_are_read_once() {
        let fields = FieldMap::canonical();
        let log = AccessLog { fields: &fields, base_filter: "*", trusted: &[] };
        let questions = query(&log, 50).unwrap().unwrap();
        for text in [&questions.table, &questions.totals] {
            assert!(crate::logsql::parse(text).query().is_ok(), "{text}");
        }
        let row = |client: &str| {
            let cells =
                [("remote_addr", client), ("requests", "3"), ("bytes", "12"), ("seconds", "0.5"), ("pieces", "1")];
            cells.into_iter().collect::<Row>()
        };
        let rows = [row("203.0.113.7"), row("203.0.113.7"), row("-")];
        assert_eq!(read_table(&log, &rows).unwrap(), [spent(7, 3, 1, 12.0, 0.5)]);
        let mute = FieldMap { bytes: None, duration: None, ..FieldMap::canonical() };
        assert_eq!(query(&AccessLog { fields: &mute, ..log }, 50).unwrap(), None);
    }
}

//! Rows of an access log as requests that detection can count: the field map says which field tells what.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::client_ip::client_of;
use super::rules::Request;
use super::traffic::Hit;
use crate::logs::{FieldMap, Row};
use crate::logsql::Batch;

/// The method of an attempt to sign in over SSH.
pub const SSH: &str = "SSH";
/// Its target.
pub(super) const SSH_TARGET: &str = "/ssh/login";

/// Reads rows.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    fields: &'a FieldMap,
    trusted: &'a [IpNet],
}

impl<'a> Reader<'a> {
    /// A reader of rows with these fields, believing the X-Forwarded-For of these proxies.
    pub fn new(fields: &'a FieldMap, trusted: &'a [IpNet]) -> Self {
        Self { fields, trusted }
    }

    /// The names of the fields that it reads.
    pub fn names(&self) -> Vec<&'a str> {
        Told::ALL.into_iter().filter_map(|told| self.name(told)).collect()
    }

    /// The field that tells something; `None` where this log has none, or a better one tells it.
    fn name(&self, told: Told) -> Option<&'a str> {
        let fields = self.fields;
        let whole = fields.uri.is_some();
        match told {
            Told::Time => Some("_time"),
            Told::Peer => fields.remote_addr.as_deref(),
            Told::Forwarded => fields.forwarded_for.as_deref().filter(|_| !self.trusted.is_empty()),
            Told::Method => fields.method.as_deref(),
            Told::Uri => fields.uri.as_deref(),
            Told::Path => fields.path.as_deref().filter(|_| !whole),
            Told::Query => fields.query.as_deref().filter(|_| !whole),
            Told::Request => fields.request.as_deref(),
            Told::Status => fields.status.as_deref(),
            Told::Bytes => fields.bytes.as_deref(),
            Told::Duration => fields.duration.as_deref(),
            Told::Agent => fields.user_agent.as_deref(),
            Told::Referer => fields.referer.as_deref(),
            // What sshd says stands in a log without requests.
            Told::Event => Some("event").filter(|_| !whole && fields.path.is_none() && fields.request.is_none()),
        }
    }

    /// Calls with the request that a row tells of; does nothing where it tells of no client, time or target.
    pub fn read(&self, row: &Row, take: impl FnOnce(&Hit<'_>)) {
        self.tell(|told| self.name(told).map_or("", |name| row.get(name)), &mut Clock::default(), take);
    }

    /// The targets of a batch, where a field of their own tells them.
    pub fn targets<'b>(&self, batch: &'b Batch) -> impl Iterator<Item = &'b str> {
        let column = self.name(Told::Uri).map(|name| &**batch.column(name));
        column.into_iter().flat_map(|column| (0..batch.rows).map(|row| column.get(row)))
    }

    /// Calls with every request that the rows of a batch tell of.
    pub fn read_all(&self, batch: &Batch, mut take: impl FnMut(&Hit<'_>)) {
        let columns = Told::ALL.map(|told| self.name(told).map(|name| &**batch.column(name)));
        let mut clock = Clock::default();
        for row in 0..batch.rows {
            self.tell(|told| columns[told as usize].map_or("", |column| column.get(row)), &mut clock, &mut take);
        }
    }

    fn tell<'r>(&self, text: impl Fn(Told) -> &'r str, clock: &mut Clock<'r>, take: impl FnOnce(&Hit<'_>)) {
        let Some(client) = client_of(text(Told::Peer), text(Told::Forwarded), self.trusted) else { return };
        let Some(at_ms) = clock.read(text(Told::Time)) else { return };
        let or = |value: &'r str, other: &'r str| if value.is_empty() { other } else { value };
        let mut line = text(Told::Request).split(' ');
        let mut method = or(text(Told::Method), line.next().unwrap_or(""));
        let mut target = Cow::Borrowed(or(text(Told::Uri), line.next().unwrap_or("")));
        if target.is_empty() {
            let (path, query) = (text(Told::Path), text(Told::Query));
            target = if query.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(format!("{path}?{query}")) };
        }
        let mut status = text(Told::Status).parse().unwrap_or(0);
        if target.is_empty() && method.is_empty() {
            let event = text(Told::Event);
            status = match event {
                "" => status,
                "failed" | "invalid_user" | "too_many" => 401,
                "accepted" => 200,
                _ => return,
            };
            if !event.is_empty() {
                (method, target) = (SSH, Cow::Borrowed(SSH_TARGET));
            }
        }
        take(&Hit {
            at_ms,
            client: super::ranges::plain(client),
            request: Request {
                method,
                target: &target,
                protocol: line.next().unwrap_or(""),
                status,
                agent: text(Told::Agent),
                referer: text(Told::Referer),
            },
            bytes: text(Told::Bytes).parse().unwrap_or(0),
            duration_ms: milliseconds(text(Told::Duration)),
        });
    }
}

/// What a field can tell of a request.
#[derive(Debug, Clone, Copy)]
enum Told {
    Time,
    Peer,
    Forwarded,
    Method,
    Uri,
    Path,
    Query,
    Request,
    Status,
    Bytes,
    Duration,
    Agent,
    Referer,
    Event,
}

impl Told {
    const ALL: [Self; 14] = [
        Self::Time,
        Self::Peer,
        Self::Forwarded,
        Self::Method,
        Self::Uri,
        Self::Path,
        Self::Query,
        Self::Request,
        Self::Status,
        Self::Bytes,
        Self::Duration,
        Self::Agent,
        Self::Referer,
        Self::Event,
    ];
}

/// Reads times; the one read last is remembered, because the next row often has it too.
#[derive(Debug, Default)]
struct Clock<'r> {
    last: (&'r str, Option<i64>),
}

impl<'r> Clock<'r> {
    /// Milliseconds of Unix time.
    fn read(&mut self, text: &'r str) -> Option<i64> {
        if self.last.0 != text {
            self.last = (text, text.parse::<Timestamp>().ok().map(|at| at.as_millisecond()));
        }
        self.last.1
    }
}

/// A duration in seconds, as access logs write it, in milliseconds; 0 where it is none.
fn milliseconds(seconds: &str) -> u64 {
    let value: f64 = seconds.parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = (value * 1000.0).round() as u64;
    whole
}

/// Whether an address can be a suspect at all.
pub fn can_be_suspect(client: IpAddr, allow: &[IpNet], trusted: &[IpNet]) -> bool {
    super::ranges::exemption(client, allow, trusted).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sshd_says_of_a_sign_in_is_a_request_and_the_rest_is_none() {
        let fields = FieldMap { remote_addr: Some("remote_addr".into()), ..FieldMap::default() };
        let reader = Reader::new(&fields, &[]);
        assert!(reader.names().contains(&"event"));
        let mut seen = Vec::new();
        for event in ["failed", "accepted", "closed", "invalid_user"] {
            let row: Row = [("_time", "2026-03-02T09:00:00Z"), ("remote_addr", "203.0.113.7"), ("event", event)]
                .into_iter()
                .collect();
            reader.read(&row, |hit| seen.push((hit.request.method == SSH, hit.request.status)));
        }
        assert_eq!(seen, [(true, 401), (true, 200), (true, 401)]);
    }

    #[test]
    fn a_row_is_read_by_its_own_names() {
        let fields = FieldMap {
            remote_addr: Some("ip".into()),
            request: Some("request".into()),
            status: Some("status".into()),
            ..FieldMap::default()
        };
        let row: Row = [
            ("_time", "2026-03-02T09:00:00.5Z"),
            ("ip", "203.0.113.7"),
            ("request", "GET /a?b=1 HTTP/1.0"),
            ("status", "404"),
        ]
        .into_iter()
        .collect();
        let mut seen = None;
        Reader::new(&fields, &[]).read(&row, |hit| {
            seen = Some((hit.client.to_string(), hit.request.target.to_owned(), hit.request.status, hit.at_ms % 1000));
            assert_eq!(hit.request.protocol, "HTTP/1.0");
        });
        assert_eq!(seen, Some(("203.0.113.7".to_owned(), "/a?b=1".to_owned(), 404, 500)));
    }
}

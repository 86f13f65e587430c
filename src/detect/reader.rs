//! Rows of an access log as requests that detection can count: the field map says which field tells what.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::client_ip::client_of;
use super::rules::Request;
use super::traffic::Hit;
use crate::logs::{FieldMap, Row};

/// The method of an attempt to sign in over SSH.
pub const SSH: &str = "SSH";

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
        let fields = self.fields;
        let forwarded = if self.trusted.is_empty() { None } else { fields.forwarded_for.as_deref() };
        [
            Some("_time"),
            fields.remote_addr.as_deref(),
            forwarded,
            fields.method.as_deref(),
            fields.uri.as_deref(),
            fields.path.as_deref().filter(|_| fields.uri.is_none()),
            fields.query.as_deref().filter(|_| fields.uri.is_none()),
            fields.request.as_deref(),
            fields.status.as_deref(),
            fields.bytes.as_deref(),
            fields.duration.as_deref(),
            fields.user_agent.as_deref(),
            fields.referer.as_deref(),
            // What sshd says stands in a log without requests.
            Some("event").filter(|_| fields.uri.is_none() && fields.path.is_none() && fields.request.is_none()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Calls with the request that a row tells of; does nothing where it tells of no client, time or target.
    pub fn read(&self, row: &Row, take: impl FnOnce(&Hit<'_>)) {
        let text = |name: &Option<String>| name.as_deref().map_or("", |name| row.get(name));
        let Some(client) = client_of(text(&self.fields.remote_addr), text(&self.fields.forwarded_for), self.trusted)
        else {
            return;
        };
        let Ok(at) = row.get("_time").parse::<Timestamp>() else { return };
        let mut line = text(&self.fields.request).split(' ');
        let (line_method, line_target) = (line.next().unwrap_or(""), line.next().unwrap_or(""));
        let or = |value: &'_ str, other: &'_ str| if value.is_empty() { other.to_owned() } else { value.to_owned() };
        let method = or(text(&self.fields.method), line_method);
        let mut target = or(text(&self.fields.uri), line_target);
        if target.is_empty() {
            let (path, query) = (text(&self.fields.path), text(&self.fields.query));
            target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        }
        let mut status = text(&self.fields.status).parse().unwrap_or(0);
        let mut method = method;
        if target.is_empty() && method.is_empty() {
            status = match row.get("event") {
                "" => status,
                "failed" | "invalid_user" | "too_many" => 401,
                "accepted" => 200,
                _ => return,
            };
            if !row.get("event").is_empty() {
                (method, target) = (SSH.to_owned(), "/ssh/login".to_owned());
            }
        }
        take(&Hit {
            at_ms: at.as_millisecond(),
            client: super::ranges::plain(client),
            request: Request {
                method: &method,
                target: &target,
                protocol: line.next().unwrap_or(""),
                status,
                agent: text(&self.fields.user_agent),
                referer: text(&self.fields.referer),
            },
            bytes: text(&self.fields.bytes).parse().unwrap_or(0),
            duration_ms: milliseconds(text(&self.fields.duration)),
        });
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

//! Which of a source's fields play the parts that detection needs. Access logs of different programs name the same
//! thing differently; generated queries use the names that are really there.

mod names;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Row;
use crate::detect::client_ip;
use names::NAMES;

/// The field that plays each part; `None` where the source has none. The canonical names are this struct's own field
/// names, which is what parsed access-log lines carry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldMap {
    /// The client's address where the source itself has worked it out, trusted proxies taken into account; it then
    /// wins over `remote_addr` and `forwarded_for`.
    pub client: Option<String>,
    /// The peer's address.
    pub remote_addr: Option<String>,
    /// X-Forwarded-For as sent.
    pub forwarded_for: Option<String>,
    /// The request method.
    pub method: Option<String>,
    /// The request target as sent, query string included.
    pub uri: Option<String>,
    /// The target without the query string. A `path` that does hold the query string is mapped as `uri` instead.
    pub path: Option<String>,
    /// The query string.
    pub query: Option<String>,
    /// The whole request line (`GET /x HTTP/1.1`), where a log has nothing finer.
    pub request: Option<String>,
    /// The response status code.
    pub status: Option<String>,
    /// Bytes sent.
    pub bytes: Option<String>,
    /// Time taken, in seconds unless the value carries a unit.
    pub duration: Option<String>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// The referer.
    pub referer: Option<String>,
    /// The virtual host.
    pub host: Option<String>,
    /// Whether `remote_addr` holds more than the bare address (`192.0.2.1:4711`, `[2001:db8::1]`), seen in sample
    /// rows: generated queries then take the address out of it first. Nothing an operator sets.
    #[serde(skip)]
    pub remote_addr_has_port: bool,
    /// Whether `forwarded_for` holds a JSON list of headers (`["203.0.113.7, 10.0.0.1"]`), as Caddy logs it, seen in
    /// sample rows. Nothing an operator sets.
    #[serde(skip)]
    pub forwarded_for_is_list: bool,
}

/// Where a part stands in the map.
type Slot = fn(&mut FieldMap) -> &mut Option<String>;

/// A name without case and punctuation.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

impl FieldMap {
    /// Finds the parts among a source's field names. `samples` (a few rows, as many kinds as possible) tell what
    /// names alone cannot: a `path` that holds the query string plays the part of `uri`, and an address field may
    /// carry a port. What `overrides` names is taken as it is, whether seen or not.
    ///
    /// ```
    /// use gatewatch::logs::FieldMap;
    /// let map = FieldMap::recognise(&["ClientHost", "RequestPath", "DownstreamStatus"], &[], &FieldMap::default());
    /// assert_eq!(map.remote_addr.as_deref(), Some("ClientHost"));
    /// assert_eq!(map.uri.as_deref(), Some("RequestPath"));
    /// ```
    pub fn recognise<N: AsRef<str>>(names: &[N], samples: &[Row], overrides: &Self) -> Self {
        let mut map = overrides.clone();
        let mut bare_names: Vec<(String, &str)> =
            names.iter().map(|name| (bare(name.as_ref()), name.as_ref())).collect();
        // Two names that differ in punctuation only: the choice must not depend on the order they came in.
        bare_names.sort_unstable_by_key(|(_, name)| *name);
        for (slot, known) in NAMES {
            let part = slot(&mut map);
            if part.is_none() {
                let found = known.iter().find_map(|known| bare_names.iter().find(|(bare, _)| bare == known));
                *part = found.map(|(_, name)| (*name).to_owned());
            }
        }
        map.look_at(samples, overrides);
        map
    }

    /// Corrects the choice by what the values look like.
    fn look_at(&mut self, samples: &[Row], overrides: &Self) {
        let any = |field: &Option<String>, test: fn(&str) -> bool| {
            field.as_ref().is_some_and(|name| samples.iter().any(|row| test(row.get(name))))
        };
        if overrides.path.is_none() && any(&self.path, |value| value.contains('?')) {
            let target = self.path.take();
            self.uri = self.uri.take().or(target);
        }
        // A `request` that is no request line (an id, a JSON object) would give wrong paths.
        if overrides.request.is_none() && any(&self.request, |value| !value.is_empty() && !is_request_line(value)) {
            let lines = any(&self.request, is_request_line);
            self.request = self.request.take().filter(|_| lines);
        }
        if !self.tells_target() {
            self.look_at_message(samples);
        }
        self.remote_addr_has_port = any(&self.remote_addr, |value| {
            value.parse::<IpAddr>().is_err() && client_ip::parse_address(value).is_some()
        });
        self.forwarded_for_is_list = any(&self.forwarded_for, client_ip::is_list);
    }

    /// What was asked for may have been made the message on its way to the server (`_msg_field=request_uri`).
    fn look_at_message(&mut self, samples: &[Row]) {
        const MESSAGE: &str = "_msg";
        let Some(status) = self.status.as_deref() else { return };
        let requests = samples.iter().filter(|row| !row.get(status).is_empty());
        let mut messages = requests.map(|row| row.get(MESSAGE)).filter(|message| !message.is_empty()).peekable();
        if messages.peek().is_none() {
            return;
        }
        if messages.clone().any(is_request_line) {
            self.request = Some(MESSAGE.to_owned());
        } else if messages.all(|message| message.starts_with('/')) {
            self.uri = Some(MESSAGE.to_owned());
        }
    }

    /// Whether any field tells what was asked for.
    pub fn tells_target(&self) -> bool {
        self.uri.is_some() || self.path.is_some() || self.request.is_some()
    }

    /// The fields that tell who asked for what and what became of it: with others, the same rows are other requests.
    pub fn essence(&self) -> String {
        let target = self.uri.as_ref().or(self.path.as_ref()).or(self.request.as_ref());
        let told = [
            self.client.as_ref(),
            self.remote_addr.as_ref(),
            self.forwarded_for.as_ref(),
            self.method.as_ref(),
            target,
            self.status.as_ref(),
            self.user_agent.as_ref(),
            self.referer.as_ref(),
        ];
        told.map(|name| name.map_or("", String::as_str)).join("\n")
    }

    /// The parts whose field is called otherwise here: the canonical name and the source's own.
    pub fn renames(&self) -> Vec<(String, String)> {
        let (mut own, mut canonical) = (self.clone(), Self::canonical());
        let pairs = NAMES.iter().filter_map(|(slot, _)| Some((slot(&mut canonical).clone()?, slot(&mut own).clone()?)));
        pairs.filter(|(from, to)| from != to).collect()
    }

    /// Every part of a request line under its canonical name: what the file formats give.
    pub fn canonical() -> Self {
        let own = |name: &str| Some(name.to_owned());
        Self {
            client: None,
            remote_addr: own("remote_addr"),
            forwarded_for: own("forwarded_for"),
            method: own("method"),
            uri: own("uri"),
            path: own("path"),
            query: own("query"),
            request: None,
            status: own("status"),
            bytes: own("bytes"),
            duration: own("duration"),
            user_agent: own("user_agent"),
            referer: own("referer"),
            host: own("host"),
            remote_addr_has_port: false,
            forwarded_for_is_list: false,
        }
    }
}

/// Whether a text looks like `GET /x HTTP/1.1`.
fn is_request_line(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(method, rest)| {
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()) && rest.contains(" HTTP/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(names: &[&str]) -> FieldMap {
        FieldMap::recognise(names, &[], &FieldMap::default())
    }

    fn some(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    #[test]
    fn every_known_name_is_written_bare_and_once() {
        let mut seen = std::collections::HashSet::new();
        for (_, known) in NAMES {
            for name in *known {
                assert_eq!(bare(name), *name);
                assert!(seen.insert(*name), "{name} plays two parts");
            }
        }
    }

    #[test]
    fn our_own_names_are_recognised_as_themselves() {
        let canonical = FieldMap::canonical();
        let json = serde_json::to_value(&canonical).unwrap();
        let names: Vec<&str> = json.as_object().unwrap().values().filter_map(serde_json::Value::as_str).collect();
        assert_eq!(names.len(), 12);
        assert_eq!(map(&names), canonical);
    }

    #[test]
    fn nginx_variables() {
        let map = map(&[
            "_msg",
            "_stream",
            "_time",
            "remote_addr",
            "http_x_forwarded_for",
            "request_uri",
            "uri",
            "args",
            "request_method",
            "status",
            "body_bytes_sent",
            "request_time",
            "upstream_response_time",
            "http_user_agent",
            "http_referer",
            "http_host",
            "host",
            "server_name",
        ]);
        let expected = FieldMap {
            remote_addr: some("remote_addr"),
            forwarded_for: some("http_x_forwarded_for"),
            method: some("request_method"),
            uri: some("request_uri"),
            query: some("args"),
            status: some("status"),
            bytes: some("body_bytes_sent"),
            duration: some("request_time"),
            user_agent: some("http_user_agent"),
            referer: some("http_referer"),
            host: some("http_host"),
            ..FieldMap::default()
        };
        assert_eq!(map, expected);
    }

    #[test]
    fn caddy_and_traefik_and_apisix() {
        let caddy = map(&[
            "request.remote_ip",
            "request.remote_port",
            "request.client_ip",
            "request.uri",
            "request.method",
            "request.host",
            "request.headers.User-Agent",
            "status",
            "size",
            "duration",
            "bytes_read",
        ]);
        assert_eq!(caddy.remote_addr, some("request.remote_ip"));
        assert_eq!(caddy.uri, some("request.uri"));
        assert_eq!(caddy.host, some("request.host"));
        assert_eq!(caddy.user_agent, some("request.headers.User-Agent"));
        assert_eq!((caddy.bytes, caddy.duration, caddy.client), (some("size"), some("duration"), None));

        let traefik = map(&[
            "ClientAddr",
            "ClientHost",
            "DownstreamContentSize",
            "DownstreamStatus",
            "RequestHost",
            "RequestMethod",
            "RequestPath",
            "request_User-Agent",
            "request_X-Forwarded-For",
        ]);
        assert_eq!(traefik.remote_addr, some("ClientHost"));
        assert_eq!(traefik.uri, some("RequestPath"));
        assert_eq!(traefik.status, some("DownstreamStatus"));
        assert_eq!(traefik.user_agent, some("request_User-Agent"));
        assert_eq!(traefik.forwarded_for, some("request_X-Forwarded-For"));

        let apisix =
            map(&["client_ip", "request.uri", "request.method", "response.status", "response.size", "latency"]);
        assert_eq!(apisix.remote_addr, some("client_ip"));
        assert_eq!((apisix.status, apisix.bytes), (some("response.status"), some("response.size")));
        assert_eq!(apisix.duration, some("latency"));
    }

    #[test]
    fn a_path_with_a_query_string_is_a_uri() {
        let rows: Vec<Row> = vec![[("path", "/")].into_iter().collect(), [("path", "/s?q=1")].into_iter().collect()];
        let found = FieldMap::recognise(&["path"], &rows, &FieldMap::default());
        assert_eq!((found.uri, found.path), (some("path"), None));
        let found = FieldMap::recognise(&["path"], &rows[..1], &FieldMap::default());
        assert_eq!((found.uri, found.path), (None, some("path")));
        let told = FieldMap { path: some("path"), ..FieldMap::default() };
        assert_eq!(FieldMap::recognise(&["path"], &rows, &told).path, some("path"));
    }

    #[test]
    fn ports_are_seen_in_samples_and_a_request_that_is_no_request_line_is_left() {
        let rows: Vec<Row> = vec![[("remote_addr", "192.0.2.1:4711"), ("request", "7f3a-77")].into_iter().collect()];
        let found = FieldMap::recognise(&["remote_addr", "request"], &rows, &FieldMap::default());
        assert!(found.remote_addr_has_port);
        assert_eq!(found.request, None);
        let rows: Vec<Row> = vec![
            [("remote_addr", "192.0.2.1"), ("request", "GET / HTTP/1.1")].into_iter().collect(),
            [("remote_addr", "unix:"), ("request", "\\x16\\x03\\x01")].into_iter().collect(),
        ];
        let found = FieldMap::recognise(&["remote_addr", "request"], &rows, &FieldMap::default());
        assert!(!found.remote_addr_has_port);
        assert_eq!(found.request, some("request"));
    }

    #[test]
    fn a_target_that_was_made_the_message_is_found_there() {
        let rows = |messages: [&str; 2]| -> Vec<Row> {
            messages.iter().map(|message| [("status", "200"), ("_msg", *message)].into_iter().collect()).collect()
        };
        let found = |messages| FieldMap::recognise(&["_msg", "status"], &rows(messages), &FieldMap::default());
        assert_eq!(found(["/", "/login?next=/"]).uri, some("_msg"));
        let lines = found(["GET /login HTTP/1.1", "-"]);
        assert_eq!((lines.uri.clone(), lines.request.clone()), (None, some("_msg")));
        assert!(lines.tells_target());
        assert!(!found(["/", "worker started"]).tells_target());
        // A field that is there for it wins.
        let both = FieldMap::recognise(&["_msg", "status", "uri"], &rows(["/a", "/b"]), &FieldMap::default());
        assert_eq!(both.uri, some("uri"));
    }

    #[test]
    fn headers_as_json_lists_are_seen_in_samples() {
        let rows: Vec<Row> = vec![[("request.headers.X-Forwarded-For", "[\"203.0.113.7\"]")].into_iter().collect()];
        let found = FieldMap::recognise(&["request.headers.X-Forwarded-For"], &rows, &FieldMap::default());
        assert!(found.forwarded_for_is_list);
        assert!(!map(&["request.headers.X-Forwarded-For"]).forwarded_for_is_list);
    }

    #[test]
    fn overrides_win() {
        let told = FieldMap { remote_addr: some("visitor"), ..FieldMap::default() };
        let found = FieldMap::recognise(&["remote_addr", "status"], &[], &told);
        assert_eq!((found.remote_addr, found.status), (some("visitor"), some("status")));
    }
}

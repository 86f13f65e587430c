//! Fields that a query may name although a file's lines do not carry them: the canonical names of a request where the
//! file has others, the halves of a target that is logged whole, and `client`, worked out from the peer and
//! X-Forwarded-For. They answer to their names only and are not shown by `*`.

use std::borrow::Cow;

use ipnet::IpNet;

use super::formats::access::{Request, halves};
use super::formats::entry::{Entry, Field, Wanted};
use super::formats::text;
use crate::detect::client_ip;
use crate::logs::FieldMap;

/// The name of the field that holds the client's address.
pub const CLIENT: &str = "client";

/// How a field that a line lacks is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It has another name.
    Other(String),
    /// Up to the `?` of a field.
    Path(String),
    /// After the `?` of a field.
    Query(String),
    /// The method of a request line.
    Method(String),
    /// The target of a request line.
    Uri(String),
    /// Up to the `?` of the target of a request line.
    RequestPath(String),
    /// After the `?` of the target of a request line.
    RequestQuery(String),
    /// The client, from the fields of the peer and of X-Forwarded-For.
    Client(String, Option<String>),
}

impl Origin {
    /// The one field that it is made of.
    pub fn base(&self) -> Option<&str> {
        match self {
            Self::Other(name)
            | Self::Path(name)
            | Self::Query(name)
            | Self::Method(name)
            | Self::Uri(name)
            | Self::RequestPath(name)
            | Self::RequestQuery(name) => Some(name),
            Self::Client(..) => None,
        }
    }

    /// The part of that field's value as text.
    pub fn text<'v>(&self, value: &'v str) -> Cow<'v, str> {
        plain(self.part(value.as_bytes()))
    }

    /// The part of that field's value.
    pub fn part<'v>(&self, value: &'v [u8]) -> &'v [u8] {
        match self {
            Self::Other(_) | Self::Client(..) => value,
            Self::Path(_) => halves(value).0,
            Self::Query(_) => halves(value).1,
            Self::Method(_) => Request::of(value).method,
            Self::Uri(_) => Request::of(value).uri,
            Self::RequestPath(_) => halves(Request::of(value).uri).0,
            Self::RequestQuery(_) => halves(Request::of(value).uri).1,
        }
    }
}

/// The fields to be made for one file.
#[derive(Debug, Default)]
pub struct Columns<'a> {
    made: Vec<(&'static str, Origin)>,
    trusted: &'a [IpNet],
}

impl<'a> Columns<'a> {
    /// What is to be made where `asked` names are read of a file with this map.
    pub fn new(map: &FieldMap, trusted: &'a [IpNet], asked: &dyn Fn(&str) -> bool) -> Self {
        let mut columns = Self { made: Vec::new(), trusted };
        let mut add = |name: &'static str, origin: Option<Origin>| {
            if let Some(origin) = origin.filter(|_| asked(name)) {
                columns.made.push((name, origin));
            }
        };
        let uri = map.uri.clone();
        let request = map.request.clone();
        let or_of_request = |part: &Option<String>, make: fn(String) -> Origin| {
            part.clone().map(Origin::Other).or_else(|| request.clone().map(make))
        };
        let half = |part: &Option<String>, of_uri: fn(String) -> Origin, of_request: fn(String) -> Origin| {
            let own = part.clone().map(Origin::Other);
            own.or_else(|| uri.clone().map(of_uri)).or_else(|| request.clone().map(of_request))
        };
        add(Field::Method.name(), or_of_request(&map.method, Origin::Method));
        add(Field::Uri.name(), or_of_request(&map.uri, Origin::Uri));
        add(Field::Path.name(), half(&map.path, Origin::Path, Origin::RequestPath));
        add(Field::Query.name(), half(&map.query, Origin::Query, Origin::RequestQuery));
        for (field, part) in [
            (Field::RemoteAddr, &map.remote_addr),
            (Field::ForwardedFor, &map.forwarded_for),
            (Field::Status, &map.status),
            (Field::Bytes, &map.bytes),
            (Field::Duration, &map.duration),
            (Field::UserAgent, &map.user_agent),
            (Field::Referer, &map.referer),
            (Field::Host, &map.host),
        ] {
            add(field.name(), part.clone().map(Origin::Other));
        }
        let peer = || map.remote_addr.clone().map(|peer| Origin::Client(peer, map.forwarded_for.clone()));
        add(CLIENT, map.client.clone().map(Origin::Other).or_else(peer));
        columns.made.retain(|(name, origin)| *origin != Origin::Other((*name).to_owned()));
        columns
    }

    /// Wants the fields that others are made of.
    pub fn want(&self, wanted: &mut Wanted) {
        for (_, origin) in &self.made {
            origin.base().into_iter().for_each(|name| wanted.add(name));
            if let Origin::Client(peer, forwarded) = origin {
                wanted.add(peer);
                forwarded.iter().for_each(|name| wanted.add(name));
            }
        }
    }

    /// Makes the fields that an entry lacks; those that come out empty are left out.
    pub fn make<'line>(&self, entry: &Entry<'line>) -> impl Iterator<Item = (&'static str, Cow<'line, str>)> {
        self.made.iter().filter(|(name, _)| entry.get(name).is_empty()).filter_map(|(name, origin)| {
            let value = self.value(origin, entry);
            (!value.is_empty()).then_some((*name, value))
        })
    }

    /// How a field of this name is made, where it is.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.made.iter().find(|(made, _)| *made == name).map(|(_, origin)| origin)
    }

    /// A field that an entry lacks.
    pub fn value<'line>(&self, origin: &Origin, entry: &Entry<'line>) -> Cow<'line, str> {
        if let Origin::Client(peer, forwarded) = origin {
            let forwarded = forwarded.as_ref().map_or(Cow::Borrowed(""), |name| plain(entry.get(name)));
            let client = client_ip::client_of(&plain(entry.get(peer)), &forwarded, self.trusted);
            return Cow::Owned(client.map(|client| client.to_string()).unwrap_or_default());
        }
        let name = origin.base().unwrap_or_default();
        match entry.value(name, Field::named(name)) {
            Cow::Borrowed(value) => plain(origin.part(value)),
            Cow::Owned(value) => Cow::Owned(plain(origin.part(&value)).into_owned()),
        }
    }
}

/// A value as text. Caddy logs each header as a list, `["curl/8"]`: its items, joined as HTTP joins them.
fn plain(value: &[u8]) -> Cow<'_, str> {
    let items = value.starts_with(b"[\"").then(|| serde_json::from_slice::<Vec<String>>(value).ok()).flatten();
    items.map_or_else(|| text::lossless(value), |items| Cow::Owned(items.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(map: &FieldMap, fields: &[(&'static str, &'static str)], asked: &[&str]) -> Vec<String> {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let columns = Columns::new(map, &trusted, &|name| asked.contains(&name));
        let mut entry = Entry::default();
        for (name, value) in fields {
            entry.push(*name, value.as_bytes());
        }
        columns.make(&entry).map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn other_names_and_halves_are_made_where_they_are_asked_for() {
        let map = FieldMap {
            remote_addr: Some("client_ip".into()),
            uri: Some("request_uri".into()),
            status: Some("status".into()),
            ..FieldMap::default()
        };
        let row = [("client_ip", "203.0.113.5"), ("request_uri", "/a?b"), ("status", "200")];
        let all = ["remote_addr", "uri", "path", "query", "status", "method", "host"];
        assert_eq!(made(&map, &row, &all), ["uri=/a?b", "path=/a", "query=b", "remote_addr=203.0.113.5"]);
        assert_eq!(made(&map, &row, &["path"]), ["path=/a"]);
        assert!(made(&map, &[("path", "/own"), ("request_uri", "/a")], &["path"]).is_empty());
    }

    #[test]
    fn a_request_line_gives_its_parts() {
        let map = FieldMap { request: Some("request".into()), ..FieldMap::default() };
        let row = [("request", "GET /a?b=c HTTP/1.1")];
        let found = made(&map, &row, &["method", "uri", "path", "query"]);
        assert_eq!(found, ["method=GET", "uri=/a?b=c", "path=/a", "query=b=c"]);
    }

    #[test]
    fn the_client_is_the_first_that_is_not_trusted_from_the_right() {
        let map = FieldMap::canonical();
        let row = |peer, forwarded| [("remote_addr", peer), ("forwarded_for", forwarded)];
        let client = |peer, forwarded| made(&map, &row(peer, forwarded), &["client"]);
        assert_eq!(client("10.0.0.1", "198.51.100.9, 203.0.113.5, 10.0.0.2"), ["client=203.0.113.5"]);
        assert_eq!(client("203.0.113.7", "198.51.100.9"), ["client=203.0.113.7"]);
        assert_eq!(client("10.0.0.1", r#"["203.0.113.6, 10.0.0.2", "10.0.0.3"]"#), ["client=203.0.113.6"]);
        assert!(client("unix:", "").is_empty());
    }
}

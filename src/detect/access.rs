//! The questions that detection asks of an access log, as LogsQL text: which rows are requests, who made them, what
//! the path was. Everything is computed where the data lies; values come quoted, names as the source has them.
//!
//! The client is derived by pipes and gives what [`super::client_ip::client_of`] gives, with these exceptions, all on
//! the safe side (the request counts for nobody, or for a trusted proxy, which is never a suspect):
//! - A trusted proxy that is written with a dotted IPv6 end (`64:ff9b::192.0.2.1`) or as a hexadecimal IPv4-mapped
//!   address (`::ffff:c000:201`) ends the walk, as if it were not trusted.
//! - A text of hexadecimal digits and colons that is no address ends the walk too, but the request then counts for
//!   nobody instead of for the hop before it.
//!
//! This module asks nothing itself and reads no clock.

mod walk;

use std::net::IpAddr;

use ipnet::IpNet;

use super::WindowTotals;
use super::groups::Alike;
use super::pattern;
use super::traffic::targets;
use crate::logs::{FieldMap, Row, SourceError};
use crate::logsql::{quote_field as field, quote_value as value};
use walk::bare_peer;

/// The field that the derived client stands in.
const CLIENT: &str = "gw_client";
/// The field that a derived path stands in.
const PATH: &str = "gw_path";

/// One access log: where its requests are and which fields tell what.
#[derive(Debug, Clone, Copy)]
pub struct AccessLog<'a> {
    /// Which of the source's fields play which part.
    pub fields: &'a FieldMap,
    /// A LogsQL filter, maybe with pipes, that picks the request rows out of the source; `*` or empty for all.
    pub base_filter: &'a str,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted: &'a [IpNet],
}

/// A column of a request that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The path without the query string.
    Path,
    /// The request target as sent.
    Uri,
    /// The user agent.
    UserAgent,
    /// The status code.
    Status,
    /// The method.
    Method,
    /// The referer.
    Referer,
    /// The virtual host.
    Host,
}

/// The beginning of a query: text, and the names of the fields that stand in its rows.
pub(super) struct Start {
    /// The LogsQL up to here.
    pub text: String,
    /// The field with the client's address.
    pub client: String,
    /// The field with the path, where there is one.
    pub path: Option<String>,
}

impl AccessLog<'_> {
    /// The requests whose client lies in `target` (`None`: all), with their client in a field.
    pub(super) fn start(&self, target: Option<&IpNet>) -> Result<Start, SourceError> {
        let base = if self.base_filter.trim().is_empty() { "*" } else { self.base_filter.trim() };
        let mut text = base.to_owned();
        let client = if let Some(client) = &self.fields.client {
            pipe(&mut text, &format!("filter {}", any_value(client)));
            client.clone()
        } else {
            let peer = self.fields.remote_addr.as_deref().ok_or(SourceError::NoField { part: "remote_addr" })?;
            match self.fields.forwarded_for.as_deref().filter(|_| !self.trusted.is_empty()) {
                Some(header) => self.walk(&mut text, peer, header, target),
                None if self.fields.remote_addr_has_port => bare_peer(&mut text, peer),
                None => {
                    pipe(&mut text, &format!("filter {}", any_value(peer)));
                    peer.to_owned()
                }
            }
        };
        if let Some(target) = target {
            pipe(&mut text, &format!("filter {}", in_net(&client, target)));
        }
        let path = self.path(&mut text);
        Ok(Start { text, client, path })
    }

    /// Makes sure of a field with the path.
    fn path(&self, text: &mut String) -> Option<String> {
        let (from, expression) = match (&self.fields.path, &self.fields.uri, &self.fields.request) {
            (Some(path), _, _) => return Some(path.clone()),
            (None, Some(uri), _) => (uri, PATH_OF_URI),
            (None, None, Some(request)) => (request, PATH_OF_REQUEST),
            (None, None, None) => return None,
        };
        pipe(text, &format!("extract_regexp {} from {}", value(expression), field(from)));
        Some(PATH.to_owned())
    }

    /// The requests of a client or range, newest first, at most `limit`, as the source has them.
    pub fn newest(&self, target: &IpNet, limit: u64) -> Result<String, SourceError> {
        let start = self.start(Some(target))?;
        Ok(format!("{} | sort by (_time desc) limit {limit}{}", start.text, self.tidy(&start)))
    }

    /// The requests of clients by name, newest first, at most `limit` of all, with their client in
    /// [`Self::client_field`].
    ///
    /// # Errors
    /// Where the log names no client.
    pub fn newest_of(&self, clients: &[IpAddr], limit: u64) -> Result<String, SourceError> {
        let start = self.start(None)?;
        Ok(format!("{} | filter {} | sort by (_time desc) limit {limit}", start.text, named(&start.client, clients)))
    }

    /// The requests of a client or range (`None`: all), without any derived field: what a histogram counts, and what
    /// a person is shown to see the same rows again.
    pub fn requests(&self, target: Option<&IpNet>) -> Result<String, SourceError> {
        let Some(target) = target else {
            return Ok(if self.base_filter.trim().is_empty() { "*".to_owned() } else { self.base_filter.to_owned() });
        };
        let start = self.start(Some(target))?;
        let tidy = self.tidy(&start);
        Ok(format!("{}{tidy}", start.text))
    }

    /// A pipe that takes derived fields out of the rows again; empty where there are none.
    fn tidy(&self, start: &Start) -> String {
        let derived: Vec<&str> = [Some(start.client.as_str()), start.path.as_deref()]
            .into_iter()
            .flatten()
            .filter(|name| [CLIENT, PATH].contains(name))
            .collect();
        if derived.is_empty() { String::new() } else { format!(" | delete {}", derived.join(", ")) }
    }

    /// The most frequent values of a column among the requests of a client or range (`None`: all), each row with the
    /// value under [`Self::column`]'s name and its number under `hits`. `None` where the log has no such column.
    pub fn top(&self, target: Option<&IpNet>, column: Column, limit: u64) -> Result<Option<String>, SourceError> {
        let start = self.start(target)?;
        let name = match column {
            Column::Path => start.path.clone(),
            other => self.column(other).map(str::to_owned),
        };
        Ok(name.map(|name| format!("{} | top {limit} by ({}) hits as hits", start.text, field(&name))))
    }

    /// The clients that are alike in a way, each with its requests: all that a filter can tell of it. `None` where the
    /// log has no such column.
    ///
    /// # Errors
    /// Where the log names no client.
    pub fn alike(&self, alike: &Alike) -> Result<Option<String>, SourceError> {
        let start = self.start(None)?;
        let path = start.path.as_deref().map(field);
        let filter = match alike {
            Alike::Action { writes, template, .. }
            | Alike::Step { writes, template, .. }
            | Alike::Around { writes, template, .. } => path.map(|name| {
                let method = self.fields.method.as_deref().map(|method| {
                    let posts = value("^(POST|PUT|PATCH|DELETE)$");
                    format!(" {}{}:~{posts}", if *writes { "" } else { "!" }, field(method))
                });
                format!("{name}:~{}{}", value(&targets::pattern(template)), method.unwrap_or_default())
            }),
            Alike::Hasty { template }
            | Alike::Timed { template, .. }
            | Alike::Rounds { template, .. }
            | Alike::Again { template }
            | Alike::InTurn { template } => path.map(|name| format!("{name}:~{}", value(&targets::pattern(template)))),
            Alike::Only { templates } => path.map(|name| {
                let any: Vec<String> = templates.iter().map(|template| targets::pattern(template)).collect();
                format!("{name}:~{}", value(&any.join("|")))
            }),
            Alike::Asset { target } => path.map(|name| format!("{name}:={}", value(target))),
            // No filter tells a rhythm, nor a network.
            Alike::Rhythm { .. }
            | Alike::Network { .. }
            | Alike::Pace
            | Alike::Sent
            | Alike::Rotating
            | Alike::SignedIn
            | Alike::Vain => None,
            Alike::Bare { app } => self
                .fields
                .user_agent
                .as_deref()
                .map(|name| format!("{}:~{}", field(name), value(&format!("(?i)^{}", regex::escape(app))))),
            Alike::Agent { agent } | Alike::Unled { agent } => {
                self.fields.user_agent.as_deref().map(|name| format!("{}:={}", field(name), value(agent)))
            }
            Alike::Prefix { prefix } => Some(in_net(&start.client, prefix)),
            Alike::Referer { host } => {
                self.fields.referer.as_deref().map(|name| format!("{}:~{}", field(name), value(&of_host(host))))
            }
            Alike::Depth { .. } => self.fields.referer.as_deref().map(|name| {
                let name = field(name);
                format!("({name}:\"\" or {name}:=\"-\")")
            }),
        };
        Ok(filter.map(|filter| by_client(&start, &filter)))
    }

    /// The clients of a range, each with its requests.
    ///
    /// # Errors
    /// Where the log names no client.
    pub fn clients_in(&self, range: &IpNet) -> Result<String, SourceError> {
        let start = self.start(None)?;
        let filter = in_net(&start.client, range);
        Ok(by_client(&start, &filter))
    }

    /// The field that a column stands in.
    pub fn column(&self, column: Column) -> Option<&str> {
        let fields = self.fields;
        match column {
            Column::Path if fields.path.is_none() => (fields.uri.is_some() || fields.request.is_some()).then_some(PATH),
            Column::Path => fields.path.as_deref(),
            Column::Uri => fields.uri.as_deref().or(fields.request.as_deref()),
            Column::UserAgent => fields.user_agent.as_deref(),
            Column::Status => fields.status.as_deref(),
            Column::Method => fields.method.as_deref(),
            Column::Referer => fields.referer.as_deref(),
            Column::Host => fields.host.as_deref(),
        }
    }

    /// One row with `requests` and `clients`: of the whole window, or of a client or range alone.
    pub fn totals(&self, target: Option<&IpNet>) -> Result<String, SourceError> {
        let start = self.start(target)?;
        Ok(format!("{} | stats count() requests, count_uniq({}) clients", start.text, field(&start.client)))
    }

    /// The two numbers of the row that [`Self::totals`] asks for.
    pub fn read_totals(&self, rows: &[Row]) -> WindowTotals {
        let number = |name| rows.first().and_then(|row| row.get(name).parse().ok()).unwrap_or(0);
        WindowTotals { requests: number("requests"), clients: number("clients") }
    }

    /// The field that holds the client's address in the rows of generated queries.
    pub fn client_field(&self) -> Result<String, SourceError> {
        self.start(None).map(|start| start.client)
    }
}

/// The path of a target: everything before the first `?`.
const PATH_OF_URI: &str = "^(?P<gw_path>[^?]*)";
/// The path of a request line, or of the whole line where it is none (a TLS hello on a plain port counts as one).
const PATH_OF_REQUEST: &str = "^(?:[A-Z_-]+ )?(?P<gw_path>[^?]*?)(?:[?](?s:.)*?)?(?: HTTP/[^ ]*)?$";

fn by_client(start: &Start, filter: &str) -> String {
    let client = field(&start.client);
    format!("{} | filter {filter} | stats by ({client}) count() hits | sort by (hits desc)", start.text)
}

/// Matches the referers from a host.
fn of_host(host: &str) -> String {
    format!("(?i)^https?://{}([/?#]|$)", regex::escape(host))
}

/// A filter for the rows whose `name` holds an address of the range, in the ways in which logs write it.
pub fn in_net(name: &str, net: &IpNet) -> String {
    let name = field(name);
    let texts = match single(net) {
        Some(IpAddr::V4(address)) => pattern::v4_texts(address),
        Some(IpAddr::V6(address)) => pattern::v6_texts(address),
        None => {
            let expression = value(&format!("^{}$", pattern::of_nets(&[*net]).either()));
            return match net {
                IpNet::V4(v4) => format!("({name}:ipv4_range({}) or {name}:~{expression})", value(&v4.to_string())),
                IpNet::V6(_) => format!("{name}:~{expression}"),
            };
        }
    };
    format!("{name}:in({})", texts.iter().map(|text| value(text)).collect::<Vec<_>>().join(", "))
}

/// A filter for the rows whose `name` holds one of these addresses, in the ways in which logs write them.
pub fn named(name: &str, clients: &[IpAddr]) -> String {
    let texts = clients.iter().flat_map(|client| match client {
        IpAddr::V4(v4) => pattern::v4_texts(*v4),
        IpAddr::V6(v6) => pattern::v6_texts(*v6),
    });
    let texts: Vec<String> = texts.map(|text| value(&text)).collect();
    format!("{}:in({})", field(name), texts.join(", "))
}

/// The one address of a range of one.
fn single(net: &IpNet) -> Option<IpAddr> {
    (net.prefix_len() == net.max_prefix_len()).then(|| net.addr().to_canonical())
}

fn pipe(text: &mut String, next: &str) {
    text.push_str(" | ");
    text.push_str(next);
}

fn any_value(name: &str) -> String {
    format!("{}:*", field(name))
}

/// Whether a name means nothing special in a `format` pattern.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::walk::{address_expression, walk_expression};
    use super::*;
    use crate::detect::client_ip::client_of;
    use proptest::prelude::*;
    use regex::Regex;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// What the walk's pipes do on a server, done with the same expressions here.
    fn derived(peer: &str, header: &str, trusted: &[IpNet]) -> Option<String> {
        if peer.is_empty() || peer.contains(',') {
            return None;
        }
        let list = format!("{header},{peer}");
        let walk = Regex::new(&walk_expression(trusted)).unwrap().captures(&list)?;
        let address = Regex::new(&address_expression()).unwrap();
        let read = |text: &str| {
            let found = address.captures(text)?;
            let groups = ["gw_a", "gw_b", "gw_c"];
            Some(groups.map(|name| found.name(name).map_or("", |group| group.as_str())).concat())
        };
        let client = read(&walk["gw_at"]).or_else(|| read(&walk["gw_passed"]))?;
        (!client.is_empty()).then_some(client)
    }

    fn looks_like_v6(hop: &str) -> bool {
        hop.contains(':') && hop.bytes().all(|byte| byte.is_ascii_hexdigit() || b":. \t".contains(&byte))
    }

    fn hop() -> impl Strategy<Value = String> {
        let address = prop_oneof![
            any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
            "10[.](0|1)[.][0-9][.]1?[0-9]",
            "2001:db8:(0:)?[0-3]?:[0-9a-f]{1,4}",
            "2001:DB8::[0-9A-F]{1,4}",
            any::<[u8; 16]>().prop_map(|octets| std::net::Ipv6Addr::from(octets).to_string()),
            "::ffff:10[.]0[.]0[.][1-9]",
        ];
        let dressed = (address, 0..6_u8).prop_map(|(address, dress)| match dress {
            0 => format!("[{address}]:443"),
            1 => format!("{address}:80"),
            2 => format!("{address}%eth0"),
            3 => format!(" {address}\t"),
            _ => address,
        });
        prop_oneof![8 => dressed, 1 => "[0-9.:\\[\\] %a-z]{0,12}", 1 => Just("unknown".to_owned())]
    }

    proptest! {
        /// The pipes give what `client_of` gives, but for the exceptions that the module names.
        #[test]
        fn the_walk_of_the_pipes_is_the_walk_of_client_of(
            peer in hop(),
            hops in prop::collection::vec(hop(), 0..6),
        ) {
            let trusted = nets(&["10.0.0.0/15", "2001:db8::/46", "203.0.113.9/32"]);
            let header = hops.join(",");
            let expected = client_of(&peer, &header, &trusted);
            let given = derived(&peer, &header, &trusted);
            let read = given.as_deref().and_then(|text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
            if let Some(text) = &given && read.is_none() {
                prop_assert!(looks_like_v6(text), "{} is no address", text);
            } else {
                prop_assert_eq!(read, expected, "{:?} / {:?}: {:?}", peer, header, given);
            }
        }

        #[test]
        fn anything_in_the_header_is_walked_alike(header in "[ -~]{0,40}(, ?10[.]0[.]0[.][0-9]){0,3}") {
            let trusted = nets(&["10.0.0.0/8"]);
            let given = derived("10.0.0.1", &header, &trusted);
            let read = given.as_deref().and_then(|text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
            if read.is_some() || !given.as_deref().is_some_and(looks_like_v6) {
                prop_assert_eq!(read, client_of("10.0.0.1", &header, &trusted), "{:?}", header);
            }
        }

        #[test]
        fn a_path_is_what_stands_before_the_question_mark(method in "[A-Z]{3,7}", path in "/[a-z /]{0,8}", query in "([?][a-z? ]{0,8})?") {
            let uri = Regex::new(PATH_OF_URI).unwrap();
            let request = Regex::new(PATH_OF_REQUEST).unwrap();
            let target = format!("{path}{query}");
            prop_assert_eq!(&uri.captures(&target).unwrap()["gw_path"], path.as_str());
            let line = format!("{method} {path}{query} HTTP/1.1");
            prop_assert_eq!(&request.captures(&line).unwrap()["gw_path"], path.as_str());
        }
    }

    #[test]
    fn the_client_comes_from_where_it_is() {
        let trusted = nets(&["10.0.0.0/8"]);
        let canonical = FieldMap::canonical();
        let of = |fields: &FieldMap, trusted: &[IpNet]| {
            AccessLog { fields, base_filter: "", trusted }.totals(None).map_err(|error| error.to_string())
        };
        assert_eq!(
            of(&canonical, &[]).unwrap(),
            "* | filter remote_addr:* | stats count() requests, count_uniq(remote_addr) clients"
        );
        assert!(of(&canonical, &trusted).unwrap().contains("<forwarded_for>,<remote_addr>"));
        let known = FieldMap { client: Some("client".into()), ..FieldMap::canonical() };
        assert!(of(&known, &trusted).unwrap().starts_with("* | filter client:* |"));
        assert!(of(&FieldMap::default(), &[]).unwrap_err().contains("remote_addr"));
    }

    #[test]
    fn strange_field_names_are_quoted_and_copied() {
        let fields = FieldMap {
            remote_addr: Some("a > b".into()),
            forwarded_for: Some("request_X-Forwarded-For".into()),
            ..FieldMap::default()
        };
        let trusted = nets(&["10.0.0.0/8"]);
        let log = AccessLog { fields: &fields, base_filter: "log_type:access or x", trusted: &trusted };
        let text = log.totals(None).unwrap();
        assert!(text.starts_with("log_type:access or x | filter \"a > b\":* !\"a > b\":\",\""), "{text}");
        assert!(text.contains("copy \"request_X-Forwarded-For\" as gw_header, \"a > b\" as gw_peer"), "{text}");
    }
}

//! Who made a request, as pipes: the walk through X-Forwarded-For, and a peer that is written with its port.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{AccessLog, CLIENT, any_value, is_plain, pipe, single};
use crate::detect::pattern::{self, Texts};
use crate::logsql::{quote_field as field, quote_value as value};

/// A header logged as a JSON list of strings; what is inside is kept.
const LIST: &str = r#"^\["((?s:.)*)"\]$"#;
impl AccessLog<'_> {
    /// The walk of [`crate::detect::client_ip::client_of`] as pipes: `gw_at` is the hop where it ends, `gw_passed` the
    /// trusted ones right of it. Where `gw_at` is no address, the first of those counts.
    pub(super) fn walk(&self, text: &mut String, peer: &str, header: &str, target: Option<&IpNet>) -> String {
        pipe(text, &format!("filter {} !{}:\",\"", any_value(peer), field(peer)));
        if let Some(IpAddr::V4(address)) = target.and_then(single) {
            // Found by the words in it, without looking at every row.
            let address = value(&address.to_string());
            pipe(text, &format!("filter {}:{address} or {}:{address}", field(peer), field(header)));
        }
        let is_list = self.fields.forwarded_for_is_list;
        let hops = if !is_list && [peer, header].iter().all(|name| is_plain(name)) {
            format!("<{header}>,<{peer}>")
        } else {
            pipe(text, &format!("copy {} as gw_header, {} as gw_peer", field(header), field(peer)));
            "<gw_header>,<gw_peer>".to_owned()
        };
        if is_list {
            pipe(text, &format!("replace_regexp ({}, \"$1\") at gw_header", value(LIST)));
            pipe(text, &format!("replace ({}, \",\") at gw_header", value("\",\"")));
        }
        let address = value(&address_expression());
        pipe(text, &format!("format {} as gw_hops", value(&hops)));
        pipe(text, &format!("extract_regexp {} from gw_hops", value(&walk_expression(self.trusted))));
        pipe(text, &format!("extract_regexp {address} from gw_at"));
        pipe(text, &format!("extract_regexp if (gw_a:\"\" gw_b:\"\" gw_c:\"\") {address} from gw_passed"));
        pipe(text, &format!("format \"<gw_a><gw_b><gw_c>\" as {CLIENT}"));
        pipe(text, "delete gw_header, gw_peer, gw_hops, gw_at, gw_passed, gw_a, gw_b, gw_c");
        pipe(text, &format!("filter {CLIENT}:*"));
        CLIENT.to_owned()
    }
}

/// Takes port and brackets off the peer's address.
pub(super) fn bare_peer(text: &mut String, peer: &str) -> String {
    pipe(text, &format!("extract_regexp {} from {}", value(&address_expression()), field(peer)));
    pipe(text, &format!("format \"<gw_a><gw_b><gw_c>\" as {CLIENT}"));
    pipe(text, "delete gw_a, gw_b, gw_c");
    pipe(text, &format!("filter {CLIENT}:*"));
    CLIENT.to_owned()
}

/// Matches one hop as [`crate::detect::client_ip::parse_address`] takes it: IPv6 in brackets in `gw_a`, IPv4 in `gw_b`, IPv6
/// in `gw_c`. Also the first hop of a list that begins with a comma.
pub(super) fn address_expression() -> String {
    let v6 = "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*";
    let v4 = pattern::any_v4();
    let hop = hop_expression(&format!("(?P<gw_b>{v4})"), &format!("(?P<gw_a>{v6})"), &format!("(?P<gw_c>{v6})"));
    format!("^,?{hop}(?:,(?s:.)*)?$")
}

/// Finds the hop where the walk ends: the one left of all trusted hops at the end of the list.
pub(super) fn walk_expression(trusted: &[IpNet]) -> String {
    let Texts { dotted, colons } = pattern::of_nets(trusted);
    let (dotted, colons) = (dotted.unwrap_or_default(), colons.unwrap_or_default());
    let hop = hop_expression(&dotted, &colons, &colons);
    format!("(?:^|,)(?P<gw_at>[^,]*)(?P<gw_passed>(?:,{hop})*)$")
}

/// The ways to write a hop around its address: ports, brackets, zones, blanks.
fn hop_expression(v4: &str, v6_in_brackets: &str, v6: &str) -> String {
    let zone = "(?:%[0-9A-Za-z._~-]+)?";
    let port = "(?::[0-9]{1,5})?";
    let mut forms = Vec::new();
    if !v4.is_empty() {
        forms.push(format!("{v4}{port}"));
    }
    if !v6.is_empty() {
        forms.push(format!(r"\[{v6_in_brackets}{zone}\]{port}"));
        forms.push(format!("{v6}{zone}"));
    }
    format!("[ \t]*(?:{})[ \t]*", forms.join("|"))
}

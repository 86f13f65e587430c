//! Who the client is. With trusted proxies configured: the right-most address of X-Forwarded-For that is not one of
//! them. Without: the peer. Never the left-most: anyone can write that and have a stranger banned.
//!
//! X-Forwarded-For is read from the right because only the right end was written by machines that we know: each
//! proxy appends the address it was called from. The walk stops at the first thing that is no address: whatever
//! stands further left was written by nobody we trust.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::ranges;

/// The client of one request: `peer` as logged, `forwarded_for` as logged (empty or `-` where there was none).
///
/// The peer where it is no trusted proxy; otherwise the right-most untrusted address of `forwarded_for`. Where the
/// list ends, or holds something that is no address, before an untrusted address is found, the last trusted hop
/// before that point counts. `None` only where the peer itself is no address.
///
/// ```
/// use gatewatch::detect::client_ip::client_of;
/// let trusted = ["10.0.0.0/8".parse().unwrap()];
/// let client = |peer, header| client_of(peer, header, &trusted).unwrap().to_string();
/// assert_eq!(client("10.0.0.1", "192.0.2.66, 203.0.113.7, 10.0.0.2"), "203.0.113.7");
/// assert_eq!(client("10.0.0.1", "203.0.113.7, unknown, 10.0.0.2"), "10.0.0.2");
/// assert_eq!(client("198.51.100.1", "203.0.113.7"), "198.51.100.1");
/// ```
pub fn client_of(peer: &str, forwarded_for: &str, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = parse_address(peer)?;
    for hop in plain_list(forwarded_for).rsplit(',') {
        if !ranges::any_contains(trusted, client) {
            break;
        }
        let Some(address) = parse_address(hop) else { break };
        client = address;
    }
    Some(client)
}

/// Whether a header is logged as a JSON list of strings, as Caddy does: `["203.0.113.7, 10.0.0.1"]`.
pub fn is_list(forwarded_for: &str) -> bool {
    forwarded_for.len() >= 4 && forwarded_for.starts_with("[\"") && forwarded_for.ends_with("\"]")
}

/// The header's text, out of a JSON list where it is one. Escapes stay: no address has any.
fn plain_list(forwarded_for: &str) -> Cow<'_, str> {
    if is_list(forwarded_for) {
        Cow::Owned(forwarded_for[2..forwarded_for.len() - 2].replace("\",\"", ","))
    } else {
        Cow::Borrowed(forwarded_for)
    }
}

/// One address as proxies and access logs write it, in its plain form (IPv4-mapped IPv6 becomes IPv4).
///
/// Taken: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `fe80::1%eth0`, `[2001:db8::1]`, `[2001:db8::1%eth0]:4711`,
/// spaces and tabs around. Nothing else: no names, no octal or shortened IPv4, no `unknown`, no `_hidden`.
pub fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        IpAddr::V6(parse_v6(inside)?)
    } else if let Some((address, port)) = text.split_once(':').filter(|(address, _)| address.contains('.')) {
        if !is_port(port) {
            return None;
        }
        IpAddr::V4(address.parse::<Ipv4Addr>().ok()?)
    } else if text.contains(':') {
        IpAddr::V6(parse_v6(text)?)
    } else {
        IpAddr::V4(text.parse().ok()?)
    };
    Some(ranges::plain(address))
}

/// An IPv6 address with or without a zone, which is dropped.
fn parse_v6(text: &str) -> Option<Ipv6Addr> {
    let address = match text.split_once('%') {
        Some((address, zone)) if is_zone(zone) => address,
        Some(_) => return None,
        None => text,
    };
    address.parse().ok()
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 6874: unreserved characters.
fn is_zone(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn client(peer: &str, header: &str, trusted: &[&str]) -> Option<String> {
        client_of(peer, header, &nets(trusted)).map(|address| address.to_string())
    }

    #[test]
    fn without_trusted_proxies_the_header_says_nothing() {
        assert_eq!(client("203.0.113.5", "8.8.8.8", &[]).as_deref(), Some("203.0.113.5"));
        assert_eq!(client("10.0.0.1", "8.8.8.8", &[]).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        let trusted = ["10.0.0.0/8", "2001:db8:ffff::/48"];
        for (peer, header, expected) in [
            // A stranger who calls us directly cannot name somebody else.
            ("198.51.100.1", "10.0.0.1, 203.0.113.7", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
            // The forged left end is never reached.
            ("10.0.0.1", "8.8.8.8, 203.0.113.7", "203.0.113.7"),
            ("10.0.0.1", "8.8.8.8,10.9.9.9,203.0.113.7,10.0.0.3 , 10.0.0.2", "203.0.113.7"),
            ("10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
            ("10.0.0.1:80", "[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:10.0.0.1", "::FFFF:203.0.113.7", "203.0.113.7"),
            ("[2001:db8:ffff::1]", "\t2001:DB8:0:0::7 ", "2001:db8::7"),
            ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
            // A JSON list of headers.
            ("10.0.0.1", "[\"8.8.8.8\",\"203.0.113.7, 10.0.0.2\"]", "203.0.113.7"),
            ("10.0.0.1", "[\"[2001:db8::7]:80\"]", "2001:db8::7"),
            ("10.0.0.1", "[\"\"]", "10.0.0.1"),
            // Half of one is garbage.
            ("10.0.0.1", "[\"8.8.8.8\", 203.0.113.7", "203.0.113.7"),
            ("10.0.0.1", "[\"8.8.8.8\"", "10.0.0.1"),
            // All hops trusted: the farthest one that we know.
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            // No header.
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "-", "10.0.0.1"),
        ] {
            assert_eq!(client(peer, header, &trusted).as_deref(), Some(expected), "{peer} / {header}");
        }
    }

    #[test]
    fn garbage_stops_the_walk() {
        for garbage in [
            "unknown",
            "",
            " ",
            "_hidden",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4:",
            "1.2.3.4:123456",
            "1.2.3.4:x",
            "[1.2.3.4]",
            "[::1",
            "::1]",
            "[::1]x",
            "[::1]:",
            "1:2:3",
            "::1%",
            "::1%a b",
            "1.2.3.4 5.6.7.8",
            "example.org",
            "\u{a0}1.2.3.4",
            "1.2.3.4;",
            "\"1.2.3.4\"",
        ] {
            let header = format!("203.0.113.7, {garbage}, 10.0.0.2");
            assert_eq!(client("10.0.0.1", &header, &["10.0.0.0/8"]).as_deref(), Some("10.0.0.2"), "{garbage:?}");
            let header = format!("203.0.113.7, {garbage}");
            assert_eq!(client("10.0.0.1", &header, &["10.0.0.0/8"]).as_deref(), Some("10.0.0.1"), "{garbage:?}");
            assert_eq!(client(garbage, "203.0.113.7", &["10.0.0.0/8"]), None, "{garbage:?}");
        }
    }

    #[test]
    fn a_trusted_range_written_as_mapped_ipv6_is_the_ipv4_range() {
        assert_eq!(client("10.0.0.1", "203.0.113.7", &["::ffff:10.0.0.0/104"]).as_deref(), Some("203.0.113.7"));
    }

    /// An address in one of the ways in which it can be written.
    fn written() -> impl Strategy<Value = (IpAddr, String)> {
        let v4 = (any::<[u8; 4]>(), 0..3_u8).prop_map(|(octets, form)| {
            let address = Ipv4Addr::from(octets);
            let text = match form {
                0 => address.to_string(),
                1 => format!("{address}:4711"),
                _ => format!("::ffff:{address}"),
            };
            (IpAddr::V4(address), text)
        });
        let v6 = (any::<[u8; 16]>(), 0..4_u8).prop_map(|(octets, form)| {
            let address = Ipv6Addr::from(octets);
            let text = match form {
                0 => address.to_string(),
                1 => address.to_string().to_uppercase(),
                2 => format!("[{address}]:80"),
                _ => format!("{address}%eth0"),
            };
            (IpAddr::V6(address).to_canonical(), text)
        });
        prop_oneof![v4, v6]
    }

    proptest! {
        #[test]
        fn every_written_form_is_read_back((address, text) in written(), left in " {0,2}", right in "\t{0,2}") {
            prop_assert_eq!(parse_address(&format!("{left}{text}{right}")), Some(address));
        }

        #[test]
        fn never_panics_and_an_untrusted_peer_is_always_the_client(header in any::<String>(), (peer, text) in written()) {
            prop_assert_eq!(client_of(&text, &header, &[]), Some(peer));
            let everything = nets(&["0.0.0.0/0", "::/0"]);
            prop_assert!(client_of(&text, &header, &everything).is_some());
        }

        /// What an attacker sends ends up left of what the first trusted proxy appends, and changes nothing.
        #[test]
        fn the_forged_part_changes_nothing(
            forged in any::<String>(),
            octets in any::<[u8; 4]>(),
            proxies in prop::collection::vec(any::<[u8; 3]>(), 1..6),
        ) {
            let attacker = Ipv4Addr::from(octets);
            prop_assume!(attacker.octets()[0] != 10);
            let hops: Vec<String> = proxies.iter().map(|[a, b, c]| format!("10.{a}.{b}.{c}")).collect();
            let (peer, middle) = hops.split_last().unwrap();
            let mut header = format!("{forged}, {attacker}");
            for hop in middle {
                header.push_str(", ");
                header.push_str(hop);
            }
            prop_assert_eq!(client_of(peer, &header, &nets(&["10.0.0.0/8"])), Some(IpAddr::V4(attacker)));
        }
    }
}

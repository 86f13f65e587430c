//! Regular expressions (RE2 syntax) that match the texts of addresses: for servers that can filter by a pattern but
//! do not understand IPv6 ranges. Pure text; what cannot be said in a pattern is named at [`Texts`].

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// One byte in decimal, without leading zeros.
const OCTET: &str = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
/// One group of an IPv6 address.
const GROUP: &str = "[0-9a-f]{1,4}";

/// Any IPv4 address.
pub fn any_v4() -> String {
    format!("(?:{OCTET}[.]){{3}}{OCTET}")
}

/// The texts of the addresses in some ranges, IPv4 and IPv6 apart because they take ports in different ways. The
/// expressions are groups, not anchored; they know neither brackets, ports nor zones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// Dotted IPv4; `None` where no range holds one.
    pub dotted: Option<String>,
    /// IPv6 in every form of RFC 4291 but those with a dotted end, and IPv4 as `::ffff:192.0.2.1`.
    pub colons: Option<String>,
}

/// The texts of every address that lies in one of the ranges, and no other text.
///
/// ```
/// let texts = gatewatch::detect::pattern::of_nets(&["192.0.2.0/31".parse().unwrap()]);
/// assert_eq!(texts.dotted.as_deref(), Some("(?:192[.]0[.]2[.](?:[0-1]))"));
/// ```
pub fn of_nets(nets: &[IpNet]) -> Texts {
    let (mut dotted, mut colons) = (Vec::new(), Vec::new());
    for net in nets {
        match plain(net) {
            IpNet::V4(net) => dotted.push(of_v4(&net)),
            IpNet::V6(net) => colons.extend(of_v6(&net)),
        }
    }
    let dotted = (!dotted.is_empty()).then(|| format!("(?:{})", dotted.join("|")));
    if let Some(dotted) = &dotted {
        colons.push(format!("::ffff:{dotted}"));
    }
    Texts { colons: (!colons.is_empty()).then(|| format!("(?i:{})", colons.join("|"))), dotted }
}

impl Texts {
    /// One expression for both, or one that matches nothing.
    pub fn either(&self) -> String {
        let both: Vec<&str> = [&self.dotted, &self.colons].into_iter().flatten().map(String::as_str).collect();
        if both.is_empty() { "[^\\x00-\\x{10ffff}]".to_owned() } else { format!("(?:{})", both.join("|")) }
    }
}

/// A range written as IPv4-mapped IPv6 as the IPv4 range that it means.
fn plain(net: &IpNet) -> IpNet {
    if let IpNet::V6(v6) = net
        && let Some(address) = v6.network().to_ipv4_mapped()
        && let Some(v4) = v6.prefix_len().checked_sub(96).and_then(|length| Ipv4Net::new(address, length).ok())
    {
        return IpNet::V4(v4);
    }
    *net
}

fn of_v4(net: &Ipv4Net) -> String {
    let first = net.network().octets();
    let last = net.broadcast().octets();
    let octets: Vec<String> = first.into_iter().zip(last).map(|(low, high)| of_octet(low, high)).collect();
    octets.join("[.]")
}

/// The decimal numbers from `low` to `high`, written by tens.
fn of_octet(low: u8, high: u8) -> String {
    if low == high {
        return low.to_string();
    }
    if (low, high) == (0, 255) {
        return OCTET.to_owned();
    }
    let tens = (low / 10..=high / 10).map(|ten| {
        let from = if ten == low / 10 { low % 10 } else { 0 };
        let to = if ten == high / 10 { high % 10 } else { 9 };
        let front = if ten == 0 { String::new() } else { ten.to_string() };
        if from == to { format!("{front}{from}") } else { format!("{front}[{from}-{to}]") }
    });
    format!("(?:{})", tens.collect::<Vec<_>>().join("|"))
}

/// One 16-bit group of a range: which values it may take.
struct Group {
    pattern: String,
    /// Whether it may be zero, and so be swallowed by `::`.
    zero: bool,
    /// Whether it may be anything.
    free: bool,
}

impl Group {
    fn of(low: u16, high: u16) -> Self {
        let free = (low, high) == (0, u16::MAX);
        let pattern = if free { GROUP.to_owned() } else { of_group(low, high) };
        Self { pattern, zero: low == 0, free }
    }
}

/// The hexadecimal numbers from `low` to `high`, which share their leading bits, with and without leading zeros.
fn of_group(low: u16, high: u16) -> String {
    let nibbles: Vec<(u16, u16)> =
        [12, 8, 4, 0].into_iter().map(|shift| ((low >> shift) & 0xf, (high >> shift) & 0xf)).collect();
    let mut texts = Vec::new();
    for skipped in 0..4 {
        if nibbles[..skipped].iter().all(|(low, _)| *low == 0) {
            texts.push(nibbles[skipped..].iter().map(|(low, high)| of_nibble(*low, *high)).collect::<String>());
        }
    }
    if let [only] = texts.as_slice() { only.clone() } else { format!("(?:{})", texts.join("|")) }
}

fn of_nibble(low: u16, high: u16) -> String {
    if low == high {
        return format!("{low:x}");
    }
    let digits = (low..=high).fold(String::new(), |mut digits, digit| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{digit:x}");
        digits
    });
    format!("[{digits}]")
}

/// All texts of a range in small letters: written out, and with `::` at every place where zeros may be.
fn of_v6(net: &Ipv6Net) -> Vec<String> {
    let low = net.network().segments();
    let high = net.broadcast().segments();
    let groups: Vec<Group> = low.into_iter().zip(high).map(|(low, high)| Group::of(low, high)).collect();
    let first_free = groups.iter().position(|group| group.free).unwrap_or(groups.len());
    let mut texts = vec![joined(&groups)];
    for start in 0..groups.len() {
        let zeros = groups[start..].iter().take_while(|group| group.zero).count();
        for end in start + 1..=start + zeros {
            if end > first_free.max(start + 1) {
                break;
            }
            let left = joined(&groups[..start]);
            let right = if end >= first_free { up_to(groups.len() - end) } else { joined(&groups[end..]) };
            texts.push(format!("{left}::{right}"));
        }
    }
    texts
}

/// Groups with colons between; free ones at the end are counted.
fn joined(groups: &[Group]) -> String {
    let fixed = groups.iter().take_while(|group| !group.free).count();
    let mut texts: Vec<String> = groups[..fixed].iter().map(|group| group.pattern.clone()).collect();
    match groups.len() - fixed {
        0 => {}
        1 => texts.push(GROUP.to_owned()),
        free => texts.push(format!("{GROUP}(?::{GROUP}){{{}}}", free - 1)),
    }
    texts.join(":")
}

/// None to `most` free groups.
fn up_to(most: usize) -> String {
    match most {
        0 => String::new(),
        1 => format!("(?:{GROUP})?"),
        _ => format!("(?:{GROUP}(?::{GROUP}){{0,{}}})?", most - 1),
    }
}

/// The ways in which logs write one IPv4 address: dotted, and as IPv4-mapped IPv6 (a server that listens on both).
pub fn v4_texts(address: Ipv4Addr) -> Vec<String> {
    vec![address.to_string(), format!("::ffff:{address}")]
}

/// The ways in which logs write one IPv6 address: shortest, in capitals, and with every digit.
pub fn v6_texts(address: Ipv6Addr) -> Vec<String> {
    let short = address.to_string();
    let full = address.segments().map(|group| format!("{group:04x}")).join(":");
    let mut texts = vec![short.clone(), short.to_uppercase(), full];
    texts.dedup();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;
    use std::net::IpAddr;

    fn matcher(net: &IpNet) -> Regex {
        Regex::new(&format!("^{}$", of_nets(&[*net]).either())).unwrap()
    }

    /// The ways to write an IPv6 address, dotted ends left out.
    fn texts(address: Ipv6Addr) -> Vec<String> {
        let segments = address.segments();
        let write = |part: &[u16]| part.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
        let mut texts = v6_texts(address);
        texts.push(write(&segments));
        for start in 0..8 {
            for end in start + 1..=8 {
                if segments[start..end].iter().all(|group| *group == 0) {
                    texts.push(format!("{}::{}", write(&segments[..start]), write(&segments[end..])));
                }
            }
        }
        texts.retain(|text| !text.contains('.'));
        texts
    }

    #[test]
    fn patterns_stay_short() {
        for (net, most) in [("10.0.0.0/8", 400), ("172.16.0.0/12", 400), ("2001:db8::/32", 800), ("fe80::/10", 800)] {
            let pattern = of_nets(&[net.parse().unwrap()]).either();
            assert!(pattern.len() <= most, "{net}: {} {pattern}", pattern.len());
        }
    }

    #[test]
    fn a_mapped_range_is_its_ipv4_range_and_no_range_matches_nothing() {
        let texts = |net: &str| of_nets(&[net.parse().unwrap()]);
        assert_eq!(texts("::ffff:10.0.0.0/104"), texts("10.0.0.0/8"));
        assert!(!Regex::new(&of_nets(&[]).either()).unwrap().is_match("10.0.0.1"));
    }

    /// An address near to `net`: its host bits and maybe some of the others changed.
    fn v6_net_and_address() -> impl Strategy<Value = (Ipv6Net, Ipv6Addr)> {
        // Zeros are what `::` is about: make them common.
        let group = || prop_oneof![3 => Just(0_u16), 1 => any::<u16>(), 1 => 0_u16..256];
        let address = || prop::array::uniform8(group()).prop_map(Ipv6Addr::from);
        (address(), 0..=128_u8, address(), any::<bool>()).prop_map(|(base, length, other, near)| {
            let net = Ipv6Net::new(base, length).unwrap().trunc();
            let mask = u128::from(net.netmask());
            let address = if near { (u128::from(base) & mask) | (u128::from(other) & !mask) } else { other.into() };
            (net, Ipv6Addr::from(address))
        })
    }

    proptest! {
        #[test]
        fn an_ipv4_pattern_matches_exactly_its_range(base: u32, length in 0..=32_u8, other: u32, near: bool) {
            let net = Ipv4Net::new(base.into(), length).unwrap().trunc();
            let mask = u32::from(net.netmask());
            let address = Ipv4Addr::from(if near { (base & mask) | (other & !mask) } else { other });
            let regex = matcher(&IpNet::V4(net));
            for text in v4_texts(address) {
                prop_assert_eq!(regex.is_match(&text), net.contains(&address), "{} in {}", text, net);
            }
        }

        #[test]
        fn an_ipv6_pattern_matches_exactly_its_range((net, address) in v6_net_and_address()) {
            prop_assume!(net.network().to_ipv4_mapped().is_none());
            let regex = matcher(&IpNet::V6(net));
            for text in texts(address) {
                prop_assert_eq!(regex.is_match(&text), net.contains(&address), "{} in {}", text, net);
            }
        }

        #[test]
        fn what_is_no_address_never_matches(text in "[0-9a-f:.]{0,24}", (net, _) in v6_net_and_address()) {
            let regex = matcher(&IpNet::V6(net));
            if regex.is_match(&text) { prop_assert!(text.parse::<IpAddr>().is_ok(), "{}", text); }
            if Regex::new(&format!("^{}$", any_v4())).unwrap().is_match(&text) {
                prop_assert!(text.parse::<Ipv4Addr>().is_ok(), "{}", text);
            }
        }
    }
}

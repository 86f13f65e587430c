//! Addresses that are never suspects and can never be banned: not routable, or on the operator's allow list.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::text::Lang;

/// Why an address is never a suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// RFC 1918.
    Private,
    /// 127.0.0.0/8, ::1.
    Loopback,
    /// 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// 100.64.0.0/10 (RFC 6598); Tailscale's addresses too.
    SharedCgnat,
    /// fc00::/7.
    UniqueLocal,
    /// 224.0.0.0/4, ff00::/8.
    Multicast,
    /// 0.0.0.0/8, ::.
    Unspecified,
    /// 255.255.255.255.
    Broadcast,
    /// The operator's allow list.
    AllowList,
    /// A trusted proxy of the settings.
    TrustedProxy,
}

impl Exemption {
    /// The reason in a word or two.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Private => say::private(lang),
            Self::Loopback => say::loopback(lang),
            Self::LinkLocal => say::link_local(lang),
            Self::SharedCgnat => say::cgnat(lang),
            Self::UniqueLocal => say::unique_local(lang),
            Self::Multicast => say::multicast(lang),
            Self::Unspecified => say::unspecified(lang),
            Self::Broadcast => say::broadcast(lang),
            Self::AllowList => say::allow_list(lang),
            Self::TrustedProxy => say::trusted_proxy(lang),
        }
    }
}

/// The ranges that no setting can make bannable, with their reason. IPv4-mapped IPv6 counts as IPv4.
const NEVER: &[(&str, Exemption)] = &[
    ("10.0.0.0/8", Exemption::Private),
    ("172.16.0.0/12", Exemption::Private),
    ("192.168.0.0/16", Exemption::Private),
    ("127.0.0.0/8", Exemption::Loopback),
    ("::1/128", Exemption::Loopback),
    ("169.254.0.0/16", Exemption::LinkLocal),
    ("fe80::/10", Exemption::LinkLocal),
    ("100.64.0.0/10", Exemption::SharedCgnat),
    ("fc00::/7", Exemption::UniqueLocal),
    ("224.0.0.0/4", Exemption::Multicast),
    ("ff00::/8", Exemption::Multicast),
    ("0.0.0.0/8", Exemption::Unspecified),
    ("::/128", Exemption::Unspecified),
    ("255.255.255.255/32", Exemption::Broadcast),
];

/// The never-bannable ranges.
pub fn never_bannable() -> &'static [(IpNet, Exemption)] {
    static PARSED: std::sync::LazyLock<Vec<(IpNet, Exemption)>> = std::sync::LazyLock::new(|| {
        NEVER.iter().filter_map(|(text, why)| text.parse().ok().map(|net| (net, *why))).collect()
    });
    &PARSED
}

/// An address in its plain form: IPv4-mapped IPv6 (`::ffff:a.b.c.d`) as IPv4.
pub fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Why an address is never a suspect; `None` where it can be one. `allow` and `trusted` come from the settings.
pub fn exemption(address: IpAddr, allow: &[IpNet], trusted: &[IpNet]) -> Option<Exemption> {
    let address = plain(address);
    if let Some((_, why)) = never_bannable().iter().find(|(net, _)| net.contains(&address)) {
        return Some(*why);
    }
    if any_contains(allow, address) {
        return Some(Exemption::AllowList);
    }
    any_contains(trusted, address).then_some(Exemption::TrustedProxy)
}

/// Whether one of the ranges holds the address; a range written as IPv4-mapped IPv6 holds the IPv4 addresses it means.
pub fn any_contains(nets: &[IpNet], address: IpAddr) -> bool {
    let address = plain(address);
    let mapped = match address {
        IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
        IpAddr::V6(_) => address,
    };
    nets.iter().any(|net| net.contains(&address) || net.contains(&mapped))
}

/// Whether a range touches another at all: either contains the other.
pub fn overlaps(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// The words.
mod say {
    crate::text::words! {
        private { en: "private", ko: "사설 주소" }
        loopback { en: "loopback", ko: "루프백" }
        link_local { en: "link-local", ko: "링크 로컬" }
        cgnat { en: "CGNAT", ko: "CGNAT" }
        unique_local { en: "unique local", ko: "고유 로컬" }
        multicast { en: "multicast", ko: "멀티캐스트" }
        unspecified { en: "unspecified", ko: "미지정" }
        broadcast { en: "broadcast", ko: "브로드캐스트" }
        allow_list { en: "allow list", ko: "허용 목록" }
        trusted_proxy { en: "trusted proxy", ko: "신뢰 프록시" }
    }
}

/// The prefix that an address's neighbours are looked for in: /24 or /48, what one network's customer usually has.
pub fn neighbourhood(address: IpAddr) -> Option<IpNet> {
    let length = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, length).ok().map(|net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(address: &str) -> Option<Exemption> {
        exemption(address.parse().unwrap(), &["203.0.113.0/28".parse().unwrap()], &["198.51.100.9/32".parse().unwrap()])
    }

    #[test]
    fn every_range_in_the_table_parses() {
        assert_eq!(never_bannable().len(), NEVER.len());
    }

    #[test]
    fn addresses_that_are_never_suspects() {
        for (address, expected) in [
            ("10.1.2.3", Exemption::Private),
            ("::ffff:192.168.0.1", Exemption::Private),
            ("127.0.0.1", Exemption::Loopback),
            ("100.100.1.1", Exemption::SharedCgnat),
            ("fd7a:115c:a1e0::1", Exemption::UniqueLocal),
            ("fe80::1", Exemption::LinkLocal),
            ("0.0.0.0", Exemption::Unspecified),
            ("203.0.113.15", Exemption::AllowList),
            ("198.51.100.9", Exemption::TrustedProxy),
        ] {
            assert_eq!(why(address), Some(expected), "{address}");
        }
        assert_eq!(why("203.0.113.16"), None);
        assert_eq!(why("2001:db8::1"), None);
    }

    #[test]
    fn overlap_works_both_ways() {
        let net = |text: &str| text.parse::<IpNet>().unwrap();
        assert!(overlaps(&net("10.0.0.0/8"), &net("10.1.0.0/16")));
        assert!(overlaps(&net("10.1.0.0/16"), &net("10.0.0.0/8")));
        assert!(!overlaps(&net("10.0.0.0/8"), &net("11.0.0.0/8")));
        assert!(!overlaps(&net("::/0"), &net("10.0.0.0/8")));
    }
}

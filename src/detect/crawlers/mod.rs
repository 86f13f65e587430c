//! Known crawlers, checked by the networks that they come from: a true one is left alone, and a client that only calls
//! itself one is lying. The list ships with its date; nothing here asks the DNS.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// The list that ships.
const SHIPPED: &str = include_str!("ranges.toml");

/// What an agent's claim to be a known crawler is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It claims to be none.
    None,
    /// It comes from that crawler's networks.
    True,
    /// It does not.
    False,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Crawler {
    #[expect(dead_code, reason = "names the entry for whoever reads the file")]
    name: String,
    agents: Vec<String>,
    networks: Vec<IpNet>,
}

/// The known crawlers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crawlers {
    /// When the list was last looked over, `YYYY-MM-DD`.
    pub date: String,
    crawler: Vec<Crawler>,
}

impl Crawlers {
    /// The list that ships. A test reads it, so a failure here leaves an empty list rather than a panic.
    pub fn shipped() -> &'static Self {
        static LIST: std::sync::LazyLock<Crawlers> =
            std::sync::LazyLock::new(|| toml::from_str(SHIPPED).unwrap_or_default());
        &LIST
    }

    /// What the claim in an agent is worth, coming from this address.
    pub fn claim(&self, agent: &str, address: IpAddr) -> Claim {
        let agent = agent.to_ascii_lowercase();
        let claimed =
            self.crawler.iter().find(|crawler| crawler.agents.iter().any(|word| agent.contains(word.as_str())));
        match claimed {
            None => Claim::None,
            Some(crawler) if crawler.networks.iter().any(|network| network.contains(&address)) => Claim::True,
            Some(_) => Claim::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawler_is_known_by_its_networks_not_by_its_name() {
        let list: Crawlers = toml::from_str(SHIPPED).unwrap();
        assert_eq!(list.crawler.len(), 4);
        let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        assert_eq!(list.claim(agent, "66.249.66.87".parse().unwrap()), Claim::True);
        assert_eq!(list.claim(agent, "203.0.113.9".parse().unwrap()), Claim::False);
        assert_eq!(list.claim("Mozilla/5.0 (X11)", "203.0.113.9".parse().unwrap()), Claim::None);
    }
}

//! Known crawlers, checked by the networks that they come from: a true one is left alone, and a client that only calls
//! itself one is lying. The list ships with its date and can be replaced by a file; nothing here asks the DNS, but
//! [`Crawlers::domains`] says what names a true one would have there, and [`Proofs`] is what somebody else found there.

use std::net::IpAddr;

use hashbrown::HashMap;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The list that ships.
const SHIPPED: &str = include_str!("ranges.toml");

/// What an agent's claim to be a known crawler is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It claims to be none.
    None,
    /// It comes from that crawler's networks.
    True,
    /// Nobody publishes that crawler's networks: only the DNS could tell.
    Unknown,
    /// It does not, though the operator's networks may not be known whole.
    Doubtful,
    /// It does not, and the operator's networks are known whole.
    False,
}

impl Claim {
    /// Whether the DNS may say more than the networks do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Doubtful | Self::False)
    }
}

/// What the DNS says of a claim to be a crawler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The name of the address: a stranger's text.
    pub name: String,
    /// Whether that is one of the crawler's names, and leads back to the address.
    pub is_true: bool,
}

/// What the DNS says of claims, by the address and the number of the crawler that it claims to be.
pub type Proofs = HashMap<(IpAddr, usize), Proof>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Crawler {
    #[expect(dead_code, reason = "names the entry for whoever reads the file")]
    name: String,
    agents: Vec<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    dns: Vec<String>,
    networks: Vec<IpNet>,
}

/// The known crawlers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crawlers {
    /// When the list was last looked over, `YYYY-MM-DD`.
    pub date: String,
    #[serde(default)]
    crawler: Vec<Crawler>,
}

impl Crawlers {
    /// The list that ships. A test reads it, so a failure here leaves an empty list rather than a panic.
    pub fn shipped() -> Self {
        toml::from_str(SHIPPED).unwrap_or_default()
    }

    /// A list of the same form as the one that ships.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Which crawler an agent claims to be, as a number for [`Crawlers::worth`].
    pub fn claimed(&self, agent: &str) -> Option<usize> {
        let agent = agent.to_ascii_lowercase();
        self.crawler.iter().position(|crawler| crawler.agents.iter().any(|word| agent.contains(word.as_str())))
    }

    /// What the claim in an agent is worth, coming from this address.
    pub fn claim(&self, agent: &str, address: IpAddr) -> Claim {
        self.worth(self.claimed(agent), address)
    }

    /// What the claim to be one of them is worth, coming from this address.
    pub fn worth(&self, claimed: Option<usize>, address: IpAddr) -> Claim {
        match claimed.and_then(|number| self.crawler.get(number)) {
            None => Claim::None,
            Some(crawler) if crawler.networks.is_empty() => Claim::Unknown,
            Some(crawler) if crawler.networks.iter().any(|network| network.contains(&address)) => Claim::True,
            Some(crawler) if crawler.strict => Claim::False,
            Some(_) => Claim::Doubtful,
        }
    }

    /// The same, where the DNS may have been asked about what the networks do not settle.
    pub fn worth_with(&self, claimed: Option<usize>, address: IpAddr, proofs: &Proofs) -> Claim {
        let by_networks = self.worth(claimed, address);
        let proof = claimed.and_then(|number| proofs.get(&(address, number)));
        match (by_networks, proof) {
            (open, Some(proof)) if open.is_open() => {
                if proof.is_true {
                    Claim::True
                } else {
                    Claim::False
                }
            }
            _ => by_networks,
        }
    }

    /// The domains in which an address has its name that belongs to the crawler which an agent claims to be: what its
    /// reverse name must end in, and what that name's addresses must hold. Empty where it claims to be none, or where
    /// the operator gives no names.
    pub fn domains(&self, agent: &str) -> &[String] {
        self.claimed(agent).map_or(&[], |number| self.domains_of(number))
    }

    /// The same of a crawler by its number.
    pub fn domains_of(&self, number: usize) -> &[String] {
        self.crawler.get(number).map_or(&[], |crawler| &crawler.dns)
    }
}

/// Whether a host's name is a domain or lies under it, label by label.
pub fn lies_under(name: &str, domain: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name.strip_suffix(&domain.to_ascii_lowercase()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawler_is_known_by_its_networks_not_by_its_name() {
        let list = Crawlers::read(SHIPPED).unwrap();
        assert!(list.crawler.len() >= 6);
        let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        assert_eq!(list.claim(agent, "66.249.66.87".parse().unwrap()), Claim::True);
        assert_eq!(list.claim(agent, "2001:4860:4801:10::2f".parse().unwrap()), Claim::True);
        assert_eq!(list.claim(agent, "203.0.113.9".parse().unwrap()), Claim::False);
        assert_eq!(
            list.claim("GPTBot/1.2 (+https://openai.com/gptbot)", "203.0.113.9".parse().unwrap()),
            Claim::Doubtful
        );
        assert_eq!(list.claim("Mozilla/5.0 (X11)", "203.0.113.9".parse().unwrap()), Claim::None);
        assert_eq!(list.domains(agent)[0], "googlebot.com");
    }

    #[test]
    fn a_name_lies_under_a_domain_label_by_label() {
        for name in ["googlebot.com", "crawl-66-249-66-1.googlebot.com", "CRAWL.GoogleBot.com."] {
            assert!(lies_under(name, "googlebot.com"), "{name}");
        }
        for name in
            ["evil-googlebot.com", "googlebot.com.example", "googlebot.comm", "bot.com", "", "com", "x.googlebot.com.."]
        {
            assert!(!lies_under(name, "googlebot.com"), "{name}");
        }
    }

    #[test]
    fn what_the_dns_says_goes_before_networks_that_do_not_settle_it() {
        let list = Crawlers::shipped();
        let number = list.claimed("Googlebot/2.1");
        let (inside, outside): (IpAddr, IpAddr) = ("66.249.66.87".parse().unwrap(), "203.0.113.9".parse().unwrap());
        let says = |address: IpAddr, is_true: bool| -> Proofs {
            number
                .map(|number| ((address, number), Proof { name: "x.example".to_owned(), is_true }))
                .into_iter()
                .collect()
        };
        assert_eq!(list.worth_with(number, outside, &says(outside, true)), Claim::True);
        assert_eq!(list.worth_with(number, outside, &says(outside, false)), Claim::False);
        assert_eq!(list.worth_with(number, outside, &says(inside, true)), Claim::False, "another's");
        assert_eq!(list.worth_with(number, inside, &says(inside, false)), Claim::True);
        let doubtful = list.claimed("bingbot/2.0");
        assert!(doubtful.is_some() && doubtful != number);
        assert_eq!(list.worth_with(doubtful, outside, &says(outside, true)), list.worth(doubtful, outside));
    }

    #[test]
    fn a_crawler_without_published_networks_is_held_against_nobody_until_the_dns_says_so() {
        let list = Crawlers::shipped();
        let number = list.claimed("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)").unwrap();
        let address: IpAddr = "203.0.113.9".parse().unwrap();
        let says = |is_true| Proofs::from_iter([((address, number), Proof { name: "x.example".to_owned(), is_true })]);
        assert_eq!(list.domains_of(number), ["naver.com"]);
        assert_eq!(list.worth(Some(number), address), Claim::Unknown);
        assert_eq!(list.worth_with(Some(number), address, &Proofs::default()), Claim::Unknown);
        assert_eq!(list.worth_with(Some(number), address, &says(true)), Claim::True);
        assert_eq!(list.worth_with(Some(number), address, &says(false)), Claim::False);
    }

    #[test]
    fn a_list_of_ones_own_says_what_is_wrong_with_it() {
        let own = "date = '2026-01-01'\n[[crawler]]\nname = 'own'\nagents = ['ourbot']\nnetworks = ['192.0.2.0/24']\n";
        let list = Crawlers::read(own).unwrap();
        assert_eq!(list.claim("OurBot/1", "192.0.2.7".parse().unwrap()), Claim::True);
        let error = Crawlers::read(&own.replace("192.0.2.0/24", "192.0.2.0/99")).unwrap_err();
        assert!(error.contains("line 5"), "{error}");
    }
}

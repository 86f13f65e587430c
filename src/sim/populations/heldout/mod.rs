//! The held-out populations: those that detection is tested on and was not calibrated on. They are clients of four
//! other sites than the shop (a news site, an interface for apps, a forge, a manual), written apart from the
//! calibration, with other agents, rates, answers and habits. Never tune a detector to one of them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;

pub mod attackers;
pub mod innocents;
mod sites;

use sites::{API, DOCS, FORGE, NEWS, Visitor};

/// A site with who comes to it.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// Its innocent clients.
    pub innocents: &'static [&'static Population],
    /// Its attackers.
    pub attackers: &'static [&'static Population],
}

/// The four sites.
pub const SCENES: &[Scene] = &[
    Scene { name: "news", innocents: innocents::NEWS, attackers: attackers::NEWS },
    Scene { name: "api", innocents: innocents::API, attackers: attackers::API },
    Scene { name: "forge", innocents: innocents::FORGE, attackers: attackers::FORGE },
    Scene { name: "docs", innocents: innocents::DOCS, attackers: attackers::DOCS },
];

/// What one member sends at a time.
type Sends = Box<dyn FnMut(Timestamp, &mut ChaCha8Rng, &mut Vec<Message>) + Send>;

/// Where a crowd's addresses lie.
#[derive(Debug, Clone, Copy)]
enum Home {
    /// Anywhere, one in five on IPv6.
    Scattered,
    /// So many in each /24.
    Racks(u32),
}

/// How a crowd is laid out.
#[derive(Debug, Clone, Copy)]
struct Crowd {
    /// Tells crowds' addresses apart.
    number: u32,
    members: u32,
    /// Members join within so many seconds, after so many seconds.
    delay: f64,
    spread: f64,
    /// Turns per member: at least, at most.
    turns: (u32, u32),
    /// Mean seconds between turns.
    pause: f64,
    /// Whether it is a timer that waits.
    regular: bool,
    home: Home,
}

/// What a crowd is where its file does not say.
const CROWD: Crowd = Crowd {
    number: 0,
    members: 1,
    delay: 0.0,
    spread: 3400.0,
    turns: (1, 1),
    pause: 30.0,
    regular: false,
    home: Home::Scattered,
};

impl Crowd {
    fn start(
        &self,
        from: Timestamp,
        numbers: &dyn Fn(u64) -> ChaCha8Rng,
        member: impl Fn(IpAddr, &mut ChaCha8Rng) -> Sends,
    ) -> Vec<super::super::Start> {
        (0..self.members)
            .map(|index| {
                let mut rng = numbers(u64::from(index));
                let sends = member(self.address(index), &mut rng);
                let left = rng.random_range(self.turns.0..=self.turns.1);
                let at = from + seconds(self.delay + rng.random_range(0.0..self.spread));
                let actor = Turns { left, pause: self.pause, regular: self.regular, sends, rng };
                (at, Box::new(actor) as Box<dyn Actor>)
            })
            .collect()
    }

    /// In 240.0.0.0/4 (reserved, RFC 1112) and 2001:db8::/32 (RFC 3849): nobody's.
    fn address(&self, index: u32) -> IpAddr {
        match self.home {
            Home::Racks(each) => {
                let net = (self.number << 8 | (index / each)).wrapping_mul(0x85eb) & 0x000f_ffff;
                Ipv4Addr::from(0xf000_0000 | net << 8 | (index % each + 3)).into()
            }
            Home::Scattered if index % 5 == 4 => {
                let mixed = (self.number << 16 | index).wrapping_mul(0x9e37_79b1);
                let [high, low] = [mixed >> 16, mixed & 0xffff].map(|part| u16::try_from(part).unwrap_or(0));
                Ipv6Addr::new(0x2001, 0xdb8, high, low, 0, 0, 0, 1).into()
            }
            Home::Scattered => {
                let mixed = (self.number << 16 | index).wrapping_mul(0xc2b2_ae35) & 0x0fff_ffff;
                Ipv4Addr::from(0xf000_0000 | mixed.min(0x0fff_fffe)).into()
            }
        }
    }
}

/// One member.
struct Turns {
    left: u32,
    pause: f64,
    regular: bool,
    sends: Sends,
    rng: ChaCha8Rng,
}

impl Actor for Turns {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        (self.sends)(at, &mut self.rng, send);
        self.left = self.left.saturating_sub(1);
        let pause = if self.regular {
            seconds(self.pause * self.rng.random_range(0.98..1.02))
        } else {
            wait(&mut self.rng, self.pause)
        };
        (self.left > 0).then(|| at + seconds(0.05) + pause)
    }
}

/// An address of the network whose first three bytes are given; the client's own where none is.
fn at_home(client: IpAddr, network: &str) -> IpAddr {
    let last = match client {
        IpAddr::V4(four) => four.octets()[3],
        IpAddr::V6(six) => six.octets()[7],
    };
    format!("{network}{last}").parse().unwrap_or(client)
}

/// A request in the making.
#[derive(Debug, Clone)]
struct Asked {
    client: IpAddr,
    agent: &'static str,
    method: &'static str,
    uri: String,
    status: u16,
    bytes: u64,
    referer: String,
}

impl Asked {
    fn get(client: IpAddr, agent: &'static str, uri: &str) -> Self {
        // Without an agent the field is empty.
        let agent = if agent == "-" { "" } else { agent };
        Self { client, agent, method: "GET", uri: uri.to_owned(), status: 200, bytes: 21_000, referer: String::new() }
    }
    fn post(client: IpAddr, agent: &'static str, uri: &str) -> Self {
        Self { method: "POST", bytes: 900, ..Self::get(client, agent, uri) }
    }
    fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }
    fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
    fn bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }
    fn from(self, referer: &str) -> Self {
        Self { referer: referer.to_owned(), ..self }
    }
    fn at(self, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        let empty = matches!(self.status, 204 | 304 | 499);
        send.push(Message {
            at,
            client: self.client,
            method: self.method,
            uri: Cow::Owned(self.uri),
            status: self.status,
            bytes: if empty { 0 } else { size(rng, if self.status < 400 { self.bytes } else { 500 }) },
            duration: latency(rng, std::time::Duration::from_millis(35)),
            referer: Cow::Owned(self.referer),
            user_agent: self.agent,
        });
    }
}

/// Browsers of the day.
const NOW: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0.7499.92 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
];

/// Browsers as attackers' lists have them: some of the day, most a little behind.
const LATELY: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Mobile/15E148 Safari/604.1",
];

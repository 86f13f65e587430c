//! The measuring populations: those that detection is calibrated on. Most are fleets, because what is hard is many
//! clients that each stay small, innocent and not. What detection is tested on is written apart from these.

use std::net::{IpAddr, Ipv4Addr};

use super::*;

mod attackers;
mod innocents;

pub use attackers::ATTACKERS;
pub use innocents::INNOCENTS;

/// What one member of a fleet sends at a time.
type Sends = Box<dyn FnMut(Timestamp, &mut ChaCha8Rng, &mut Vec<Message>) + Send>;

/// One member of a fleet: sends, waits, sends again, a number of times.
struct Member {
    left: u32,
    /// Mean seconds between turns.
    pause: f64,
    /// Whether it waits exactly that long, as a timer does.
    regular: bool,
    sends: Sends,
    rng: ChaCha8Rng,
}

impl Actor for Member {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        (self.sends)(at, &mut self.rng, send);
        self.left = self.left.saturating_sub(1);
        let pause = if self.regular { seconds(self.pause) } else { wait(&mut self.rng, self.pause) };
        (self.left > 0).then(|| at + seconds(0.05) + pause)
    }
}

/// How a fleet is laid out.
struct Fleet {
    /// Tells fleets' addresses apart.
    number: u32,
    /// How many members.
    members: u32,
    /// Members join within so many seconds of `from`, after so many seconds.
    delay: f64,
    spread: f64,
    /// Turns per member: at least, at most.
    turns: (u32, u32),
    /// Seconds between turns.
    pause: f64,
    regular: bool,
}

impl Fleet {
    fn start(
        &self,
        from: Timestamp,
        numbers: &dyn Fn(u64) -> ChaCha8Rng,
        member: impl Fn(IpAddr, &mut ChaCha8Rng) -> Sends,
    ) -> Vec<super::super::Start> {
        (0..self.members)
            .map(|index| {
                let mut rng = numbers(u64::from(index));
                let sends = member(address(self.number, index), &mut rng);
                let left = rng.random_range(self.turns.0..=self.turns.1);
                let at = from + seconds(self.delay + rng.random_range(0.0..self.spread.max(0.001)));
                let actor = Member { left, pause: self.pause, regular: self.regular, sends, rng };
                (at, Box::new(actor) as Box<dyn Actor>)
            })
            .collect()
    }
}

/// An address of a fleet's member: scattered over 240.0.0.0/4 (reserved, RFC 1112), so that it is nobody's and that
/// no prefix gives a fleet away. Multiplying by an odd number is a bijection, so no two members share one.
fn address(fleet: u32, index: u32) -> IpAddr {
    let scattered = ((fleet << 16) | (index & 0xffff)).wrapping_mul(0x9e37_79b1) & 0x0fff_ffff;
    // 255.255.255.255 is the broadcast address.
    Ipv4Addr::from(0xf000_0000 | scattered.min(0x0fff_fffe)).into()
}

/// A request as fleets send them.
#[derive(Clone, Copy)]
struct Sent {
    client: IpAddr,
    agent: &'static str,
    method: &'static str,
    status: u16,
    bytes: u64,
    milliseconds: u64,
}

impl Sent {
    fn get(client: IpAddr, agent: &'static str) -> Self {
        Self { client, agent, method: "GET", status: 200, bytes: 18_000, milliseconds: 40 }
    }
    fn post(client: IpAddr, agent: &'static str) -> Self {
        Self { method: "POST", bytes: 400, milliseconds: 90, ..Self::get(client, agent) }
    }
    fn status(self, status: u16) -> Self {
        let bytes = if status < 400 { self.bytes } else { 160 };
        Self { status, bytes, ..self }
    }
    fn slow(self, milliseconds: u64) -> Self {
        Self { milliseconds, ..self }
    }
    fn to(
        self,
        uri: impl Into<std::borrow::Cow<'static, str>>,
        referer: impl Into<std::borrow::Cow<'static, str>>,
        at: Timestamp,
        rng: &mut ChaCha8Rng,
        send: &mut Vec<Message>,
    ) {
        send.push(Message {
            at,
            client: self.client,
            method: self.method,
            uri: uri.into(),
            status: self.status,
            bytes: if self.status == 200 { size(rng, self.bytes) } else { self.bytes },
            duration: latency(rng, std::time::Duration::from_millis(self.milliseconds)),
            referer: referer.into(),
            user_agent: self.agent,
        });
    }
}

/// Agents that a botnet writes into its requests: browsers a version or two behind.
const FORGED: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
];

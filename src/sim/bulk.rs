//! Very many lines, fast, for the benchmarks: no behaviour, only realistic sizes and a realistic spread of clients.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;

use super::populations::SHOPPERS;
use super::random::{self, Zipf, pick};
use super::shop::{BROWSERS, CATEGORIES, product_path};
use super::targets::{PROGRAMS, target};
use super::write::{self, Format};
use super::{HOST, Request};

/// How many lines of what.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// The same seed gives the same lines.
    pub seed: u64,
    /// How many lines.
    pub lines: u64,
    /// How many clients; how often each comes follows Zipf's law.
    pub clients: u32,
    /// The instant of the first line.
    pub start: Timestamp,
    /// From one line to the next.
    pub step: Duration,
    /// How they are written.
    pub format: Format,
}

impl Bulk {
    /// The lines that the benchmarks agree on: 50,000 clients over half a day of 2026-03-02, combined format, about
    /// 230 bytes a line.
    pub fn new(seed: u64, lines: u64) -> Self {
        Self {
            seed,
            lines,
            clients: 50_000,
            start: Timestamp::constant(1_772_409_600, 0),
            step: Duration::from_millis(43),
            format: Format::Combined,
        }
    }

    /// Writes them all.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.requests().try_for_each(|request| write::line(out, self.format, &request))
    }

    /// The requests, in the order of time.
    pub fn requests(&self) -> impl Iterator<Item = Request> + use<> {
        let Self { seed, lines, clients, start, step, .. } = *self;
        let mut rng = random::generator(seed, "bulk", 0);
        let zipf = Zipf::new(clients);
        let step = SignedDuration::try_from(step).unwrap_or_default();
        let mut at = start;
        (0..lines).map(move |_| {
            at += step;
            let client = u32::try_from(zipf.draw(&mut rng)).unwrap_or_default();
            let uri = target(&mut rng, product_path);
            let status = match rng.random_range(0..1000) {
                0..30 => 404,
                30..35 => 500,
                35..40 => 499,
                40..120 => 304,
                _ => 200,
            };
            Request {
                at,
                // Spread over 198.18.0.0/15, which has room for 131,072.
                client: IpAddr::V4(Ipv4Addr::from_bits(0xc612_0000 + client % 0x2_0000)),
                method: if rng.random_ratio(1, 20) { "POST" } else { "GET" },
                uri: uri.into(),
                status,
                bytes: if status == 304 { 0 } else { rng.random_range(150..60_000) },
                duration: Duration::from_millis(rng.random_range(1..400)),
                referer: if rng.random_ratio(2, 5) {
                    "".into()
                } else {
                    format!("https://{HOST}{}", pick(&mut rng, CATEGORIES)).into()
                },
                user_agent: if rng.random_ratio(1, 4) { pick(&mut rng, PROGRAMS) } else { pick(&mut rng, BROWSERS) },
                population: &SHOPPERS,
            }
        })
    }
}

/// The agreed lines one by one, without their line feeds.
pub fn log_lines(seed: u64, lines: u64) -> impl Iterator<Item = String> {
    Bulk::new(seed, lines).requests().map(|request| {
        let mut line = Vec::with_capacity(256);
        // Writing to a Vec cannot fail, and every line is ASCII.
        let _ = write::line(&mut line, Format::Combined, &request);
        String::from_utf8_lossy(line.trim_ascii_end()).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn lines_are_fixed_about_230_bytes_long_and_few_clients_write_most() {
        let lines: Vec<_> = log_lines(1, 20_000).collect();
        assert_eq!(lines[..100], log_lines(1, 100).collect::<Vec<_>>());
        let mean = lines.iter().map(String::len).sum::<usize>() / lines.len();
        assert!((200..=280).contains(&mean), "{mean} bytes a line");
        let mut by_client: HashMap<&str, usize> = HashMap::new();
        for line in &lines {
            *by_client.entry(line.split(' ').next().unwrap_or_default()).or_default() += 1;
        }
        assert!(by_client.len() > 5_000, "{} clients", by_client.len());
        assert!(by_client.values().max().is_some_and(|most| *most > 1_000));
    }
}

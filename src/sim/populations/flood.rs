//! A flood.

use super::*;
use std::net::Ipv4Addr;

/// One address that asks for expensive searches faster than they can be answered, and hangs up on many: 499 and 5xx.
pub const FLOOD: Population = Population {
    name: "flood",
    hostile: true,
    description: say::flood,
    actors: |plan, numbers| {
        vec![(plan.attacks_from + seconds(9.0), Box::new(Flooder { rng: numbers(0) }) as Box<dyn Actor>)]
    },
};

struct Flooder {
    rng: ChaCha8Rng,
}

impl Actor for Flooder {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        let rng = &mut self.rng;
        let (status, bytes, floor_ms) = match rng.random_range(0..100) {
            0..40 => (499, 0, 1_000),
            40..60 => (503, 190, 30),
            60..72 => (502, 157, 400),
            72..80 => (504, 167, 3_000),
            _ => (200, size(rng, 30_000), 900),
        };
        send.push(Message {
            at,
            client: Ipv4Addr::new(192, 0, 2, 77).into(),
            method: "GET",
            uri: format!("/search?q={:08x}&sort=price&page={}", rng.random::<u32>(), rng.random_range(1..60)).into(),
            status,
            bytes,
            duration: latency(rng, std::time::Duration::from_millis(floor_ms)),
            referer: "".into(),
            user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
        });
        Some(at + wait(rng, 0.16))
    }
}

mod say {
    crate::text::words! {
        flood {
            en: "A flood: one address asks for expensive searches six times a second and hangs up: 499, 502, 503, 504.",
            ko: "요청 폭주: 한 주소에서 무거운 검색을 초당 6번 요청하고 끊음. 499, 502, 503, 504.",
        }
    }
}

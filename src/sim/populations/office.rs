//! Many people behind one address.

use super::*;
use std::net::{IpAddr, Ipv4Addr};

/// A dozen browsers behind one address. Together they open more distinct paths than the old gates allow one client:
/// the borderline case that has to be explained, not banned.
pub const OFFICE: Population = Population {
    name: "office",
    hostile: false,
    description: say::office,
    actors: |plan, numbers| {
        (0..12)
            .map(|desk| {
                let mut rng = numbers(desk);
                let at = joins(plan, &mut rng, 120.0);
                let browser = Browser::new(ADDRESS, &mut rng);
                (at, Box::new(Desk { browser, rng }) as Box<dyn Actor>)
            })
            .collect()
    },
};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 19, 10, 7));

struct Desk {
    browser: Browser,
    rng: ChaCha8Rng,
}

impl Actor for Desk {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        self.browser.view(at, &mut self.rng, send);
        Some(at + seconds(5.0) + wait(&mut self.rng, 60.0))
    }
}

mod say {
    crate::text::words! {
        office {
            en: "An office: a dozen browsers behind one address, with many pages between them and hardly an error.",
            ko: "사무실: 한 주소 뒤의 브라우저 12개. 합치면 경로가 많지만 오류는 거의 없음.",
        }
    }
}

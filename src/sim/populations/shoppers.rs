//! People who look around and buy.

use super::*;
use std::net::{Ipv4Addr, Ipv6Addr};

/// One visitor after another from addresses of their own, IPv4 and IPv6.
pub const SHOPPERS: Population = Population {
    name: "shoppers",
    hostile: false,
    description: say::shoppers,
    actors: |plan, numbers| {
        // A place with a visitor in it, and now and then nobody, sends about 0.17 requests a second.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
        let places = (plan.rate / 0.17).round().max(1.0) as u16;
        (0..places)
            .map(|place| {
                let mut rng = numbers(u64::from(place));
                let at = joins(plan, &mut rng, 60.0);
                (at, Box::new(Place { place, visits: 0, visitor: None, rng }) as Box<dyn Actor>)
            })
            .collect()
    },
};

/// A place in the shop that visitors take one after another.
struct Place {
    place: u16,
    visits: u16,
    visitor: Option<(Browser, u8)>,
    rng: ChaCha8Rng,
}

impl Actor for Place {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        let (browser, pages_left) = self.visitor.get_or_insert_with(|| {
            let client = address(self.place, self.visits);
            self.visits = self.visits.wrapping_add(1);
            // Seven pages with their pictures and the common assets stay below twenty distinct paths.
            (Browser::new(client, &mut self.rng), self.rng.random_range(2..=6))
        });
        browser.view(at, &mut self.rng, send);
        *pages_left -= 1;
        let pause = if *pages_left == 0 {
            self.visitor = None;
            12.0
        } else {
            18.0
        };
        Some(at + seconds(1.0) + wait(&mut self.rng, pause))
    }
}

/// The address of a visit: every visit of every place has its own, so a household that comes back is not mistaken for
/// one long visit. One place in four is on IPv6.
fn address(place: u16, visit: u16) -> std::net::IpAddr {
    match (u8::try_from(place), u8::try_from(visit)) {
        (Ok(third), Ok(fourth)) if place % 4 != 3 => Ipv4Addr::new(198, 18, third, fourth).into(),
        _ => Ipv6Addr::new(0x2001, 0xdb8, 0x5, place, 0, 0, 0, visit).into(),
    }
}

mod say {
    crate::text::words! {
        shoppers {
            en: "People in the shop: pages with their assets, referers, caches and pauses for reading, each from an own address.",
            ko: "상점을 둘러보는 손님: 페이지와 부속 파일, 리퍼러, 캐시, 읽는 시간이 있으며 각자 주소가 다름.",
        }
    }
}

//! A scraper with a hosting provider's /24, each address a little.

use super::super::*;

pub(super) const SUBNET_SCRAPE: Population = Population {
    name: "subnet-scrape",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 20, members: 70, delay: 400.0, spread: 2500.0, turns: (5, 9), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            let client = match client {
                IpAddr::V4(four) => IpAddr::V4(std::net::Ipv4Addr::from(0xf123_4500 | (u32::from(four) & 0xff))),
                six => six,
            };
            Box::new(move |at, rng, send| {
                let uri = if rng.random_bool(0.8) {
                    shop::product_path(rng).to_owned()
                } else {
                    pick(rng, shop::CATEGORIES).to_owned()
                };
                Sent::get(client, agent).to(uri, "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A scraper with a hosting provider's /24, each address a little.", ko: "호스팅 업체의 /24 대역을 나눠 쓰는 스크레이퍼." }
    }
}

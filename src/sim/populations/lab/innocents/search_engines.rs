//! Crawlers that say who they are.

use std::net::Ipv4Addr;

use super::super::*;

pub(super) const SEARCH_ENGINES: Population = Population {
    name: "search-engines",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 51, members: 12, delay: 0.0, spread: 300.0, turns: (20, 90), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)",
                    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
                    "Mozilla/5.0 (compatible; DuckDuckBot-Https/1.1; https://duckduckgo.com/duckduckbot)",
                ],
            );
            // A crawler is known by the network that its operator publishes.
            let client = match client {
                IpAddr::V4(four) if agent.contains("bingbot") => Ipv4Addr::new(157, 55, 39, four.octets()[3]).into(),
                other => other,
            };
            Box::new(move |at, rng, send| {
                let (uri, status) = match rng.random_range(0..20) {
                    0 => ("/robots.txt".to_owned(), 200),
                    1 => ("/old-category".to_owned(), 404),
                    _ => (shop::product_path(rng).to_owned(), 200),
                };
                Sent::get(client, agent).status(status).to(uri, "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Crawlers that say who they are.", ko: "신원을 밝히는 검색 로봇." }
    }
}

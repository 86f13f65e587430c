//! A search engine's crawler.

use super::*;
use std::net::Ipv4Addr;

/// A polite crawler from the network that its operator publishes, which is how it is known: product pages only, no assets, no referer, a page every half minute an address.
pub const CRAWLER: Population = Population {
    name: "crawler",
    hostile: false,
    description: say::crawler,
    actors: |plan, numbers| {
        (0..4_u8)
            .map(|host| {
                let mut rng = numbers(u64::from(host));
                let at = joins(plan, &mut rng, 30.0);
                let actor = Crawler { client: Ipv4Addr::new(66, 249, 66, 64 + host), fetched: 0, rng };
                (at, Box::new(actor) as Box<dyn Actor>)
            })
            .collect()
    },
};

const AGENT: &str = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/145.0.0.0 Safari/537.36";

struct Crawler {
    client: Ipv4Addr,
    fetched: u64,
    rng: ChaCha8Rng,
}

impl Actor for Crawler {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        let rng = &mut self.rng;
        let gone = rng.random_ratio(1, 12);
        let uri: std::borrow::Cow<str> = match self.fetched % 20 {
            0 => "/robots.txt".into(),
            1 => "/sitemap.xml".into(),
            _ if gone => format!("/product/discontinued-{}", rng.random_range(100..400)).into(),
            _ => shop::product_path(rng).into(),
        };
        let status = match &*uri {
            "/robots.txt" | "/sitemap.xml" => 200,
            _ if gone => 404,
            _ if rng.random_ratio(1, 4) => 304,
            _ => 200,
        };
        self.fetched += 1;
        send.push(Message {
            at,
            client: self.client.into(),
            method: "GET",
            uri,
            status,
            bytes: if status == 304 { 0 } else { size(rng, 19_000) },
            duration: latency(rng, std::time::Duration::from_millis(40)),
            referer: "".into(),
            user_agent: AGENT,
        });
        // At least twenty seconds apart: fifteen pages in five minutes at most.
        Some(at + seconds(20.0) + wait(rng, 8.0))
    }
}

mod say {
    crate::text::words! {
        crawler {
            en: "A search engine's crawler from a small range: product pages without assets or referer, a few of them gone.",
            ko: "작은 대역에서 오는 검색엔진 수집기: 부속 파일과 리퍼러 없이 상품 페이지만 읽으며, 일부는 사라진 페이지.",
        }
    }
}

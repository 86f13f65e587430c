//! People who come back with everything in their cache: a page or two and no asset.

use super::super::*;

pub(super) const CACHED_READERS: Population = Population {
    name: "cached-readers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 41, members: 150, delay: 0.0, spread: 3500.0, turns: (1, 3), pause: 60.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let uri = match rng.random_range(0..10) {
                    0..3 => "/".to_owned(),
                    3..5 => pick(rng, shop::CATEGORIES).to_owned(),
                    _ => shop::product_path(rng).to_owned(),
                };
                let referer =
                    pick(rng, &["", "https://www.google.com/", "https://search.naver.com/", "https://shop.example/"]);
                Sent::get(client, agent).to(uri, referer, at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "People who come back with everything in their cache: a page or two and no asset.", ko: "캐시에 모두 있어 부속 파일 없이 한두 페이지만 보는 재방문자." }
    }
}

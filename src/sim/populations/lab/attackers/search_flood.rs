//! Expensive searches from many addresses, slowly each, many cut off.

use super::super::*;

pub(super) const SEARCH_FLOOD: Population = Population {
    name: "search-flood",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 4, members: 120, delay: 1500.0, spread: 900.0, turns: (2, 6), pause: 50.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = [200, 200, 499, 504, 503][rng.random_range(0..5)];
                Sent::get(client, agent).status(status).slow(2500).to(
                    format!("/search?q={:06x}&page={}", rng.random::<u32>() >> 8, rng.random_range(1..90)),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Expensive searches from many addresses, slowly each, many cut off.", ko: "여러 주소에서 천천히 무거운 검색을 보내고 다수가 끊김." }
    }
}

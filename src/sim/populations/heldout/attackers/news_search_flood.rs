//! Expensive searches from many addresses for twelve minutes.

use super::super::*;

pub(super) const NEWS_SEARCH_FLOOD: Population = Population {
    name: "news-search-flood",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 105, members: 160, delay: 1500.0, spread: 600.0, turns: (2, 6), pause: 35.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let word = format!("{:x}", rng.random::<u32>());
                Asked::get(client, agent, &format!("/?s={word}"))
                    .status(if rng.random_ratio(1, 5) { 504 } else { 200 })
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Expensive searches from many addresses for twelve minutes.", ko: "많은 주소에서 12분간 무거운 검색." }
    }
}

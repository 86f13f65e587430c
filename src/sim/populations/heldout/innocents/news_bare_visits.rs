//! Prefetchers, stripped referers and full caches: a page or two and nothing else.

use super::super::*;

pub(super) const NEWS_BARE_VISITS: Population = Population {
    name: "news-bare-visits",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 157, members: 150, spread: 3500.0, turns: (1, 2), pause: 200.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let page = NEWS.page(rng);
                let referer = pick(rng, &["", "", "https://www.google.com/", "https://news.example/"]);
                Asked::get(client, agent, &page)
                    .status(if rng.random_ratio(1, 5) { 304 } else { 200 })
                    .from(referer)
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Prefetchers, stripped referers and full caches: a page or two and nothing else.", ko: "미리 읽기, 리퍼러 제거, 가득 찬 캐시: 페이지 한두 개뿐." }
    }
}

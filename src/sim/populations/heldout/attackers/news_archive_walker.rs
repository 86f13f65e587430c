//! Slow scrapers: five articles a minute each for the whole hour, no asset.

use super::super::*;

pub(super) const NEWS_ARCHIVE_WALKER: Population = Population {
    name: "news-archive-walker",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 108, members: 9, spread: 120.0, turns: (200, 280), pause: 12.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let page = NEWS.page(rng);
                Asked::get(client, agent, &page).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Slow scrapers: five articles a minute each for the whole hour, no asset.", ko: "느린 스크레이퍼: 부속 파일 없이 분당 기사 5개씩 한 시간 내내." }
    }
}

//! The front page with cache-busters, a referer sent, for five minutes.

use super::super::*;

pub(super) const NEWS_FRONT_FLOOD: Population = Population {
    name: "news-front-flood",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 106, members: 220, delay: 2400.0, spread: 240.0, turns: (3, 8), pause: 14.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let buster = rng.random::<u32>();
                Asked::get(client, agent, &format!("/?_={buster}"))
                    .status(if rng.random_ratio(1, 3) { 499 } else { 200 })
                    .from("https://news.example/")
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "The front page with cache-busters, a referer sent, for five minutes.", ko: "리퍼러까지 보내며 5분간 캐시를 피하는 쿼리로 첫 페이지 폭주." }
    }
}

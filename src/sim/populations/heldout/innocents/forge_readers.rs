//! Visitors of the forge site with pages, assets, caches and pauses.

use super::super::*;

pub(super) const FORGE_READERS: Population = Population {
    name: "forge-readers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 161, members: 420, spread: 3300.0, turns: (1, 6), pause: 50.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW)).returning(rng);
            Box::new(move |at, rng, send| {
                let page = FORGE.page(rng);
                visitor.open(&FORGE, &page, at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visitors of the forge site with pages, assets, caches and pauses.", ko: "페이지와 부속 파일, 캐시, 쉬는 시간이 있는 forge 방문자." }
    }
}

//! Visitors of the docs site with pages, assets, caches and pauses.

use super::super::*;

pub(super) const DOCS_READERS: Population = Population {
    name: "docs-readers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 171, members: 420, spread: 3300.0, turns: (1, 6), pause: 50.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW)).returning(rng);
            Box::new(move |at, rng, send| {
                let page = DOCS.page(rng);
                visitor.open(&DOCS, &page, at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visitors of the docs site with pages, assets, caches and pauses.", ko: "페이지와 부속 파일, 캐시, 쉬는 시간이 있는 docs 방문자." }
    }
}

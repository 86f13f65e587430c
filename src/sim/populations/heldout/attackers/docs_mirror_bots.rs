//! A model trainer without a name behind a proxy pool: pages of the manual only.

use super::super::*;

pub(super) const DOCS_MIRROR_BOTS: Population = Population {
    name: "docs-mirror-bots",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 131, members: 100, spread: 3200.0, turns: (4, 9), pause: 70.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let page = DOCS.page(rng);
                Asked::get(client, agent, &page).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A model trainer without a name behind a proxy pool: pages of the manual only.", ko: "이름을 숨긴 학습용 수집기가 프록시 풀로 설명서만 수집." }
    }
}

//! A company behind four addresses, all agents mixed.

use super::super::*;

pub(super) const FORGE_COMPANY: Population = Population {
    name: "forge-company",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 165, members: 4, spread: 60.0, turns: (150, 260), pause: 12.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut people: Vec<Visitor> = (0..15).map(|_| Visitor::new(client, pick(rng, NOW))).collect();
            Box::new(move |at, rng, send| {
                let person = rng.random_range(0..people.len());
                let page = FORGE.page(rng);
                people[person].open(&FORGE, &page, at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A company behind four addresses, all agents mixed.", ko: "네 주소 뒤의 회사, 여러 에이전트가 섞임." }
    }
}

//! A mobile carrier's shared addresses: many people behind each.

use super::super::*;

pub(super) const CARRIER_NAT: Population = Population {
    name: "carrier-nat",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 47, members: 12, delay: 0.0, spread: 200.0, turns: (60, 120), pause: 25.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut people: Vec<Browser> = (0..8).map(|_| Browser::new(client, rng)).collect();
            Box::new(move |at, rng, send| {
                let person = rng.random_range(0..people.len());
                if rng.random_ratio(1, 10) {
                    people[person] = Browser::new(client, rng);
                }
                people[person].view(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A mobile carrier's shared addresses: many people behind each.", ko: "여러 사람이 함께 쓰는 통신사 공용 주소." }
    }
}

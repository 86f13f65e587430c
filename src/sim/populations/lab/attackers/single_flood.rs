//! One address, hundreds of requests a minute.

use super::super::*;

pub(super) const SINGLE_FLOOD: Population = Population {
    name: "single-flood",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 17,
            members: 2,
            delay: 1000.0,
            spread: 600.0,
            turns: (1500, 2500),
            pause: 0.15,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let status = if rng.random_bool(0.3) { 499 } else { 200 };
                Sent::get(client, pick(rng, FORGED)).status(status).to("/category/fruit", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "One address, hundreds of requests a minute.", ko: "한 주소에서 분당 수백 번." }
    }
}

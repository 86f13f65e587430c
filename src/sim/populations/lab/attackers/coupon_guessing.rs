//! Guesses coupon codes, slowly, over a pool of addresses.

use super::super::*;

pub(super) const COUPON_GUESSING: Population = Population {
    name: "coupon-guessing",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 13,
            members: 40,
            delay: 500.0,
            spread: 1500.0,
            turns: (4, 12),
            pause: 70.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                let uri = format!("/api/coupon?code={:06X}", rng.random::<u32>() >> 8);
                Sent::get(client, agent).status(404).to(uri, "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Guesses coupon codes, slowly, over a pool of addresses.", ko: "쿠폰 코드를 여러 주소에서 천천히 추측." }
    }
}

//! Guesses gift-card numbers, each address a few.

use super::super::*;

pub(super) const API_GIFT_CARDS: Population = Population {
    name: "api-gift-cards",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 114, members: 50, delay: 400.0, spread: 2400.0, turns: (3, 10), pause: 40.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let code = rng.random::<u64>() % 10_000_000_000_000_000;
                Asked::get(client, agent, &format!("/v3/giftcards/{code:016}/balance")).status(404).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Guesses gift-card numbers, each address a few.", ko: "주소마다 기프트 카드 번호를 몇 개씩 추측." }
    }
}

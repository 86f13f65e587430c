//! Visits the front page once with an advertising referer.

use super::super::*;

pub(super) const REFERER_SPAM: Population = Population {
    name: "referer-spam",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 21, members: 50, delay: 0.0, spread: 3500.0, turns: (1, 2), pause: 5.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to("/", "https://cheap-casino.example/win", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visits the front page once with an advertising referer.", ko: "광고 리퍼러를 달고 첫 페이지를 한 번 방문." }
    }
}

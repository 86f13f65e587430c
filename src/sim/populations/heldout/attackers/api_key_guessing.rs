//! Guesses API keys: a few refused calls an address.

use super::super::*;

pub(super) const API_KEY_GUESSING: Population = Population {
    name: "api-key-guessing",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 111, members: 60, spread: 3000.0, turns: (3, 9), pause: 50.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, _| {
            let agent = "python-requests/2.32.3";
            Box::new(move |at, rng, send| {
                Asked::get(client, agent, "/v3/account").status(401).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Guesses API keys: a few refused calls an address.", ko: "API 키 추측: 주소마다 거부된 호출 몇 번." }
    }
}

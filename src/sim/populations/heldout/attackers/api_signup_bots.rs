//! Creates accounts by the hundred, one or two an address.

use super::super::*;

pub(super) const API_SIGNUP_BOTS: Population = Population {
    name: "api-signup-bots",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 115, members: 90, spread: 3200.0, turns: (1, 2), pause: 20.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                Asked::post(client, agent, "/v3/register").status(201).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Creates accounts by the hundred, one or two an address.", ko: "주소마다 한두 개씩 계정을 대량으로 만듦." }
    }
}

//! Two addresses that hammer the token endpoint.

use super::super::*;

pub(super) const API_LOGIN_HAMMER: Population = Population {
    name: "api-login-hammer",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 117, members: 2, delay: 900.0, spread: 200.0, turns: (400, 700), pause: 1.2, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, _| {
            let agent = "Go-http-client/2.0";
            Box::new(move |at, rng, send| {
                Asked::post(client, agent, "/v3/auth/token")
                    .status(if rng.random_ratio(1, 3) { 429 } else { 401 })
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Two addresses that hammer the token endpoint.", ko: "두 주소가 토큰 엔드포인트를 두들김." }
    }
}

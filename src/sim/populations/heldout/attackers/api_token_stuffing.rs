//! Credential stuffing on the token endpoint through a browser-like library, one a minute.

use super::super::*;

pub(super) const API_TOKEN_STUFFING: Population = Population {
    name: "api-token-stuffing",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd {
            number: 113,
            members: 120,
            delay: 200.0,
            spread: 2400.0,
            turns: (4, 14),
            pause: 60.0,
            regular: true,
            ..CROWD
        };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 30) { 200 } else { 401 };
                Asked::post(client, agent, "/v3/auth/token").status(status).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Credential stuffing on the token endpoint through a browser-like library, one a minute.", ko: "토큰 엔드포인트에 브라우저처럼 위장해 분당 한 번 크리덴셜 스터핑." }
    }
}

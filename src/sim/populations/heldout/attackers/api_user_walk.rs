//! Walks through user numbers, most of them there, with the app agent of another app.

use super::super::*;

pub(super) const API_USER_WALK: Population = Population {
    name: "api-user-walk",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 112, members: 12, delay: 100.0, spread: 900.0, turns: (90, 160), pause: 14.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = "okhttp/3.12.13";
            let mut next = rng.random_range(1000..90_000_u32);
            Box::new(move |at, rng, send| {
                next += 1;
                Asked::get(client, agent, &format!("/v3/users/{next}/profile"))
                    .status(if rng.random_ratio(1, 4) { 404 } else { 200 })
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Walks through user numbers, most of them there, with the app agent of another app.", ko: "다른 앱의 에이전트로 사용자 번호를 차례로 훑음." }
    }
}

//! Stuffing on a sign-in that answers failure by 200 and success by 302, referer sent.

use super::super::*;

pub(super) const FORGE_SIGNIN_STUFFING: Population = Population {
    name: "forge-signin-stuffing",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 121, members: 110, delay: 300.0, spread: 2700.0, turns: (2, 6), pause: 120.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 25) { 302 } else { 200 };
                Asked::post(client, agent, "/users/sign_in")
                    .status(status)
                    .from("https://forge.example/users/sign_in")
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Stuffing on a sign-in that answers failure by 200 and success by 302, referer sent.", ko: "실패는 200, 성공은 302로 답하는 로그인에 리퍼러까지 보내는 스터핑." }
    }
}

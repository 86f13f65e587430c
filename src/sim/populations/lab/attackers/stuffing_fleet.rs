//! Credential stuffing: hundreds of addresses, one to three sign-ins each, a browser's agent, nearly all refused.

use super::super::*;

pub(super) const STUFFING_FLEET: Population = Population {
    name: "stuffing-fleet",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 1,
            members: 180,
            delay: 300.0,
            spread: 2400.0,
            turns: (1, 3),
            pause: 200.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 60) { 302 } else { 401 };
                Sent::post(client, agent).status(status).to("/login", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Credential stuffing: hundreds of addresses, one to three sign-ins each, a browser's agent, nearly all refused.", ko: "자격 증명 대입: 수백 개 주소가 각 1~3회 로그인, 브라우저로 위장, 거의 모두 거부됨." }
    }
}

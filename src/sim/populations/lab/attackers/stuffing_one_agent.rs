//! Credential stuffing through proxies: one library's agent, an interface, one attempt a minute each.

use super::super::*;

pub(super) const STUFFING_ONE_AGENT: Population = Population {
    name: "stuffing-one-agent",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 2, members: 60, delay: 600.0, spread: 1200.0, turns: (3, 9), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::post(client, "okhttp/4.9.3").status(401).to("/api/auth/token", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Credential stuffing through proxies: one library's agent, an interface, one attempt a minute each.", ko: "프록시를 통한 자격 증명 대입: 같은 라이브러리 에이전트, 주소마다 분당 한 번." }
    }
}

//! A flood of the front page: hundreds of addresses ask for / with random queries, a few times each, all at once.

use super::super::*;

pub(super) const FRONT_PAGE_FLOOD: Population = Population {
    name: "front-page-flood",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 3, members: 240, delay: 1200.0, spread: 120.0, turns: (3, 12), pause: 9.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 4) { 503 } else { 200 };
                Sent::get(client, agent).status(status).to(
                    format!("/?{:x}={:x}", rng.random::<u16>(), rng.random::<u32>()),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A flood of the front page: hundreds of addresses ask for / with random queries, a few times each, all at once.", ko: "첫 페이지 폭주: 수백 개 주소가 동시에 임의 쿼리로 첫 페이지를 여러 번 요청." }
    }
}

//! Card testing: a fleet posts to checkout, most are declined.

use super::super::*;

pub(super) const CARDING: Population = Population {
    name: "carding",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 12, members: 70, delay: 800.0, spread: 1800.0, turns: (1, 4), pause: 90.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 12) { 200 } else { 402 };
                Sent::post(client, agent).status(status).to(
                    "/api/checkout/pay",
                    "https://shop.example/checkout",
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
        it { en: "Card testing: a fleet posts to checkout, most are declined.", ko: "카드 도용 시험: 여러 주소가 결제를 보내고 대부분 거절됨." }
    }
}

//! Walks through order numbers over an interface from a handful of addresses.

use super::super::*;

pub(super) const ID_ENUMERATION: Population = Population {
    name: "id-enumeration",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 6, members: 6, delay: 400.0, spread: 200.0, turns: (80, 160), pause: 12.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
        let mut next = rng.random_range(10_000..90_000_u32);
        Box::new(move |at, rng, send| {
            next += 1;
            let status = if rng.random_ratio(1, 5) { 200 } else { 404 };
            Sent::get(client, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36").status(status).to(format!("/api/orders/{next}"), "", at, rng, send);
        })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Walks through order numbers over an interface from a handful of addresses.", ko: "몇 개 주소에서 주문 번호를 차례로 훑음." }
    }
}

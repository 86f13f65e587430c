//! Inventory hoarding: adds the same product to carts that are never bought.

use super::super::*;

pub(super) const HOARDING: Population = Population {
    name: "hoarding",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 14, members: 80, delay: 900.0, spread: 1500.0, turns: (2, 5), pause: 45.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                Sent::post(client, agent).status(201).to("/api/cart", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Inventory hoarding: adds the same product to carts that are never bought.", ko: "재고 선점: 같은 상품을 장바구니에 담기만 함." }
    }
}

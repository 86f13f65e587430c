//! A scraper behind a proxy pool: product pages only, one after another, no assets, forged browsers.

use super::super::*;

pub(super) const PRICE_SCRAPER: Population = Population {
    name: "price-scraper",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 5, members: 90, delay: 60.0, spread: 3000.0, turns: (4, 10), pause: 40.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to(shop::product_path(rng), "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A scraper behind a proxy pool: product pages only, one after another, no assets, forged browsers.", ko: "프록시 뒤의 스크레이퍼: 상품 페이지만 차례로, 부속 파일 없이, 위장 브라우저." }
    }
}

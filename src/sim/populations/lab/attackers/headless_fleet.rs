//! Headless browsers that add to cart and check out, with assets, in one rhythm.

use super::super::*;

pub(super) const HEADLESS_FLEET: Population = Population {
    name: "headless-fleet",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 22, members: 30, delay: 600.0, spread: 1500.0, turns: (2, 4), pause: 30.0, regular: true };
        fleet.start(plan.attacks_from, numbers, |client, _| {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36";
        Box::new(move |at, rng, send| {
            let sent = Sent::get(client, agent);
            sent.to("/product/limited-edition", "", at, rng, send);
            sent.to("/assets/app.91be07.js", "https://shop.example/product/limited-edition", at + seconds(0.1), rng, send);
            sent.to("/assets/app.6f1c2a.css", "https://shop.example/product/limited-edition", at + seconds(0.1), rng, send);
            Sent::post(client, agent).status(201).to("/api/cart", "https://shop.example/product/limited-edition", at + seconds(0.6), rng, send);
        })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Headless browsers that add to cart and check out, with assets, in one rhythm.", ko: "부속 파일까지 받는 헤드리스 브라우저가 같은 박자로 장바구니·결제." }
    }
}

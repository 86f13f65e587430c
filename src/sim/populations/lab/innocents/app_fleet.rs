//! The shop's own app: its interface only, no referer, no asset, all alike.

use super::super::*;

pub(super) const APP_FLEET: Population = Population {
    name: "app-fleet",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 42, members: 350, delay: 0.0, spread: 3000.0, turns: (2, 8), pause: 120.0, regular: false };
        fleet.start(plan.start, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let agent = "ShopApp/5.2.1 (Android 14)";
                let status = if rng.random_ratio(1, 40) { 401 } else { 200 };
                match rng.random_range(0..5) {
                    0 => Sent::post(client, agent).status(status).to("/api/auth/refresh", "", at, rng, send),
                    1 => Sent::post(client, agent).status(201).to("/api/cart", "", at, rng, send),
                    _ => Sent::get(client, agent).to(
                        format!("/api/products?page={}", rng.random_range(1..9)),
                        "",
                        at,
                        rng,
                        send,
                    ),
                }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "The shop's own app: its interface only, no referer, no asset, all alike.", ko: "쇼핑몰 앱: 리퍼러와 부속 파일 없이 API만 호출." }
    }
}

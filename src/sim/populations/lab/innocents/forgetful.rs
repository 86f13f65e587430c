//! People who mistype their password once or twice, then get in.

use super::super::*;

pub(super) const FORGETFUL: Population = Population {
    name: "forgetful",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 45, members: 90, delay: 0.0, spread: 3400.0, turns: (1, 1), pause: 10.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                browser.view(at, rng, send);
                for attempt in 0..rng.random_range(0..3_u32) {
                    Sent::post(client, agent).status(401).to(
                        "/login",
                        "https://shop.example/login",
                        at + seconds(8.0 + 6.0 * f64::from(attempt)),
                        rng,
                        send,
                    );
                }
                Sent::post(client, agent).status(302).to(
                    "/login",
                    "https://shop.example/login",
                    at + seconds(30.0),
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "People who mistype their password once or twice, then get in.", ko: "비밀번호를 한두 번 틀린 뒤 로그인하는 사람." }
    }
}

//! Visitors of a page with a picture that is missing.

use super::super::*;

pub(super) const BROKEN_LINK: Population = Population {
    name: "broken-link",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 48, members: 200, delay: 0.0, spread: 3300.0, turns: (1, 3), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                browser.view(at, rng, send);
                Sent::get(client, agent).status(404).to(
                    "/images/banner-summer.png",
                    "https://shop.example/",
                    at + seconds(0.3),
                    rng,
                    send,
                );
                Sent::get(client, agent).status(404).to(
                    "/old-event.html",
                    "https://shop.example/",
                    at + seconds(20.0),
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visitors of a page with a picture that is missing.", ko: "없는 그림이 걸린 페이지의 방문자." }
    }
}

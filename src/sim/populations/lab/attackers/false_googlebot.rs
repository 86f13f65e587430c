//! A scraper that calls itself Googlebot.

use super::super::*;

pub(super) const FALSE_GOOGLEBOT: Population = Population {
    name: "false-googlebot",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 15,
            members: 3,
            delay: 200.0,
            spread: 300.0,
            turns: (150, 300),
            pause: 6.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").to(
                    shop::product_path(rng),
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
        it { en: "A scraper that calls itself Googlebot.", ko: "구글봇이라고 자칭하는 스크레이퍼." }
    }
}

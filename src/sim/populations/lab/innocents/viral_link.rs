//! Visitors of a link that went round: one page, real browsers, all within minutes.

use super::super::*;

pub(super) const VIRAL_LINK: Population = Population {
    name: "viral-link",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 40,
            members: 400,
            delay: 1500.0,
            spread: 600.0,
            turns: (1, 1),
            pause: 10.0,
            regular: false,
        };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| browser.view(at, rng, send))
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visitors of a link that went round: one page, real browsers, all within minutes.", ko: "입소문 난 링크의 방문자: 실제 브라우저가 몇 분 안에 같은 페이지로." }
    }
}

//! People who open one page from a search and leave, with what it loads.

use super::super::*;

pub(super) const CURIOUS: Population = Population {
    name: "curious",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 49, members: 500, delay: 0.0, spread: 3500.0, turns: (1, 1), pause: 10.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| browser.view(at, rng, send))
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "People who open one page from a search and leave, with what it loads.", ko: "검색으로 한 페이지만 보고 떠나는 사람." }
    }
}

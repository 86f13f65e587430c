//! People on the landing page of the app.

use super::super::*;

pub(super) const API_LANDING: Population = Population {
    name: "api-landing",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 184, members: 60, spread: 3400.0, turns: (1, 2), pause: 40.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW));
            Box::new(move |at, rng, send| {
                let page = API.page(rng);
                visitor.open(&API, &page, at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "People on the landing page of the app.", ko: "앱 소개 페이지를 보는 사람." }
    }
}

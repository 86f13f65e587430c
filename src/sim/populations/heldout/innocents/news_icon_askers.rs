//! Browsers that ask for icons and well-known files that are not there.

use super::super::*;

pub(super) const NEWS_ICON_ASKERS: Population = Population {
    name: "news-icon-askers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 156, members: 120, spread: 3300.0, turns: (1, 2), pause: 80.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW));
            Box::new(move |at, rng, send| {
                let page = NEWS.page(rng);
                visitor.open(&NEWS, &page, at, rng, send);
                for path in [
                    "/apple-touch-icon-precomposed.png",
                    "/apple-touch-icon.png",
                    "/.well-known/traffic-advice",
                    "/.well-known/change-password",
                ] {
                    Asked::get(client, visitor.agent, path).status(404).at(at + seconds(0.4), rng, send);
                }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Browsers that ask for icons and well-known files that are not there.", ko: "없는 아이콘과 well-known 파일을 찾는 브라우저." }
    }
}

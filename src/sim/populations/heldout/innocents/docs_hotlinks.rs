//! Pictures shown on other sites.

use super::super::*;

pub(super) const DOCS_HOTLINKS: Population = Population {
    name: "docs-hotlinks",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 174, members: 90, spread: 3500.0, turns: (1, 3), pause: 60.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let picture = pick(rng, DOCS.assets);
                let referer = pick(
                    rng,
                    &["https://forum.example/t/9", "https://www.google.com/", "https://old.reddit.example/r/x"],
                );
                Asked::get(client, agent, picture)
                    .status(if rng.random_bool(0.4) { 304 } else { 200 })
                    .from(referer)
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Pictures shown on other sites.", ko: "다른 사이트에 걸린 그림." }
    }
}

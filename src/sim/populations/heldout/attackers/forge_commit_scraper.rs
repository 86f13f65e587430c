//! Residential proxies that crawl commits and blame pages, two or three each.

use super::super::*;

pub(super) const FORGE_COMMIT_SCRAPER: Population = Population {
    name: "forge-commit-scraper",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 122, members: 260, spread: 3300.0, turns: (2, 3), pause: 90.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let (commit, view) = (rng.random::<u64>(), pick(rng, &["blame", "commits", "raw"]));
                Asked::get(client, agent, &format!("/group/project/-/{view}/{commit:016x}{commit:016x}/src/main.rs"))
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Residential proxies that crawl commits and blame pages, two or three each.", ko: "가정용 프록시가 커밋·blame 페이지를 두세 개씩 수집." }
    }
}

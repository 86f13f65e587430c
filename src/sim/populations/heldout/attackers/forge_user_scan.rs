//! Looks for user names, each an own page, most of them missing.

use super::super::*;

pub(super) const FORGE_USER_SCAN: Population = Population {
    name: "forge-user-scan",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 124, members: 8, delay: 200.0, spread: 1200.0, turns: (70, 140), pause: 9.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let name = pick(rng, &["alice", "bob", "carol", "dave", "erin", "frank"]);
                let number = rng.random_range(0..4000);
                Asked::get(client, agent, &format!("/{name}{number}")).status(404).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Looks for user names, each an own page, most of them missing.", ko: "사용자 이름 페이지를 하나씩 확인, 대부분 없음." }
    }
}

//! Pages left open that go on asking their interface, from before the hour on.

use super::super::*;

pub(super) const FORGE_OPEN_TABS: Population = Population {
    name: "forge-open-tabs",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 164, members: 90, spread: 600.0, turns: (20, 60), pause: 45.0, regular: true, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                Asked::get(client, agent, "/group/project/-/merge_requests/7/widget.json")
                    .status(if rng.random_bool(0.7) { 304 } else { 200 })
                    .from("https://forge.example/group/project/-/merge_requests/7")
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Pages left open that go on asking their interface, from before the hour on.", ko: "한 시간 전부터 열려 있어 API만 계속 부르는 탭." }
    }
}

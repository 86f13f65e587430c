//! Partners that read many items by a library all the time.

use super::super::*;

pub(super) const API_PARTNERS: Population = Population {
    name: "api-partners",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 183, members: 6, spread: 100.0, turns: (80, 160), pause: 22.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, _| {
            let agent = "python-requests/2.31.0";
            Box::new(move |at, rng, send| {
                let item = rng.random_range(1..900);
                Asked::get(client, agent, &format!("/v3/articles/{item}")).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Partners that read many items by a library all the time.", ko: "라이브러리로 많은 항목을 계속 읽는 협력사." }
    }
}

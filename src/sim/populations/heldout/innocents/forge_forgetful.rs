//! People who sign in, some after a failure or two.

use super::super::*;

pub(super) const FORGE_FORGETFUL: Population = Population {
    name: "forge-forgetful",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 163, members: 80, spread: 3200.0, turns: (1, 1), ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW));
            Box::new(move |at, rng, send| {
                visitor.open(&FORGE, "/users/sign_in", at, rng, send);
                let mut later = at + seconds(6.0) + wait(rng, 9.0);
                for _ in 0..rng.random_range(0..3_u32) {
                    Asked::post(client, visitor.agent, "/users/sign_in")
                        .from("https://forge.example/users/sign_in")
                        .at(later, rng, send);
                    later = later + seconds(5.0) + wait(rng, 12.0);
                }
                Asked::post(client, visitor.agent, "/users/sign_in")
                    .status(302)
                    .from("https://forge.example/users/sign_in")
                    .at(later, rng, send);
                visitor.open(&FORGE, "/dashboard/projects", later + seconds(0.3), rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "People who sign in, some after a failure or two.", ko: "한두 번 틀리기도 하며 로그인하는 사람." }
    }
}

//! Devices that report once a minute with one agent.

use super::super::*;

pub(super) const API_TELEMETRY: Population = Population {
    name: "api-telemetry",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 182, members: 120, spread: 60.0, turns: (50, 58), pause: 60.0, regular: true, ..CROWD };
        crowd.start(plan.start, numbers, |client, _| {
            let agent = "meter-fw/2.7.1";
            Box::new(move |at, rng, send| {
                Asked::post(client, agent, "/v3/telemetry").status(204).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Devices that report once a minute with one agent.", ko: "같은 에이전트로 1분마다 보고하는 기기." }
    }
}

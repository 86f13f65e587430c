//! Drains the traffic bill: the largest picture once from each of many homes, within minutes.

use super::super::*;

pub(super) const DOCS_BIG_FILE_DRAIN: Population = Population {
    name: "docs-big-file-drain",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 136, members: 180, delay: 1900.0, spread: 360.0, turns: (1, 2), pause: 60.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                Asked::get(client, agent, "/_static/architecture.png")
                    .bytes(9_000_000)
                    .from("https://docs.example/en/latest/")
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Drains the traffic bill: the largest picture once from each of many homes, within minutes.", ko: "많은 가정용 주소가 몇 분 안에 가장 큰 그림을 한 번씩 받아 전송 비용을 올림." }
    }
}

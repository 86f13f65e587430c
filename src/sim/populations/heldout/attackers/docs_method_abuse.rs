//! Tries methods that write, and the server as a proxy.

use super::super::*;

pub(super) const DOCS_METHOD_ABUSE: Population = Population {
    name: "docs-method-abuse",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 134, members: 6, spread: 2600.0, turns: (6, 14), pause: 8.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, _| {
            let agent = "-";
            Box::new(move |at, rng, send| {
                let method = pick(rng, &["PUT", "DELETE", "PROPFIND", "CONNECT", "TRACE"]);
                Asked::get(client, agent, "/upload.jsp").method(method).status(405).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Tries methods that write, and the server as a proxy.", ko: "쓰기 메서드와 프록시 사용을 시도." }
    }
}

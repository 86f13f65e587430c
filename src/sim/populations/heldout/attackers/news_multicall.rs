//! xmlrpc.php system.multicall from a pool of addresses, answered by 200.

use super::super::*;

pub(super) const NEWS_MULTICALL: Population = Population {
    name: "news-multicall",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 102, members: 45, delay: 200.0, spread: 2800.0, turns: (2, 5), pause: 60.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                Asked::post(client, agent, "/xmlrpc.php").at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "xmlrpc.php system.multicall from a pool of addresses, answered by 200.", ko: "주소 풀에서 xmlrpc.php system.multicall을 호출하고 200을 받음." }
    }
}

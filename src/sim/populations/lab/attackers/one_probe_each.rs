//! A botnet that looks for one weakness: each address asks once or twice for the same path.

use super::super::*;

pub(super) const ONE_PROBE_EACH: Population = Population {
    name: "one-probe-each",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 8, members: 110, delay: 200.0, spread: 3000.0, turns: (1, 2), pause: 30.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "Mozilla/5.0").status(404).to(
                    "/wp-content/plugins/hellopress/wp_filemanager.php",
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A botnet that looks for one weakness: each address asks once or twice for the same path.", ko: "한 가지 약점을 찾는 봇넷: 주소마다 같은 경로를 한두 번 요청." }
    }
}

//! Posts comments with links, one or two per address.

use super::super::*;

pub(super) const COMMENT_SPAM: Population = Population {
    name: "comment-spam",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 19, members: 60, delay: 100.0, spread: 3200.0, turns: (1, 2), pause: 20.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                let status = [200, 403, 403][rng.random_range(0..3)];
                Sent::post(client, agent).status(status).to(
                    "/review/comment",
                    "https://shop.example/product/1",
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
        it { en: "Posts comments with links, one or two per address.", ko: "주소마다 한두 번씩 링크가 든 댓글을 씀." }
    }
}

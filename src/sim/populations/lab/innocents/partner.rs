//! A partner's servers that post to a webhook and read stock by a library.

use super::super::*;

pub(super) const PARTNER: Population = Population {
    name: "partner",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 46, members: 8, delay: 0.0, spread: 60.0, turns: (50, 100), pause: 35.0, regular: true };
        fleet.start(plan.start, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::post(client, "python-requests/2.31.0").status(202).to("/api/hooks/stock", "", at, rng, send);
                Sent::get(client, "python-requests/2.31.0").to(
                    format!("/api/stock/{}", rng.random_range(100..999)),
                    "",
                    at + seconds(1.0),
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A partner's servers that post to a webhook and read stock by a library.", ko: "웹훅을 보내고 재고를 읽는 협력사 서버." }
    }
}

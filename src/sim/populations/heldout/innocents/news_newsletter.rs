//! A newsletter: the same article with campaign parameters within ten minutes, some by mail scanners.

use super::super::*;

pub(super) const NEWS_NEWSLETTER: Population = Population {
    name: "news-newsletter",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 152, members: 260, delay: 1200.0, spread: 700.0, turns: (1, 1), ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                if rng.random_ratio(1, 8) {
                    Asked::get(client, agent, "/2026/03/the-long-read/?utm_source=mail&utm_medium=letter")
                        .at(at, rng, send);
                } else {
                    Visitor::new(client, agent).open(
                        &NEWS,
                        "/2026/03/the-long-read/?utm_source=mail&utm_medium=letter",
                        at,
                        rng,
                        send,
                    );
                }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A newsletter: the same article with campaign parameters within ten minutes, some by mail scanners.", ko: "뉴스레터: 10분 안에 같은 기사로 몰리며 일부는 메일 검사기." }
    }
}

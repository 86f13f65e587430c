//! A rack of scrapers in two /24, agents rotating, a few articles each.

use super::super::*;

pub(super) const NEWS_SUBNET_SCRAPER: Population = Population {
    name: "news-subnet-scraper",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd {
            number: 107,
            members: 90,
            delay: 300.0,
            spread: 2400.0,
            turns: (3, 7),
            pause: 45.0,
            home: Home::Racks(45),
            ..CROWD
        };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let mut turn = rng.random_range(0..LATELY.len());
            Box::new(move |at, rng, send| {
                turn += 1;
                let page = NEWS.page(rng);
                Asked::get(client, LATELY[turn % LATELY.len()], &page).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "A rack of scrapers in two /24, agents rotating, a few articles each.", ko: "두 /24 대역의 스크레이퍼가 에이전트를 바꿔 가며 기사 몇 개씩 수집." }
    }
}

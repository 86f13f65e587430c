//! SQL injection against the search and product pages.

use super::super::*;

pub(super) const INJECTOR: Population = Population {
    name: "injector",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 11, members: 5, delay: 700.0, spread: 900.0, turns: (20, 60), pause: 4.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
        Box::new(move |at, rng, send| {
            let number = rng.random_range(1..9000);
            let uri = match rng.random_range(0..4) {
                0 => format!("/search?q={number}%27%20UNION%20ALL%20SELECT%20NULL,NULL--"),
                1 => format!("/search?q=1%20AND%20{number}={number}"),
                2 => format!("/product/x?id={number}%27%20OR%20%271%27=%271"),
                _ => format!("/search?q={number}"),
            };
            let status = if rng.random_bool(0.3) { 500 } else { 200 };
            Sent::get(client, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36").status(status).to(uri, "", at, rng, send);
        })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "SQL injection against the search and product pages.", ko: "검색과 상품 페이지에 SQL 주입." }
    }
}

//! Scrapers that call themselves Bingbot and GPTBot from elsewhere.

use super::super::*;

pub(super) const DOCS_FALSE_BOTS: Population = Population {
    name: "docs-false-bots",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 132, members: 12, spread: 2000.0, turns: (20, 60), pause: 20.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, &["Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"]);
            Box::new(move |at, rng, send| {
                let page = DOCS.page(rng); Asked::get(client, agent, &page).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Scrapers that call themselves Bingbot and GPTBot from elsewhere.", ko: "다른 곳에서 Bingbot·GPTBot을 사칭하는 스크레이퍼." }
    }
}

//! Crawlers that say who they are, some from the networks that their operators publish.

use super::super::*;

pub(super) const DOCS_CRAWLERS: Population = Population {
    name: "docs-crawlers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 172, members: 26, spread: 600.0, turns: (20, 80), pause: 30.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let (agent, home) = pick(rng, &[("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", "157.55.39."), ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "66.249.66."), ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", ""), ("Mozilla/5.0 (compatible; SeznamBot/4.0; +https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/)", ""), ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", ""), ("Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)", ""), ("CCBot/2.0 (https://commoncrawl.org/faq/)", "")]); let client = at_home(client, home);
            Box::new(move |at, rng, send| {
                let (page, status) = if rng.random_ratio(1, 12) { ("/en/1.0/gone.html".to_owned(), 404) } else { (DOCS.page(rng), 200) }; Asked::get(client, agent, &page).status(status).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Crawlers that say who they are, some from the networks that their operators publish.", ko: "신원을 밝히는 크롤러, 일부는 공개된 대역에서 옴." }
    }
}

//! Messengers and social networks that fetch a page for its preview.

use super::super::*;

pub(super) const NEWS_LINK_PREVIEWS: Population = Population {
    name: "news-link-previews",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 155, members: 80, delay: 1200.0, spread: 900.0, turns: (1, 2), pause: 30.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
                    "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
                    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                    "WhatsApp/2.24.6.77 A",
                    "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)",
                    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
                ],
            );
            Box::new(move |at, rng, send| {
                Asked::get(client, agent, "/2026/03/the-long-read/").at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Messengers and social networks that fetch a page for its preview.", ko: "미리보기를 만들려고 페이지를 가져가는 메신저와 소셜 네트워크." }
    }
}

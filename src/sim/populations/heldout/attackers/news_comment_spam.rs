//! Comments with links, one an address, the article named as referer.

use super::super::*;

pub(super) const NEWS_COMMENT_SPAM: Population = Population {
    name: "news-comment-spam",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 104, members: 70, spread: 3400.0, turns: (1, 1), ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let page = NEWS.page(rng);
                let status = if rng.random_bool(0.4) { 302 } else { 403 };
                Asked::post(client, agent, "/wp-comments-post.php")
                    .status(status)
                    .from(&format!("https://news.example{page}"))
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Comments with links, one an address, the article named as referer.", ko: "주소마다 링크 댓글 하나, 기사를 리퍼러로 씀." }
    }
}

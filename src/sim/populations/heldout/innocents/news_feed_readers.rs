//! Feed readers and podcast apps, declared and not.

use super::super::*;

pub(super) const NEWS_FEED_READERS: Population = Population {
    name: "news-feed-readers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 153, members: 140, spread: 1700.0, turns: (1, 3), pause: 900.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, &["Feedly/1.0 (+https://feedly.com/fetcher.html; like FeedFetcher-Google)", "NetNewsWire (RSS Reader; https://netnewswire.com/)", "Tiny Tiny RSS/24.03 (https://tt-rss.org/)", "Podcasts/1575.1.3 CFNetwork/1408 Darwin/22.5.0", "AppleCoreMedia/1.0.0.20G75 (iPhone; U; CPU OS 16_6 like Mac OS X; en_us)", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0", "UniversalFeedParser/5.2.1 +https://code.google.com/p/feedparser/", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15"]);
            Box::new(move |at, rng, send| {
                let path = pick(rng, &["/feed/", "/feed/", "/feed/podcast/", "/comments/feed/"]); Asked::get(client, agent, path).status(if rng.random_bool(0.5) { 304 } else { 200 }).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Feed readers and podcast apps, declared and not.", ko: "신원을 밝히거나 밝히지 않는 피드 구독기와 팟캐스트 앱." }
    }
}

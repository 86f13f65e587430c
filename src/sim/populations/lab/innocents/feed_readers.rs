//! Feed readers, each every half hour.

use super::super::*;

pub(super) const FEED_READERS: Population = Population {
    name: "feed-readers",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 43, members: 60, delay: 0.0, spread: 1800.0, turns: (2, 2), pause: 1800.0, regular: true };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "Feedly/1.0 (+http://www.feedly.com/fetcher.html)",
                    "Inoreader/1.0",
                    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
                    "FreshRSS/1.24 (Linux; https://freshrss.org)",
                ],
            );
            Box::new(move |at, rng, send| {
                let status = if rng.random_bool(0.6) { 304 } else { 200 };
                Sent::get(client, agent).status(status).to("/feed.xml", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Feed readers, each every half hour.", ko: "30분마다 피드를 읽는 구독기." }
    }
}

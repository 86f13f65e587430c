//! The app on thousands of phones: the same few calls, no page, no asset.

use super::super::*;

pub(super) const API_APP_FLEET: Population = Population {
    name: "api-app-fleet",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 181, members: 700, spread: 3200.0, turns: (2, 12), pause: 80.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "NewsApp/8.4 (Android 14; okhttp/4.12.0)",
                    "okhttp/4.12.0",
                    "NewsApp/841 CFNetwork/1494.0.7 Darwin/23.4.0",
                    "Dart/3.4 (dart:io)",
                ],
            );
            Box::new(move |at, rng, send| match rng.random_range(0..6) {
                0 => Asked::post(client, agent, "/v3/auth/token")
                    .status(if rng.random_ratio(1, 12) { 401 } else { 200 })
                    .at(at, rng, send),
                1 => Asked::post(client, agent, "/v3/devices").status(201).at(at, rng, send),
                2 => {
                    let article = rng.random_range(1..4000);
                    Asked::get(client, agent, &format!("/v3/articles/{article}")).at(at, rng, send);
                }
                _ => {
                    let page = rng.random_range(1..5);
                    Asked::get(client, agent, &format!("/v3/feed?page={page}")).at(at, rng, send);
                }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "The app on thousands of phones: the same few calls, no page, no asset.", ko: "수많은 휴대폰의 앱: 같은 호출 몇 개, 페이지와 부속 파일 없음." }
    }
}

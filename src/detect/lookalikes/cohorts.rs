//! What many do alike.

use super::*;

cases! {
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

    those_a_false_referer_sends_and_the_visitors_of_a_smaller_site_in_the_same_log: "cohort:referer" at ASK,
        |attack| for number in 0..50 {
            let agent = browser(number);
            for step in 0..3_u32 {
                let page = PAGES[usize::try_from((number + step) % 8).unwrap()];
                let at = At::new(attacker(number), &agent, moment(number) / 2.0 + f64::from(step * (20 + number)));
                attack.ask(at, ("GET", page, 200), "https://free-gifts.example/");
            }
        },
        |alike| for number in 0..50 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number) / 2.0);
            // Its scripts and pictures are in their caches.
            let mut from = String::new();
            for step in 0..5_u32 {
                let page = format!("/wiki/page-{}", (number * 7 + step * 3) % 40);
                alike.ask(at.later(f64::from(step * (20 + number % 30))), ("GET", &page, 200), &from);
                from = format!("https://wiki.other-site.example{page}");
            }
        };
}

//! What many do once more, by the clock, in haste or in the name of others.

use super::*;

cases! {
    those_who_fetch_the_same_files_past_every_cache_and_those_who_lost_their_copy: "cohort:again" at ASK,
        |attack| for number in 0..40_u32 {
            let agent = browser(number);
            for step in 0..(2 + number % 3) {
                let target = format!("/files/{}.zip?t={}", ["press", "catalogue"][(number % 2) as usize], number * 977 + step);
                attack.get(At::new(attacker(number), &agent, moment(number) / 2.0 + f64::from(step * (90 + number))), &target);
            }
        },
        |alike| for number in 0..60_u32 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            // One in twenty asks for the same file a second time; the others take one or two.
            for (step, file) in (0..).zip([number % 2, if number % 20 == 0 { number % 2 } else { 1 - number % 2 }]) {
                let file = format!("/files/{}.zip", ["press", "catalogue"][file as usize]);
                alike.ask(at.later(f64::from(step) * 40.0), ("GET", &file, 200), &format!("{SITE}/help"));
            }
        };

    clicks_that_are_paid_for_and_visitors_of_the_same_publishers: "cohort:again" at ASK,
        |attack| for number in 0..60_u32 {
            let from = format!("https://quiz-{}.example/", number % 4);
            for step in 0..(3 + number % 3) {
                let agent = browser(number + step);
                let at = At::new(attacker(number), &agent, moment(number) / 3.0 + f64::from(step * (70 + number)));
                attack.ask(at, ("GET", "/out?campaign=27&publisher=9", 302), &from);
            }
        },
        |alike| for number in 0..60_u32 {
            let (agent, from) = (browser(number), format!("https://quiz-{}.example/", number % 4));
            let at = At::new(innocent(number), &agent, moment(number) / 2.0);
            // One in fifteen comes back for what he saw.
            for step in 0..=u32::from(number % 15 == 0) {
                let at = at.later(f64::from(step) * 200.0);
                alike.ask(at, ("GET", "/out?campaign=27&publisher=9", 302), &from);
                alike.visit(at.later(0.4), "/product/7", &from);
            }
        };

    those_who_look_at_the_same_prices_by_the_clock_and_a_page_that_shows_several: "cohort:rounds" at ASK,
        |attack| for number in 0..24_u32 {
            let agent = browser(number);
            for (round, item) in (0..6_u32).flat_map(|round| (0..3).map(move |item| (round, item))) {
                let target = format!("/product/{}", (number * 13 + item * 29) % 120);
                let second = f64::from(number * 5 + round * 140 + item * 6 + (number + round * item) % 3);
                attack.get(At::new(attacker(number), &agent, second), &target);
            }
        },
        |alike| for number in 0..24_u32 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, f64::from(number * 4));
            // Some opened the page before the log begins.
            if number % 4 > 0 {
                alike.visit(at, "/events", "");
            }
            for (round, item) in (0..7_u32).flat_map(|round| (0..3_u32).map(move |item| (round, item))) {
                let at = at.later(1.0 + f64::from(round * 120));
                alike.ask(at, ("GET", &format!("/api/v1/seats/{}", 40 + item), 200), &format!("{SITE}/events"));
            }
        };

    one_tenants_machines_and_a_carriers_customers_who_watch_the_same: "cohort:around" at ASK,
        |attack| for number in 0..70_u32 {
            let agent = browser(number);
            let who = Ipv4Addr::new(241, 77, 16 + u8::try_from(number % 16).unwrap(), u8::try_from(number + 3).unwrap());
            for step in 0..6_u32 {
                let target = format!("/api/v1/shows/{}/seats?round={}", number % 5, (number + step) % 3);
                let at = At::new(who.into(), &agent, moment(number) / 6.0 + f64::from(step * (90 + number * step % 47)));
                // What a script keeps and asks about makes no person of it.
                let status = if (number + step) % 4 == 0 { 304 } else { 200 };
                attack.ask(at, ("GET", &target, status), &format!("{SITE}/shows/{}", number % 5));
            }
        },
        |alike| for number in 0..70_u32 {
            let agent = browser(number);
            let who = Ipv4Addr::new(198, 19, 16 + u8::try_from(number % 16).unwrap(), u8::try_from(number + 3).unwrap());
            let at = At::new(who.into(), &agent, moment(number) / 6.0);
            if number % 5 > 0 {
                alike.visit(at, "/shows/3", "");
            }
            for step in 0..6_u32 {
                let target = format!("/api/v1/shows/3/seats?round={}", (number + step) % 3);
                alike.ask(at.later(f64::from(step * (90 + number * step % 47))), ("GET", &target, 200), &format!("{SITE}/shows/3"));
            }
        };

    an_apps_name_without_its_habits_and_its_users: "cohort:bare" at ASK,
        |attack| for number in 0..40_u32 {
            let agent = format!("TicketApp/4.{} (kr.tickets.app; Android 14; Pixel 8) okhttp/4.12.0", number % 3);
            for step in 0..(6 + number % 5) {
                let at = At::new(attacker(number), &agent, moment(number) / 3.0 + f64::from(step * (31 + number)));
                let status = if (number + step) % 9 == 0 { 429 } else { 200 };
                attack.ask(at, ("GET", &format!("/api/app/items/{}", number * 11 + step), status), "");
            }
        },
        |alike| for number in 0..80_u32 {
            let agent = format!("TicketApp/4.{} (kr.tickets.app; Android 14; SM-S921N) okhttp/4.12.0", number % 3);
            let at = At::new(innocent(number), &agent, moment(number));
            alike.get(at, "/api/app/boot");
            alike.get(at.later(0.3), "/api/app/home");
            for step in 0..6_u32 {
                alike.get(at.later(f64::from(5 + step * 12)), &format!("/api/app/items/{}", number * 3 + step));
            }
            // Some only look, with all pictures on the device.
            if number % 8 > 0 {
                alike.get(at.later(0.8), "/images/p007.webp");
                alike.ask(at.later(2.0), ("POST", "/api/app/events", 204), "");
            }
        };

    reviews_by_the_dozen_and_people_who_write_one: "cohort:hasty" at ASK,
        |attack| for number in 0..60_u32 {
            let agent = browser(number);
            let at = At::new(attacker(number), &agent, moment(number));
            let page = format!("/product/{}", number % 9);
            attack.visit(at, &page, SITE);
            attack.ask(at.later(3.0 + f64::from(number % 4)), ("POST", &format!("{page}/review"), 201), &format!("{SITE}{page}"));
        },
        |alike| for number in 0..60_u32 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            let page = format!("/product/{}", number % 9);
            alike.visit(at, &page, SITE);
            alike.ask(at.later(25.0 + f64::from(number * 7 % 90)), ("POST", &format!("{page}/review"), 201), &format!("{SITE}{page}"));
        };

    seats_held_by_the_clock_and_people_who_take_their_time: "cohort:timed" at ASK,
        |attack| for number in 0..30_u32 {
            let agent = browser(number);
            for step in 0..7_u32 {
                let at = At::new(attacker(number), &agent, f64::from(number * 2 + step * 122 + (number + step) % 4));
                attack.ask(at, ("GET", &format!("/api/v1/shows/{}/seats", number % 5), 200), &format!("{SITE}/shows"));
                attack.ask(at.later(1.0), ("POST", &format!("/api/v1/shows/{}/hold", number % 5), 201), &format!("{SITE}/shows"));
            }
        },
        |alike| for number in 0..30_u32 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number) / 2.0);
            alike.visit(at, "/shows", SITE);
            for step in 0..3_u32 {
                let at = at.later(20.0 + f64::from(step * (40 + number * 13 % 90 * step)));
                alike.ask(at, ("GET", &format!("/api/v1/shows/{}/seats", number % 5), 200), &format!("{SITE}/shows"));
                alike.ask(at.later(8.0), ("POST", &format!("/api/v1/shows/{}/hold", number % 5), 201), &format!("{SITE}/shows"));
            }
        };

    pages_asked_for_that_never_were_and_those_who_follow_old_links: "cohort:vain" at ASK,
        |attack| for number in 0..60_u32 {
            let agent = browser(number);
            for step in 0..5_u32 {
                let target = format!("/{}{}", "abcdefgh".chars().nth((number % 8) as usize).unwrap(), "qwkz".repeat((2 + step) as usize));
                let at = At::new(attacker(number), &agent, moment(number) / 2.0 + f64::from(step * (25 + number)));
                attack.ask(at, ("GET", &format!("{target}-{number}"), 404), &format!("{SITE}/"));
            }
        },
        |alike| for number in 0..40_u32 {
            let agent = browser(number);
            let at = At::new(innocent(number), &agent, moment(number));
            if number % 4 > 0 {
                alike.stroll(at, number, &["/", "/help"]);
            }
            // Of a site's old pages, as others still link to them.
            for step in 0..3_u32 {
                let from = format!("https://forum-{}.example/thread/9", number % 5);
                alike.ask(at.later(f64::from(step * 15)), ("GET", &format!("/old/{number}-{step}.html"), 404), &from);
            }
        };

    one_account_after_the_other_and_offices_and_families: "cohort:signed-in" at ASK,
        |attack| for number in 0..60_u32 {
            for step in 0..3_u32 {
                let agent = browser(number + step * 5);
                let at = At::new(attacker(number), &agent, moment(number) / 3.0 + f64::from(step * (100 + number)));
                attack.ask(at, ("POST", "/login", 302), &format!("{SITE}/login"));
                attack.ask(at.later(1.0), ("GET", "/events/attend", 200), "");
                attack.ask(at.later(3.0), ("GET", "/logout", 302), &format!("{SITE}/events/attend"));
            }
        },
        |alike| for number in 0..40_u32 {
            for step in 0..3_u32 {
                let agent = browser(number + step * 5);
                let at = At::new(innocent(number), &agent, moment(number) / 3.0 + f64::from(step * (60 + number)));
                alike.stroll(at, number, &["/", "/login"]);
                alike.ask(at.later(70.0), ("POST", "/login", 302), &format!("{SITE}/login"));
                alike.visit(at.later(71.0), "/cart", &format!("{SITE}/login"));
            }
        };

    an_apps_sign_in_tried_with_others_passwords_and_users_who_mistype: "cohort:" at ASK,
        |attack| for number in 0..70_u32 {
            let agent = format!("TicketApp/4.{} (kr.tickets.app; Android 14; Pixel 8) okhttp/4.12.0", number % 3);
            for step in 0..(1 + number % 3) {
                let at = At::new(attacker(number), &agent, moment(number) / 2.0 + f64::from(step * (45 + number)));
                attack.get(at, "/api/app/boot");
                attack.ask(at.later(0.5), ("POST", "/api/app/token", 400), "");
            }
        },
        |alike| for number in 0..70_u32 {
            let agent = format!("TicketApp/4.{} (kr.tickets.app; Android 14; SM-S921N) okhttp/4.12.0", number % 3);
            let at = At::new(innocent(number), &agent, moment(number) / 2.0);
            alike.get(at, "/api/app/boot");
            // One in six mistypes, once or twice.
            for step in 0..(if number % 6 == 0 { 1 + number % 4 / 2 } else { 0 }) {
                alike.ask(at.later(6.0 + f64::from(step * 14)), ("POST", "/api/app/token", 400), "");
            }
            alike.ask(at.later(50.0), ("POST", "/api/app/token", 200), "");
            for step in 0..5_u32 {
                alike.get(at.later(52.0 + f64::from(step * 9)), &format!("/api/app/items/{}", number * 3 + step));
            }
        };

    a_search_that_many_script_and_an_extension_that_many_have: "cohort:" at ASK,
        |attack| for number in 0..60_u32 {
            let agent = browser(number);
            for step in 0..6_u32 {
                let at = At::new(attacker(number), &agent, 200.0 + moment(number) / 3.0 + f64::from(step * (25 + number)));
                attack.ask(at, ("GET", &format!("/search?q={}", number * 7 + step), 200), &format!("{SITE}/"));
            }
        },
        |alike| for number in 0..60_u32 {
            let agent = browser(number);
            for step in 0..6_u32 {
                let at = At::new(innocent(number), &agent, moment(number) / 2.0 + f64::from(step * (25 + number)));
                let from = ["chrome-extension://abcdefghijklmnop", "https://other-shop.example/p/7"][(step % 2) as usize];
                alike.ask(at, ("GET", &format!("/api/v1/price?q={}", number * 7 + step), 200), from);
            }
        };
}

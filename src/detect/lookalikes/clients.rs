//! What one client does.

use super::*;

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

    a_scraper_with_a_library_and_a_package_manager_that_installs: "burst:minute" at ASK,
        |attack| for number in 0..400_u32 {
            let at = At::new(attacker(10), "python-requests/2.32", f64::from(number) / 8.0);
            attack.get(at, &format!("/product/{number}"));
        },
        |alike| for number in 0..400_u32 {
            let at = At::new(innocent(10), "npm/11.6.4 node/v24.11.1 linux x64 workspaces/false", f64::from(number) / 8.0);
            let status = if number % 9 == 0 { 404 } else { 200 };
            alike.ask(at, ("GET", &format!("/packages/lib-{number}/-/lib-{number}.tgz"), status), "");
            if number % 50 == 0 {
                alike.ask(at, ("POST", "/packages/-/audit", 200), "");
            }
        };
}

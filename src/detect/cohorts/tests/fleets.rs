//! Fleets that pass one account, number, slot or code each, beside people who come to the same pages.

use super::*;

#[test]
fn another_agent_at_every_step_is_one_fleets_and_an_office_is_many_people() {
    let mut scene = Scene::with_people();
    for number in 0..24 {
        for turn in 0..4_u32 {
            let (at, page) = (scene.between(300.0, 2_000.0), scene.rng.random_range(1..400));
            let agent =
                format!("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", 90 + number + turn);
            scene.send(address(1, number), at, &format!("/product/{page}"), "", &agent);
        }
    }
    // Offices and mobile carriers: several browsers an address, each with what its pages need.
    for number in 0..12 {
        for agent in AGENTS {
            let (at, page) = (scene.between(300.0, 2_000.0), scene.rng.random_range(1..400));
            scene.visit(address(2, number), at, &format!("/product/{page}"), &format!("{SITE}/"), agent);
        }
    }
    // One link, opened by those who share an address and had everything in their caches.
    for number in 0..8 {
        for agent in &AGENTS[..3] {
            let at = scene.between(300.0, 2_000.0);
            scene.send(address(3, number), at, "/product/7", "https://chat.example/", agent);
        }
    }
    let traffic = scene.traffic();
    let scorer = Scorer::new(&traffic);
    for (address, client) in &traffic.clients {
        let IpAddr::V4(v4) = address else { continue };
        let score = scorer.score(*address, client);
        let (rotates, is_fleet) = (!is_without(&score, "cohort:rotating"), v4.octets()[0] == 61);
        assert_eq!((rotates, score.probability >= 0.5), (is_fleet, is_fleet), "{address} {score:?}");
    }
}

#[test]
fn numbers_in_turn_are_a_lists_where_no_link_leads_on() {
    let walk = |scene: &mut Scene, by_link: bool| {
        for number in 0..24 {
            let (mut at, mut referer) = (scene.between(300.0, 900.0), String::new());
            for page in 0..7 {
                let page = format!("/staff/{}", 1000 + number * 10 + page);
                scene.visit(address(1, number), at, &page, &referer, AGENTS[number as usize % 4]);
                // What the page loads by itself is no step.
                let (seen, agent) = (format!("{SITE}{page}"), AGENTS[number as usize % 4]);
                scene.send(address(1, number), at + 0.3, &format!("/api/v1/office{page}/hours"), &seen, agent);
                at += 10_f64.powf(scene.between(0.6, 2.2));
                referer = if by_link { format!("{SITE}{page}") } else { String::new() };
            }
        }
    };
    let mut scene = Scene::with_people();
    walk(&mut scene, false);
    let scores = scene.scores(1);
    assert!(scores.iter().all(|score| !is_without(score, "cohort:in-turn") && score.probability >= 0.5));

    let mut scene = Scene::with_people();
    walk(&mut scene, true);
    assert!(scene.flagged(1) < 0.01, "by the link to the next one");
}

#[test]
fn a_slot_that_is_held_by_the_clock_is_a_programs_and_an_open_page_is_not() {
    let hold = |scene: &mut Scene, form: &str, period: f64| {
        for number in 0..20 {
            let (mut at, agent) = (scene.between(300.0, 600.0), AGENTS[number as usize % 4]);
            scene.visit(address(1, number), at - 40.0, "/booking", &format!("{SITE}/"), agent);
            while at < 3_500.0 {
                let jitter = scene.between(-1.0, 1.0);
                scene.post(address(1, number), at, 200, form, "/booking", agent);
                at += period + jitter;
            }
        }
    };
    let mut scene = Scene::with_people();
    hold(&mut scene, "/booking/slots/4711/hold", 300.0);
    let scores = scene.scores(1);
    assert!(scores.iter().all(|score| !is_without(score, "cohort:timed") && score.probability >= 0.5), "{scores:?}");

    for (form, period) in [("/booking/keep-alive", 300.0), ("/booking/queue/4711", 20.0), ("/api/log/4711", 300.0)] {
        let mut scene = Scene::with_people();
        hold(&mut scene, form, period);
        assert!(scene.flagged(1) < 0.01, "{form}");
    }
}

#[test]
fn codes_that_are_tried_are_one_thing_and_a_mistyped_one_is_not() {
    let try_codes = |scene: &mut Scene, number: u32, codes: u32, agent: &str| {
        let mut at = scene.between(300.0, 900.0);
        for _ in 0..codes {
            let code: String = (0..8).map(|_| char::from(scene.rng.random_range(b'A'..=b'Z'))).collect();
            scene.post(address(1, number), at, 404, &format!("/api/coupon/redeem/{code}"), "/cart", agent);
            at += scene.between(30.0, 200.0);
        }
    };
    let mut scene = Scene::with_people();
    (0..20).for_each(|number| try_codes(&mut scene, number, 8, "ShopApp/3.2 okhttp/4.9"));
    assert!(scene.flagged(1) > 0.9);

    let mut scene = Scene::with_people();
    for number in 0..12 {
        let at = scene.between(100.0, 250.0);
        scene.visit(address(1, number), at, "/cart", &format!("{SITE}/"), PHONE);
        try_codes(&mut scene, number, 2, PHONE);
    }
    assert!(scene.flagged(1) < 0.01);
}

#[test]
fn a_form_that_is_shown_again_refuses_where_it_leads_on_otherwise() {
    let sign_in = |scene: &mut Scene, group: u8, number: u32, tries: &[u16], is_bare: bool| {
        let (mut at, agent) = (scene.between(300.0, 900.0), AGENTS[number as usize % 4]);
        if !is_bare {
            scene.visit(address(group, number), at - 30.0, "/login", &format!("{SITE}/"), agent);
        }
        for status in tries {
            scene.post(address(group, number), at, *status, "/login", "/login", agent);
            at += scene.between(8.0, 200.0);
        }
    };
    let mut scene = Scene::with_people();
    for number in 0..20 {
        sign_in(&mut scene, 2, number, if number < 8 { &[200, 200, 302] } else { &[302] }, false);
        sign_in(&mut scene, 1, number, &[200; 6], true);
    }
    let traffic = scene.traffic();
    let scorer = Scorer::new(&traffic);
    for (address, client) in &traffic.clients {
        let IpAddr::V4(v4) = address else { continue };
        let score = scorer.score(*address, client);
        assert_eq!(score.probability >= 0.5, v4.octets()[0] == 61, "{address} {score:?}");
    }
}

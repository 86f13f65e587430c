//! What an unattended run does on scores alone: nothing unless the settings say so, and then never past the policy.

use std::fmt::Write as _;
use std::path::Path;

use gatewatch::sim::write::{self, Format};
use gatewatch::sim::{Plan, Traffic};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Ran, Site, banned};
use crate::support::crowdsec::Server;
use crate::support::shop;

/// So many members: enough that a range with nobody else in it passes the share of innocents.
const MEMBERS: u8 = 20;

fn member(number: u8) -> String {
    format!("203.0.113.{}", 32 + number)
}

/// A quarter of an hour of the shop without attackers, and beside them a fleet from one corner of a prefix: each member
/// looks for a forgotten file and tries a dozen passwords, slowly.
fn record(path: &Path) {
    let start = shop::end() - SignedDuration::from_mins(15);
    let plan = Plan::new(7, start).until(shop::end()).innocent();
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    for request in Traffic::new(&plan) {
        let mut line = Vec::new();
        write::line(&mut line, Format::Combined, &request).unwrap();
        lines.push((request.at, String::from_utf8(line).unwrap()));
    }
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    for number in 0..MEMBERS {
        for step in 0..13_i64 {
            let at = start + SignedDuration::from_secs(120 + i64::from(number) * 7 + step * 50);
            let time = at.strftime("%d/%b/%Y:%H:%M:%S +0000");
            let request = if step == 0 { "GET /.env" } else { "POST /login" };
            let status = if step == 0 { 404 } else { 401 };
            let mut line = String::new();
            writeln!(line, "{} - - [{time}] \"{request} HTTP/1.1\" {status} 153 \"-\" \"{agent}\"", member(number))
                .unwrap();
            lines.push((at, line));
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    std::fs::write(path, lines.into_iter().map(|(_, line)| line).collect::<String>()).unwrap();
}

fn site(lapi: &str) -> Site {
    let site = Site::new("http://127.0.0.1:1", lapi);
    record(&site.log);
    site
}

fn cases(ran: &Ran) -> &Vec<Value> {
    ran.report["cases"].as_array().unwrap_or_else(|| panic!("{ran:?}"))
}

/// The members' fates.
fn fates(ran: &Ran) -> Vec<&str> {
    (0..MEMBERS).map(|number| ran.fate(&member(number))).collect()
}

const TRUST: &[&str] = &["--judge", "ollama", "--set", "policy.trust_score=true"];

#[tokio::test(flavor = "multi_thread")]
async fn a_score_alone_bans_nobody_unless_the_settings_say_so() {
    let Some(server) = Server::start() else { return };
    let site = site(&server.url());
    let ran = site.run(&["--judge", "ollama"]).await;
    assert_eq!(ran.code, Some(3), "the model is down: {ran:?}");
    let sure = cases(&ran).iter().filter(|case| case["score"]["action"] == "act").count();
    assert_eq!(sure, usize::from(MEMBERS), "{ran:?}");
    assert_eq!(banned(&server), Vec::<String>::new());
    // The surest come first.
    let scores: Vec<f64> = cases(&ran).iter().filter_map(|case| case["score"]["probability"].as_f64()).collect();
    assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    assert_eq!(ran.report["cohorts"][0]["members"].as_array().map(Vec::len), Some(usize::from(MEMBERS)), "{ran:?}");

    // Where they say so, the range that covers the fleet goes as one, and its members with it.
    let ran = site.run(TRUST).await;
    assert_eq!(banned(&server), ["203.0.113.32/27"], "{ran:?}");
    assert!(fates(&ran).iter().all(|fate| *fate == "covered"), "{ran:?}");
    assert_eq!(cases(&ran)[0]["fate"]["decisions"][0]["scenario"], "gatewatch/cohort", "{ran:?}");
    assert_eq!(cases(&ran)[0]["fate"]["plan"]["events"].as_array().map(Vec::len), Some(10));
    let again = site.run(TRUST).await;
    assert_eq!(banned(&server), ["203.0.113.32/27"], "{again:?}");
    assert!(fates(&again).iter().all(|fate| *fate == "in_force"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_with_too_many_innocents_is_spared_and_the_cap_holds_for_its_members() {
    let Some(server) = Server::start() else { return };
    let site = site(&server.url());
    let careful = [TRUST, &["--set", "policy.max_innocent_share=0.01", "--set", "max_candidates=6"]].concat();
    let ran = site.run(&careful).await;
    let range =
        cases(&ran).iter().find(|case| case["target"] == "203.0.113.32/27").unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(range["fate"]["refusals"][0]["rule"], "innocents", "{range}");
    assert_eq!(banned(&server).len(), 6, "{ran:?}");
    let spared: Vec<&Value> = cases(&ran).iter().filter(|case| case["fate"]["refusals"][0]["rule"] == "cap").collect();
    assert_eq!(spared.len(), usize::from(MEMBERS) - 6, "{ran:?}");
    // The rest has its turn in the next cycles; the circuit breaker ends it where too many would be hit.
    site.run(&careful).await;
    assert_eq!(banned(&server).len(), 12);
    let ran = site.run(&[&careful[..], &["--set", "policy.max_client_share=0.0"]].concat()).await;
    assert_eq!(banned(&server).len(), 13, "one client may always be hit: {ran:?}");
    assert!(cases(&ran).iter().any(|case| case["fate"]["refusals"][0]["rule"] == "circuit_breaker"), "{ran:?}");
}

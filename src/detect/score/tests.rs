//! The score as a whole: it never falls with more evidence, and what is merely read about is no attack.

use super::*;
use proptest::prelude::*;

fn part() -> impl Strategy<Value = Part> {
    (0..7_usize, 0.0..9.0_f64).prop_map(|(kind, weight)| Part {
        kind: [Kind::Rule, Kind::Probing, Kind::Login, Kind::Burst, Kind::Harvest, Kind::Cohort, Kind::Identity][kind],
        detector: format!("rule:{kind}"),
        weight,
        value: 1.0,
    })
}

#[test]
fn five_refused_ssh_sign_ins_in_a_minute_are_guessing_and_a_forgetful_admin_is_not() {
    let score = |statuses: &[u16], gap_ms: i64| {
        let mut traffic = Traffic::new(crate::detect::rules::RuleSet::shipped());
        for (number, status) in (0..).zip(statuses) {
            traffic.add(&crate::detect::traffic::Hit {
                at_ms: number * gap_ms,
                client: "203.0.113.9".parse().unwrap(),
                request: crate::detect::rules::Request {
                    method: crate::detect::reader::SSH,
                    target: "/ssh/login",
                    protocol: "",
                    status: *status,
                    agent: "",
                    referer: "",
                },
                bytes: 0,
                duration_ms: 0,
            });
        }
        traffic.finish();
        let (address, client) = traffic.clients.iter().next().unwrap();
        Scorer::new(&traffic).score(*address, client).probability
    };
    assert!(score(&[401; 5], 9_000) > 0.5);
    assert!(score(&[401; 25], 110_000) > 0.5, "slowly, over an hour");
    assert!(score(&[401, 401, 401, 200], 9_000) < 0.2);
    assert!(score(&[401; 4], 9_000) < 0.2);
}

proptest! {
    #[test]
    fn more_evidence_never_lowers_a_score_nor_what_it_leads_to(
        parts in prop::collection::vec(part(), 0..8),
        more in part(),
        conclusive: bool,
    ) {
        let thresholds = crate::detect::replay::Thresholds::default();
        let less = Score::of(parts.clone(), conclusive);
        let more = Score::of(parts.into_iter().chain([more]).collect(), conclusive);
        prop_assert!(more.probability >= less.probability);
        prop_assert!(thresholds.action(&more) >= thresholds.action(&less));
        prop_assert!(Score::of(more.parts.clone(), true).is_corroborated());
    }

    #[test]
    fn a_client_that_goes_on_misbehaving_never_looks_better(probes in 1..40_usize, further in 1..40_usize) {
        let probability = |count: usize| {
            let mut traffic = Traffic::new(crate::detect::rules::RuleSet::shipped());
            for number in 0..count {
                let target = format!("/backup-{number}/x.php");
                traffic.add(&crate::detect::traffic::Hit {
                    at_ms: i64::try_from(number).unwrap() * 700,
                    client: "203.0.113.9".parse().unwrap(),
                    request: crate::detect::rules::Request {
                        method: "GET", target: &target, protocol: "HTTP/1.1", status: 404, agent: "Mozilla/5.0 (X11)", referer: "",
                    },
                    bytes: 100,
                    duration_ms: 1,
                });
            }
            traffic.finish();
            let (address, client) = traffic.clients.iter().next().unwrap();
            Scorer::new(&traffic).score(*address, client).probability
        };
        prop_assert!(probability(probes + further) >= probability(probes));
    }
}

#[test]
fn who_reads_about_an_attack_is_no_attacker_and_who_tries_it_is() {
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    let score = |targets: &[&str], loads: bool| {
        let mut traffic = Traffic::new(crate::detect::rules::RuleSet::shipped());
        let mut at_ms = 1_772_442_000_000;
        for page in targets {
            let assets: &[&str] = if loads { &["/static/app.js", "/static/main.css"] } else { &[] };
            for target in [*page].iter().chain(assets) {
                at_ms += 400;
                traffic.add(&crate::detect::traffic::Hit {
                    at_ms,
                    client: "203.0.113.9".parse().unwrap(),
                    request: crate::detect::rules::Request {
                        method: "GET",
                        target,
                        protocol: "HTTP/1.1",
                        status: 200,
                        agent: CHROME,
                        referer: if loads { "https://docs.example/search" } else { "" },
                    },
                    bytes: 900,
                    duration_ms: 1,
                });
            }
            at_ms += 20_000;
        }
        traffic.finish();
        let (address, client) = traffic.clients.iter().next().unwrap();
        Scorer::new(&traffic).score(*address, client)
    };
    for read in [
        "/docs/etc/passwd-format",
        "/tutorial/document.cookie-explained",
        "/search?q=%3Cscript%3E+tag+defer",
        "/search?q=how+to+read+/etc/passwd",
        "/search?q=${jndi:ldap}+log4shell",
        "/search?q=information_schema+tables",
    ] {
        let reader = score(&["/docs/", read], true);
        assert!(reader.probability < 0.2 && !reader.conclusive, "{read} {reader:?}");
    }
    // A search for nothing but an attack is worth a look, and no proof.
    let bare = score(&["/docs/", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"], true);
    assert!((0.5..0.9).contains(&bare.probability) && !bare.conclusive, "{bare:?}");
    // Nobody reads in a parameter that no search fills in, or behind one in the same request.
    for tried in ["/?f=../../../etc/passwd", "/list?q=shoes&sort=price,(select+sleep(4))", "/?id=1'+or+'1'='1"] {
        let tried = score(&["/docs/", tried], true);
        assert!(tried.conclusive && tried.probability > 0.9, "{tried:?}");
    }
    let attacks = ["/?id=1'+or+'1'='1", "/?id=1'+or+'1'='2", "/?id=1+union+select+1,2,3--", "/?f=../../../etc/passwd"];
    assert!(score(&attacks, true).conclusive, "again and again, with a real browser");
    assert!(score(&attacks[..1], false).conclusive, "once, with nothing around it");
}

#[test]
fn what_is_much_is_the_sites_own_affair() {
    use crate::detect::limits::Limits;
    use crate::detect::rules::RuleSet;
    let weighs = |limits: Limits, detector: &str, target: &str, requests: i64| {
        let rules = RuleSet::with_user_files(&[]).unwrap().with_limits(limits);
        let mut traffic = Traffic::new(&rules);
        for number in 0..requests {
            traffic.add(&crate::detect::traffic::Hit {
                at_ms: 1_772_442_000_000 + number * 1_000,
                client: "203.0.113.9".parse().unwrap(),
                request: crate::detect::rules::Request {
                    method: "GET",
                    target,
                    protocol: "HTTP/1.1",
                    status: 200,
                    agent: "Mozilla/5.0 (X11)",
                    referer: "",
                },
                bytes: 100,
                duration_ms: 1,
            });
        }
        traffic.finish();
        let (address, client) = traffic.clients.iter().next().unwrap();
        Scorer::new(&traffic).score(*address, client).parts.iter().any(|part| part.detector == detector)
    };
    let limits = Limits::default;
    assert!(
        !weighs(limits(), "burst:minute", "/a", 50)
            && weighs(Limits { burst: 50, ..limits() }, "burst:minute", "/a", 50)
    );
    assert!(!weighs(limits(), "sensitive:requests", "/api/quote", 40));
    let listed = Limits { sensitive_paths: vec!["/api/quote".to_owned()], ..limits() };
    assert!(weighs(listed.clone(), "sensitive:requests", "/API/quote?of=7", 40));
    assert!(!weighs(Limits { sensitive: 60, ..listed }, "sensitive:requests", "/api/quote", 40));
}

#[test]
fn a_file_under_ever_new_query_strings_is_one_file_and_many_files_are_many() {
    let fetched_again = |target: fn(i64) -> String| {
        let mut traffic = Traffic::new(crate::detect::rules::RuleSet::shipped());
        for number in 0..9 {
            traffic.add(&crate::detect::traffic::Hit {
                at_ms: 1_772_442_000_000 + number * 140_000,
                client: "203.0.113.9".parse().unwrap(),
                request: crate::detect::rules::Request {
                    method: "GET",
                    target: &target(number),
                    protocol: "HTTP/1.1",
                    status: 200,
                    agent: "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                    referer: "",
                },
                bytes: 48_231_120,
                duration_ms: 9_000,
            });
        }
        traffic.finish();
        let (address, client) = traffic.clients.iter().next().unwrap();
        Scorer::new(&traffic).score(*address, client).parts.iter().any(|part| part.detector == "repeat:download")
    };
    assert!(fetched_again(|number| format!("/files/brochure.pdf?r={number}f3a")));
    assert!(
        !fetched_again(|number| format!("/files/chapter-{number}.pdf?token=ab{number}")),
        "a book, chapter by chapter"
    );
}

//! One cycle: who is banned, who is not, and what is said where a part is down.

use crate::support::crowdsec::Server;
use crate::support::ollama::{Chat, Ollama, says, verdict};
use crate::support::shop::{FLOOD, GUESSER, SCANNER, client_of, judges};

use super::{Site, banned};

#[tokio::test(flavor = "multi_thread")]
async fn exactly_those_judged_yes_are_banned_and_nobody_twice() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, &server.url());
    let ran = site.run(&[]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
    assert_eq!((ran.fate(SCANNER), ran.fate(GUESSER), ran.fate(FLOOD)), ("enforced", "enforced", "spared"));

    let report = &ran.report;
    let cases = report["cases"].as_array().unwrap();
    let innocent = |case: &&serde_json::Value| case["fate"]["fate"] == "spared" && case["verdict"]["opinion"] == "no";
    assert_eq!(cases.iter().filter(innocent).count(), cases.len() - 2, "{report}");
    assert_eq!((&report["live"], &report["stopped"]), (&true.into(), &false.into()));
    assert_eq!(report["failures"], serde_json::json!([]));
    let scanner = cases.iter().find(|case| case["target"] == "203.0.113.66/32").unwrap();
    assert_eq!((&scanner["verdict"]["opinion"], &scanner["verdict"]["confidence"]), (&"yes".into(), &0.95.into()));
    assert_eq!(scanner["fate"]["plan"]["events"].as_array().unwrap().len(), 10);
    assert_eq!(scanner["fate"]["plan"]["events_count"], scanner["stats"]["requests"]);
    assert_eq!(scanner["fate"]["decisions"][0]["scenario"], "gatewatch/gate");
    assert_eq!(ollama.asked("/api/chat").len(), cases.len());

    let again = site.run(&[]).await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!((again.fate(SCANNER), again.fate(GUESSER), again.fate(FLOOD)), ("in_force", "in_force", "handled"));
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
    assert_eq!(ollama.asked("/api/chat").len(), cases.len(), "nobody is judged twice");

    // Even where somebody lifted the bans by hand: they were acted on not long ago.
    server.cscli(&["decisions", "delete", "--all"]);
    let third = site.run(&[]).await;
    assert_eq!((third.fate(SCANNER), third.fate(GUESSER)), ("handled", "handled"), "{third:?}");
    assert_eq!(banned(&server), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_down_bans_nobody_and_what_it_did_not_judge_is_judged_later() {
    let Some(server) = Server::start() else { return };
    let mut site = Site::new("http://127.0.0.1:1", &server.url());
    for more in [&["--judge", "auto"][..], &["--judge", "ollama"]] {
        let ran = site.run(more).await;
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.report["cases"].as_array().unwrap().len() >= 3);
        assert!(ran.report["failures"][0]["message"].as_str().unwrap().contains("http://127.0.0.1:1"), "{ran:?}");
    }
    assert_eq!(banned(&server), Vec::<String>::new());

    let ollama = Ollama::start(judges).await;
    site.ollama = ollama.url.clone();
    assert_eq!(site.run(&[]).await.code, Some(0));
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_verdict_that_cannot_be_had_does_not_stop_the_others() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(|chat, count| match client_of(chat).to_string().as_str() {
        SCANNER => Chat::Status(500, r#"{"error":"llama runner has terminated: \u001b[31mexit 2"}"#.to_owned()),
        FLOOD => says("I would rather not say."),
        _ => judges(chat, count),
    })
    .await;
    let site = Site::new(&ollama.url, &server.url());
    let ran = site.run(&["--judge", "ollama"]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(banned(&server), [GUESSER]);
    assert_eq!((ran.fate(SCANNER), ran.fate(FLOOD)), ("undecided", "spared"));
    assert!(!ran.report.to_string().contains("\\u001b"), "a server's words are escaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_that_rests_on_made_up_evidence_alone_bans_nobody() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(|chat, count| match client_of(chat).to_string().as_str() {
        SCANNER => says(&verdict("yes", 0.99, "scanner", "See E998.", &["E998", "E999"])),
        GUESSER => says(&verdict("yes", 0.99, "brute_force", "See E1 and E999.", &["E1", "E999"])),
        _ => judges(chat, count),
    })
    .await;
    let site = Site::new(&ollama.url, &server.url());
    let ran = site.run(&[]).await;
    assert_eq!(banned(&server), [GUESSER], "one that exists is enough");
    let case = |target| ran.report["cases"].as_array().unwrap().iter().find(|case| case["target"] == target).unwrap();
    let scanner = case("203.0.113.66/32");
    assert_eq!(scanner["fate"]["refusals"], serde_json::json!([{"rule": "groundless"}]), "{scanner}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapi_that_is_down_is_told_and_the_bans_are_made_later() {
    let Some(mut server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, &server.url());
    server.stop();
    let ran = site.run(&[]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!((ran.fate(SCANNER), ran.fate(FLOOD)), ("undecided", "spared"));
    assert!(ran.report["failures"].to_string().contains(&server.url()), "{ran:?}");

    server.start_again();
    let ran = site.run(&[]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_would_have_acted_once_and_sends_nothing() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, &server.url());
    let ran = site.run(&["--dry-run=true"]).await;
    assert_eq!(ran.code, Some(10), "{ran:?}");
    assert_eq!((ran.fate(SCANNER), ran.fate(GUESSER)), ("rehearsed", "rehearsed"));
    assert_eq!(banned(&server), Vec::<String>::new());
    assert_eq!(site.run(&["--dry-run=true"]).await.code, Some(0));
    // What was only rehearsed counts for nothing where it is real.
    assert_eq!(site.run(&[]).await.code, Some(0));
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_max_candidates_are_judged_in_a_cycle_and_the_rest_has_its_turn_later() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, &server.url());
    let limited = ["--set", "max_candidates=1"];
    let suspects = site.run(&limited).await.report["cases"].as_array().unwrap().len();
    assert_eq!(ollama.asked("/api/chat").len(), 1);
    for cycle in 2..=suspects {
        let ran = site.run(&limited).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ollama.asked("/api/chat").len(), cycle);
    }
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
    site.run(&limited).await;
    assert_eq!(ollama.asked("/api/chat").len(), suspects);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_gone_is_a_failure_and_a_table_is_for_people() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, &server.url());
    let output = site.auto(&["-o", "table", "--lang", "ko"]).output().await.unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(table.contains("실제 차단") && table.contains(SCANNER) && table.contains("공격 95%"), "{table}");
    assert!(!table.contains('\u{1b}'), "{table}");
    std::fs::remove_file(&site.log).unwrap();
    let ran = site.run(&[]).await;
    assert!(matches!(ran.code, Some(1 | 2)) && ran.error.contains("access.log"), "{ran:?}");
}

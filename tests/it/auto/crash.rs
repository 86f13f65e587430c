//! SIGKILL at every step of the protocol between an intent and its outcome: the next run reconciles what was left
//! open with the LAPI's own list; nobody is banned twice, nobody is forgotten.

use std::sync::{Arc, OnceLock};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::crowdsec::Server;
use crate::support::in_time;
use crate::support::ollama::Ollama;
use crate::support::proxy::{Proxy, Then, When};
use crate::support::shop::{GUESSER, SCANNER, judges};

use super::{Site, banned};

/// Runs it, and kills it at the given request to the LAPI. Gives whether it was banned by then, and what the next run
/// found.
async fn killed_at(request: &str, skip: usize, when: When) -> Option<(usize, usize, super::Ran)> {
    let server = Server::start()?;
    let ollama = Ollama::start(judges).await;
    let proxy = Proxy::before(&server.url()).await;
    let site = Site::new(&ollama.url, &proxy.url());
    let pid: Arc<OnceLock<Pid>> = Arc::default();
    let victim = Arc::clone(&pid);
    proxy.at(request, skip, when, Then::Cut, move || kill_process(*victim.wait(), Signal::KILL).unwrap());
    let mut child = site.start(&[]);
    pid.set(Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap()).unwrap();
    let status = in_time("it was killed", child.wait()).await.unwrap();
    assert_eq!(status.code(), None, "it was killed: {:?}", proxy.requests());
    let banned_before = banned(&server).len();
    let open = site.journal().open_intents().unwrap().len();

    let next = site.run(&[]).await;
    assert_eq!(next.code, Some(0), "{next:?}");
    assert_eq!(banned(&server), [GUESSER, SCANNER], "after SIGKILL {when:?} {request} ({skip})");
    assert_eq!(site.journal().open_intents().unwrap(), []);
    assert_eq!(next.report["reconciled"].as_array().unwrap().len(), open);

    let third = site.run(&[]).await;
    assert_eq!((third.code, third.fate(SCANNER), third.fate(GUESSER)), (Some(0), "in_force", "in_force"));
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
    // The alerts that were ever sent: a second one for the same ban would show here, expired or not.
    let alerts: Vec<serde_json::Value> =
        serde_json::from_str(&server.cscli(&["alerts", "list", "-o", "json", "-l", "0"])).unwrap();
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    Some((banned_before, open, next))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_ban_was_sent() {
    for skip in [0, 1] {
        let Some((banned, open, next)) = killed_at("POST /v1/alerts", skip, When::Before).await else { return };
        assert_eq!((banned, open), (skip, 1));
        assert_eq!(next.report["reconciled"][0]["outcome"], "found_missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_when_the_ban_was_made_and_nobody_had_heard_of_it() {
    for skip in [0, 1] {
        let Some((banned, open, next)) = killed_at("POST /v1/alerts", skip, When::After).await else { return };
        assert_eq!((banned, open), (skip + 1, 1));
        assert!(next.report["reconciled"][0]["outcome"]["found_in_force"].is_array(), "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_ban_was_read_back() {
    for (request, skip, when) in [
        ("GET /v1/alerts/", 0, When::Before),
        ("GET /v1/alerts/", 0, When::After),
        ("GET /v1/alerts/", 1, When::Before),
        ("GET /v1/alerts?has_active_decision=true&limit=0&value=", 0, When::Before),
        ("GET /v1/alerts?has_active_decision=true&limit=0&value=", 1, When::After),
    ] {
        let Some((banned, open, next)) = killed_at(request, skip, when).await else { return };
        assert_eq!((banned, open), (skip + 1, 1));
        assert!(next.report["reconciled"][0]["outcome"]["found_in_force"].is_array(), "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_there_was_an_intent() {
    for (request, skip) in [("POST /v1/watchers/login", 0), ("GET /v1/allowlists", 0), ("GET /v1/alerts?", 1)] {
        let Some((banned, open, _)) = killed_at(request, skip, When::Before).await else { return };
        assert_eq!(banned, 0);
        // The allow lists are asked for with the intent on disk already.
        assert!(open <= 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_without_a_crash_is_reconciled_by_the_next_run_too() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let proxy = Proxy::before(&server.url()).await;
    let site = Site::new(&ollama.url, &proxy.url());
    proxy.swallow_answer_to("POST /v1/alerts");
    let ran = site.run(&[]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(ran.fate(SCANNER), "failed");
    assert_eq!(site.journal().open_intents().unwrap().len(), 1);
    let next = site.run(&[]).await;
    assert_eq!((next.code, next.fate(SCANNER)), (Some(0), "in_force"), "{next:?}");
    assert_eq!(banned(&server), [GUESSER, SCANNER]);
}

//! Against CrowdSec's real server. Every test has a server of its own; where there is none it says so and passes, and
//! `tests/run.sh` checks that none did.

use std::time::Duration;

use gatewatch::enforce::crowdsec::{Client, Options};
use gatewatch::enforce::{EnforceError, Enforcer, NotApplied};
use gatewatch::journal::{Actor, Journal, Outcome};
use gatewatch::policy::Remedy;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::support::crowdsec::{MACHINE, PASSWORD, Server};
use crate::support::plans::{ban, event, net, plan};
use crate::support::proxy::Proxy;

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> Timestamp {
    Timestamp::now()
}

#[tokio::test]
async fn a_ban_is_seen_by_everybody_and_lifted_by_its_id() {
    let Some(server) = Server::start() else { return };
    let client = Client::new(&Options::from_credentials_file(server.credentials_file()).unwrap()).unwrap();
    let at = now();
    let done = client.enforce(&ban("192.0.2.7", at), at).await.unwrap();
    assert!(!done.rehearsal);
    let [decision] = done.decisions.as_slice() else { panic!("{done:?}") };
    assert_eq!((decision.target, decision.scope.as_str()), (Some(net("192.0.2.7")), "Ip"));
    assert_eq!((decision.kind.as_str(), decision.scenario.as_str()), ("ban", "gatewatch/gate"));
    assert_eq!((decision.reason.as_str(), decision.simulated), ("92% of 1204 requests were 4xx", false));
    let left = decision.until.duration_since(at);
    assert!((left - SignedDuration::from_hours(4)).abs() <= SignedDuration::from_secs(3), "{left}");

    let shown = server.decisions();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!((&shown[0]["value"], &shown[0]["type"]), (&"192.0.2.7".into(), &"ban".into()));
    assert_eq!(shown[0]["id"], decision.id);
    let key = server.add_bouncer("nginx");
    assert_eq!(asked_by_bouncer(&server, &key, "192.0.2.7").await[0]["type"], "ban");
    assert_eq!(client.active(None, now()).await.unwrap(), done.decisions);

    assert!(client.lift(decision.id, now()).await.unwrap());
    assert_eq!(client.active(None, now()).await.unwrap(), []);
    assert_eq!(server.decisions(), Vec::<serde_json::Value>::new());
    assert_eq!(asked_by_bouncer(&server, &key, "192.0.2.7").await, serde_json::Value::Null);
    assert!(!client.lift(decision.id, now()).await.unwrap(), "it is not there any more");
    assert!(!client.lift(4711, now()).await.unwrap(), "it never was");
}

async fn asked_by_bouncer(server: &Server, key: &str, address: &str) -> serde_json::Value {
    let client = gatewatch::net::client(&gatewatch::net::ClientOptions::new(
        gatewatch::net::Address::parse(&server.url()).unwrap(),
    ));
    let url = format!("{}/v1/decisions?ip={address}", server.url());
    client.unwrap().get(url).header("X-Api-Key", key).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn ranges_types_and_durations_arrive_as_they_were_sent() {
    let Some(server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    for (target, remedy, duration) in [
        ("198.51.100.0/24", Remedy::Ban, HOUR),
        ("2001:db8:7::/48", Remedy::Ban, 24 * HOUR),
        ("2001:db8::7", Remedy::Captcha, Duration::from_secs(90)),
        ("192.0.2.8", Remedy::Custom("mfa-check".to_owned()), 720 * HOUR),
        ("192.0.2.9", Remedy::Ban, 8760 * HOUR),
    ] {
        let wanted = plan(target, at, |proposal| {
            proposal.remedy = remedy.clone();
            proposal.duration = duration;
        });
        let done = client.enforce(&wanted, at).await.unwrap();
        let [decision] = done.decisions.as_slice() else { panic!("{target}: {done:?}") };
        assert_eq!((decision.target, decision.kind.as_str()), (Some(net(target)), remedy.as_str()));
        let ends = at + duration;
        assert!(decision.until.duration_since(ends).abs() <= SignedDuration::from_secs(4), "{target}: {decision:?}");
    }
    assert_eq!(server.decisions().len(), 5);
    let covering = client.active("198.51.100.77".parse().ok(), now()).await.unwrap();
    assert_eq!(covering.iter().map(|decision| decision.scope.as_str()).collect::<Vec<_>>(), ["Range"]);
    let covering = client.active("2001:db8:7:1::1".parse().ok(), now()).await.unwrap();
    assert_eq!(covering.iter().map(|decision| decision.target).collect::<Vec<_>>(), [Some(net("2001:db8:7::/48"))]);
    assert_eq!(client.active("198.51.101.1".parse().ok(), now()).await.unwrap(), []);
}

#[tokio::test]
async fn the_servers_own_profile_decides_where_it_is_asked_to() {
    let Some(server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    let by_profile = |target: &str| {
        plan(target, at, |proposal| {
            proposal.remedy = Remedy::ServerProfile;
            proposal.duration = HOUR;
        })
    };
    let done = client.enforce(&by_profile("192.0.2.7"), at).await.unwrap();
    let [decision] = done.decisions.as_slice() else { panic!("{done:?}") };
    assert_eq!((decision.kind.as_str(), decision.origin.as_str()), ("ban", "crowdsec"));
    let left = decision.until.duration_since(at);
    assert!((left - SignedDuration::from_hours(4)).abs() <= SignedDuration::from_secs(3), "the profile's 4h: {left}");

    // Its only profile is for addresses: the alert is taken with a 201, and nobody is banned.
    let range = client.enforce(&by_profile("198.51.100.0/24"), at).await.unwrap_err();
    assert_eq!(range, EnforceError::NotApplied { target: net("198.51.100.0/24"), why: NotApplied::NoDecision });
    assert!(!range.maybe_sent());
    assert_eq!(server.decisions().len(), 1);
}

#[tokio::test]
async fn a_sample_of_events_and_their_true_count_arrive() {
    let Some(server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    let long = format!("/{}", "<script>".repeat(5000));
    let wanted = plan("192.0.2.7", at, |proposal| {
        proposal.events = (0..30).map(|second| event(at - SignedDuration::from_secs(second), &long)).collect();
        proposal.first_seen = at - SignedDuration::from_mins(36);
    });
    let done = client.enforce(&wanted, at).await.unwrap();
    let id = done.decisions[0].alert_id.to_string();
    let alert: serde_json::Value =
        serde_json::from_str(&server.cscli(&["alerts", "inspect", &id, "-d", "-o", "json"])).unwrap();
    assert_eq!(alert["events_count"], 1204);
    let events = alert["events"].as_array().unwrap();
    assert_eq!(events.len(), 10);
    for event in events {
        let meta = event["meta"].as_array().unwrap_or_else(|| panic!("the server dropped the meta: {event}"));
        let of = |name: &str| meta.iter().find(|item| item["key"] == name).map(|item| item["value"].as_str().unwrap());
        assert_eq!(of("http_status"), Some("404"));
        let path = of("http_path").unwrap();
        assert!(path.starts_with("/<script>") && path.ends_with('…') && !path.contains("<stripped>"), "{path}");
    }
    // The first event was long ago; the ban still lasts four hours from now.
    let left = done.decisions[0].until.duration_since(at);
    assert!((left - SignedDuration::from_hours(4)).abs() <= SignedDuration::from_secs(3), "{left}");
}

#[tokio::test]
async fn the_list_shows_who_decided_and_lifting_an_address_leaves_its_range() {
    let Some(server) = Server::start() else { return };
    let client = server.client();
    server.cscli(&["decisions", "add", "--range", "192.0.2.0/24", "--duration", "2h", "--reason", "by \u{1b}[2J hand"]);
    server.cscli(&["decisions", "add", "--scope", "country", "--value", "XX", "--type", "captcha"]);
    let at = now();
    let done = client.enforce(&ban("192.0.2.7", at), at).await.unwrap();
    let active = client.active(None, now()).await.unwrap();
    let seen: Vec<_> = active.iter().map(|d| (d.value.as_str(), d.scope.as_str(), d.origin.as_str())).collect();
    // cscli normalises the scope's case.
    assert_eq!(seen[0], ("192.0.2.7", "Ip", "cscli"));
    assert_eq!((seen[1].0, active[1].target, active[1].kind.as_str()), ("XX", None, "captcha"));
    assert_eq!(seen[2], ("192.0.2.0/24", "Range", "cscli"));
    assert_eq!(active[2].scenario, "by \u{1b}[2J hand", "as the server has it; whoever shows it makes it safe");
    assert_eq!(active[0].scenario, "gatewatch/gate");

    let covering = client.active("192.0.2.7".parse().ok(), now()).await.unwrap();
    assert_eq!(covering.len(), 2, "the address and the range around it");
    assert!(client.lift(done.decisions[0].id, now()).await.unwrap());
    let left = client.active("192.0.2.7".parse().ok(), now()).await.unwrap();
    assert_eq!(left.iter().map(|decision| decision.scope.as_str()).collect::<Vec<_>>(), ["Range"]);
    assert_eq!(client.active(None, now()).await.unwrap().len(), 2, "nobody else's decision was touched");
}

#[tokio::test]
async fn a_wrong_password_or_machine_is_told_and_nothing_is_sent() {
    let Some(server) = Server::start() else { return };
    let at = now();
    for (machine, password) in [(MACHINE, "wrong"), ("nobody", PASSWORD)] {
        let options = Options::new(server.url(), machine, SecretString::from(password));
        let client = Client::new(&options).unwrap();
        let error = client.enforce(&ban("192.0.2.7", at), at).await.unwrap_err();
        assert!(matches!(&error, EnforceError::Denied { machine: named, .. } if named == machine), "{error:?}");
        assert!(!error.maybe_sent());
        assert!(error.to_string().contains("cscli machines") && !error.to_string().contains("wrong"), "{error}");
        assert!(matches!(client.status().await, Err(EnforceError::Denied { .. })));
    }
    assert_eq!(server.decisions(), Vec::<serde_json::Value>::new());
    let status = server.client().status().await.unwrap();
    assert_eq!((status.label, status.has_allow_lists), (server.url(), false), "1.4 has none");
}

#[tokio::test]
async fn a_restart_in_mid_session_loses_and_doubles_nothing() {
    let Some(mut server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    client.enforce(&ban("192.0.2.7", at), at).await.unwrap();
    server.stop();
    server.start_again();
    let done = client.enforce(&ban("192.0.2.8", at), at).await.unwrap();
    server.stop();
    server.start_again();
    assert!(client.lift(done.decisions[0].id, now()).await.unwrap());
    server.stop();
    server.start_again();
    let active = client.active(None, now()).await.unwrap();
    assert_eq!(active.iter().map(|decision| decision.value.as_str()).collect::<Vec<_>>(), ["192.0.2.7"]);
}

#[tokio::test]
async fn a_server_that_is_down_is_told_and_comes_back() {
    let Some(mut server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    client.status().await.unwrap();
    server.stop();
    let error = client.enforce(&ban("192.0.2.7", at), at).await.unwrap_err();
    assert!(matches!(error, EnforceError::Unreachable { maybe_sent: false, .. }), "{error:?}");
    assert!(!error.maybe_sent());
    let said = error.to_string();
    assert!(said.contains(&server.url()) && said.contains("refused") && said.contains("Nothing was sent"), "{said}");
    assert!(client.active(None, at).await.is_err() && client.status().await.is_err());
    server.start_again();
    client.enforce(&ban("192.0.2.7", at), at).await.unwrap();
    assert_eq!(server.decisions().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_intent_open_until_it_is_found_in_force() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server.url()).await;
    let client = Client::new(&Options { url: proxy.url(), ..server.options() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path().join("journal.db")).unwrap();
    let at = now();
    let wanted = ban("192.0.2.7", at);
    let intent = journal.intend(&wanted, &Actor::default(), true, at).unwrap();

    proxy.swallow_answer_to("POST /v1/alerts");
    let error = client.enforce(&wanted, at).await.unwrap_err();
    assert!(matches!(error, EnforceError::Unreachable { maybe_sent: true, .. }), "{error:?}");
    assert!(error.maybe_sent() && error.to_string().contains("may be in force"), "{error}");
    assert_eq!(journal.open_intents().unwrap().len(), 1);

    let active = client.active("192.0.2.7".parse().ok(), now()).await.unwrap();
    let found: Vec<_> = active.iter().filter(|decision| journal.open_intents().unwrap()[0].brought(decision)).collect();
    assert_eq!(found.len(), 1, "{active:?}");
    journal.settle(intent, &Outcome::FoundInForce(vec![found[0].id]), now()).unwrap();
    assert_eq!(server.decisions().len(), 1, "sent once");

    proxy.swallow_answer_to("DELETE /v1/decisions/");
    let error = client.lift(found[0].id, now()).await.unwrap_err();
    assert!(error.maybe_sent(), "{error:?}");
    assert!(!client.lift(found[0].id, now()).await.unwrap(), "it was lifted, and is not lifted again");

    // The answer to the reading back is lost, twice: the ban is there, and not known to be.
    proxy.swallow_answer_to("GET /v1/alerts/");
    let done = client.enforce(&ban("192.0.2.8", at), at).await.unwrap();
    assert_eq!(done.decisions.len(), 1, "asking is tried once more");
    assert_eq!(server.decisions().len(), 1, "{:?}", server.decisions());
}

#[tokio::test]
async fn over_tls_only_the_ca_of_the_settings_is_believed() {
    let Some(server) = Server::start_with_tls() else { return };
    let at = now();
    let strange = server.client().enforce(&ban("192.0.2.7", at), at).await.unwrap_err();
    assert!(matches!(strange, EnforceError::Unreachable { maybe_sent: false, .. }), "{strange:?}");
    assert!(strange.to_string().contains("certificate"), "{strange}");
    let client = Client::new(&Options { ca: Some(server.ca()), ..server.options() }).unwrap();
    client.enforce(&ban("192.0.2.7", at), at).await.unwrap();
    assert_eq!(server.decisions().len(), 1);
}

#[tokio::test]
async fn a_list_of_more_than_a_hundred_is_whole() {
    let Some(server) = Server::start() else { return };
    let client = server.client();
    let at = now();
    for last in 0..110 {
        client.enforce(&ban(&format!("192.0.2.{last}"), at), at).await.unwrap();
    }
    assert_eq!(client.active(None, now()).await.unwrap().len(), 110);
}

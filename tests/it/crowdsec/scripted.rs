//! Against a scripted server: what newer, busy, broken and hostile ones do.

use std::time::Duration;

use gatewatch::enforce::crowdsec::{Client, Options};
use gatewatch::enforce::{EnforceError, Enforcer, NotApplied};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header, method, path, path_regex, query_param};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use crate::support::plans::{ban, net};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + second).unwrap()
}

/// A LAPI that takes a ban of 192.0.2.7 as alert 7, decision 42; a test lays its own answers over it.
async fn lapi() -> MockServer {
    let server = MockServer::start().await;
    let defaults = [
        (get("/v1/allowlists"), answer(404, json!({"message": "page not found"}))),
        (post("/v1/watchers/login"), login("token", "2099-01-01T00:00:00Z")),
        (post("/v1/alerts"), answer(201, json!(["7"]))),
        (get("/v1/alerts/7"), answer(200, alert(false))),
        (get("/v1/alerts"), answer(200, json!([alert(false)]))),
        (deletion(), answer(200, json!({"nbDeleted": "1"}))),
    ];
    for (request, response) in defaults {
        request.respond_with(response).with_priority(9).mount(&server).await;
    }
    server
}

fn get(at: &str) -> MockBuilder {
    Mock::given(method("GET")).and(path(at))
}

fn post(at: &str) -> MockBuilder {
    Mock::given(method("POST")).and(path(at))
}

/// A deletion of anything: what a test expects of it says how often.
fn deletion() -> MockBuilder {
    Mock::given(method("DELETE")).and(path_regex("^/v1/"))
}

fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn login(token: &str, expire: &str) -> ResponseTemplate {
    answer(200, json!({"code": 200, "expire": expire, "token": token}))
}

fn alert(simulated: bool) -> Value {
    json!({
        "id": 7, "message": "why", "simulated": simulated, "scenario": "gatewatch/gate", "events": null,
        "decisions": [{"id": 42, "origin": "cscli", "type": "ban", "scope": "Ip", "value": "192.0.2.7",
                       "duration": "3h59m59.5s", "scenario": "gatewatch/gate"}],
    })
}

fn options(url: String) -> Options {
    Options {
        pause: Duration::from_millis(1),
        timeout: Duration::from_secs(5),
        ..Options::new(url, "gatewatch", SecretString::from("hunter2"))
    }
}

fn client(server: &MockServer) -> Client {
    Client::new(&options(server.uri())).unwrap()
}

async fn enforce(server: &MockServer) -> Result<Vec<u64>, EnforceError> {
    let done = client(server).enforce(&ban("192.0.2.7", at(0)), at(0)).await?;
    Ok(done.decisions.iter().map(|decision| decision.id).collect())
}

/// How often a request came in.
async fn count(server: &MockServer, verb: &str, at: &str) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.method.as_str() == verb && request.url.path() == at).count()
}

#[tokio::test]
async fn the_login_is_as_the_server_wants_it_and_its_token_is_kept() {
    let server = lapi().await;
    let agent = concat!("gatewatch/", env!("CARGO_PKG_VERSION"));
    post("/v1/watchers/login")
        .and(header("User-Agent", agent))
        .and(body_partial_json(json!({"machine_id": "gatewatch", "password": "hunter2", "scenarios": []})))
        .respond_with(login("token", "2099-01-01T00:00:00Z"))
        .with_priority(1)
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    client.active(None, at(0)).await.unwrap();
    client.active(None, at(1)).await.unwrap();
    for request in server.received_requests().await.unwrap().iter().filter(|request| request.method == "GET") {
        assert_eq!(request.headers["authorization"], "Bearer token");
        assert_eq!(request.headers["user-agent"], agent);
        assert_eq!(request.url.query(), Some("has_active_decision=true&limit=0&include_capi=false"));
    }
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_expires() {
    let server = lapi().await;
    let expire = at(3600).to_string();
    post("/v1/watchers/login").respond_with(login("token", &expire)).with_priority(1).mount(&server).await;
    let client = client(&server);
    for (second, logins) in [(0, 1), (3539, 1), (3540, 2)] {
        client.active(None, at(second)).await.unwrap();
        assert_eq!(count(&server, "POST", "/v1/watchers/login").await, logins, "at {second} s");
    }
}

#[tokio::test]
async fn requests_at_once_make_one_login() {
    let server = lapi().await;
    let client = client(&server);
    let asked = (0..8).map(|_| client.active(None, at(0)));
    for list in futures::future::join_all(asked).await {
        assert_eq!(list.unwrap().len(), 1);
    }
    assert_eq!(count(&server, "POST", "/v1/watchers/login").await, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    for status in [401, 403] {
        let server = lapi().await;
        post("/v1/alerts")
            .respond_with(answer(status, json!({"code": status, "message": "signature is invalid"})))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&server)
            .await;
        assert_eq!(enforce(&server).await, Ok(vec![42]));
        assert_eq!(count(&server, "POST", "/v1/watchers/login").await, 2);
        assert_eq!(count(&server, "POST", "/v1/alerts").await, 2);
    }
    let server = lapi().await;
    post("/v1/alerts")
        .respond_with(answer(403, json!({"message": "access forbidden \u{1b}[2J"})))
        .with_priority(1)
        .mount(&server)
        .await;
    let error = enforce(&server).await.unwrap_err();
    assert!(
        matches!(&error, EnforceError::Denied { message, .. } if message == "access forbidden \\x1b[2J"),
        "{error:?}"
    );
    assert_eq!(count(&server, "POST", "/v1/alerts").await, 2, "once, not for ever");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_a_few_times() {
    for (verb, at, status) in [
        ("GET", "/v1/alerts", 429),
        ("GET", "/v1/alerts", 504),
        ("POST", "/v1/alerts", 503),
        ("POST", "/v1/watchers/login", 429),
    ] {
        let server = lapi().await;
        let busy = ResponseTemplate::new(status).insert_header("Retry-After", "0");
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(busy)
            .up_to_n_times(2)
            .with_priority(1)
            .mount(&server)
            .await;
        assert_eq!(enforce(&server).await, Ok(vec![42]), "{verb} {at} {status}");
    }
    let server = lapi().await;
    post("/v1/alerts").respond_with(ResponseTemplate::new(429)).with_priority(1).mount(&server).await;
    let error = enforce(&server).await.unwrap_err();
    assert!(matches!(error, EnforceError::Refused { status: 429, .. }) && !error.maybe_sent(), "{error:?}");
    assert_eq!(count(&server, "POST", "/v1/alerts").await, 4, "bounded");
}

#[tokio::test]
async fn a_ban_that_a_proxy_gave_up_waiting_for_is_not_sent_twice() {
    for status in [502, 504] {
        let server = lapi().await;
        post("/v1/alerts").respond_with(ResponseTemplate::new(status)).with_priority(1).mount(&server).await;
        let error = enforce(&server).await.unwrap_err();
        assert!(error.maybe_sent(), "{error:?}");
        assert_eq!(count(&server, "POST", "/v1/alerts").await, 1);
    }
}

#[tokio::test]
async fn allow_lists_bind_us_although_the_server_takes_what_it_is_sent() {
    let list =
        |value: &str| json!([{"name": "empty", "items": null}, {"name": "off\u{1b}ice", "items": [{"value": value}]}]);
    for (entry, target, refused) in [
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.0/24", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.0/24", true),
        ("::ffff:192.0.2.7", "192.0.2.7", true),
        ("2001:db8::/32", "2001:db8::7", true),
        ("192.0.2.8", "192.0.2.7", false),
        ("2001:db8::/32", "192.0.2.7", false),
    ] {
        let server = lapi().await;
        get("/v1/allowlists")
            .and(query_param("with_content", "true"))
            .respond_with(answer(200, list(entry)))
            .with_priority(1)
            .expect(1)
            .mount(&server)
            .await;
        let done = client(&server).enforce(&ban(target, at(0)), at(0)).await;
        assert_eq!(count(&server, "POST", "/v1/alerts").await, usize::from(!refused), "{entry} {target}");
        if refused {
            let error = done.unwrap_err();
            assert!(
                matches!(&error, EnforceError::AllowListed { target: named, .. } if *named == net(target)),
                "{error:?}"
            );
            assert!(error.to_string().contains("off\\x1bice") && !error.maybe_sent(), "{error}");
        } else {
            assert_eq!(done.unwrap().decisions.len(), 1);
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_where_the_allow_lists_cannot_be_read() {
    for broken in [
        answer(500, json!({"message": "database is locked"})),
        ResponseTemplate::new(200).set_body_string("<html>"),
        answer(200, json!([{"name": "odd", "items": [{"value": "everybody"}]}])),
        ResponseTemplate::new(503),
    ] {
        let server = lapi().await;
        get("/v1/allowlists").respond_with(broken).with_priority(1).mount(&server).await;
        let error = enforce(&server).await.unwrap_err();
        assert!(!error.maybe_sent(), "{error:?}");
        assert_eq!(count(&server, "POST", "/v1/alerts").await, 0);
    }
    let server = lapi().await;
    get("/v1/allowlists").respond_with(answer(200, Value::Null)).with_priority(1).mount(&server).await;
    assert_eq!(enforce(&server).await, Ok(vec![42]), "null is an empty list");
    assert!(client(&server).status().await.unwrap().has_allow_lists);
}

#[tokio::test]
async fn a_201_is_not_yet_a_ban() {
    for dropped in [json!([]), Value::Null] {
        let server = lapi().await;
        post("/v1/alerts").respond_with(answer(201, dropped)).with_priority(1).mount(&server).await;
        let expected = EnforceError::NotApplied { target: net("192.0.2.7"), why: NotApplied::Dropped };
        assert_eq!(enforce(&server).await, Err(expected));
    }
    let with = |decisions: Value| json!({"id": 7, "decisions": decisions});
    let decision = |change: Value| {
        let mut decision = alert(false)["decisions"][0].clone();
        decision.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        with(json!([decision]))
    };
    for (read_back, why) in [
        (with(Value::Null), NotApplied::NoDecision),
        (decision(json!({"value": "192.0.2.8"})), NotApplied::NoDecision),
        (decision(json!({"type": "captcha"})), NotApplied::NoDecision),
        (decision(json!({"duration": "-3s"})), NotApplied::NoDecision),
        (alert(true), NotApplied::Simulated),
        (decision(json!({"simulated": true})), NotApplied::Simulated),
        (decision(json!({"id": 43})), NotApplied::NotActive),
    ] {
        let server = lapi().await;
        get("/v1/alerts/7").respond_with(answer(200, read_back.clone())).with_priority(1).mount(&server).await;
        assert_eq!(
            enforce(&server).await,
            Err(EnforceError::NotApplied { target: net("192.0.2.7"), why }),
            "{read_back}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_read_back_is_neither_done_nor_failed() {
    for (ids, read_back) in [
        (answer(201, json!(["7"])), answer(500, json!({"message": "locked"}))),
        (answer(201, json!(["7"])), ResponseTemplate::new(200).set_body_string("not JSON")),
        (answer(201, json!(["7", "8"])), answer(200, alert(false))),
        (answer(201, json!(["../decisions"])), answer(200, alert(false))),
        (answer(201, json!({"message": "fine"})), answer(200, alert(false))),
    ] {
        let server = lapi().await;
        post("/v1/alerts").respond_with(ids).with_priority(1).mount(&server).await;
        get("/v1/alerts/7").respond_with(read_back).with_priority(1).mount(&server).await;
        let error = enforce(&server).await.unwrap_err();
        assert!(matches!(error, EnforceError::Unconfirmed { .. }) && error.maybe_sent(), "{error:?}");
        assert_eq!(count(&server, "POST", "/v1/alerts").await, 1);
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time() {
    let slow = || answer(200, json!([])).set_delay(Duration::from_secs(30));
    let hurried = |server: &MockServer| {
        Client::new(&Options { timeout: Duration::from_millis(150), ..options(server.uri()) }).unwrap()
    };
    let server = lapi().await;
    get("/v1/alerts").respond_with(slow()).with_priority(1).mount(&server).await;
    let error = hurried(&server).active(None, at(0)).await.unwrap_err();
    assert!(matches!(&error, EnforceError::Unreachable { maybe_sent: false, .. }), "{error:?}");
    assert!(error.to_string().contains("within 0.15 s"), "{error}");

    let server = lapi().await;
    post("/v1/alerts").respond_with(slow()).with_priority(1).mount(&server).await;
    let error = hurried(&server).enforce(&ban("192.0.2.7", at(0)), at(0)).await.unwrap_err();
    assert!(error.maybe_sent(), "it may have been on its way: {error:?}");

    let server = lapi().await;
    post("/v1/watchers/login").respond_with(slow()).with_priority(1).mount(&server).await;
    let error = hurried(&server).enforce(&ban("192.0.2.7", at(0)), at(0)).await.unwrap_err();
    assert!(!error.maybe_sent(), "a login bans nobody: {error:?}");
}

#[tokio::test]
async fn errors_of_every_shape_are_told_safely() {
    let long = "x".repeat(100_000);
    for (response, said) in [
        (
            answer(500, json!({"message": "unable to \u{1b}]52;c;aGk=\u{7} \u{202e}parse"})),
            "\\x1b]52;c;aGk=\\x07 \\u{202e}parse",
        ),
        (ResponseTemplate::new(500).set_body_string(long.clone()), "xxx…"),
        (ResponseTemplate::new(500).set_body_bytes(vec![0xff, 0xfe]), "\u{fffd}"),
        (ResponseTemplate::new(418), "I'm a teapot"),
        (answer(200, json!("\u{1b}[2J")), "invalid type"),
        (ResponseTemplate::new(200).set_body_string("<!doctype html>"), "expected value"),
    ] {
        let server = lapi().await;
        get("/v1/alerts").respond_with(response).with_priority(1).mount(&server).await;
        let error = client(&server).active(None, at(0)).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert!(error.contains(&server.uri()) && error.len() < 1000 && !error.contains('\u{1b}'), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let server = lapi().await;
    post("/v1/watchers/login")
        .respond_with(ResponseTemplate::new(302).insert_header("Location", "http://192.0.2.1/"))
        .with_priority(1)
        .mount(&server)
        .await;
    assert!(
        matches!(enforce(&server).await, Err(EnforceError::Refused { status: 302, .. })),
        "no redirect is followed"
    );
}

#[tokio::test]
async fn a_list_of_a_thousand_odd_things_is_read_as_far_as_it_makes_sense() {
    let server = lapi().await;
    let odd = json!([
        {"id": 1, "decisions": null},
        {"id": 2, "message": null, "decisions": [
            {"id": 1, "scope": "Country", "value": "XX", "type": "ban", "duration": "1h", "origin": null},
            {"id": 2, "scope": "Ip", "value": "\u{1b}[2J", "type": "ban", "duration": "1h"},
            {"id": 3, "scope": "Ip", "value": "192.0.2.9", "type": "ban", "duration": "-1h"},
            {"id": 4, "scope": "Range", "value": "2001:db8::/32", "type": "captcha", "duration": "30m0s", "simulated": true},
        ]},
    ]);
    get("/v1/alerts").respond_with(answer(200, odd)).with_priority(1).mount(&server).await;
    let active = client(&server).active(None, at(0)).await.unwrap();
    assert_eq!(
        active.iter().map(|decision| decision.id).collect::<Vec<_>>(),
        [4, 2, 1],
        "newest first, none that ran out"
    );
    assert_eq!(
        active.iter().map(|decision| decision.target).collect::<Vec<_>>(),
        [Some(net("2001:db8::/32")), None, None]
    );
    assert!(active[0].simulated && active[0].alert_id == 2);
    let left = active[0].until.duration_since(at(0));
    assert!((left - SignedDuration::from_mins(30)).abs() <= SignedDuration::from_secs(5), "{left}");
    let covering = client(&server).active("2001:db8::7".parse().ok(), at(0)).await.unwrap();
    assert_eq!(covering.len(), 1, "an alert's other decisions are not this address's");
}

#[tokio::test]
async fn a_deletion_always_names_one_decision() {
    let server = lapi().await;
    assert!(client(&server).lift(42, at(0)).await.unwrap());
    assert!(!client(&server).lift(43, at(0)).await.unwrap(), "what is not listed is not deleted");
    let requests = server.received_requests().await.unwrap();
    let deletions: Vec<&str> =
        requests.iter().filter(|request| request.method == "DELETE").map(|request| request.url.path()).collect();
    assert_eq!(deletions, ["/v1/decisions/42"]);

    for (response, lifted) in [
        (answer(200, json!({"nbDeleted": "0"})), Ok(false)),
        (answer(404, json!({"message": "object not found"})), Ok(false)),
        (answer(500, json!({"message": "database is locked"})), Err(false)),
        (ResponseTemplate::new(504), Err(true)),
    ] {
        let server = lapi().await;
        deletion().respond_with(response).with_priority(1).mount(&server).await;
        assert_eq!(client(&server).lift(42, at(0)).await.map_err(|error| error.maybe_sent()), lifted);
    }
}

#[tokio::test]
async fn a_stale_plan_is_not_sent() {
    let server = lapi().await;
    let error = client(&server).enforce(&ban("192.0.2.7", at(0)), at(61)).await.unwrap_err();
    assert_eq!(error, EnforceError::Stale { target: net("192.0.2.7") });
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_lapi_under_a_path_is_found() {
    let server = MockServer::start().await;
    post("/lapi/v1/watchers/login").respond_with(login("t", "soon")).expect(1).mount(&server).await;
    get("/lapi/v1/alerts").respond_with(answer(200, Value::Null)).expect(1).mount(&server).await;
    let client = Client::new(&options(format!("{}/lapi", server.uri()))).unwrap();
    assert_eq!(client.active(None, at(0)).await.unwrap(), []);
    assert_eq!(client.label(), format!("{}/lapi", server.uri()));
    assert_eq!(client.hosts(), ["127.0.0.1"]);
}

#[tokio::test]
async fn an_unusable_url_or_certificate_is_told_before_anything_is_sent() {
    for (url, ca) in [("ftp://127.0.0.1", None), ("https://127.0.0.1:1", Some("/nonexistent/ca.pem"))] {
        let options = Options { ca: ca.map(Into::into), ..options(url.to_owned()) };
        assert!(matches!(Client::new(&options), Err(EnforceError::NoCredentials { .. })), "{url}");
    }
}

#[tokio::test]
async fn a_server_that_says_it_is_not_well_is_not_called_well() {
    let server = lapi().await;
    assert_eq!(client(&server).status().await.unwrap().label, server.uri(), "one that has no health to ask for");
    get("/health").respond_with(answer(500, json!({"message": "database is gone"}))).expect(1).mount(&server).await;
    let error = client(&server).status().await.unwrap_err();
    assert!(error.to_string().contains("database is gone"), "{error}");
}

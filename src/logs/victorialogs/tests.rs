//! The wire, where a real server cannot be made to misbehave: scripted answers, byte by byte.

use std::sync::Arc;

use futures::StreamExt as _;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use wiremock::matchers::{body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const SECRET: &str = "hunter2";

fn window() -> Window {
    Window { start: "2026-11-21T09:00:00Z".parse().unwrap(), end: "2026-11-21T09:05:00Z".parse().unwrap() }
}

fn query() -> Query {
    Query::new("*", window())
}

fn source_at(url: &str) -> VictoriaLogs {
    let mut options = Options::new(Address::parse(url).unwrap());
    options.timeout = Duration::from_secs(5);
    VictoriaLogs::new(&options).unwrap()
}

/// A server that reads one request and then writes these bytes, piece by piece, and closes.
async fn scripted(pieces: Vec<Vec<u8>>) -> VictoriaLogs {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_request(&mut socket).await;
        for piece in pieces {
            socket.write_all(&piece).await.unwrap();
            socket.flush().await.unwrap();
        }
        socket.shutdown().await.unwrap();
    });
    source_at(&url)
}

/// Reads head and body of a request, so that closing does not reset the connection.
async fn read_request(socket: &mut tokio::net::TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return text;
            }
        } else if count == 0 {
            return text;
        }
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/stream+json\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

async fn read(source: &VictoriaLogs) -> super::super::Answer {
    collect(source.query(query()).await.unwrap(), usize::MAX).await
}

#[tokio::test]
async fn a_whole_answer_cut_anywhere_between_packets() {
    let rows = "{\"_msg\":\"a\"}\n{\"_msg\":\"b\"}\n";
    let mut whole = HEAD.as_bytes().to_vec();
    for piece in ["{\"_msg", "\":\"a\"}\n{", "\"_msg\":\"b\"}", "\n"] {
        whole.extend(chunk(piece));
    }
    whole.extend(b"0\r\n\r\n");
    for cut in (1..whole.len()).step_by(7) {
        let source = scripted(vec![whole[..cut].to_vec(), whole[cut..].to_vec()]).await;
        let answer = read(&source).await;
        assert!(answer.cut.is_none(), "{:?}", answer.cut);
        let text: String = answer.rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
        assert_eq!(text, rows);
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_is_told_with_the_rows_before_it() {
    let message = "cannot execute query [*]: memory limit\u{1b}[2J exceeded";
    let pieces = vec![HEAD.into(), chunk("{\"_msg\":\"a\"}\n{\"_msg\":\"b\"}\n"), chunk(&format!("\n{message}\n"))];
    let answer = read(&scripted(pieces).await).await;
    assert_eq!(answer.rows.len(), 2);
    let Some(SourceError::FailedMidway { rows_before: 2, message: told }) = &answer.cut else {
        panic!("{:?}", answer.cut)
    };
    assert_eq!(told, message);
    let said = answer.cut.unwrap().to_string();
    assert!(said.contains("memory limit\\x1b[2J exceeded") && said.contains("2 rows"), "{said}");
}

#[tokio::test]
async fn a_cut_connection_is_told_with_the_rows_before_it() {
    for last in ["\n", "{\"_msg\":\"cut thr"] {
        let pieces = vec![HEAD.into(), chunk("{\"_msg\":\"a\"}\n"), chunk(last)];
        let answer = read(&scripted(pieces).await).await;
        assert_eq!(answer.rows.len(), 1);
        assert!(matches!(answer.cut, Some(SourceError::CutOff { rows_before: 1, .. })), "{:?}", answer.cut);
    }
}

#[tokio::test]
async fn a_last_row_that_is_not_whole_is_a_cut_even_where_the_connection_ends_well() {
    let body = "{\"_msg\":\"a\"}\n{\"_msg\":\"b";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let answer = read(&scripted(vec![head.into()]).await).await;
    assert_eq!(answer.rows.len(), 1);
    assert!(matches!(answer.cut, Some(SourceError::CutOff { rows_before: 1, .. })), "{:?}", answer.cut);
    // A last row without a line break is a row.
    let body = "{\"_msg\":\"a\"}";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let answer = read(&scripted(vec![head.into()]).await).await;
    assert!(answer.cut.is_none() && answer.rows.len() == 1);
}

#[tokio::test]
async fn a_giant_line_and_bytes_that_are_no_text() {
    let giant = format!("{{\"_msg\":\"{}\"}}\n", "x".repeat(1 << 20));
    let body = b"{\"_msg\":\"\xff\xfe\x80\"}\n";
    let mut odd = format!("{:x}\r\n", body.len()).into_bytes();
    odd.extend(body);
    odd.extend(b"\r\n0\r\n\r\n");
    let answer = read(&scripted(vec![HEAD.into(), chunk(&giant), odd]).await).await;
    assert!(answer.cut.is_none(), "{:?}", answer.cut);
    assert_eq!(answer.rows[0].get("_msg").len(), 1 << 20);
    assert_eq!(answer.rows[1].get("_msg"), "\u{fffd}\u{fffd}\u{fffd}");
}

#[tokio::test]
async fn an_answer_before_the_request_is_over_and_no_answer_at_all() {
    let source = scripted(vec![Vec::new()]).await;
    let error = source.query(query()).await.err().unwrap();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error:?}");
    let source = source_at("http://127.0.0.1:1");
    let error = source.query(query()).await.err().unwrap();
    let said = error.to_string();
    assert!(matches!(error, SourceError::Unreachable { .. }) && said.contains("refused"), "{said}");
}

/// A server that answers with these bytes and then stays silent until the client is gone, which it tells.
async fn silent_after(bytes: Vec<u8>) -> (VictoriaLogs, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gone = Arc::new(Notify::new());
    let told = Arc::clone(&gone);
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_request(&mut socket).await;
        socket.write_all(&bytes).await.unwrap();
        while !matches!(socket.read(&mut [0; 64]).await, Ok(0) | Err(_)) {}
        told.notify_one();
    });
    (source_at(&url), gone)
}

#[tokio::test]
async fn silence_runs_into_the_time_limit_with_the_rows_before_it() {
    let limit = Some(Duration::from_millis(20));
    let (source, _) = silent_after(Vec::new()).await;
    let given_up = tokio::time::timeout(Duration::from_secs(10), source.query(Query { timeout: limit, ..query() }));
    let error = given_up.await.unwrap().err().unwrap();
    assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");

    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend(chunk("{\"_msg\":\"a\"}\n"));
    let (source, gone) = silent_after(bytes).await;
    let answer = collect(source.query(Query { timeout: limit, ..query() }).await.unwrap(), usize::MAX).await;
    assert_eq!(answer.rows.len(), 1);
    assert!(matches!(answer.cut, Some(SourceError::TimedOut { .. })), "{:?}", answer.cut);
    // The connection is closed, so the server stops working for nobody.
    gone.notified().await;
}

#[tokio::test]
async fn dropping_the_stream_or_the_call_closes_the_connection() {
    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend(chunk("{\"_msg\":\"a\"}\n"));
    let (source, gone) = silent_after(bytes).await;
    let mut rows = source.tail("*").await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().len(), 1);
    drop(rows);
    gone.notified().await;

    let (source, gone) = silent_after(Vec::new()).await;
    let call = source.query(query());
    // Long enough for the request to be on its way; the server has read it when it sees the end.
    let _ = tokio::time::timeout(Duration::from_millis(50), call).await;
    gone.notified().await;
}

async fn answered(template: ResponseTemplate) -> SourceError {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(template).mount(&server).await;
    source_at(&server.uri()).query(query()).await.err().unwrap()
}

#[tokio::test]
async fn every_refusal_is_told_apart() {
    let text = |status: u16, text: &str| ResponseTemplate::new(status).set_body_string(text);
    let error = answered(text(400, "cannot parse query [(]: x; context: [(]")).await;
    assert!(matches!(&error, SourceError::BadQuery { message, .. } if message.starts_with("cannot parse")), "{error}");
    let error = answered(text(422, r#"{"status":"error","errorType":"422","error":"no stats"}"#)).await;
    assert!(matches!(&error, SourceError::BadQuery { message, .. } if message == "no stats"), "{error}");
    for status in [401, 403] {
        let error = answered(text(status, "no")).await;
        assert!(matches!(error, SourceError::Denied { status: told, .. } if told == status), "{error}");
    }
    for status in [429, 502, 503, 504] {
        let error = answered(text(status, "couldn't start executing")).await;
        let SourceError::Unavailable { status: told, message, .. } = &error else { panic!("{error}") };
        assert_eq!((*told, message.as_str()), (status, "couldn't start executing"));
    }
    let error = answered(ResponseTemplate::new(302).insert_header("Location", "https://login.example/")).await;
    assert!(matches!(&error, SourceError::Unexpected { message, .. } if message.contains("login.example")), "{error}");
    let page = || ResponseTemplate::new(200).set_body_raw("<html>", "text/html; charset=utf-8");
    assert!(matches!(answered(page()).await, SourceError::Unexpected { .. }));
    let error = answered(ResponseTemplate::new(404).set_body_raw("<html>nginx", "text/html")).await;
    assert!(matches!(&error, SourceError::Unexpected { message, .. } if message == "HTTP 404: Not Found"), "{error}");
    // A web server's own 400 page is not about the query.
    let error = answered(ResponseTemplate::new(400).set_body_raw("<html>nginx", "text/html")).await;
    assert!(matches!(error, SourceError::Unexpected { .. }), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_string("OK")).mount(&server).await;
    let error = source_at(&server.uri()).hits(query(), Duration::from_secs(60), &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::Unexpected { .. }), "{error}");
}

#[tokio::test]
async fn credentials_tenant_and_range_go_along_and_are_never_shown() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/prefix/select/logsql/query"))
        .and(header("Authorization", "Basic a2ltOmh1bnRlcjI="))
        .and(header("AccountID", "7"))
        .and(header("ProjectID", "9"))
        .and(header("X-Gate", SECRET))
        .and(header("User-Agent", crate::net::USER_AGENT))
        .and(header("Content-Type", "application/x-www-form-urlencoded"))
        .and(body_string_contains("query=a%3A%3D%22b%26c%22"))
        .and(body_string_contains("start=2026-11-21T09%3A00%3A00.000000000Z"))
        .and(body_string_contains("end=2026-11-21T09%3A05%3A00.000000001Z"))
        .and(body_string_contains(
            "extra_filters=_time%3A%5B2026-11-21T09%3A00%3A00.000000000Z%2C+2026-11-21T09%3A05%3A00.000000000Z%29",
        ))
        .and(body_string_contains("limit=5"))
        .and(body_string_contains("timeout=5000ms"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    let mut options = Options::new(Address::parse(&format!("{}/prefix", server.uri())).unwrap());
    options.timeout = Duration::from_secs(5);
    options.auth = Auth::Basic { user: "kim".into(), password: SecretString::from(SECRET) };
    options.headers.push(("X-Gate".into(), SecretString::from(SECRET)));
    (options.account_id, options.project_id) = (Some(7), Some(9));
    let source = VictoriaLogs::new(&options).unwrap();
    let rows = source.query(Query::new("a:=\"b&c\"", window()).limited(5)).await.unwrap();
    assert!(collect(rows, 10).await.cut.is_none());
    let shown = format!("{options:?} {source:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("a2ltOmh1bnRlcjI"), "{shown}");
    assert!(!format!("{:?}", source.info()).contains(SECRET));
    // A tenant is a source of its own, however it is named.
    assert_eq!(source.info().identity, format!("{}/prefix [7:9]", server.uri()));
    (options.account_id, options.project_id) = (None, None);
    assert_eq!(VictoriaLogs::new(&options).unwrap().info().identity, format!("{}/prefix", server.uri()));
    options.headers.push(("accountid".into(), SecretString::from("12")));
    assert_eq!(VictoriaLogs::new(&options).unwrap().info().identity, format!("{}/prefix [12:0]", server.uri()));
}

#[tokio::test]
async fn the_users_password_in_the_url_is_sent_and_never_said() {
    let server = MockServer::start().await;
    Mock::given(header("Authorization", "Basic a2ltOmh1bnRlcjI="))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    let url = server.uri().replace("http://", &format!("http://kim:{SECRET}@"));
    let source = source_at(&url);
    let error = source.query(query()).await.err().unwrap();
    assert!(matches!(error, SourceError::Denied { status: 401, .. }), "{error}");
    assert!(!format!("{error:?} {error} {source:?}").contains(SECRET));
    assert_eq!(source.info().label, server.uri());
}

#[test]
fn a_window_beyond_what_the_server_can_keep_is_bounded() {
    let forms = VictoriaLogs::form(&Query::new("*", Window { start: Timestamp::MIN, end: Timestamp::MAX }));
    let value = |wanted: &str| forms.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone()).unwrap();
    assert_eq!(value("start"), "1970-01-01T00:00:00.000000000Z");
    assert_eq!(value("end"), "2262-04-11T23:47:16.854775807Z");
    let own = VictoriaLogs::form(&Query::new("options(ignore_global_time_filter=true) *", window()));
    assert!(own.iter().all(|(name, _)| *name != "extra_filters"));
}

#[test]
fn steps_as_the_server_reads_them() {
    for (step, text) in [(60_000, "60s"), (1500, "1500ms"), (0, "1ms")] {
        assert_eq!(piped::step_of(Duration::from_millis(step)), text);
    }
}

#[tokio::test]
async fn discovery_says_what_it_found_instead() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    Mock::given(method("POST")).respond_with(page).mount(&server).await;
    let error = VictoriaLogs::try_at(&server.uri()).await.err().unwrap();
    assert!(error.to_string().contains("web page"), "{error}");
    let error = VictoriaLogs::try_at("http://127.0.0.1:1").await.err().unwrap();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
}

//! Sources from the command line's side: rows printed, ranges chosen, answers that are cut, interrupts.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use super::{Home, is_korean, told};
use crate::support::ended;

/// A server that gives one answer to every request, byte for byte, and closes. Ends with the test's process.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 65_536];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn an_answer_that_is_cut_is_printed_as_far_as_it_came_and_ends_with_3() {
    let row = "{\"_msg\":\"a\\u001b[2Jb\",\"status\":\"404\"}\n";
    // The chunk is whole, the end of the answer is missing.
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/stream+json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{row}\r\n",
        row.len()
    );
    let url = answering(Box::leak(answer.into_boxed_str()));
    let home = Home::new();
    let (code, out, error) = home.run(&["query", "*", "--url", &url, "-o", "jsonl"]);
    assert_eq!((code, out.as_str()), (3, "{\"_msg\":\"a\\u001b[2Jb\",\"status\":\"404\"}\n"), "{error}");
    assert!(error.contains("cut after 1 rows"), "{error}");
    let (code, out, _) = home.run(&["query", "*", "--url", &url]);
    assert_eq!(code, 3);
    assert_eq!(out, "_msg       status\na\\x1b[2Jb     404\n");
    let (code, _, error) = home.run_in_korean(&["query", "*", "--url", &url]);
    assert!(code == 3 && is_korean(&error), "{error}");
}

#[test]
fn a_server_that_is_not_there_ends_with_1_and_says_what_to_do() {
    let home = Home::new();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let (code, out, error) = home.run(&["query", "*", "--url", &url]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.contains(&url) && error.contains("does not answer"), "{error}");
    let (code, _, error) = home.run(&["query", "*", "--file", "/nonexistent/access.log"]);
    assert!(code == 1 && error.contains("/nonexistent/access.log"), "{error}");
}

#[test]
fn a_query_that_the_server_refuses_is_a_usage_error() {
    let url = answering(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 34\r\nConnection: close\r\n\r\ncannot parse query [(]: unexpected",
    );
    let (code, _, error) = Home::new().run(&["query", "(", "--url", &url]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("cannot parse query"), "{error}");
}

#[test]
fn an_interrupt_ends_with_130() {
    // A server that takes the request and never answers.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let home = Home::new();
    for signal in ["-INT", "-TERM"] {
        let program = assert_cmd::cargo::cargo_bin!("gatewatch");
        let child = std::process::Command::new(program)
            .args(["query", "*", "--url", &url])
            .env_clear()
            .env("HOME", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The query is under way once its connection is there.
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        assert!(std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(ended(child).code(), Some(130), "{signal}");
    }
}

#[test]
fn doctor_ends_with_1_without_a_source_and_with_3_without_a_model() {
    let home = Home::new();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let nobody = format!("http://127.0.0.1:{port}");
    let log =
        home.write("access.log", "192.0.2.1 - - [02/Mar/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n");
    let model = format!("judge.url={nobody}");
    let (code, out, _) = home.run(&["doctor", "--file", &log, "--set", &model, "-o", "csv"]);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("model,down") && out.contains("source,ok"), "{out}");
    let (code, out, _) = home.run(&["doctor", "--file", &log, "--judge", "offline", "-o", "csv"]);
    assert_eq!(code, 0, "{out}");
    let (code, out, _) = home.run(&["doctor", "--url", &nobody, "--judge", "offline", "-o", "json"]);
    assert_eq!(code, 1, "{out}");
    assert!(serde_json::from_str::<serde_json::Value>(&out).unwrap().as_array().unwrap().len() > 3);
    let output = home
        .gatewatch(&["doctor", "--file", &log, "--judge", "offline"])
        .env("GATEWATCH_WINDW", "5m")
        .output()
        .unwrap();
    assert!(told(&output).1.contains("GATEWATCH_WINDW"));
    assert!(is_korean(&home.run_in_korean(&["doctor", "--file", &log]).1));
}

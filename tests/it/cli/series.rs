//! Watched series, the forest, costs and the filter in a pipe, as a person or a script runs them.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use super::{Home, is_korean, told};
use crate::support::ended;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/// An hour of a small site: twelve people, about a hundred requests a minute; in the last three minutes a flood where
/// asked for.
fn hour(flood: bool) -> String {
    let mut log = String::new();
    let mut line = |minute: u32, second: u32, client: &str, target: &str, status: u32, bytes: u32| {
        let time = format!("02/Mar/2026:09:{minute:02}:{second:02} +0000");
        writeln!(log, r#"{client} - - [{time}] "GET {target} HTTP/1.1" {status} {bytes} "-" "{BROWSER}""#).unwrap();
    };
    for minute in 0..60 {
        for number in 0..100 + minute * 7 % 13 {
            let client = format!("198.18.3.{}", number % 12 + 1);
            line(minute, number % 60, &client, &format!("/page/{}", number % 9), 200, 5_000);
        }
        if flood && minute >= 57 {
            for number in 0..900 {
                line(minute, number % 60, "203.0.113.66", "/search?q=x", if number % 3 == 0 { 503 } else { 200 }, 300);
            }
        }
    }
    log
}

#[test]
fn an_event_is_opened_once_names_its_client_and_is_closed_by_hand() {
    let home = Home::new();
    let log = home.write("flood.log", &hour(true));
    let (code, out, error) = home.run(&["events", "check", &log, "-o", "json"]);
    assert_eq!(code, 0, "{error}");
    let watched: serde_json::Value = serde_json::from_str(&out).unwrap();
    let opened = watched["opened"].as_array().unwrap();
    let errors = opened.iter().find(|event| event["series"] == "server-errors").unwrap();
    assert_eq!((&errors["severity"], &errors["rule"]), (&"critical".into(), &"error-rate-high".into()));
    assert_eq!(errors["finding"]["culprits"][0]["client"], "203.0.113.66");
    assert!(opened.iter().any(|event| event["series"] == "requests"), "{out}");

    let (_, again, _) = home.run(&["events", "check", &log, "-o", "json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&again).unwrap()["opened"].as_array().unwrap().len(), 0);
    let id = errors["id"].to_string();
    let (code, out, _) = home.run(&["events", "ack", &id]);
    assert!(code == 0 && out.contains("acknowledged"), "{out}");
    let (code, _, error) = home.run(&["events", "ack", &id]);
    assert!(code == 1 && error.contains("acknowledged already"), "{error}");
    assert_eq!(home.run(&["events", "resolve", &id]).0, 0);
    let (code, _, error) = home.run(&["events", "resolve", "99"]);
    assert!(code == 1 && error.contains("no event 99"), "{error}");
    // What a person resolved does not come back while the series is still out.
    let (_, again, _) = home.run(&["events", "check", &log, "-o", "json"]);
    assert!(!again.contains("server-errors"), "{again}");
    let (_, all, _) = home.run(&["events", "--all", "-o", "jsonl"]);
    assert!(all.lines().any(|line| line.contains(r#""state":"resolved""#)), "{all}");
    let (_, korean, _) = home.run_in_korean(&["events"]);
    assert!(is_korean(&korean) && korean.contains("203.0.113.66"), "{korean}");
}

#[test]
fn a_calm_hour_opens_nothing_and_a_file_of_ones_own_does() {
    let home = Home::new();
    let log = home.write("calm.log", &hour(false));
    let (code, out, _) = home.run(&["events", "check", &log, "-o", "json"]);
    assert_eq!((code, out.contains(r#""opened": []"#)), (0, true), "{out}");
    let own = home.write(
        "own.toml",
        "[[rule]]\nname = 'many'\nseries = 'requests'\nmethod = 'threshold'\nop = 'gte'\nlimit = 90\nseverity = 'info'\n",
    );
    let set = format!("baselines.files={own}");
    let (_, out, _) = home.run(&["events", "check", &log, "-o", "json", "--set", &set]);
    assert!(out.contains(r#""rule": "many""#), "{out}");
    let broken = home.write("broken.toml", "[[rule]]\nname = 'many'\nseries = 'requests'\nmethod = 'magic'\n");
    let set = format!("baselines.files={broken}");
    let (code, _, error) = home.run(&["events", "check", &log, "--set", &set]);
    assert!(code == 2 && error.contains("broken.toml:4"), "{code} {error}");
}

#[test]
fn an_unattended_cycle_reports_events_and_can_leave_series_alone() {
    let home = Home::new();
    let log = home.write("flood.log", &hour(true));
    let range = ["--start", "2026-03-02T09:55:00Z", "--end", "2026-03-02T10:00:00Z", "--judge", "offline"];
    let (_, out, _) =
        home.run(&[&["--auto", &log, "-o", "json", "--set", "baselines.active=false"][..], &range].concat());
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["series"]["series"], 0);
    let (_, out, error) = home.run(&[&["--auto", &log][..], &range].concat());
    assert!(out.contains("event opened: [critical] server errors a minute"), "{out}{error}");
    assert!(out.contains("explained by 203.0.113.66"), "{out}");
}

#[test]
fn the_filter_answers_in_order_and_what_is_no_request_in_its_place() {
    let home = Home::new();
    let input = concat!(
        r#"{"remote_addr":"203.0.113.5","method":"GET","uri":"/.git/config","status":404,"user_agent":"x"}"#,
        "\nnonsense\n",
        r#"{"request":{"remote_ip":"203.0.113.9","uri":"/a?id=1%20union%20select%201","method":"GET"},"status":200}"#,
        "\n",
        r#"{"ClientHost":"203.0.113.9","RequestPath":"/ok","DownstreamStatus":200}"#,
        "\n",
    );
    let output = home.gatewatch(&["detect"]).write_stdin(input).output().unwrap();
    let (code, out, error) = told(&output);
    assert_eq!(code, 3, "{error}");
    let answers: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 4);
    assert_eq!((&answers[0]["anomaly"], &answers[0]["method"]), (&true.into(), &"rule".into()));
    assert_eq!(answers[1]["line"], 2);
    assert_eq!(answers[2]["detail"]["name"], "rule:sql-injection");
    assert_eq!(answers[3], serde_json::json!({ "anomaly": false }));
    assert!(error.contains("1 of 4 lines"), "{error}");
}

#[test]
fn the_filter_does_not_wait_for_more_before_it_answers() {
    let home = Home::new();
    let program = assert_cmd::cargo::cargo_bin!("gatewatch");
    let mut child = std::process::Command::new(program)
        .env_clear()
        .env("HOME", home.path())
        .arg("detect")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for (request, expected) in [(r#"{"uri":"/ok"}"#, "false"), (r#"{"uri":"/.env"}"#, "true")] {
        writeln!(input, "{request}").unwrap();
        input.flush().unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert!(answer.contains(&format!(r#""anomaly":{expected}"#)), "{answer}");
    }
    drop(input);
    assert_eq!(ended(child).code(), Some(0));
}

#[test]
fn the_forest_is_trained_shown_and_refused_where_it_is_of_another_version() {
    let home = Home::new();
    let (code, _, error) = home.run(&["forest", "show"]);
    assert!(code == 1 && error.contains("gatewatch forest train"), "{error}");
    let folder = home.path().join("sim").to_str().unwrap().to_owned();
    assert_eq!(home.run(&["simulate", &folder, "--small", "--length", "20m"]).0, 0);
    let log = format!("{folder}/access.log");
    let replayed = || home.run(&["backtest", &log, "-o", "json"]).1.contains("\"forest:");
    assert!(!replayed());
    let (code, _, error) = home.run(&["forest", "train", &log]);
    assert!(code == 0 && error.contains("learned from"), "{error}");
    assert!(replayed(), "a replay compares with the usual clients, as an unattended run does");
    // It says with which, and can do without.
    let (_, out, error) = home.run(&["backtest", &log, "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(report["forest"]["path"].as_str().unwrap().ends_with("forest.json"), "{}", report["forest"]);
    assert!(error.contains("forest.json, trained 2") && error.contains("--no-forest"), "{error}");
    let (_, out, error) = home.run(&["backtest", &log, "--no-forest", "-o", "json"]);
    assert!(!out.contains("\"forest:") && out.contains("\"forest\": null") && !error.contains("forest"), "{error}");
    let (code, out, error) = home.run(&["forest", "show", &log, "-o", "json"]);
    assert_eq!(code, 0, "{error}");
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(shown["today"]["drift"].as_array().unwrap().len() > 10 && shown["clients"].as_u64() > Some(100));

    // Attackers are left out of both, so that a model that was just trained is not an old one; all of it reads well.
    assert!(
        shown["today"]["left_out"].as_u64() > Some(0) && shown["today"]["drift"][0]["index"].as_f64() < Some(0.25),
        "{out}"
    );
    let (_, _, error) = home.run(&["forest", "show", &log]);
    assert!(!error.contains("train it again") && error.contains("2026-03-02 09:00:0"), "{error}");
    assert!(!error.lines().any(|line| line.contains("2026-03-02T")), "{error}");
    let (_, _, korean) = home.run_in_korean(&["forest", "show", &log]);
    assert!(is_korean(&korean) && !korean.contains("agent_") && !korean.contains("_share"), "{korean}");
    // A long range over one hour of rows is one hour.
    let (_, _, error) =
        home.run(&["forest", "train", &log, "--start", "2026-03-01T09:30:00Z", "--end", "2026-03-02T09:30:00Z"]);
    assert!(error.contains("in 1 h;"), "{error}");

    let model = home.path().join("state/gatewatch/forest.json");
    let text = std::fs::read_to_string(&model).unwrap().replacen("\"version\":1", "\"version\":7", 1);
    std::fs::write(&model, text).unwrap();
    let (code, _, error) = home.run(&["forest", "show", &log]);
    assert!(code == 1 && error.contains("version 7"), "{error}");
    // The rest of the program says so and does without.
    let (code, _, error) = home.run(&["suspects", &log]);
    assert!(code == 0 && error.contains("version 7"), "{error}");
    let detect = || home.gatewatch(&["detect"]).write_stdin("{\"uri\":\"/.env\"}\n").output().unwrap();
    let (code, out, error) = told(&detect());
    assert!(code == 0 && out.contains("true") && error.contains("version 7"), "{out}{error}");
    let few = home.write("few.log", &hour(false));
    let (code, _, error) = home.run(&["forest", "train", &few]);
    assert!(code == 1 && error.contains("too few"), "{error}");
}

#[test]
fn suspects_by_cost_are_who_asks_for_what_is_dear() {
    let home = Home::new();
    let mut log = String::new();
    let mut line = |number: u32, client: &str, target: &str, status: u32, bytes: u32| {
        let time = format!("02/Mar/2026:09:{:02}:{:02} +0000", number / 60 % 60, number % 60);
        writeln!(log, r#"{client} - - [{time}] "GET {target} HTTP/1.1" {status} {bytes} "-" "{BROWSER}""#).unwrap();
    };
    for number in 0..1_200 {
        line(number, &format!("198.18.3.{}", number % 60 + 1), "/page", 200, 20_000);
    }
    for number in 0..40 {
        line(number, "203.0.113.8", "/export", 200, 900_000);
        line(number, "198.18.9.9", "/installer.iso", 206, 900_000);
    }
    let log = home.write("cost.log", &log);
    let (code, out, error) = home.run(&["suspects", &log, "--by", "cost", "-o", "json"]);
    assert_eq!(code, 0, "{error}");
    let costs: serde_json::Value = serde_json::from_str(&out).unwrap();
    let clients = costs["clients"].as_array().unwrap();
    assert_eq!(clients.len(), 1, "{out}");
    assert_eq!((&clients[0]["spent"]["client"], &clients[0]["dear"]), (&"203.0.113.8".into(), &"bytes".into()));
}

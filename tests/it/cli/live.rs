//! Acts against CrowdSec's real server: what `gatewatch ban` did is what `cscli decisions list` shows.

use super::Home;
use crate::support::crowdsec::Server;

const TARGET: &str = "203.0.113.77";

#[test]
fn a_ban_is_seen_by_cscli_and_lifted_by_its_id() {
    let Some(server) = Server::start() else { return };
    let home = Home::new();
    let credentials = server.credentials_file();
    let live = ["--dry-run=false", "--credentials", credentials.to_str().unwrap()];
    let run = |arguments: &[&str]| home.run(&[arguments, &live].concat());

    let (code, out, error) = run(&["ban", TARGET, "--yes", "--duration", "1h", "--reason", "by hand"]);
    assert_eq!(code, 0, "{error}");
    assert!(error.contains("LIVE") && out.contains(TARGET), "{out}{error}");
    let seen = server.decisions();
    assert_eq!(seen.len(), 1);
    assert_eq!((&seen[0]["value"], &seen[0]["type"]), (&TARGET.into(), &"ban".into()));

    let (code, out, _) = run(&["decisions", TARGET, "-o", "jsonl"]);
    assert_eq!(code, 0);
    let decision: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(decision["id"], seen[0]["id"]);

    let (code, _, error) = run(&["unban", TARGET, "--yes"]);
    assert_eq!(code, 0, "{error}");
    assert!(server.decisions().is_empty());
    assert_eq!(run(&["unban", TARGET, "--yes"]).0, 1);
}

#[test]
fn a_rehearsal_in_front_of_a_real_server_changes_nothing_there() {
    let Some(server) = Server::start() else { return };
    let home = Home::new();
    let credentials = server.credentials_file();
    let (code, out, error) = home.run(&["ban", TARGET, "--yes", "--credentials", credentials.to_str().unwrap()]);
    assert_eq!(code, 10, "{error}");
    assert!(out.contains(TARGET), "{out}");
    assert!(server.decisions().is_empty());
}

#[test]
fn a_wrong_password_and_a_server_that_is_down_are_told_apart() {
    let Some(mut server) = Server::start() else { return };
    let home = Home::new();
    let url = server.url();
    let settings =
        format!("dry_run = false\n[crowdsec]\nurl = \"{url}\"\nmachine = \"gatewatch-test\"\npassword = \"hunter2\"\n");
    home.settings(&settings);
    let (code, _, error) = home.run(&["ban", TARGET, "--yes"]);
    assert_eq!(code, 1);
    assert!(error.contains("gatewatch-test") && error.contains("cscli machines list"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let (code, out, _) = home.run(&["doctor", "-o", "csv"]);
    assert!(code == 1 && out.contains("CrowdSec,FAIL"), "{out}");

    server.stop();
    let (code, _, error) = home.run(&["decisions"]);
    assert_eq!(code, 1);
    assert!(error.contains(&url) && error.contains("does not answer"), "{error}");
}

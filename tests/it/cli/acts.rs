//! Bans and their lifting as a rehearsal: nothing is sent, and the exit code says that something would have been.

use super::{Home, is_korean};

const TARGET: &str = "203.0.113.77";

#[test]
fn a_rehearsed_ban_shows_as_active_in_another_process_and_is_lifted_there() {
    let home = Home::new();
    let (code, out, error) = home.run(&["ban", TARGET, "--yes", "--duration", "2h", "--reason", "scanner"]);
    assert_eq!(code, 10, "{error}");
    assert!(error.contains("ban for 2h") && error.contains("REHEARSAL") && error.contains("scanner"), "{error}");
    assert!(out.contains(TARGET) && out.contains("gatewatch/manual"), "{out}");

    let (code, out, error) = home.run(&["decisions", "-o", "json"]);
    assert_eq!(code, 0);
    assert!(error.contains("not sent to CrowdSec"), "{error}");
    let decisions: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&decisions[0]["value"], &decisions[0]["kind"]), (&TARGET.into(), &"ban".into()));
    let id = decisions[0]["id"].to_string();

    // A target without a decision of its own, and one that is no decision at all.
    assert_eq!(home.run(&["unban", "203.0.113.78", "--yes"]).0, 1);
    assert_eq!(home.run(&["unban", "--id", "12", "--yes"]).0, 1);
    // Nobody can be asked here.
    let (code, _, error) = home.run(&["unban", TARGET]);
    assert!(code == 2 && error.contains("--yes"), "{error}");

    let (code, _, error) = home.run(&["unban", "--id", &id, "--yes"]);
    assert!(code == 10 && error.contains("lifted"), "{code} {error}");
    assert_eq!(home.run(&["decisions", "-o", "json"]).1.trim(), "[]");
}

#[test]
fn lifting_an_address_leaves_the_range_that_covers_it_and_names_its_id() {
    let home = Home::new();
    assert_eq!(home.run(&["ban", "203.0.113.0/24", "--yes"]).0, 10);
    assert_eq!(home.run(&["ban", TARGET, "--yes"]).0, 10);
    let (code, _, error) = home.run(&["unban", TARGET, "--yes"]);
    assert_eq!(code, 10);
    assert!(error.contains("203.0.113.0/24 (decision ") && error.contains("covers it too"), "{error}");
    let (_, left, _) = home.run(&["decisions", TARGET, "-o", "jsonl"]);
    assert_eq!(left.lines().count(), 1);
    assert!(left.contains("203.0.113.0/24"), "{left}");
}

#[test]
fn a_ban_needs_a_person_or_yes() {
    let home = Home::new();
    let (code, _, error) = home.run(&["ban", TARGET]);
    assert!(code == 2 && error.contains("--yes"), "{error}");
    assert_eq!(home.run(&["decisions", "-o", "jsonl"]).1, "");
    let (code, _, error) = home.run_in_korean(&["ban", TARGET]);
    assert!(code == 2 && is_korean(&error), "{error}");
}

#[test]
fn what_the_policy_refuses_is_not_done_and_the_rule_is_said() {
    let home = Home::new();
    for (target, said) in [
        ("10.1.2.3", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.0/8"),
        ("100.64.0.9", "100.64.0.0/10"),
        ("198.51.0.0/16", "/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::/32", "/48"),
        ("192.0.2.50", "192.0.2.0/24"),
        ("198.51.100.200", "198.51.100.200"),
        ("198.51.100.0/24", "198.51.100.200"),
    ] {
        let output = home
            .gatewatch(&["ban", target, "--yes", "--allow", "192.0.2.0/24"])
            .env("SSH_CONNECTION", "198.51.100.200 51514 192.0.2.1 22")
            .output()
            .unwrap();
        let (code, _, error) = super::told(&output);
        assert_eq!(code, 1, "{target}: {error}");
        assert!(error.contains("the policy says") && error.contains(said), "{target}: {error}");
    }
    let (_, _, error) = home.run_in_korean(&["ban", "10.1.2.3", "--yes"]);
    assert!(is_korean(&error), "{error}");
    assert_eq!(home.run(&["decisions", "-o", "jsonl"]).1, "");
}

#[test]
fn a_live_ban_without_credentials_is_a_mistake_in_the_settings() {
    let home = Home::new();
    let nowhere = home.path().join("none.yaml");
    let arguments = ["ban", TARGET, "--yes", "--dry-run=false", "--credentials", nowhere.to_str().unwrap()];
    let (code, _, error) = home.run(&arguments);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("none.yaml") && error.contains("cscli machines add"), "{error}");
}

#[test]
fn who_did_it_is_in_the_journal_with_the_reason() {
    let home = Home::new();
    let mut command = home.gatewatch(&["ban", TARGET, "--yes"]);
    assert_eq!(command.env("SSH_CLIENT", "198.51.100.9 5 22").output().unwrap().status.code(), Some(10));
    let journal = gatewatch::journal::Journal::open(home.path().join("state/gatewatch/journal.db")).unwrap();
    let intents = journal.intents_of(format!("{TARGET}/32").parse().unwrap(), 10).unwrap();
    assert_eq!((intents[0].actor.user.as_str(), intents[0].actor.from.as_str()), ("lee", "198.51.100.9"));
    assert!(!intents[0].live && intents[0].reason.contains("lee"));
}

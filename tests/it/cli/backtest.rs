//! `gatewatch backtest` and `simulate`: what a replay reads and says of it, and the traffic to replay.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::mpsc::channel;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Home, is_korean};
use crate::support::victorialogs::Server;
use crate::support::{PATIENCE, ended};

const START: Timestamp = Timestamp::constant(1_772_442_000, 0);

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_a_server_that_begins_before_its_first_request_is_replayed_whole() {
    let Some(server) = Server::start() else { return };
    let mut rows = String::new();
    // Another program's row in a window without requests: of that window alone no field could be known.
    let early = START - SignedDuration::from_mins(58);
    writeln!(rows, "{}", json!({ "_time": early.to_string(), "_msg": "started" })).unwrap();
    for nth in 0..60 {
        let at = START + SignedDuration::from_secs(nth * 10);
        let row = json!({
            "_time": at.to_string(), "_msg": "x", "remote_addr": format!("203.0.113.{}", nth % 5), "method": "GET",
            "uri": "/", "status": "200", "user_agent": "Mozilla/5.0",
        });
        writeln!(rows, "{row}").unwrap();
    }
    server.insert_lines(rows).await;
    let home = Home::new();
    let replay = |start: Timestamp, end: Timestamp| {
        let (start, end) = (start.to_string(), end.to_string());
        let (code, out, error) =
            home.run(&["backtest", "--url", &server.url(), "--start", &start, "--end", &end, "-o", "json"]);
        assert_eq!(code, 0, "{error}");
        let report: Value = serde_json::from_str(&out).unwrap();
        (report["requests"].as_u64().unwrap(), report["windows"].as_u64().unwrap(), error)
    };
    let end = START + SignedDuration::from_mins(15);
    for before in [60, 70, 600] {
        let (requests, windows, error) = replay(START - SignedDuration::from_mins(before), end);
        assert_eq!((requests, windows), (60, 2), "{before} minutes before: {error}");
    }
    // A range in which nothing was logged is empty, and no mistake.
    let (requests, windows, error) =
        replay(START - SignedDuration::from_hours(90), START - SignedDuration::from_hours(80));
    assert_eq!((requests, windows), (0, 0), "{error}");
    assert!(!error.contains("remote_addr"), "{error}");
}

/// Starts the program, interrupts it once `is_under_way` has returned, and gives its exit code and what it printed.
fn interrupted(home: &Home, arguments: &[&str], is_under_way: impl FnOnce()) -> (Option<i32>, String) {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("gatewatch"))
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    is_under_way();
    assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let code = ended(child).code();
    let mut printed = String::new();
    output.read_to_string(&mut printed).unwrap();
    (code, printed)
}

#[test]
fn a_replay_and_a_simulation_end_when_interrupted_and_leave_nothing_half_done() {
    let home = Home::new();
    let folder = home.path().join("sim");
    let here = folder.to_str().unwrap();
    let files = || std::fs::read_dir(&folder).map_or(0, |files| files.count());
    // Long enough that it is not over before it is interrupted, also where this test is alone on a fast machine.
    let begun = || {
        while files() == 0 {
            std::thread::yield_now();
        }
    };
    let told = interrupted(&home, &["simulate", here, "--length", "30d"], begun);
    assert_eq!(told, (Some(130), String::new()));
    assert_eq!(files(), 0, "what is not whole does not stay");

    // A log that never ends: it is under way once it has read more than a pipe holds.
    let pipe = home.path().join("access.log");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let (sender, read) = channel();
    let log = pipe.clone();
    std::thread::spawn(move || {
        let mut log = std::fs::OpenOptions::new().write(true).open(log).unwrap();
        let line =
            "203.0.113.7 - - [21/Nov/2026:10:00:00 +0000] \"GET /shop HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0\"\n";
        log.write_all(line.repeat(1 << 14).as_bytes()).unwrap();
        sender.send(()).unwrap();
        // It stays open to the end of the tests.
        loop {
            std::thread::park();
        }
    });
    let reads = || read.recv_timeout(PATIENCE).unwrap();
    assert_eq!(interrupted(&home, &["backtest", pipe.to_str().unwrap()], reads), (Some(130), String::new()));
}

#[test]
fn a_simulation_does_not_write_over_files_unasked_and_refuses_nonsense() {
    let home = Home::new();
    let folder = home.path().join("sim");
    let here = folder.to_str().unwrap();
    let simulate = |more: &[&str]| home.run(&[&["simulate", here, "--small", "--length", "1m"], more].concat());
    let (code, _, error) = simulate(&[]);
    assert!(code == 0 && error.contains("labels.json"), "{error}");
    home.write("sim/access.log", "mine\n");
    for more in [&[][..], &["--bulk", "10"]] {
        let (code, _, error) = simulate(more);
        assert!(code == 1 && error.contains("access.log") && error.contains("--force"), "{error}");
    }
    let kept = || std::fs::read_to_string(folder.join("access.log")).unwrap();
    assert_eq!(kept(), "mine\n");
    assert_eq!(simulate(&["--force"]).0, 0);
    assert!(kept().len() > 1_000);
    for wrong in [["--length", "0s"], ["--length", "x"], ["--rate", "0"], ["--rate", "nan"], ["--rate", "inf"]] {
        let (code, _, error) = home.run(&["simulate", here, "--force", wrong[0], wrong[1]]);
        assert!(code == 2 && error.contains(wrong[0]), "{wrong:?}: {error}");
    }
    let file = home.write("file", "");
    let (code, _, error) = home.run(&["simulate", &format!("{file}/below")]);
    assert!(code == 1 && error.contains(&format!("{file}/below")), "{error}");
    assert!(is_korean(&home.run_in_korean(&["simulate", here]).2));
}

#[test]
fn labels_give_figures_families_and_who_was_flagged_wrongly() {
    let home = Home::new();
    let folder = home.path().join("sim");
    let here = folder.to_str().unwrap();
    assert_eq!(home.run(&["simulate", here, "--length", "10m"]).0, 0);
    let (log, given) = (format!("{here}/access.log"), format!("{here}/labels.json"));
    let (_, out, _) = home.run(&["backtest", &log, "-o", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    // One who is flagged is called innocent here, another has no label.
    let flagged = |nth: usize| report["suspects"][nth]["target"].as_str().unwrap().to_owned();
    let mut labels: Value = serde_json::from_str(&std::fs::read_to_string(&given).unwrap()).unwrap();
    labels[&flagged(0)] = json!("innocent");
    labels.as_object_mut().unwrap().remove(&flagged(1));
    let changed = home.write("changed.json", &labels.to_string());

    let (code, out, error) = home.run(&["backtest", &log, "--labels", &changed]);
    assert_eq!(code, 0, "{error}");
    let line =
        |begin: &str| out.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("{begin}: {out}"));
    for name in ["precision", "recall  ", "F1", "recall, mean of families", "innocents flagged"] {
        let share = line(name).split_whitespace().find(|word| word.ends_with('%')).unwrap();
        assert_eq!(share.trim_end_matches('%').split_once('.').unwrap().1.len(), 2, "{name}: {share}");
    }
    assert!(line("innocents flagged").contains(" of "), "{out}");
    assert!(out.contains("1 flagged without a label"), "{out}");
    let families: Vec<f64> = out
        .lines()
        .skip_while(|line| !line.starts_with("family"))
        .skip(1)
        .map_while(|line| line.split_whitespace().nth(1)?.strip_suffix('%')?.parse().ok())
        .collect();
    assert!(families.len() > 10 && families.is_sorted(), "{families:?}");
    let wrong = out.split("flagged wrongly: ").nth(1).unwrap();
    assert!(wrong.contains(&flagged(0)) && wrong.contains('['), "{wrong}");
    assert!(is_korean(&home.run_in_korean(&["backtest", &log, "--labels", &changed]).1));

    let stranger = home.write("stranger.json", r#"{"192.0.2.200":"scanner"}"#);
    let (code, out, error) = home.run(&["backtest", &log, "--labels", &stranger]);
    assert!(code == 3 && error.contains("stranger.json") && error.contains("nothing is measured"), "{error}");
    assert!(!out.contains("precision") && !error.contains("precision"), "{out}{error}");
    let nonsense = home.write("nonsense.json", r#"{"192.0.2.200":5}"#);
    let (code, _, error) = home.run(&["backtest", &log, "--labels", &nonsense]);
    assert!(code == 1 && error.contains("192.0.2.200: 5 is no label"), "{error}");
}

#[test]
fn lines_that_are_no_requests_are_told_of() {
    let home = Home::new();
    for (name, text) in [("words.log", b"hello\nworld\n".to_vec()), ("binary.log", vec![0xff, 0xfe, 0, b'\n', 7, 0x80])]
    {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        for command in ["backtest", "suspects"] {
            let (code, _, error) = home.run(&[command, path.to_str().unwrap()]);
            assert!(code == 1 && error.contains("remote_addr"), "{command} {name}: {code} {error}");
        }
    }
    let line = |second: u32| {
        format!("192.0.2.1 - - [02/Mar/2026:09:00:{second:02} +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Firefox\"\n")
    };
    let long = "x".repeat(5 << 20);
    let log = home.write("mixed.log", &format!("{}nonsense\n{long}\n{}", line(1), line(2)));
    for command in ["backtest", "suspects"] {
        let (code, _, error) = home.run(&[command, &log]);
        assert!(
            code == 0 && error.contains("taken as plain text: 2; the first: ") && error.contains("nonsense"),
            "{error}"
        );
        assert!(error.contains("2 requests"), "{error}");
    }
    // An empty file is a quiet log.
    let empty = home.write("empty.log", "");
    let (code, _, error) = home.run(&["backtest", &empty]);
    assert!(code == 0 && error.contains("0 requests"), "{error}");
}

#[test]
fn a_look_goes_on_where_no_journal_can_be_kept() {
    let home = Home::new();
    let log = home
        .write("a.log", "203.0.113.9 - - [02/Mar/2026:09:00:00 +0000] \"GET /.env HTTP/1.1\" 404 5 \"-\" \"Nikto\"\n");
    // A folder that cannot be made, whoever runs this.
    let journal = format!("{}/below/journal.db", home.write("file", ""));
    for arguments in [&["suspects", "--all", &log][..], &["explain", "203.0.113.9", &log, "--judge", "offline"]] {
        let (code, out, error) = home.run(&[arguments, &["--journal", &journal]].concat());
        assert!(code == 0 && out.contains("203.0.113.9"), "{code} {out}{error}");
        assert!(error.contains(&journal) && error.contains("is kept"), "{error}");
    }
    let (code, _, error) = home.run(&["ban", "203.0.113.9", "--yes", "--journal", &journal]);
    assert!(code == 1 && error.contains(&journal), "an act is not done without its record: {error}");
}

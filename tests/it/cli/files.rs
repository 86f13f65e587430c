//! The main job over files, from the command line: query, suspects, explain, an unattended run, the demo.

use super::{Home, is_korean, told};

/// A log of ten minutes with a scanner that asks for 60 paths which are not there, and a visitor.
fn log(home: &Home) -> String {
    let mut text = String::new();
    for at in 0..60 {
        text.push_str(&format!(
            "203.0.113.66 - - [02/Mar/2026:09:{:02}:00 +0000] \"GET /.env{at} HTTP/1.1\" 404 153 \"-\" \"Nikto/2.5\"\n",
            at / 6
        ));
        text.push_str(&format!(
            "198.18.0.9 - - [02/Mar/2026:09:{:02}:01 +0000] \"GET /shop HTTP/1.1\" 200 5120 \"-\" \"Firefox\"\n",
            at / 6
        ));
    }
    // A hostile line, and one that is no access-log line at all.
    text.push_str(
        "198.18.0.9 - - [02/Mar/2026:09:09:30 +0000] \"GET /\u{1b}[2J\u{202e}x HTTP/1.1\" 200 5 \"-\" \"Firefox\"\n",
    );
    text.push_str("not a line of an access log\n");
    home.write("access.log", &text)
}

const WHOLE: &str = "the whole of";

#[test]
fn a_query_prints_rows_in_every_format_and_says_that_the_whole_file_was_taken() {
    let home = Home::new();
    let file = log(&home);
    let query = "* | stats by (status) count() n | sort by (status)";
    let run = |format: &str| home.run(&["query", "--file", &file, "--format", "combined", query, "-o", format]);
    let (code, out, error) = run("jsonl");
    assert_eq!(code, 0, "{error}");
    assert!(error.contains(WHOLE) && error.contains("taken as plain text: 1;"), "{error}");
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().any(|row| row["status"] == "404" && row["n"] == "60"), "{out}");
    let (_, out, _) = run("json");
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&out).unwrap(), rows);
    let (_, out, _) = run("csv");
    assert!(out.lines().any(|line| line == "60,404" || line == "404,60"), "{out}");
    let (_, out, _) = run("table");
    assert_eq!(out.lines().count(), rows.len() + 1, "{out}");
    // With a range only what lies in it is taken.
    let (_, out, error) = home.run(&[
        "query",
        "--file",
        &file,
        "--start",
        "2026-03-02T09:00:00Z",
        "--end",
        "2026-03-02T09:01:00Z",
        "status:=404 | count() n",
        "-o",
        "jsonl",
    ]);
    assert_eq!(out, "{\"n\":\"6\"}\n");
    assert!(!error.contains(WHOLE), "{error}");
}

#[test]
fn a_replay_takes_the_whole_file_whatever_the_length_of_its_windows() {
    let home = Home::new();
    let file = log(&home);
    for (length, windows) in [("5m", 2), ("1h", 1)] {
        let (code, out, error) = home.run(&["backtest", &file, "--window", length, "-o", "json"]);
        assert_eq!(code, 0, "{error}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&report["requests"], &report["windows"]), (&121.into(), &windows.into()), "{length}");
    }
}

#[test]
fn an_empty_answer_says_which_range_it_is_about() {
    let home = Home::new();
    let file = log(&home);
    let (code, out, error) = home.run(&["query", "--file", &file, "--since", "5m", "*", "-o", "jsonl"]);
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    assert!(error.contains("no rows in 20") && error.contains("--since 1d"), "{error}");
    // Where there is an answer it says nothing.
    let (_, _, error) = home.run(&["query", "--file", &file, "--start", "2026-03-02", "*", "-o", "jsonl"]);
    assert!(!error.contains("no rows"), "{error}");
}

#[test]
fn hostile_rows_reach_neither_the_screen_nor_a_file_as_they_are() {
    let home = Home::new();
    let file = log(&home);
    for format in ["table", "csv", "jsonl", "json"] {
        let (code, out, _) = home.run(&["query", "--file", &file, "uri:\"2J\"", "-o", format]);
        assert_eq!(code, 0);
        assert!(out.contains("2J") && !out.contains('\u{1b}') && !out.contains('\u{202e}'), "{format}: {out:?}");
    }
}

#[test]
fn a_batch_answers_each_query_on_a_line_and_goes_on_after_a_mistake() {
    let home = Home::new();
    let file = log(&home);
    let batch = home.write("batch", "status:=404 | count() n\n* | sort by (\nstatus:=200 | count() n\n");
    let (code, out, _) = home.run(&["query", "--file", &file, "--batch", &batch]);
    assert_eq!(code, 3);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["rows"][0]["n"], &lines[2]["rows"][0]["n"]), (&"60".into(), &"61".into()));
    assert!(lines[1]["error"].is_string());
}

#[test]
fn standard_input_is_read_to_its_end() {
    let home = Home::new();
    let text = std::fs::read_to_string(log(&home)).unwrap();
    let output = home
        .gatewatch(&["query", "--file", "-", "status:=404 | count() n", "-o", "jsonl"])
        .write_stdin(text)
        .output()
        .unwrap();
    let (code, out, error) = told(&output);
    assert_eq!((code, out.as_str()), (0, "{\"n\":\"60\"}\n"), "{error}");
}

#[test]
fn a_misspelled_pipe_that_reads_as_a_word_is_told_and_run_all_the_same() {
    let home = Home::new();
    let file = log(&home);
    let (code, out, error) = home.run(&["query", "* | hed 5", &file, "-o", "jsonl"]);
    assert_eq!((code, &*out), (0, ""), "{error}");
    assert!(error.contains("`head`") && error.contains("  * | hed 5\n      ^^^"), "{error}");
}

#[test]
fn all_suspects_are_counted_where_only_some_are_shown() {
    let home = Home::new();
    let mut text = String::new();
    // Some pass a gate, and some only an agent speaks against.
    for (net, clients, requests) in [("203.0.113", 20, 40), ("198.51.100", 30, 4)] {
        for client in 1..=clients {
            for at in 0..requests {
                text.push_str(&format!(
                    "{net}.{client} - - [02/Mar/2026:09:{:02}:{client:02} +0000] \"GET /.env{at} HTTP/1.1\" 404 153 \"-\" \"Nikto/2.5\"\n",
                    at / 10
                ));
            }
        }
    }
    let file = home.write("scanners.log", &text);
    let shown = |rows: &str| {
        let set = format!("max_table_rows={rows}");
        let (code, out, error) = home.run(&["suspects", &file, "--set", &set, "-o", "json"]);
        assert_eq!(code, 0, "{error}");
        let survey: serde_json::Value = serde_json::from_str(&out).unwrap();
        let rows = survey["clients"].as_array().unwrap().len();
        (rows, survey["suspects"].as_u64().unwrap(), survey["cut"] == true, error)
    };
    let (rows, suspects, cut, error) = shown("500");
    assert_eq!((rows, suspects, cut), (50, 50, false), "{error}");
    assert!(!error.contains("are shown"), "{error}");
    for limit in ["5", "25"] {
        let (rows, suspects, cut, error) = shown(limit);
        assert!(rows < 50 && cut, "{limit}: {rows}");
        assert_eq!(suspects, 50, "{limit}: {error}");
        assert!(error.contains(&format!("only {rows} of 50 suspects are shown")), "{limit}: {error}");
    }
}

#[test]
fn suspects_are_those_that_pass_a_gate_and_the_rest_is_shown_on_demand() {
    let home = Home::new();
    let file = log(&home);
    let (code, out, error) = home.run(&["suspects", "--file", &file]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains("203.0.113.66") && out.contains("paths 60 ≥ 20 (3.0×)"), "{out}");
    assert!(error.contains("1 suspects"), "{error}");
    let (_, out, _) = home.run(&["suspects", "--file", &file, "-o", "json"]);
    let survey: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&survey["totals"]["clients"], &survey["clients"][0]["stats"]["requests"]), (&2.into(), &60.into()));
    let (_, out, _) = home.run(&["suspects", "--all", "--file", &file, "-o", "csv"]);
    assert!(out.contains("198.18.0.9") && out.starts_with("client,score,action,requests,"), "{out}");
    // On the allow list it is no suspect.
    let (_, out, _) = home.run(&["suspects", "--file", &file, "--allow", "203.0.113.0/24", "-o", "jsonl"]);
    assert_eq!(out, "");
    let (_, out, _) = home.run_in_korean(&["suspects", "--file", &file]);
    assert!(is_korean(&out), "{out}");
}

#[test]
fn a_rule_of_ones_own_finds_its_suspect_and_a_broken_one_says_where() {
    let home = Home::new();
    let file = log(&home);
    let rules = |text: &str| format!("detect.rules={}", home.write("own.toml", text));
    let own = "[[rule]]\nname = 'bare-shop'\nseverity = 'certain'\ncategory = 'probe'\nen = 'asks for the bare shop'\nko = '맨 상점을 찾습니다'\npath.equals = ['/shop']\nhit = [{ target = '/shop' }]\nmiss = [{ target = '/shops' }]\n";
    let set = rules(own);
    let (code, out, error) = home.run(&["suspects", &file, "--set", &set, "-o", "json"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("198.18.0.9") && out.contains("rule:bare-shop"), "{out}");
    let (_, out, _) = home.run(&["explain", "198.18.0.9", &file, "--set", &set]);
    assert!(out.contains("asks for the bare shop"), "{out}");
    let set = rules(&own.replace("certain", "loud"));
    let (code, _, error) = home.run(&["suspects", &file, "--set", &set]);
    assert!(code == 2 && error.contains("own.toml:3"), "{code} {error}");
}

#[test]
fn a_log_that_was_written_anew_is_read_anew() {
    let home = Home::new();
    let file = log(&home);
    let suspects = || {
        let (code, out, error) = home.run(&["suspects", "--file", &file, "-o", "json"]);
        assert_eq!(code, 0, "{error}");
        let survey: serde_json::Value = serde_json::from_str(&out).unwrap();
        survey["clients"].as_array().unwrap().len()
    };
    assert_eq!(suspects(), 1);
    // The same name, the same minutes, and the scanner only looks at the shop.
    let text = std::fs::read_to_string(&file).unwrap();
    let scans: Vec<String> = (0..60).map(|at| format!("GET /.env{at} HTTP/1.1\" 404")).collect();
    let quiet = scans.iter().rev().fold(text, |text, scan| text.replace(scan, "GET /shop HTTP/1.1\" 200"));
    home.write("access.log", &quiet.replace("Nikto/2.5", "Firefox"));
    assert_eq!(suspects(), 0);
}

#[test]
fn explain_gives_the_dossier_and_a_verdict_or_says_what_is_missing() {
    let home = Home::new();
    let file = log(&home);
    let offline = ["explain", "203.0.113.66", "--file", &file, "--judge", "offline"];
    let (code, out, error) = home.run(&offline);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("Verdict: YES") && out.contains("rests on E1") && out.contains("Nikto/2.5"), "{out}");
    let (_, out, _) = home.run(&[&offline[..], &["-o", "json"]].concat());
    let explained: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&explained["verdict"]["target"], &explained["verdict"]["opinion"]),
        (&"203.0.113.66/32".into(), &"yes".into())
    );
    assert!(is_korean(&home.run_in_korean(&offline).1));
    // A model that is asked for by name and is not there: the dossier all the same, done in part.
    let arguments =
        ["explain", "203.0.113.66", "--file", &file, "--judge", "ollama", "--set", "judge.url=http://127.0.0.1:1"];
    let (code, out, error) = home.run(&arguments);
    assert_eq!(code, 3);
    assert!(out.contains("60 of 121 requests") && error.contains("does not answer"), "{out}{error}");
    let (code, _, error) = home.run(&["explain", "203.0.113.99", "--file", &file]);
    assert!(code == 1 && error.contains("has no request"), "{error}");
}

#[test]
fn an_unattended_run_over_a_recorded_range_never_bans_by_itself_without_a_model() {
    let home = Home::new();
    let file = log(&home);
    let range = ["--start", "2026-03-02T09:00:00Z", "--end", "2026-03-02T09:10:00Z", "-o", "json"];
    let run = |judge: &[&str]| home.run(&[&["--auto", &file][..], &range, judge].concat());
    let (_, out, error) = run(&["--judge", "offline"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}"));
    assert_eq!(report["cases"][0]["target"], "203.0.113.66/32");
    assert_eq!(home.run(&["decisions", "-o", "jsonl"]).1, "", "a model that is not there bans nobody");
    // Where the operator says that the gates are enough, the rehearsal would have acted.
    let other = home.path().join("other.db");
    let trusting = ["--judge", "offline", "--set", "policy.trust_offline=true", "--journal", other.to_str().unwrap()];
    let (code, out, error) = run(&trusting);
    assert_eq!(code, 10, "{out}{error}");
    let (code, _, error) = home.run(&["--auto", "--every", "5m", &file, "--end", "2026-03-02T09:10:00Z"]);
    assert!(code == 2 && error.contains("--end"), "{error}");
}

#[test]
fn a_second_unattended_run_on_the_same_journal_ends_with_75() {
    let home = Home::new();
    let file = log(&home);
    let journal = home.path().join("journal.db");
    let _lock = gatewatch::auto::Lock::take(&journal).unwrap();
    let (code, out, error) = home.run(&["--auto", &file, "--judge", "offline", "--journal", journal.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (75, ""), "{error}");
    assert!(error.contains("another unattended run"), "{error}");
}

#[test]
fn units_are_printed_with_the_flags_that_they_need() {
    let home = Home::new();
    let settings = home.settings("[profiles.seoul]\nwindow = \"10m\"\n");
    let (code, out, _) =
        home.run(&["--auto", "--units", "--every", "10m", "--config", &settings, "--profile", "seoul"]);
    assert_eq!(code, 0);
    assert!(
        out.contains(&format!("--auto --config {settings} --profile seoul")) && out.contains("OnCalendar=*:0/10"),
        "{out}"
    );
}

#[test]
fn the_demo_shows_the_attackers_and_leaves_only_its_journal() {
    let home = Home::new();
    let temporary = home.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    // Settings that would lead it elsewhere do not count.
    home.settings("[source]\nurl = \"http://127.0.0.1:1\"\n[clients]\nallow_list = [\"0.0.0.0/0\"]\n");
    let run = |seed: &str| {
        let output = home
            .gatewatch(&["demo", "--seed", seed, "--judge", "offline", "-o", "jsonl"])
            .env("TMPDIR", &temporary)
            .output()
            .unwrap();
        let (code, out, error) = told(&output);
        assert_eq!(code, 0, "{error}");
        let clients: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (clients.iter().map(|client| client["stats"]["client"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), error)
    };
    let (clients, error) = run("1");
    for attacker in ["192.0.2.77", "198.51.100.23", "203.0.113.66"] {
        assert!(clients.iter().any(|client| client == attacker), "{clients:?}");
    }
    let left: Vec<std::path::PathBuf> = walk(&temporary);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(error.contains(left[0].to_str().unwrap()), "{error}");
    assert_eq!(run("1").0, clients, "the same seed shows the same");
}

/// All files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn the_offline_verdict_agrees_with_what_detection_says() {
    let home = Home::new();
    let folder = home.path().join("shop").to_str().unwrap().to_owned();
    assert_eq!(home.run(&["simulate", &folder, "--length", "15m"]).0, 0);
    let log = format!("{folder}/access.log");
    let (_, out, _) = home.run(&["suspects", &log, "-o", "json"]);
    let survey: serde_json::Value = serde_json::from_str(&out).unwrap();
    let only_scored = |suspect: &&serde_json::Value| {
        suspect["gates"].as_array().unwrap().is_empty() && suspect["score"]["action"] == "ask"
    };
    let suspect = survey["clients"].as_array().unwrap().iter().find(only_scored).unwrap();
    let client = suspect["stats"]["client"].as_str().unwrap();
    let (code, out, error) = home.run(&["explain", client, &log, "--judge", "offline", "-o", "json"]);
    assert_eq!(code, 0, "{error}");
    let explained: serde_json::Value = serde_json::from_str(&out).unwrap();
    let verdict = &explained["verdict"];
    assert_eq!(verdict["opinion"], "yes", "{verdict}");
    assert_eq!(verdict["confidence"], explained["dossier"]["suspect"]["score"]["probability"], "{verdict}");
    let cited = verdict["cites"].as_array().unwrap();
    let of_kind = |one: &&serde_json::Value| one["kind"] == "score" && cited.contains(&one["id"]);
    assert!(explained["dossier"]["evidence"].as_array().unwrap().iter().any(|one| of_kind(&one)), "{verdict}");
    let (_, out, _) = home.run(&["explain", client, &log, "--judge", "offline"]);
    assert!(out.contains("Verdict: YES") && !out.contains("Nothing beyond that"), "{out}");
}

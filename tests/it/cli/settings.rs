//! `config show|check|path|init`, and what a mistake in the settings looks like to whoever runs the program.

use super::{Home, is_korean};

#[test]
fn init_writes_a_private_sample_that_changes_nothing_and_is_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let before = home.run(&["config", "show", "-o", "csv"]).1;
    let (code, out, _) = home.run(&["config", "init"]);
    let path = home.path().join("config/gatewatch/config.toml");
    assert_eq!(code, 0);
    assert!(out.contains(path.to_str().unwrap()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let values =
        |shown: &str| shown.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect::<Vec<_>>();
    assert_eq!(values(&home.run(&["config", "show", "-o", "csv"]).1), values(&before));
    let (code, out, _) = home.run(&["config", "check"]);
    assert!(code == 0 && out.contains(": right"), "{out}");
    let (code, _, error) = home.run(&["config", "init"]);
    assert!(code == 1 && error.contains("stays as it is"), "{error}");
    let (_, sample, _) = home.run(&["config", "init", "--stdout"]);
    assert_eq!(sample, std::fs::read_to_string(&path).unwrap());
    assert!(is_korean(&home.run_in_korean(&["config", "init", "--stdout"]).1));
}

#[test]
fn show_says_where_every_value_came_from_and_hides_secrets() {
    let home = Home::new();
    let path =
        home.settings("window = \"10m\"\n[crowdsec]\npassword = \"hunter2\"\n[profiles.seoul.judge]\nmodel = \"m\"\n");
    let output = home
        .gatewatch(&["config", "show", "--profile", "seoul", "--set", "gates.min_5xx=3"])
        .env("GATE_MIN_REQS", "40")
        .env("GATEWATCH_SOURCE_BEARER", "hunter2")
        .output()
        .unwrap();
    let (code, shown, _) = super::told(&output);
    assert_eq!(code, 0);
    assert!(!shown.contains("hunter2"));
    let line = |name: &str| {
        let found = shown.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("window"), format!("window = \"10m\" # {path}:1:10"));
    assert_eq!(line("crowdsec.password"), format!("crowdsec.password = \"(redacted)\" # {path}:3:12"));
    assert_eq!(line("judge.model"), format!("judge.model = \"m\" # {path}:5:9"));
    assert_eq!(line("gates.min_requests"), "gates.min_requests = 40 # env GATE_MIN_REQS");
    assert_eq!(line("source.bearer"), "source.bearer = \"(redacted)\" # env GATEWATCH_SOURCE_BEARER");
    assert_eq!(line("gates.min_5xx"), "gates.min_5xx = 3 # --set gates.min_5xx");
    assert_eq!(line("refresh"), "refresh = \"10s\" # default");
}

#[test]
fn a_mistake_in_the_settings_ends_every_command_with_2_but_those_that_mend_it() {
    let home = Home::new();
    let path = home.settings("[gates]\nmin_5x = 3\n");
    for arguments in [&["suspects"][..], &["config", "check"], &["doctor"], &["--auto"]] {
        let (code, _, error) = home.run(arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert_eq!(
            error,
            format!("gatewatch: {path}:2:1: there is no setting `gates.min_5x`; did you mean `gates.min_5xx`?\n")
        );
    }
    assert_eq!(home.run(&["config", "init", "--stdout"]).0, 0);
    assert_eq!(home.run(&["man"]).0, 0);
    let (code, _, error) = home.run_in_korean(&["config", "check"]);
    assert!(code == 2 && error.contains("`gates.min_5xx`을(를) 찾으셨나요?"), "{error}");
}

#[test]
fn secrets_that_others_can_read_are_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let path = home.settings("[source]\nbearer = \"hunter2\"\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, error) = home.run(&["config", "check"]);
    assert_eq!(code, 2);
    assert!(error.contains(&format!("chmod 600 '{path}'")) && !error.contains("hunter2"), "{error}");
    let told = std::process::Command::new("sh").arg("-c").arg(format!("chmod 600 '{path}'")).status().unwrap();
    assert!(told.success());
    assert_eq!(home.run(&["config", "check"]).0, 0);
}

#[test]
fn path_says_where_the_file_is_looked_for() {
    let home = Home::new();
    let default = home.path().join("config/gatewatch/config.toml");
    assert_eq!(home.run(&["config", "path"]).1, format!("{}\n", default.display()));
    let named = home.write("other.toml", "lang = \"ko\"\n");
    assert_eq!(home.run(&["config", "path", "--config", &named]).1, format!("{named}\n"));
    let (code, _, error) = home.run(&["config", "path", "--config", "/nonexistent.toml"]);
    assert!(code == 2 && error.contains("/nonexistent.toml"), "{error}");
}

#[test]
fn a_closed_pipe_is_quiet() {
    let home = Home::new();
    let program = assert_cmd::cargo::cargo_bin!("gatewatch");
    // `head` is gone before the second line.
    let script = format!(
        "HOME={} {} config init --stdout | head -n 1; echo ${{PIPESTATUS[0]}}",
        home.path().display(),
        program.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).env("LANG", "C.UTF-8").output().unwrap();
    let (_, out, error) = super::told(&output);
    assert!(out.ends_with("\n0\n") && error.is_empty(), "{out} {error}");
}

#[test]
fn a_database_of_networks_that_is_none_says_what_to_do() {
    let home = Home::new();
    let log =
        home.write("access.log", "203.0.113.7 - - [02/Mar/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n");
    let missing = home.path().join("none.mmdb").display().to_string();
    let page = home.write("page.mmdb", "<html>please sign in to download</html>");
    for (path, expected) in [(missing, "cannot be read"), (page, "is damaged or not in MaxMind's format")] {
        let set = format!("detect.networks={path}");
        let output = home.gatewatch(&["suspects", &log, "--set", &set]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(&format!("{path} {expected}")) && said.contains("GeoLite2-ASN") | said.contains("again"),
            "{said}"
        );
    }
}

#[test]
fn the_rules_that_ship_and_how_to_write_ones_own_are_printed_and_can_be_used_as_they_are() {
    let home = Home::new();
    let (code, out, error) = home.run(&["config", "rules"]);
    assert!(code == 0 && out.contains("[[rule]]") && out.contains("agent-attack-tool"), "{error}");
    let (_, template, _) = home.run(&["config", "rules", "--template"]);
    assert!(out.starts_with(&template) && !template.contains("agent-attack-tool"), "{template}");
    assert!(is_korean(&home.run_in_korean(&["config", "rules", "--template"]).1));
    let own = home.write("rules.toml", &out);
    let (code, out, error) = home.run(&["config", "check", "--set", &format!("detect.rules={own}")]);
    assert!(code == 0 && out.contains(&format!("detect.rules: {own}: right")), "{out}{error}");
    // They can be written where the settings are wrong.
    home.settings("nonsense = 1\n");
    assert_eq!(home.run(&["config", "rules"]).0, 0);
}

#[test]
fn a_check_reads_the_files_that_the_settings_name() {
    let home = Home::new();
    let log =
        home.write("access.log", "192.0.2.1 - - [02/Mar/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n");
    let broken = home.write("broken.toml", "\n[[rule]]\nname = 'x'\n");
    let garbage = home.write("garbage", "garbage");
    let missing = home.path().join("missing").display().to_string();
    for (setting, file, said) in [
        ("detect.rules", &broken, "broken.toml:2: rule x lacks severity, en"),
        ("detect.rules", &missing, "missing"),
        ("detect.crawlers", &garbage, "garbage"),
        ("detect.crawlers", &missing, "missing"),
        ("detect.networks", &garbage, "garbage"),
        ("baselines.files", &broken, "broken.toml"),
        ("baselines.files", &missing, "missing"),
    ] {
        let set = format!("{setting}={file}");
        let (code, _, error) = home.run(&["config", "check", "--set", &set]);
        assert!(code == 2 && error.contains(said) && error.contains(setting), "{set}: {code} {error}");
        let (code, out, _) = home.run(&["doctor", "--file", &log, "--judge", "offline", "--set", &set, "-o", "csv"]);
        assert!(code == 1 && out.contains("rule files,FAIL") && out.contains(said), "{set}: {code} {out}");
    }
    // All that is wrong is said at once.
    let (_, _, error) = home.run(&[
        "config",
        "check",
        "--set",
        &format!("detect.rules={broken}"),
        "--set",
        &format!("detect.crawlers={garbage}"),
    ]);
    assert!(error.contains("detect.rules: ") && error.contains("detect.crawlers: "), "{error}");
}

#[test]
fn thresholds_that_stand_the_wrong_way_round_are_refused() {
    let home = Home::new();
    let (code, _, error) = home.run(&["config", "check", "--set", "detect.watch=0.9"]);
    assert!(
        code == 2 && error.contains("--set detect.watch: `detect.watch` = 0.9 is above `detect.ask` = 0.5"),
        "{error}"
    );
    let (code, _, error) = home.run(&["config", "show", "--set", "detect.act=0.3"]);
    assert!(code == 2 && error.contains("--set detect.act: `detect.ask` = 0.5 is above"), "{error}");
    let path = home.settings("[profiles.loud.detect]\nask = 0.95\n");
    let (code, _, error) = home.run(&["config", "check"]);
    assert!(code == 2 && error.contains(&format!("{path}:2:7: `detect.ask` = 0.95")), "{error}");
    assert_eq!(home.run(&["config", "show", "--set", "detect.ask=0.95"]).0, 2);
    home.settings("");
    assert_eq!(home.run(&["config", "show", "--set", "detect.ask=0.95", "--set", "detect.act=0.95"]).0, 0);
}

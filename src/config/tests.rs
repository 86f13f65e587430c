//! The table's invariants, the order of precedence, and what a mistake looks like.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Settings from a file's text, variables and flags.
fn loaded(
    text: &str,
    env: &[(&str, &str)],
    flags: &[(&str, &str)],
    profile: Option<&str>,
) -> Result<Loaded, ConfigError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let env: HashMap<&str, &str> = env.iter().copied().collect();
    load(&Places {
        file: Some(file.path().to_owned()),
        profile: profile.map(str::to_owned),
        env: &|name| env.get(name).map(|&text| text.to_owned()),
        flags: flags.iter().map(|(name, text)| (format!("--{name}"), (*name).to_owned(), (*text).to_owned())).collect(),
    })
}

/// The error's message without the temporary path.
fn mistake(text: &str) -> String {
    let error = loaded(text, &[], &[], None).unwrap_err();
    assert!(error.say(Lang::Ko).chars().any(|c| ('가'..='힣').contains(&c)), "{error}");
    let message = error.to_string();
    message.split_once(":").map_or(message.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn the_sample_parses_to_exactly_the_defaults_in_both_languages() {
    for lang in [Lang::En, Lang::Ko] {
        let sample = sample::sample(lang);
        let loaded = loaded(&sample, &[], &[], None).unwrap();
        assert_eq!(loaded.settings, Settings::default());
        for setting in table::all() {
            assert!(
                matches!(loaded.origin(setting.name), Origin::File { .. }),
                "{} is not in the sample",
                setting.name
            );
        }
        // The commented profile at its end is right too.
        let tail = sample.find("# [profiles").map(|at| sample[at..].replace("# ", "")).unwrap();
        let with_profile = format!("{}\n{tail}", &sample[..sample.find("# [profiles").unwrap()]);
        let loaded = super::tests::loaded(&with_profile, &[], &[], Some("seoul")).unwrap();
        assert_eq!(loaded.settings.judge.model, "gemma4:e2b");
    }
}

#[test]
fn file_then_environment_then_flags() {
    let text = "window = \"10m\"\ndry_run = false\nmax_candidates = 7\n[gates]\nmin_5xx = 3\n";
    let loaded = loaded(text, &[("GATEWATCH_WINDOW", "20m"), ("DRY_RUN", "1")], &[("window", "30m")], None).unwrap();
    assert_eq!(loaded.settings.general.window, Duration::from_secs(1800));
    assert_eq!(loaded.origin("window"), Origin::Flag("--window".to_owned()));
    assert!(loaded.settings.general.dry_run);
    assert_eq!(loaded.origin("dry_run"), Origin::Env("DRY_RUN".to_owned()));
    assert!(matches!(loaded.origin("gates.min_5xx"), Origin::File { line: 5, column: 11, .. }));
    assert_eq!(loaded.origin("gates.min_499"), Origin::Default);
}

#[test]
fn the_variables_of_the_system_that_this_one_replaces() {
    let env = [
        ("WINDOW_MIN", "7"),
        ("GATE_MIN_REQS", "40"),
        ("GATE_MIN_4XX_RATIO", "0.25"),
        ("GATE_MIN_5XX_COUNT", "11"),
        ("GATE_MIN_499_COUNT", "16"),
        ("GATE_MIN_DISTINCT_PATH", "21"),
        ("MAX_CANDIDATES", "6"),
        ("BAN_DURATION", "2h"),
        ("DEDUP_HOURS", "12"),
        ("DRY_RUN", "false"),
        ("OLLAMA_HOST", "0.0.0.0:11434"),
    ];
    for prefix in ["", "GATEWATCH_"] {
        let env: Vec<(String, &str)> = env.iter().map(|(name, text)| (format!("{prefix}{name}"), *text)).collect();
        let env: Vec<(&str, &str)> = env.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let settings = loaded("", &env, &[], None).unwrap().settings;
        let (general, gates) = (&settings.general, &settings.gates);
        assert_eq!(general.window, Duration::from_secs(7 * 60));
        assert_eq!((gates.min_requests, gates.min_4xx_ratio, gates.min_5xx), (40, 0.25, 11));
        assert_eq!((gates.min_499, gates.min_paths, general.max_candidates), (16, 21, 6));
        assert_eq!((general.ban_duration.as_secs(), general.dedup.as_secs(), general.dry_run), (7200, 43_200, false));
        assert_eq!(settings.judge.url, "http://127.0.0.1:11434");
    }
}

#[test]
fn the_newer_name_of_a_variable_wins_and_an_empty_one_is_not_set() {
    let env = [("WINDOW_MIN", "7"), ("GATEWATCH_WINDOW_MIN", "8"), ("GATEWATCH_WINDOW", "9m")];
    let window = |env: &[(&str, &str)]| loaded("", env, &[], None).unwrap().settings.general.window.as_secs() / 60;
    assert_eq!((window(&env), window(&env[..2]), window(&env[..1])), (9, 8, 7));
    assert_eq!(window(&[("GATEWATCH_WINDOW", " "), ("WINDOW_MIN", "7")]), 7);
    assert!(loaded("", &[("DRY_RUN", "")], &[], None).unwrap().settings.general.dry_run);
}

#[test]
fn a_word_that_is_no_truth_never_makes_bans_real() {
    let error = loaded("", &[("DRY_RUN", "flase")], &[], None).unwrap_err();
    assert_eq!(error.to_string(), "env DRY_RUN: `dry_run` has to be true or false, not flase");
}

#[test]
fn mistakes_name_line_column_and_the_nearest_name() {
    assert_eq!(mistake("\nwindw = \"5m\"\n"), "2:1: there is no setting `windw`; did you mean `window`?");
    assert_eq!(
        mistake("[gates]\n  min_request = 3"),
        "2:3: there is no setting `gates.min_request`; did you mean `gates.min_requests`?"
    );
    assert_eq!(mistake("[gate]\nmin_5xx = 3"), "1:2: there is no setting `gate`; did you mean `gates`?");
    assert_eq!(mistake("url = \"http://x\""), "1:1: there is no setting `url`; did you mean `source.url`?");
    assert_eq!(
        mistake("window = 5"),
        "1:10: `window` has to be a duration such as \"90s\", \"5m\", \"4h\" or \"30d\", not 5"
    );
    assert_eq!(
        mistake("[policy]\nmax_prefix_v4 = 4"),
        "2:17: `policy.max_prefix_v4` has to lie between 8 and 32, not 4"
    );
    assert_eq!(
        mistake("[gates]\nmin_5xx = -1"),
        "2:11: `gates.min_5xx` has to be a whole number, not negative, not -1"
    );
    assert_eq!(mistake("dry_run = \"no\"\n"), "1:11: `dry_run` has to be true or false, not \"no\"");
    assert_eq!(
        mistake("[clients]\nallow_list = [\"10.0.0.0/40\"]"),
        "2:14: `clients.allow_list` has to be a list of addresses or ranges: [\"192.0.2.7\", \"198.51.100.0/24\"], not [\"10.0.0.0/40\"]"
    );
    assert!(mistake("window = \n").starts_with("1:10: not valid TOML"), "{}", mistake("window = \n"));
    assert!(mistake("source = 3").starts_with("1:1: there is no setting `source`"));
    assert!(mistake("[profiles.x.source]\nurll = \"y\"").starts_with("2:1: there is no setting `source.urll`"));
    let flag = loaded("", &[], &[("gate.min_5xx", "3")], None).unwrap_err().to_string();
    assert_eq!(flag, "--gate.min_5xx: there is no setting `gate.min_5xx`; did you mean `gates.min_5xx`?");
}

#[test]
fn a_profile_is_laid_over_the_file() {
    let text = "[source]\nurl = \"http://a\"\n[judge]\nmodel = \"m\"\n[profiles.seoul.source]\nurl = \"http://seoul\"\n[profiles.seoul]\nwindow = \"1h\"\n[profiles.busan.judge]\nmodel = \"b\"\n";
    let seoul = loaded(text, &[], &[], Some("seoul")).unwrap();
    assert_eq!(seoul.settings.source.url.as_deref(), Some("http://seoul"));
    assert_eq!((seoul.settings.judge.model.as_str(), seoul.settings.general.window.as_secs()), ("m", 3600));
    assert_eq!(seoul.profiles, ["busan", "seoul"]);
    assert_eq!(loaded(text, &[], &[], None).unwrap().settings.source.url.as_deref(), Some("http://a"));
    assert_eq!(loaded(text, &[("GATEWATCH_PROFILE", "busan")], &[], None).unwrap().settings.judge.model, "b");
    let error = loaded(text, &[], &[], Some("soul")).unwrap_err().to_string();
    assert!(error.contains("no profile `soul` (profiles there: busan, seoul); did you mean `seoul`?"), "{error}");
}

#[test]
fn a_file_with_a_secret_in_clear_has_to_be_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let check = |text: &str, mode: u32| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        check_file(&path)
    };
    let by_value = "[crowdsec]\npassword = \"hunter2\"\n";
    let error = check(by_value, 0o644).unwrap_err().to_string();
    assert!(error.contains(&format!("chmod 600 '{}'", path.display())) && error.contains("0644"), "{error}");
    assert!(!error.contains("hunter2"));
    for mode in [0o640, 0o604, 0o660] {
        assert!(check(by_value, mode).is_err());
    }
    assert!(check(by_value, 0o600).is_ok() && check(by_value, 0o400).is_ok());
    assert!(check("[crowdsec]\npassword = \"env:X\"\n", 0o644).is_ok());
    assert!(check("[profiles.a.source]\nheaders = [\"Authorization: Basic eA==\"]\n", 0o644).is_err());
}

#[test]
fn a_secret_shows_nowhere() {
    let env = [("GATEWATCH_CROWDSEC_PASSWORD", "hunter2"), ("GATEWATCH_SOURCE_HEADERS", "X-Token: hunter2")];
    let loaded = loaded("", &env, &[], None).unwrap();
    let shown = format!("{loaded:?} {:?} {}", sample::shown(&loaded, Lang::En), super::tests::debug(&loaded));
    assert!(!shown.contains("hunter2"));
    // Nor in the message about a value that is refused.
    let refused = super::tests::loaded("[crowdsec]\npassword = [\"hunter2\"]", &[], &[], None).unwrap_err();
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
}

fn debug(loaded: &Loaded) -> String {
    format!("{:?}", loaded.settings)
}

#[test]
fn a_named_file_has_to_exist_and_the_default_one_need_not() {
    let places = |file: Option<&str>| Places {
        file: file.map(PathBuf::from),
        profile: None,
        env: &|name| (name == "XDG_CONFIG_HOME").then(|| "/nonexistent".to_owned()),
        flags: Vec::new(),
    };
    assert!(matches!(load(&places(Some("/nonexistent/x.toml"))), Err(ConfigError::Read { .. })));
    assert_eq!(load(&places(None)).unwrap().settings, Settings::default());
}

proptest! {
    #[test]
    fn no_file_panics_and_no_mistake_is_without_a_place(text in ".{0,200}") {
        if let Err(error) = loaded(&text, &[], &[], None) {
            prop_assert!(error.to_string().contains(':'));
        }
    }

    #[test]
    fn any_value_of_any_setting_is_taken_or_refused_by_name(index in 0_usize..200, value in "[-a-z0-9\\[\\]\".:/ ]{0,20}") {
        let settings: Vec<_> = table::all().collect();
        let setting = settings[index % settings.len()];
        let variable = setting.variable();
        if let Err(error) = loaded("", &[(variable.as_str(), value.as_str())], &[], None) {
            prop_assert!(error.to_string().contains(setting.name), "{}", error);
        }
    }
}

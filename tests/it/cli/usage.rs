//! Help, mistakes on the command line, completions, the manual page.

use super::{Home, is_korean};
use gatewatch::cli::exit::Exit;
use gatewatch::text::Lang;

const COMMANDS: &[&str] = &[
    "demo",
    "query",
    "suspects",
    "explain",
    "ban",
    "unban",
    "decisions",
    "config",
    "doctor",
    "logsql",
    "completions",
    "man",
];

#[test]
fn help_names_every_command_and_every_exit_code_in_both_languages() {
    let home = Home::new();
    let (code, english, _) = home.run(&["--help"]);
    let (_, korean, _) = home.run_in_korean(&["--help"]);
    let (_, by_flag, _) = home.run(&["--lang", "ko", "--help"]);
    assert_eq!(code, 0);
    assert_eq!(korean, by_flag);
    for command in COMMANDS {
        assert!(english.contains(&format!("\n  {command} ")), "{command}");
        let (code, _, _) = home.run(&[command, "--help"]);
        assert_eq!(code, 0, "{command} --help");
        let (_, help, _) = home.run_in_korean(&[command, "-h"]);
        assert!(is_korean(&help), "{command} -h");
    }
    for exit in Exit::ALL {
        assert!(english.contains(exit.meaning(Lang::En)) && korean.contains(exit.meaning(Lang::Ko)));
    }
    assert_eq!(home.run(&["--version"]).1, format!("gatewatch {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_wrong() {
    let home = Home::new();
    for (arguments, said) in [
        (&["--frobnicate"][..], "there is no option --frobnicate"),
        (&["ban"], "missing: <TARGET>"),
        (&["ban", "shop.example"], "neither an address nor a range"),
        (&["explain", "203.0.113.0/24"], "is no address"),
        (&["decisions", "-o", "xml"], "table, json, jsonl, csv"),
        (&["--every", "5m"], "missing: --auto"),
        (&["query", "*", "--since", "yesterday", "--file", "/dev/null"], "this is no point in time"),
        (&["query", "*", "--start", "2h", "--end", "3h", "--file", "/dev/null"], "the time range is empty"),
        (&["config", "show", "--set", "window"], "write NAME=VALUE"),
        (&["config", "show", "--set", "windw=5m"], "did you mean `window`?"),
        (&["config", "show", "--window", "5"], "a duration such as"),
        (&["suspcts"], "did you mean `gatewatch suspects`?"),
    ] {
        let (code, out, error) = home.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {error}");
        assert!(error.starts_with("gatewatch: ") && error.contains(said), "{arguments:?}: {error}");
        let (code, _, error) = home.run_in_korean(arguments);
        assert!(code == 2 && is_korean(&error), "{arguments:?}: {error}");
    }
}

#[test]
fn completions_and_manual_pages_are_made_for_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = home.run(&["completions", shell]);
        assert!(code == 0 && COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
    }
    let (code, page, _) = home.run(&["man"]);
    assert_eq!(code, 0);
    assert!(page.contains(".SH \"EXIT STATUS\"") && page.contains("GATEWATCH_GATES_MIN_5XX"));
    assert!(is_korean(&home.run_in_korean(&["man"]).1));
    let folder = home.path().join("man");
    assert_eq!(home.run(&["man", "--dir", folder.to_str().unwrap()]).0, 0);
    for command in COMMANDS {
        assert!(folder.join(format!("gatewatch-{command}.1")).is_file(), "{command}");
    }
}

#[test]
fn the_console_without_a_terminal_says_what_else_there_is() {
    let home = Home::new();
    let log = home.write("access.log", "");
    let (code, _, error) = home.run(&[&log]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("needs a terminal"), "{error}");
}

#[test]
fn queries_are_printed_in_their_canonical_form() {
    let home = Home::new();
    let (code, out, error) = home.run(&["logsql", "fmt", "status:>=400|count() n"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let canonical = out.trim_end();
    assert!(canonical.contains("stats count("), "{out}");
    assert_eq!(home.run(&["logsql", "fmt", canonical]).1, out);
    assert_eq!(home.run(&["logsql", "fmt", "--check", canonical]), (0, String::new(), String::new()));
    let (code, out, _) = home.run(&["logsql", "fmt", "--check", "status:>=400|count() n"]);
    assert_eq!((code, out.as_str()), (1, ""));
    let (code, out, error) = home.run(&["logsql", "fmt", "a | sort by ("]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(error.contains("\n  a | sort by (\n"), "{error}");
    let (code, _, error) = home.run_in_korean(&["logsql", "fmt", "a | sort by ("]);
    assert!(code == 2 && is_korean(&error), "{error}");
}

#[test]
fn a_batch_of_queries_gives_a_line_for_each() {
    let home = Home::new();
    let output = home
        .gatewatch(&["logsql", "fmt", "--batch"])
        .write_stdin("{\"query\":\"a|limit 5\"}\n{\"query\":\"b | sort by (\"}\n{\"query\":\"'c'\"}\n")
        .output()
        .unwrap();
    let (code, out, _) = super::told(&output);
    assert_eq!(code, 0);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], serde_json::json!({"ok": true, "formatted": "a | limit 5"}));
    assert!(lines[1]["ok"] == false && lines[1]["error"].is_string());
    assert_eq!(lines[2]["formatted"], "c");
}

#[test]
fn queries_run_over_the_rows_that_come_with_them() {
    let home = Home::new();
    let output = home
        .gatewatch(&["query", "--batch"])
        .write_stdin("{\"query\":\"* | stats count() n\",\"rows\":[{\"a\":\"1\"},{\"a\":\"2\"}]}\n{\"query\":\"|\",\"rows\":[]}\n")
        .output()
        .unwrap();
    let (code, out, _) = super::told(&output);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (0, 2));
    assert_eq!(lines[0], serde_json::json!({"ok": true, "rows": [{"n": "2"}]}));
    assert_eq!(lines[1]["ok"], false);
}

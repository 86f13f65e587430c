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

//! The README's tables are those of the program. `GATEWATCH_BLESS=1 cargo test --test it readme` writes them.

use std::path::Path;

use gatewatch::cli::{args, exit};
use gatewatch::config::sample;
use gatewatch::text::Lang;

/// The README with the text between `<!-- NAME -->` and `<!-- /NAME -->` replaced.
fn with(readme: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let from = readme.find(&begin).unwrap_or_else(|| panic!("README.md has no {begin}")) + begin.len();
    let to = readme.find(&end).unwrap_or_else(|| panic!("README.md has no {end}"));
    format!("{}\n{text}\n{}", &readme[..from], &readme[to..])
}

#[test]
fn the_tables_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let mut derived = with(&readme, "settings", &sample::markdown(Lang::En));
    derived = with(&derived, "exit codes", &exit::markdown(Lang::En));
    derived = with(&derived, "종료 코드", &exit::markdown(Lang::Ko));
    #[cfg(feature = "tui")]
    {
        derived = with(&derived, "keys", &gatewatch::tui::keys_markdown(Lang::En));
    }
    if std::env::var_os("GATEWATCH_BLESS").is_some() {
        std::fs::write(&path, &derived).unwrap();
    } else {
        assert!(derived == readme, "README.md is behind the program: GATEWATCH_BLESS=1 cargo test --test it readme");
    }
}

#[test]
fn the_pictures_that_it_shows_are_there_and_so_are_the_files_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let is_local = !link.starts_with("http") && !link.starts_with('#');
        assert!(!is_local || root.join(link).exists(), "README.md names {link}");
    }
}

#[test]
fn every_command_that_it_shows_is_one() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let root = args::command(Lang::En);
    let commands: Vec<&str> = root.get_subcommands().map(|command| command.get_name()).collect();
    let shown = readme.lines().filter_map(|line| line.trim_start().strip_prefix("gatewatch "));
    let mut seen = 0;
    for line in shown {
        let word = line.split_whitespace().next().unwrap();
        let is_file_or_flag = word.starts_with('-') || word.contains(['.', '/', '…']);
        assert!(is_file_or_flag || commands.contains(&word), "gatewatch {line}");
        seen += 1;
    }
    assert!(seen > 5);
}

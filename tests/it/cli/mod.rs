//! The program itself, as a person or a script runs it: every subcommand and every exit code, in both languages.

mod acts;
mod backtest;
mod files;
mod live;
mod logsql;
mod series;
mod settings;
mod sources;
mod usage;

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::support::PATIENCE;

/// A home of its own, so that no settings and no journal of whoever runs the tests take part.
pub struct Home {
    folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the home that only its owner can read, and gives its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The settings file of this home.
    pub fn settings(&self, text: &str) -> String {
        self.write("config/gatewatch/config.toml", text)
    }

    /// The program in this home, in English, with nothing else in its environment.
    pub fn gatewatch(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("gatewatch"));
        command
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("LANG", "C.UTF-8")
            .env("USER", "lee")
            .timeout(PATIENCE)
            .args(arguments);
        command
    }

    /// Runs it and gives the exit code, standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        told(&self.gatewatch(arguments).output().unwrap())
    }

    /// Runs it in Korean.
    pub fn run_in_korean(&self, arguments: &[&str]) -> (i32, String, String) {
        told(&self.gatewatch(arguments).env("LANG", "ko_KR.UTF-8").output().unwrap())
    }
}

/// Exit code, standard output, standard error.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Whether a text has Korean in it.
pub fn is_korean(text: &str) -> bool {
    text.chars().any(|character| ('가'..='힣').contains(&character))
}

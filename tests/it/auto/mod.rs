//! `gatewatch --auto`, the program itself, on a recorded hour of log: with an Ollama that speaks the real protocol and
//! says what it is told, and CrowdSec's real server.

mod crash;
mod cycle;
mod scores;
mod signals;

use std::path::PathBuf;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::cli::Home;
use crate::support::crowdsec::{MACHINE, PASSWORD, Server};
use crate::support::{in_time, shop};

/// A home with a recorded log, and the servers that its program is to use.
struct Site {
    home: Home,
    log: PathBuf,
    ollama: String,
    lapi: String,
}

impl Site {
    fn new(ollama: &str, lapi: &str) -> Self {
        let home = Home::new();
        let log = shop::record(home.path());
        Self { home, log, ollama: ollama.to_owned(), lapi: lapi.to_owned() }
    }

    /// The program on the recorded hour.
    fn auto(&self, more: &[&str]) -> Command {
        let end = shop::end().to_string();
        self.program(&[&["--window", "1h", "--end", &end], more].concat())
    }

    /// The program on the log, live.
    fn program(&self, more: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("gatewatch"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("LANG", "C.UTF-8")
            .env("OLLAMA_HOST", &self.ollama)
            .env("GATEWATCH_CROWDSEC_URL", &self.lapi)
            .env("GATEWATCH_CROWDSEC_MACHINE", MACHINE)
            .env("GATEWATCH_CROWDSEC_PASSWORD", PASSWORD)
            .env("DRY_RUN", "false")
            .env("MAX_CANDIDATES", "20")
            .arg("--auto")
            .args(more)
            .arg(&self.log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs it to its end, with its report as JSON.
    async fn run(&self, more: &[&str]) -> Ran {
        Ran::of(in_time("a run", self.auto(&[&["-o", "json"], more].concat()).output()).await.unwrap())
    }

    /// Starts it, with its report as JSON.
    fn start(&self, more: &[&str]) -> Child {
        self.auto(&[&["-o", "json"], more].concat()).spawn().unwrap()
    }

    fn journal(&self) -> gatewatch::journal::Journal {
        gatewatch::journal::Journal::open(self.home.path().join("state/gatewatch/journal.db")).unwrap()
    }
}

/// What a run gave.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    report: Value,
    error: String,
}

impl Ran {
    /// Waits for the end of a run that was started.
    async fn ended(child: Child) -> Self {
        Self::of(in_time("the end of a run", child.wait_with_output()).await.unwrap())
    }

    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            error: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What became of a client.
    fn fate(&self, client: &str) -> &str {
        let target = format!("{client}/32");
        let case = self.report["cases"].as_array().unwrap_or_else(|| panic!("{self:?}"));
        let case = case.iter().find(|case| case["target"] == target).unwrap_or_else(|| panic!("{client}: {self:?}"));
        case["fate"]["fate"].as_str().unwrap()
    }
}

/// The addresses that are banned at the server, one for each decision.
fn banned(server: &Server) -> Vec<String> {
    let mut values: Vec<String> =
        server.decisions().iter().map(|decision| decision["value"].as_str().unwrap().to_owned()).collect();
    values.sort();
    values
}

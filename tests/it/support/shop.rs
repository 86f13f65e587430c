//! An hour of the simulated shop as a log file, and an Ollama that knows who is who.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use gatewatch::sim::write::{self, Format};
use gatewatch::sim::{Plan, Traffic};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::ollama::{Chat, says, verdict};

/// The scanner: judged an attack.
pub const SCANNER: &str = "203.0.113.66";
/// The one that guesses passwords: judged an attack.
pub const GUESSER: &str = "198.51.100.23";
/// The flood: passes the gates, and this judge calls it harmless.
pub const FLOOD: &str = "192.0.2.77";

/// When the recorded hour ends.
pub fn end() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

/// Writes the hour; attackers come in its last three minutes. The suspects, most requests first, are flood, scanner,
/// guesser.
pub fn record(folder: &Path) -> PathBuf {
    let start = end() - SignedDuration::from_hours(1);
    let mut plan = Plan::new(7, start).until(end()).attacks_from(end() - SignedDuration::from_mins(3));
    plan.rate = 0.4;
    let mut lines = Vec::new();
    for request in Traffic::new(&plan) {
        write::line(&mut lines, Format::Timed, &request).unwrap();
    }
    let path = folder.join("access.log");
    fs::write(&path, lines).unwrap();
    path
}

/// Whom a chat request is about: read out of the dossier, as a model would.
pub fn client_of(chat: &Value) -> IpAddr {
    let user = chat["messages"][1]["content"].as_str().unwrap();
    let dossier: Value = serde_json::from_str(user.lines().nth(1).unwrap()).unwrap();
    dossier["client"].as_str().unwrap().parse().unwrap()
}

/// What this judge says of everybody. It would have somebody else banned, too.
pub fn judges(chat: &Value, _: usize) -> Chat {
    match client_of(chat).to_string().as_str() {
        SCANNER => says(&verdict("yes", 0.95, "scanner", "Nikto; ban 198.19.10.7 and 198.19.40.12 too!", &["E1"])),
        GUESSER => says(&verdict("yes", 0.9, "brute_force", "401 on hundreds of POST /login.", &["E1", "E2"])),
        _ => says(&verdict("no", 0.8, "benign", "A shopper in a hurry.", &["E1"])),
    }
}

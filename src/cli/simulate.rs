//! `gatewatch simulate`: writes labelled traffic of the small shop as a log file, for trying things out and for
//! measuring detection.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use clap::ArgMatches;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Run;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::duration;
use crate::sim::bulk::Bulk;
use crate::sim::measure;
use crate::sim::write::{self, Format};
use crate::sim::{Labels, Plan, Traffic};

/// Who an address is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Label {
    /// Its population's name.
    pub population: String,
    /// Whether it is an attacker.
    pub hostile: bool,
}

/// Writes `access.log` and `labels.json` into the directory.
pub fn run(run: &Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let dir = Path::new(matches.get_one::<String>("DIR").map_or(".", String::as_str));
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or(1);
    let format = if matches.get_flag("json-lines") { Format::Json } else { Format::Combined };
    if let Some(lines) = matches.get_one::<u64>("bulk") {
        return bulk(run, dir, &Bulk { format, ..Bulk::new(seed, *lines) });
    }
    let length = match matches.get_one::<String>("length") {
        Some(text) => duration::parse(text).ok_or_else(|| Failure::usage(say::bad_length(run.lang, text)))?,
        None => std::time::Duration::from_secs(3600),
    };
    let start: Timestamp =
        "2026-03-02T09:00:00Z".parse().map_err(|error: jiff::Error| Failure::failed(error.to_string()))?;
    let length = SignedDuration::try_from(length).map_err(|error| Failure::usage(error.to_string()))?;
    let mut plan =
        Plan::new(seed, start).until(start.saturating_add(length).map_err(|error| Failure::usage(error.to_string()))?);
    if let Some(rate) = matches.get_one::<f64>("rate") {
        plan.rate = *rate;
    }
    if !matches.get_flag("small") {
        plan.populations = measure::populations(matches.get_one::<String>("scene").map_or("shop", String::as_str));
    }
    fs::create_dir_all(dir)?;
    let log = dir.join("access.log");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&log)?);
    let (mut labels, mut lines) = (Labels::default(), 0_u64);
    for request in Traffic::new(&plan) {
        labels.note(&request);
        write::line(&mut out, format, &request)?;
        lines += 1;
    }
    out.flush()?;
    let by_address: serde_json::Map<String, serde_json::Value> = labels
        .iter()
        .map(|(client, population)| {
            (client.to_string(), serde_json::json!({ "population": population.name, "hostile": population.hostile }))
        })
        .collect();
    fs::write(dir.join("labels.json"), serde_json::to_vec_pretty(&by_address).unwrap_or_default())?;
    run.note(&say::written(run.lang, &log.display().to_string(), lines, by_address.len()));
    Ok(Exit::Done)
}

/// Writes `access.log` for measuring: realistic sizes, no behaviour, nothing to label.
fn bulk(run: &Run, dir: &Path, lines: &Bulk) -> Result<Exit, Failure> {
    fs::create_dir_all(dir)?;
    let log = dir.join("access.log");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&log)?);
    lines.write(&mut out)?;
    out.flush()?;
    run.note(&say::bulk_written(run.lang, &log.display().to_string(), lines.lines));
    Ok(Exit::Done)
}

/// The sentences.
mod say {
    crate::text::sentences! {
        bulk_written(path: &str, lines: u64) { en: "{path}: {lines} requests", ko: "{path}: 요청 {lines}건" }
        written(path: &str, lines: u64, clients: usize) {
            en: "{path}: {lines} requests of {clients} clients; labels.json beside it says who is who",
            ko: "{path}: 클라이언트 {clients}개의 요청 {lines}건. 누가 누구인지는 옆의 labels.json에 있습니다",
        }
        bad_length(text: &str) { en: "`{text}` is no duration; write 1h or 30m", ko: "`{text}`은(는) 기간이 아닙니다. 1h나 30m처럼 쓰세요" }
    }
}

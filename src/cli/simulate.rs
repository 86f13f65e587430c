//! `gatewatch simulate`: writes labelled traffic of the small shop as a log file, for trying things out and for
//! measuring detection.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::Run;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::duration;
use crate::sim::bulk::Bulk;
use crate::sim::measure;
use crate::sim::write::{self, Format};
use crate::sim::{Labels, Plan, Request, Traffic};
use crate::text::{Lang, escape, number};

/// Who an address is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Label {
    /// Its population's name.
    pub population: String,
    /// Whether it is an attacker.
    pub hostile: bool,
}

/// Between two looks at whether somebody wants it to end, so many requests are written.
const A_STRETCH: u64 = 4_096;

/// Writes `access.log` and `labels.json` into the directory.
pub async fn run(run: &Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let dir = Path::new(matches.get_one::<String>("DIR").map_or(".", String::as_str));
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or(1);
    let format = if matches.get_flag("json-lines") { Format::Json } else { Format::Combined };
    let plan = plan(run, matches, seed)?;
    fs::create_dir_all(dir).map_err(|error| cannot_write(lang, dir, &error))?;
    let is_forced = matches.get_flag("force");
    let mut log = NewFile::beside(dir.join("access.log"), is_forced, lang)?;
    if let Some(lines) = matches.get_one::<u64>("bulk") {
        let bulk = Bulk { format, ..Bulk::new(seed, *lines) };
        let lines = log.write(bulk.requests(), format, |_| {}).await?;
        run.note(&say::bulk_written(lang, &shown(&log.finish()?), &number::count(lines)));
        return Ok(Exit::Done);
    }
    let mut who = NewFile::beside(dir.join("labels.json"), is_forced, lang)?;
    let mut labels = Labels::default();
    let lines = log.write(Traffic::new(&plan), format, |request| labels.note(request)).await?;
    let by_address: serde_json::Map<String, serde_json::Value> = labels
        .iter()
        .map(|(client, population)| {
            (client.to_string(), serde_json::json!({ "population": population.name, "hostile": population.hostile }))
        })
        .collect();
    who.bytes(&serde_json::to_vec_pretty(&by_address).unwrap_or_default())?;
    who.finish()?;
    let (lines, clients) = (number::count(lines), number::count(by_address.len() as u64));
    run.note(&say::written(lang, &shown(&log.finish()?), &lines, &clients));
    Ok(Exit::Done)
}

/// The traffic that the flags ask for.
fn plan(run: &Run, matches: &ArgMatches, seed: u64) -> Result<Plan, Failure> {
    let lang = run.lang;
    let length = match matches.get_one::<String>("length") {
        Some(text) => duration::parse(text)
            .filter(|length| !length.is_zero())
            .ok_or_else(|| Failure::usage(say::bad_length(lang, &escape::visible(text))))?,
        None => std::time::Duration::from_secs(3600),
    };
    let start: Timestamp =
        "2026-03-02T09:00:00Z".parse().map_err(|error: jiff::Error| Failure::failed(error.to_string()))?;
    let length = SignedDuration::try_from(length).map_err(|error| Failure::usage(error.to_string()))?;
    let mut plan =
        Plan::new(seed, start).until(start.saturating_add(length).map_err(|error| Failure::usage(error.to_string()))?);
    if let Some(rate) = matches.get_one::<f64>("rate") {
        // Also not a number, which is greater than nothing.
        if !rate.is_finite() || *rate <= 0.0 {
            return Err(Failure::usage(say::bad_rate(lang, *rate)));
        }
        plan.rate = *rate;
    }
    if !matches.get_flag("small") {
        plan.populations = measure::populations(matches.get_one::<String>("scene").map_or("shop", String::as_str));
    }
    Ok(plan)
}

/// A file that appears under its name only when all of it is written; one that is given up leaves nothing behind.
struct NewFile {
    path: PathBuf,
    out: BufWriter<NamedTempFile>,
    lang: Lang,
}

impl NewFile {
    fn beside(path: PathBuf, is_forced: bool, lang: Lang) -> Result<Self, Failure> {
        if !is_forced && path.symlink_metadata().is_ok() {
            return Err(Failure::failed(say::exists(lang, &shown(&path))));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        // What the umask leaves of it, as of any file: there is nothing secret in it.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| cannot_write(lang, &path, &error))?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 20, file), lang })
    }

    /// Writes requests, looking up now and then for whoever wants it to end; gives how many there were.
    async fn write(
        &mut self,
        requests: impl Iterator<Item = Request>,
        format: Format,
        mut each: impl FnMut(&Request),
    ) -> Result<u64, Failure> {
        let mut lines = 0_u64;
        for request in requests {
            each(&request);
            let written = write::line(&mut self.out, format, &request);
            written.map_err(|error| cannot_write(self.lang, &self.path, &error))?;
            lines += 1;
            if lines.is_multiple_of(A_STRETCH) {
                tokio::task::yield_now().await;
            }
        }
        Ok(lines)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(|error| cannot_write(self.lang, &self.path, &error))
    }

    fn finish(self) -> Result<PathBuf, Failure> {
        let Self { path, out, lang } = self;
        let file = out.into_inner().map_err(|error| cannot_write(lang, &path, error.error()))?;
        file.persist(&path).map_err(|error| cannot_write(lang, &path, &error.error))?;
        Ok(path)
    }
}

fn cannot_write(lang: Lang, path: &Path, cause: &std::io::Error) -> Failure {
    Failure::failed(say::cannot_write(lang, &shown(path), &cause.to_string()))
}

fn shown(path: &Path) -> String {
    escape::visible(&path.display().to_string()).into_owned()
}

/// The sentences.
mod say {
    crate::text::sentences! {
        bulk_written(path: &str, lines: &str) { en: "{path}: {lines} requests", ko: "{path}: 요청 {lines}건" }
        written(path: &str, lines: &str, clients: &str) {
            en: "{path}: {lines} requests of {clients} clients; labels.json beside it says who is who",
            ko: "{path}: 클라이언트 {clients}개의 요청 {lines}건. 누가 누구인지는 옆의 labels.json에 있습니다",
        }
        exists(path: &str) {
            en: "{path} exists and stays as it is; --force writes over it",
            ko: "{path} 파일이 이미 있어 그대로 둡니다. 덮어쓰려면 --force를 쓰세요",
        }
        cannot_write(path: &str, cause: &str) { en: "{path} cannot be written: {cause}", ko: "{path}에 쓸 수 없습니다: {cause}" }
        bad_length(text: &str) {
            en: "--length {text}: this is no length of time above zero; write 1h or 30m",
            ko: "--length {text}: 0보다 긴 기간이 아닙니다. 1h나 30m처럼 쓰세요",
        }
        bad_rate(rate: f64) {
            en: "--rate {rate}: write how many requests a second, more than 0",
            ko: "--rate {rate}: 초당 요청 수를 0보다 크게 쓰세요",
        }
    }
}

//! `gatewatch config show|check|path|init|rules`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Format, text};
use super::{Run, wiring};
use crate::config::{self, paths, sample};
use crate::detect::rules;
use crate::text::{Lang, escape};

/// Every value and where it came from. Under `table`, TOML that reads back, with the origin as a comment.
pub fn show(run: &mut Run) -> Result<Exit, Failure> {
    let lang = run.lang;
    let shown = sample::shown(&run.loaded, lang);
    if run.out.format == Format::Table {
        let width = shown
            .iter()
            .map(|line| line.name.len() + line.value.chars().count())
            .filter(|w| *w < 60)
            .max()
            .unwrap_or(0);
        for line in &shown {
            let pad = width.saturating_sub(line.name.len() + line.value.chars().count());
            run.out.line(&format!("{} = {}{}  # {}", line.name, line.value, " ".repeat(pad), line.origin))?;
        }
        return Ok(Exit::Done);
    }
    let columns = [text("name", ""), text("value", ""), text("origin", "")];
    run.out.list(&columns, &shown, |line| vec![line.name.to_owned(), line.value.clone(), line.origin.clone()])?;
    Ok(Exit::Done)
}

/// Checks the file with all its profiles, and the files that the settings in force name. That the program came this far
/// means that the settings are right; what is left to say is which file it was.
pub fn check(run: &mut Run) -> Result<Exit, Failure> {
    let lang = run.lang;
    match run.loaded.file.clone() {
        None => run.out.line(&say::no_file(lang, &shown_path(default_path(lang)?.as_path())))?,
        Some(path) => {
            config::check_file(&path).or_usage(lang)?;
            let profiles = if run.loaded.profiles.is_empty() { "-".to_owned() } else { run.loaded.profiles.join(", ") };
            run.out.line(&say::good(lang, &shown_path(&path), &escape::visible(&profiles)))?;
        }
    }
    let mut wrong = Vec::new();
    for (setting, file, read) in wiring::checked(run) {
        match read {
            Ok(()) => run.out.line(&say::good_list(lang, setting, &file))?,
            Err(message) => wrong.push(format!("{setting}: {message}")),
        }
    }
    if wrong.is_empty() { Ok(Exit::Done) } else { Err(Failure::usage(wrong.join("\n"))) }
}

/// Prints how rules of one's own are written, and the rules that ship. Needs no settings.
pub fn rules(lang: Lang, matches: &ArgMatches) -> Result<Exit, Failure> {
    let mut out = std::io::stdout();
    out.write_all(rules::template(lang).as_bytes())?;
    if !matches.get_flag("template") {
        out.write_all(rules::SHIPPED.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// Where the file is looked for.
pub fn path(run: &mut Run) -> Result<Exit, Failure> {
    let path = run.loaded.file.clone().map_or_else(|| default_path(run.lang), Ok)?;
    run.out.line(&shown_path(&path))?;
    Ok(Exit::Done)
}

/// Writes the sample where `--config` says or to the default place; never over an existing file.
pub fn init(lang: Lang, named: Option<PathBuf>, matches: &ArgMatches) -> Result<Exit, Failure> {
    let sample = sample::sample(lang);
    if matches.get_flag("stdout") {
        std::io::stdout().write_all(sample.as_bytes())?;
        return Ok(Exit::Done);
    }
    let path = named.map_or_else(|| default_path(lang), Ok)?;
    write_new(&path, &sample).map_err(|error| {
        let path = shown_path(&path);
        Failure::failed(match error.kind() {
            std::io::ErrorKind::AlreadyExists => say::exists(lang, &path),
            _ => say::cannot_write(lang, &path, &error.to_string()),
        })
    })?;
    writeln!(std::io::stdout(), "{}", say::written(lang, &shown_path(&path)))?;
    Ok(Exit::Done)
}

/// Creates a file that only its owner can read, and the directories above it.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn default_path(lang: Lang) -> Result<PathBuf, Failure> {
    paths::config_file(&super::environment).ok_or_else(|| Failure::usage(say::no_home(lang)))
}

fn shown_path(path: &Path) -> String {
    escape::visible(&path.display().to_string()).into_owned()
}

/// The sentences.
mod say {
    crate::text::words! {
        no_home {
            en: "there is no home directory to look for settings in; name the file with --config",
            ko: "설정을 찾을 홈 디렉터리가 없습니다. --config로 파일을 지정하세요",
        }
    }
    crate::text::sentences! {
        good(path: &str, profiles: &str) { en: "{path}: right (profiles: {profiles})", ko: "{path}: 이상 없음(프로필: {profiles})" }
        good_list(setting: &str, file: &str) { en: "{setting}: {file}: right", ko: "{setting}: {file}: 이상 없음" }
        no_file(path: &str) {
            en: "there is no settings file at {path}; the defaults hold. `gatewatch config init` writes one.",
            ko: "{path}에 설정 파일이 없어 기본값을 씁니다. `gatewatch config init`으로 만들 수 있습니다.",
        }
        exists(path: &str) { en: "{path} exists and stays as it is", ko: "{path} 파일이 이미 있어 그대로 둡니다" }
        cannot_write(path: &str, cause: &str) { en: "{path} cannot be written: {cause}", ko: "{path}에 쓸 수 없습니다: {cause}" }
        written(path: &str) { en: "{path} written; every value in it is the default", ko: "{path}을(를) 만들었습니다. 모든 값은 기본값입니다" }
    }
}

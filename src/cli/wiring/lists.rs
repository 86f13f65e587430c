//! The files that detection is told of by the settings: rules, the ranges of crawlers, networks, series to watch.

use std::path::Path;

use crate::cli::Run;
use crate::cli::failure::{Failure, OrFail as _};
use crate::detect::baseline::Baselines;
use crate::detect::crawlers::Crawlers;
use crate::detect::limits::Limits;
use crate::detect::networks::{Networks, NetworksError};
use crate::detect::rules::RuleSet;
use crate::logs::SourceError;
use crate::text::{Say as _, escape};

/// The rules that ship with those of the settings, the known crawlers and the networks. They are read once and kept for
/// as long as the program runs.
///
/// # Errors
/// A file that cannot be read, or that is not what it should be: with file, line and rule.
pub fn rule_set(run: &Run) -> Result<&'static RuleSet, Failure> {
    let detect = &run.loaded.settings.detect;
    let limits = Limits {
        burst: detect.burst,
        sensitive: detect.sensitive,
        sensitive_paths: detect.sensitive_paths.iter().map(|path| path.to_ascii_lowercase()).collect(),
        ssh_failures: detect.ssh_failures,
    };
    let is_shipped = detect.rules.is_empty() && detect.crawlers.is_none() && detect.networks.is_none();
    if is_shipped && limits == Limits::default() {
        return Ok(RuleSet::shipped());
    }
    let mut rules = rules(run, &detect.rules)?.with_limits(limits);
    if let Some(path) = &detect.crawlers {
        rules = rules.with_crawlers(crawlers(run, path)?);
    }
    if let Some(path) = &detect.networks {
        rules = rules.with_networks(networks(run, path)?);
    }
    Ok(Box::leak(Box::new(rules)))
}

/// The series that are watched and their rules: those that ship and those of the settings' files.
pub fn baselines(run: &Run) -> Result<Baselines, Failure> {
    let texts = read_all(run, &run.loaded.settings.baselines.files)?;
    let files: Vec<(&str, &str)> = texts.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let read = Baselines::with_user_files(&files);
    read.map_err(|error| Failure::usage(escape::visible(&error.say(run.lang)).into_owned()))
}

/// Reads every file that the settings name, each by itself, and says of each whether it is right: the setting, the
/// file, and the mistake.
pub fn checked(run: &Run) -> Vec<(&'static str, String, Result<(), String>)> {
    let settings = &run.loaded.settings;
    let said = |result: Result<(), Failure>| match result {
        Err(Failure::Message(_, message)) => Err(message),
        Ok(()) | Err(Failure::BrokenPipe) => Ok(()),
    };
    let shown = |path: &Path| escape::visible(&path.display().to_string()).into_owned();
    let mut all = Vec::new();
    for file in &settings.detect.rules {
        let read = rules(run, std::slice::from_ref(file)).map(|_| ());
        all.push(("detect.rules", shown(Path::new(file)), said(read)));
    }
    if let Some(path) = &settings.detect.crawlers {
        all.push(("detect.crawlers", shown(path), said(crawlers(run, path).map(|_| ()))));
    }
    if let Some(path) = &settings.detect.networks {
        all.push(("detect.networks", shown(path), said(networks(run, path).map(|_| ()))));
    }
    if !settings.baselines.files.is_empty() {
        // Together: a rule of one may be about a series of another.
        let files: Vec<String> = settings.baselines.files.iter().map(|file| shown(Path::new(file))).collect();
        all.push(("baselines.files", files.join(", "), said(baselines(run).map(|_| ()))));
    }
    all
}

fn rules(run: &Run, files: &[String]) -> Result<RuleSet, Failure> {
    let texts = read_all(run, files)?;
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let read = RuleSet::with_user_files(&files);
    read.map_err(|error| Failure::usage(escape::visible(&error.say(run.lang)).into_owned()))
}

fn crawlers(run: &Run, path: &Path) -> Result<Crawlers, Failure> {
    let text = read(run, path)?;
    Crawlers::read(&text).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        Failure::usage(escape::visible_lines(&message).into_owned())
    })
}

fn networks(run: &Run, path: &Path) -> Result<Networks, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| NetworksError::Read { path: path.to_owned(), cause: error.to_string() })
        .or_usage(run.lang)?;
    Networks::read(path.to_owned(), bytes).or_usage(run.lang)
}

fn read_all(run: &Run, files: &[String]) -> Result<Vec<(String, String)>, Failure> {
    files.iter().map(|file| Ok((file.clone(), read(run, Path::new(file))?))).collect()
}

fn read(run: &Run, path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(SourceError::File { path: path.to_owned(), cause: error.to_string() }.say(run.lang))
    })
}

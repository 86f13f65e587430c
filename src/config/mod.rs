//! Every setting with its default; file < environment < flags; checks that name line and column. The table in
//! [`table`] is the only list of settings. Holds no logic of the parts it configures, and writes nothing but the
//! sample that it is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::text::{Lang, Say, escape};

pub mod duration;
pub mod error;
mod file;
mod old_forms;
pub mod paths;
pub mod sample;
pub mod secret;
pub mod table;
pub mod value;

pub use error::ConfigError;
pub use secret::{Secret, SecretError};
pub use table::{Setting, Settings};
pub use value::{Colour, JudgeKind, LangChoice};

use table::{Convert, Given};
use value::Refused;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// The settings file.
    File {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// An environment variable.
    Env(String),
    /// A flag, with its dashes.
    Flag(String),
}

impl Say for Origin {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Default => say::default(lang).to_owned(),
            Self::File { path, line, column } => {
                format!("{}:{line}:{column}", escape::visible(&path.display().to_string()))
            }
            Self::Env(name) => say::environment(lang, name),
            Self::Flag(flag) => escape::visible(flag).into_owned(),
        }
    }
}

/// Where settings are read from. The environment comes as a function so that tests own theirs.
pub struct Places<'a> {
    /// The file named by `--config`; it has to exist. `None` takes `GATEWATCH_CONFIG`, then the default path.
    pub file: Option<PathBuf>,
    /// The profile named by `--profile`. `None` takes `GATEWATCH_PROFILE`.
    pub profile: Option<String>,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Settings from flags: the flag as typed, the setting's dotted name, the text.
    pub flags: Vec<(String, String, String)>,
}

/// The settings in force, and where each came from.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// The profile in force.
    pub profile: Option<String>,
    /// All profiles of the file.
    pub profiles: Vec<String>,
    origins: BTreeMap<&'static str, Origin>,
}

impl Loaded {
    /// Where a setting's value came from.
    pub fn origin(&self, name: &str) -> Origin {
        self.origins.get(name).cloned().unwrap_or_default()
    }

    /// Sets one setting; refuses what it cannot take, naming the place.
    fn set(&mut self, setting: &'static Setting, given: Given<'_>, found: &str, at: Origin) -> Result<(), ConfigError> {
        let found = if setting.is_secret { String::new() } else { found.to_owned() };
        match (setting.set)(&mut self.settings, given) {
            Ok(()) => {
                self.origins.insert(setting.name, at);
                Ok(())
            }
            Err(Refused::Type) => Err(ConfigError::Wrong { at, name: setting.name, found, wants: setting.wants }),
            Err(Refused::Range { least, most }) => {
                let bounds = Box::new((least, most));
                Err(ConfigError::OutOfRange { at, name: setting.name, found, bounds })
            }
        }
    }

    /// Refuses thresholds that stand the wrong way round: more certainty never leads to less.
    fn check_order(&self) -> Result<(), ConfigError> {
        let detect = &self.settings.detect;
        let steps = [("detect.watch", detect.watch), ("detect.ask", detect.ask), ("detect.act", detect.act)];
        for pair in steps.windows(2) {
            let [lower, upper] = *pair else { continue };
            if lower.1 > upper.1 {
                let at = match self.origin(lower.0) {
                    Origin::Default => self.origin(upper.0),
                    set => set,
                };
                return Err(ConfigError::Order { at, lower, upper });
            }
        }
        Ok(())
    }

    fn set_from_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        for setting in table::all() {
            let given = variables(setting).into_iter().find_map(|(name, convert)| {
                env(&name).filter(|text| !text.trim().is_empty()).map(|text| (name, convert(text.trim()), text))
            });
            if let Some((name, converted, text)) = given {
                self.set(setting, Given::Text(&converted), &text, Origin::Env(name))?;
            }
        }
        Ok(())
    }

    fn set_from_flags(&mut self, flags: &[(String, String, String)]) -> Result<(), ConfigError> {
        for (flag, name, text) in flags {
            let at = Origin::Flag(flag.clone());
            let Some(setting) = table::find(name) else {
                return Err(ConfigError::Unknown { at, name: name.clone(), nearest: nearest_setting(name) });
            };
            self.set(setting, Given::Text(text), text, at)?;
        }
        Ok(())
    }
}

/// Reads the settings: defaults, then the file and its profile, then the environment, then flags.
pub fn load(places: &Places<'_>) -> Result<Loaded, ConfigError> {
    let env = |name: &str| (places.env)(name).filter(|text| !text.is_empty());
    let mut loaded =
        Loaded { profile: places.profile.clone().or_else(|| env("GATEWATCH_PROFILE")), ..Loaded::default() };
    let named = places.file.clone().or_else(|| env("GATEWATCH_CONFIG").map(PathBuf::from));
    let must_exist = named.is_some();
    if let Some(path) = named.or_else(|| paths::config_file(&env))
        && (must_exist || path.exists())
    {
        file::read(&path, &mut loaded)?;
    }
    if let Some(name) = &loaded.profile
        && !loaded.profiles.contains(name)
    {
        let (name, path, known) = (name.clone(), loaded.file.clone(), loaded.profiles.clone());
        return Err(ConfigError::NoProfile { name, path, known });
    }
    loaded.set_from_environment(&env)?;
    loaded.set_from_flags(&places.flags)?;
    loaded.check_order()?;
    Ok(loaded)
}

/// Checks a file by itself: the text of `path`, every profile included.
pub fn check_file(path: &Path) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded::default();
    file::read(path, &mut loaded)?;
    loaded.check_order()?;
    Ok(loaded)
}

/// The variables that set a setting, the first that is set wins, with what makes their text the setting's.
pub fn variables(setting: &Setting) -> Vec<(String, Convert)> {
    let mut names: Vec<(String, Convert)> = vec![(setting.variable(), str::to_owned)];
    for old in setting.old_names {
        let prefixed = format!("GATEWATCH_{}", old.name);
        if prefixed != names[0].0 {
            names.push((prefixed, old.convert));
        }
        names.push((old.name.to_owned(), old.convert));
    }
    names
}

/// The setting whose name is nearest to `name`, if any is near.
fn nearest_setting(name: &str) -> Option<String> {
    // `sorce.url` is near `source.url`; `url` alone is taken for `source.url`.
    let by_last_part = || table::all().find(|setting| setting.name.rsplit('.').next() == Some(name));
    nearest(name, table::all().map(|setting| setting.name))
        .or_else(|| by_last_part().map(|setting| setting.name))
        .map(str::to_owned)
}

/// The candidate nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

/// The words.
mod say {
    crate::text::words! {
        default { en: "default", ko: "기본값" }
    }
    crate::text::sentences! {
        environment(name: &str) { en: "env {name}", ko: "환경 변수 {name}" }
    }
}

#[cfg(test)]
mod tests;

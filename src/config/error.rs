//! What can be wrong with settings: where it stands, what was expected, what to do.

use std::path::PathBuf;

use super::Origin;
use crate::text::{Lang, Say, escape};

/// A problem with the settings.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum ConfigError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// The file is not TOML.
    Syntax {
        /// Where.
        at: Origin,
        /// The parser's words.
        message: String,
    },
    /// A key or `--set` name that is no setting.
    Unknown {
        /// Where.
        at: Origin,
        /// The dotted name.
        name: String,
        /// The setting with the nearest name.
        nearest: Option<String>,
    },
    /// A value that cannot be taken.
    Wrong {
        /// Where.
        at: Origin,
        /// The setting.
        name: &'static str,
        /// What was found, as written; empty for a secret.
        found: String,
        /// What the setting wants, by language.
        wants: fn(Lang) -> std::borrow::Cow<'static, str>,
    },
    /// A value outside its range.
    OutOfRange {
        /// Where.
        at: Origin,
        /// The setting.
        name: &'static str,
        /// What was found.
        found: String,
        /// The least and the most, as they would be written.
        bounds: Box<(String, String)>,
    },
    /// Two values that stand the wrong way round.
    Order {
        /// Where the one that was set stands.
        at: Origin,
        /// The setting that has to be the lower, and its value.
        lower: (&'static str, f64),
        /// The one that it must not exceed.
        upper: (&'static str, f64),
    },
    /// A profile that the file does not have.
    NoProfile {
        /// Its name.
        name: String,
        /// The file, if one was read.
        path: Option<PathBuf>,
        /// The profiles that are there.
        known: Vec<String>,
    },
    /// A file with secrets in clear that others can read.
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// A setting that holds a secret in clear.
        name: String,
    },
}

impl Say for ConfigError {
    fn say(&self, lang: Lang) -> String {
        let clean = |text: &str| escape::visible(text).into_owned();
        match self {
            Self::Read { path, cause } => say::read(lang, &clean(&path.display().to_string()), cause),
            Self::Syntax { at, message } => say::syntax(lang, &at.say(lang), &clean(message)),
            Self::Unknown { at, name, nearest } => {
                let hint = nearest.as_ref().map_or_else(String::new, |nearest| say::did_you_mean(lang, nearest));
                say::unknown(lang, &at.say(lang), &clean(name), &hint)
            }
            Self::Wrong { at, name, found, wants } => {
                say::wrong(lang, &at.say(lang), name, &wants(lang), &say_found(lang, found))
            }
            Self::OutOfRange { at, name, found, bounds } => {
                say::out_of_range(lang, &at.say(lang), name, &bounds.0, &bounds.1, &clean(found))
            }
            Self::Order { at, lower, upper } => say::order(lang, &at.say(lang), lower.0, lower.1, upper.0, upper.1),
            Self::NoProfile { name, path, known } => {
                let place =
                    path.as_ref().map_or_else(|| say::no_file(lang).to_owned(), |path| path.display().to_string());
                let hint = super::nearest(name, known.iter().map(String::as_str))
                    .map_or_else(String::new, |nearest| say::did_you_mean(lang, nearest));
                let known = if known.is_empty() { say::none(lang).to_owned() } else { known.join(", ") };
                say::no_profile(lang, &clean(name), &clean(&place), &clean(&known), &clean(&hint))
            }
            Self::Exposed { path, mode, name } => {
                let path = clean(&path.display().to_string());
                say::exposed(lang, &path, &format!("{mode:04o}"), &clean(name))
            }
        }
    }
}

fn say_found(lang: Lang, found: &str) -> String {
    if found.is_empty() { String::new() } else { say::found(lang, &escape::visible(found)) }
}

/// The sentences.
mod say {
    crate::text::words! {
        no_file { en: "the settings", ko: "설정" }
        none { en: "none", ko: "없음" }
    }
    crate::text::sentences! {
        read(path: &str, cause: &str) {
            en: "the settings file {path} cannot be read: {cause}",
            ko: "설정 파일 {path}을(를) 읽을 수 없습니다: {cause}",
        }
        syntax(at: &str, message: &str) { en: "{at}: not valid TOML: {message}", ko: "{at}: 올바른 TOML이 아닙니다: {message}" }
        unknown(at: &str, name: &str, hint: &str) {
            en: "{at}: there is no setting `{name}`{hint}",
            ko: "{at}: `{name}` 설정은 없습니다{hint}",
        }
        did_you_mean(nearest: &str) { en: "; did you mean `{nearest}`?", ko: ". `{nearest}`을(를) 찾으셨나요?" }
        wrong(at: &str, name: &str, wants: &str, found: &str) {
            en: "{at}: `{name}` has to be {wants}{found}",
            ko: "{at}: `{name}` 값이 맞지 않습니다. 필요한 값: {wants}{found}",
        }
        found(found: &str) { en: ", not {found}", ko: " (입력값: {found})" }
        out_of_range(at: &str, name: &str, least: &str, most: &str, found: &str) {
            en: "{at}: `{name}` has to lie between {least} and {most}, not {found}",
            ko: "{at}: `{name}` 값은 {least}에서 {most} 사이여야 합니다(입력값: {found})",
        }
        order(at: &str, lower: &str, low: f64, upper: &str, up: f64) {
            en: "{at}: `{lower}` = {low} is above `{upper}` = {up}; it has to be that much at most",
            ko: "{at}: `{lower}` = {low}이(가) `{upper}` = {up}보다 큽니다. 그 이하여야 합니다",
        }
        no_profile(name: &str, place: &str, known: &str, hint: &str) {
            en: "{place} has no profile `{name}` (profiles there: {known}){hint}",
            ko: "{place}에 `{name}` 프로필이 없습니다(있는 프로필: {known}){hint}",
        }
        exposed(path: &str, mode: &str, name: &str) {
            en: "{path} holds a secret (`{name}`) and others can read it (mode {mode}). Run: chmod 600 '{path}'",
            ko: "{path}에 비밀 값(`{name}`)이 있는데 다른 사용자가 읽을 수 있습니다(권한 {mode}). 실행하세요: chmod 600 '{path}'",
        }
    }
}

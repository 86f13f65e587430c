//! Secrets: given by value, as `file:PATH` or as `env:NAME`. A secret is resolved only where it is used and never
//! printed; its `Debug` and its rendering hide a value but show where a reference points.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

use crate::text::{Lang, Say, escape};

/// A secret, or where to find it.
#[derive(Clone)]
pub enum Secret {
    /// The secret itself.
    Value(SecretString),
    /// The first line of this file.
    File(PathBuf),
    /// This environment variable.
    Env(String),
}

/// Why a secret could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum SecretError {
    /// The file it is said to be in cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// The file is there but its first line is empty.
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The variable it is said to be in is not set, or empty.
    Env {
        /// The variable.
        name: String,
    },
}

impl Say for SecretError {
    fn say(&self, lang: Lang) -> String {
        let shown = |path: &PathBuf| escape::visible(&path.display().to_string()).into_owned();
        match self {
            Self::File { path, cause } => say::file(lang, &shown(path), cause),
            Self::EmptyFile { path } => say::empty_file(lang, &shown(path)),
            Self::Env { name } => say::env(lang, &escape::visible(name)),
        }
    }
}

impl Secret {
    /// Reads `file:PATH`, `env:NAME` or a value. `None` for an empty text: no secret.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            None
        } else if let Some(path) = text.strip_prefix("file:") {
            (!path.is_empty()).then(|| Self::File(path.into()))
        } else if let Some(name) = text.strip_prefix("env:") {
            (!name.is_empty()).then(|| Self::Env(name.to_owned()))
        } else {
            Some(Self::Value(text.to_owned().into()))
        }
    }

    /// Whether the secret itself stands in the settings.
    pub fn is_by_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }

    /// The secret. Reads the file or the variable now; only a file's first line counts, without its line end.
    pub fn reveal(&self) -> Result<SecretString, SecretError> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Env(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                _ => Err(SecretError::Env { name: name.clone() }),
            },
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| SecretError::File { path: path.clone(), cause: error.to_string() })?;
                match text.lines().next() {
                    Some(line) if !line.is_empty() => Ok(line.to_owned().into()),
                    _ => Err(SecretError::EmptyFile { path: path.clone() }),
                }
            }
        }
    }

    /// What may be shown: a reference as it is written, a value as `(redacted)`.
    pub fn redacted(&self) -> String {
        match self {
            Self::Value(_) => "(redacted)".to_owned(),
            Self::File(path) => format!("file:{}", path.display()),
            Self::Env(name) => format!("env:{name}"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.redacted())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(one), Self::Value(two)) => one.expose_secret() == two.expose_secret(),
            (Self::File(one), Self::File(two)) => one == two,
            (Self::Env(one), Self::Env(two)) => one == two,
            _ => false,
        }
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        file(path: &str, cause: &str) {
            en: "the secret file {path} cannot be read: {cause}",
            ko: "비밀 파일 {path}을(를) 읽을 수 없습니다: {cause}",
        }
        empty_file(path: &str) {
            en: "the secret file {path} is empty; its first line is taken as the secret",
            ko: "비밀 파일 {path}이(가) 비어 있습니다. 첫 줄이 비밀 값으로 쓰입니다",
        }
        env(name: &str) {
            en: "the secret is said to be in the environment variable {name}, which is not set",
            ko: "비밀 값이 있어야 할 환경 변수 {name}이(가) 설정되어 있지 않습니다",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_shown_and_a_reference_is() {
        let secret = Secret::parse("hunter2").unwrap();
        assert_eq!(format!("{secret:?} {}", secret.redacted()), "(redacted) (redacted)");
        assert_eq!(secret.reveal().unwrap().expose_secret(), "hunter2");
        assert_eq!(Secret::parse("env:LAPI_PASSWORD").unwrap().redacted(), "env:LAPI_PASSWORD");
        assert!(Secret::parse("").is_none() && Secret::parse("file:").is_none() && Secret::parse("env:").is_none());
    }

    #[test]
    fn a_file_gives_its_first_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let secret = Secret::parse(&format!("file:{}", file.path().display())).unwrap();
        assert!(matches!(secret.reveal(), Err(SecretError::EmptyFile { .. })));
        std::fs::write(file.path(), "s3cret\r\nrest\n").unwrap();
        assert_eq!(secret.reveal().unwrap().expose_secret(), "s3cret");
        let path = file.path().to_owned();
        drop(file);
        assert!(matches!(secret.reveal(), Err(SecretError::File { path: at, .. }) if at == path));
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = Secret::parse("env:GATEWATCH_NO_SUCH_VARIABLE").unwrap().reveal().unwrap_err();
        assert!(error.to_string().contains("GATEWATCH_NO_SUCH_VARIABLE"));
        assert!(error.say(Lang::Ko).contains("GATEWATCH_NO_SUCH_VARIABLE"));
    }
}

//! The settings file: TOML whose every key is known, each value checked where it stands. `[profiles.NAME]` holds the
//! same tables again; the profile in force is laid over the rest, the others are checked all the same.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::table::{self, Given};
use super::{ConfigError, Loaded, Origin, nearest_setting};

/// Reads a file into `loaded`, the profile named there laid over it.
pub fn read(path: &Path, loaded: &mut Loaded) -> Result<(), ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Read { path: path.to_owned(), cause: error.to_string() })?;
    let document = Document { path, text: &text };
    document.apply(loaded)?;
    if let Some(name) = secret_in_clear(loaded) {
        refuse_exposed(path, name)?;
    }
    loaded.file = Some(path.to_owned());
    Ok(())
}

struct Document<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Document<'_> {
    fn apply(&self, loaded: &mut Loaded) -> Result<(), ConfigError> {
        let root = DeTable::parse(self.text).map_err(|error| ConfigError::Syntax {
            at: self.at(error.span().unwrap_or(0..0)),
            message: error.message().trim().replace('\n', " "),
        })?;
        let mut profiles = None;
        for (key, value) in root.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("profiles", DeValue::Table(table)) => profiles = Some(table),
                _ => self.entry(loaded, "", key.get_ref(), key.span(), value)?,
            }
        }
        for (name, profile) in profiles.into_iter().flatten() {
            let name: &str = name.get_ref();
            loaded.profiles.push(name.to_owned());
            let DeValue::Table(table) = profile.get_ref() else {
                let name = format!("profiles.{name}");
                return Err(ConfigError::Unknown { at: self.at(profile.span()), name, nearest: None });
            };
            // A profile that is not in force is checked on a copy, so that its mistakes and its secrets show too.
            let mut copy = loaded.clone();
            let is_chosen = loaded.profile.as_deref() == Some(name);
            let into = if is_chosen { &mut *loaded } else { &mut copy };
            self.table(into, "", table)?;
            if !is_chosen {
                copy.check_order()?;
            }
            if !is_chosen && let Some(secret) = secret_in_clear(&copy) {
                refuse_exposed(self.path, secret)?;
            }
        }
        Ok(())
    }

    fn table(&self, loaded: &mut Loaded, prefix: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (key, value) in table {
            self.entry(loaded, prefix, key.get_ref(), key.span(), value)?;
        }
        Ok(())
    }

    fn entry(
        &self,
        loaded: &mut Loaded,
        prefix: &str,
        key: &str,
        key_span: Range<usize>,
        value: &toml::Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let name = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        if let Some(setting) = table::find(&name) {
            let found = self.text.get(value.span()).unwrap_or_default();
            return loaded.set(setting, Given::Toml(value.get_ref()), found, self.at(value.span()));
        }
        match value.get_ref() {
            DeValue::Table(inner) if table::GROUPS.iter().any(|group| group.name == name) => {
                self.table(loaded, &name, inner)
            }
            _ => {
                let groups = table::GROUPS.iter().map(|group| group.name).chain(["profiles"]);
                let is_table = matches!(value.get_ref(), DeValue::Table(_));
                let nearest =
                    if is_table { super::nearest(&name, groups).map(str::to_owned) } else { nearest_setting(&name) };
                Err(ConfigError::Unknown { at: self.at(key_span), name, nearest })
            }
        }
    }

    /// Line and column of a byte range's start, both from 1, the column in characters.
    fn at(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        Origin::File { path: self.path.to_owned(), line, column: before[line_start..].chars().count() + 1 }
    }
}

/// A setting that holds a secret in clear.
fn secret_in_clear(loaded: &Loaded) -> Option<&'static str> {
    table::all().find(|setting| (setting.is_secret_in_clear)(&loaded.settings)).map(|setting| setting.name)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, name: &'static str) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path)
        .map_err(|error| ConfigError::Read { path: PathBuf::from(path), cause: error.to_string() })?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(ConfigError::Exposed { path: path.to_owned(), mode, name: name.to_owned() })
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path, _name: &'static str) -> Result<(), ConfigError> {
    Ok(())
}

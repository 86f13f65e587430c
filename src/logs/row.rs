//! One log entry: field → string, LogsQL's data model. Missing and empty are the same thing.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A row: named string values in the order in which the source gave them. Values are hostile text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    fields: Vec<(Arc<str>, String)>,
    /// Fields that answer to their name but are not shown: what a source worked out beside what was logged.
    hidden: Vec<(Arc<str>, String)>,
}

impl Row {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty row with room for so many fields.
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields), hidden: Vec::new() }
    }

    /// The value of a field, a hidden one too; `""` where it is missing.
    pub fn get(&self, name: &str) -> &str {
        let mut all = self.fields.iter().chain(&self.hidden);
        all.find(|(key, _)| &**key == name).map_or("", |(_, value)| value)
    }

    /// Sets a field, in place where it exists, at the end otherwise.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.fields.iter_mut().find(|(key, _)| *key == name) {
            Some(slot) => slot.1 = value,
            None => self.fields.push((name, value)),
        }
    }

    /// Adds a field without looking for an older one of that name: for parsers that give each name once.
    pub fn push(&mut self, name: Arc<str>, value: String) {
        self.fields.push((name, value));
    }

    /// Adds a field that [`Row::get`] finds where no shown field has its name, and that is otherwise not there: a
    /// file source so gives `client`, or `path` where a log only has the whole target.
    pub fn push_hidden(&mut self, name: Arc<str>, value: String) {
        self.hidden.push((name, value));
    }

    /// Names and values in order, without the hidden ones.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(key, value)| (&**key, value.as_str()))
    }

    /// Names and values of the hidden fields.
    pub fn hidden(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.hidden.iter().map(|(key, value)| (&**key, value.as_str()))
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it has no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl<N: Into<Arc<str>>, V: Into<String>> FromIterator<(N, V)> for Row {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut row = Self::new();
        for (name, value) in pairs {
            row.set(name, value);
        }
        row
    }
}

/// A JSON object of strings, empty fields left out, as VictoriaLogs prints it.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.iter().filter(|(_, value)| !value.is_empty()) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_is_empty_and_setting_keeps_the_place() {
        let mut row: Row = [("a", "1"), ("b", "2")].into_iter().collect();
        row.set("a", "3");
        assert_eq!((row.get("a"), row.get("b"), row.get("c")), ("3", "2", ""));
        assert_eq!(row.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_hidden_field_only_answers_to_its_name() {
        let mut row: Row = [("a", "1")].into_iter().collect();
        row.push_hidden("client".into(), "203.0.113.5".into());
        row.push_hidden("a".into(), "2".into());
        assert_eq!((row.get("client"), row.get("a"), row.len()), ("203.0.113.5", "1", 1));
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"1"}"#);
    }

    #[test]
    fn json_leaves_empty_fields_out() {
        let row: Row = [("a", "\u{1b}"), ("b", "")].into_iter().collect();
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"\u001b"}"#);
    }
}

//! One log entry: field → string, LogsQL's data model. Missing and empty are the same thing.

use std::ops::Range;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A row: named string values in the order in which the source gave them. Values are hostile text.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The values one behind the other: a row is one piece of memory, not one for each of a dozen fields.
    text: String,
    fields: Vec<Field>,
    /// Fields that answer to their name but are not shown: what a source worked out beside what was logged.
    hidden: Vec<Field>,
}

/// A name and where in the text its value stands.
#[derive(Debug, Clone)]
struct Field {
    name: Arc<str>,
    value: Range<usize>,
}

impl Row {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty row with room for so many fields whose values have so many bytes in all.
    pub fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), fields: Vec::with_capacity(fields), hidden: Vec::new() }
    }

    /// The value of a field, a hidden one too; `""` where it is missing.
    pub fn get(&self, name: &str) -> &str {
        let mut all = self.fields.iter().chain(&self.hidden);
        all.find(|field| *field.name == *name).map_or("", |field| self.value(field))
    }

    /// Sets a field, in place where it exists, at the end otherwise.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl AsRef<str>) {
        let name = name.into();
        // The text of an older value stays behind, unseen.
        let value = self.keep(value.as_ref());
        match self.fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.value = value,
            None => self.fields.push(Field { name, value }),
        }
    }

    /// Adds a field without looking for an older one of that name: for parsers that give each name once.
    pub fn push(&mut self, name: Arc<str>, value: &str) {
        let value = self.keep(value);
        self.fields.push(Field { name, value });
    }

    /// Adds a field that [`Row::get`] finds where no shown field has its name, and that is otherwise not there: a
    /// file source so gives `client`, or `path` where a log only has the whole target.
    pub fn push_hidden(&mut self, name: Arc<str>, value: &str) {
        let value = self.keep(value);
        self.hidden.push(Field { name, value });
    }

    /// Names and values in order, without the hidden ones.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|field| (&*field.name, self.value(field)))
    }

    /// Names and values of the hidden fields.
    pub fn hidden(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.hidden.iter().map(|field| (&*field.name, self.value(field)))
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it has no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// How many bytes its values have.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    fn keep(&mut self, value: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(value);
        start..self.text.len()
    }

    fn value(&self, field: &Field) -> &str {
        &self.text[field.value.clone()]
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter()) && self.hidden().eq(other.hidden())
    }
}

impl Eq for Row {}

impl<N: Into<Arc<str>>, V: AsRef<str>> FromIterator<(N, V)> for Row {
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
        row.push_hidden("client".into(), "203.0.113.5");
        row.push_hidden("a".into(), "2");
        assert_eq!((row.get("client"), row.get("a"), row.len()), ("203.0.113.5", "1", 1));
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"1"}"#);
    }

    #[test]
    fn json_leaves_empty_fields_out() {
        let row: Row = [("a", "\u{1b}"), ("b", "")].into_iter().collect();
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"\u001b"}"#);
    }
}

//! The batch forms of `fmt` and `query` for editors and tests: a JSON line in, a JSON line out. A line that is refused
//! says so in its answer and stops nothing.

use serde::{Deserialize, Serialize};

use super::exec::Env;
use super::parse;
use crate::logs::Row;

/// Bytes that one query of a batch may keep.
const MEMORY: usize = 1 << 30;

#[derive(Deserialize)]
struct Question {
    query: String,
    #[serde(default)]
    rows: Vec<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Row>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Answer {
    fn line(formatted: Option<String>, rows: Option<Vec<Row>>, error: Option<String>) -> String {
        let answer = Self { ok: error.is_none(), formatted, rows, error };
        serde_json::to_string(&answer).unwrap_or_else(|why| format!(r#"{{"ok":false,"error":"{why:?}"}}"#))
    }

    fn refusal(why: &impl std::fmt::Display) -> String {
        Self::line(None, None, Some(why.to_string()))
    }
}

/// `{"query":"…"}` → `{"ok":true,"formatted":"…"}` or `{"ok":false,"error":"…"}`.
pub fn format_line(line: &str) -> String {
    match serde_json::from_str::<Question>(line) {
        Err(why) => Answer::refusal(&why),
        Ok(question) => match parse::format(&question.query) {
            Ok(formatted) => Answer::line(Some(formatted), None, None),
            Err(why) => Answer::refusal(&why),
        },
    }
}

/// `{"query":"…","rows":[{…},…]}` → `{"ok":true,"rows":[{…},…]}` or `{"ok":false,"error":"…"}`, for a query that runs
/// at `now` (nanoseconds since 1970).
pub fn query_line(line: &str, now: i64) -> String {
    let question = match serde_json::from_str::<Question>(line) {
        Ok(question) => question,
        Err(why) => return Answer::refusal(&why),
    };
    let parsed = parse::parse(&question.query);
    let query = match parsed.query() {
        Ok(query) => query,
        Err(why) => return Answer::refusal(&why),
    };
    let rows: Vec<Row> = question.rows.into_iter().map(row).collect();
    match query.rows(&rows, &Env::at(now, MEMORY)) {
        Ok(rows) => Answer::line(None, Some(rows), None),
        Err(why) => Answer::refusal(&why),
    }
}

/// A row of a JSON object: strings by themselves, other values as JSON, `null` as a missing field.
fn row(object: serde_json::Map<String, serde_json::Value>) -> Row {
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    };
    object.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answered_one_by_one() {
        assert_eq!(format_line(r#"{"query":"a  AND b"}"#), r#"{"ok":true,"formatted":"a b"}"#);
        assert!(format_line(r#"{"query":"a |"}"#).starts_with(r#"{"ok":false,"error":"#));
        assert!(format_line("nonsense").starts_with(r#"{"ok":false,"#));
        let line = r#"{"query":"* | sort by (n) | delete x","rows":[{"n":2,"x":""},{"n":"1","y":null}]}"#;
        assert_eq!(query_line(line, 0), r#"{"ok":true,"rows":[{"n":"1"},{"n":"2"}]}"#);
    }
}

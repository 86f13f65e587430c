//! `time_add 1h at field`: moves times.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::time::{parse_rfc3339, rfc3339_text};
use super::Step;
use super::update::update;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "time_add",
    aliases: &[],
    syntax: "time_add duration at field",
    en: "Adds a duration to the times of a field, to `_time` where none is named.",
    ko: "필드의 시각에 기간을 더합니다. 필드가 없으면 `_time`입니다.",
    example: "* | time_add -1h at started",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct TimeAdd {
    field: String,
    nanos: i64,
    written: String,
}

impl TimeAdd {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (nanos, written) = cursor.duration()?;
        let field = if cursor.take("at") { cursor.field()? } else { "_time".to_owned() };
        Ok(Self { field, nanos, written })
    }
}

/// The time so much later; what is no time stays as it is.
pub(in super::super) fn later(value: &str, nanos: i64) -> String {
    match parse_rfc3339(value) {
        Some(at) => rfc3339_text(at.saturating_add(nanos)),
        None => value.to_owned(),
    }
}

impl Step for TimeAdd {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("time_add {}", self.written));
        if self.field != "_time" {
            out.push_str(&format!(" at {}", quoted(&self.field)));
        }
    }

    fn needs(&self, _: &mut Needs) {}

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(update(&self.field, None, |value| later(value, self.nanos)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn times_move_and_other_values_stay() {
        let rows: &[&[(&str, &str)]] = &[&[("_time", "2024-01-01T00:00:00Z"), ("a", "x")]];
        assert_eq!(run_rows("* | time_add 1h | fields _time", rows), ["_time=2024-01-01T01:00:00Z"]);
        assert_eq!(run_rows("* | time_add -1.5s | fields _time", rows), ["_time=2023-12-31T23:59:58.5Z"]);
        assert_eq!(run_rows("* | time_add 1d at a | fields a", rows), ["a=x"]);
    }
}

//! `json_array_len(field) as result`: the number of elements of a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::len::{needs_of_derived, parse_derived, print_derived};
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "json_array_len",
    aliases: &[],
    syntax: "json_array_len(field) as result",
    en: "Puts the number of elements of a JSON array into another field.",
    ko: "JSON 배열의 원소 수를 다른 필드에 넣습니다.",
    example: "* | json_array_len(tags) as tag_count",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct JsonArrayLen {
    from: String,
    to: String,
}

impl JsonArrayLen {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (from, to) = parse_derived(cursor)?;
        Ok(Self { from, to })
    }
}

impl Step for JsonArrayLen {
    fn print(&self, out: &mut String) {
        print_derived("json_array_len", &self.from, &self.to, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.from, &self.to, needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.from, &self.to, |value| super::super::json::array_values(value).len().to_string()))
    }
}

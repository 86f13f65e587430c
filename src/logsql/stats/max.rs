//! `max(a, b)`: the greatest value of the fields: numbers before text, text in natural order.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::order::less;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::PerValue;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "max",
    aliases: &[],
    syntax: "max(field, …)",
    en: "The greatest value of the fields: numbers before text, text in natural order.",
    ko: "필드의 가장 큰 값. 숫자가 글자보다 앞이고, 글자는 자연 순서입니다.",
    example: "* | stats max(duration) as d",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Max {
    fields: Vec<String>,
}

impl Max {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Max {
    fn print(&self, out: &mut String) {
        super::print_call("max", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerValue::boxed(
            &self.fields,
            |best: &mut Option<String>, value| {
                if best.as_deref().is_none_or(|known| less(known, value)) {
                    *best = Some(value.to_owned());
                }
                0
            },
            |best| best.clone().unwrap_or_default(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        let [field] = self.fields.as_slice() else { return None };
        Tally::new(Keep::Greatest(field.clone()), Print::Value)
    }
}

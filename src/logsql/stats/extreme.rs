//! What `min` and `max` share: the value that comes before or after all others.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::order::less;
use super::super::problem::Parsed;
use super::PerValue;
use super::{Accumulator, Stat};

/// The function.
#[derive(Debug, Clone)]
pub struct Extreme<const GREATEST: bool> {
    fields: Vec<String>,
}

impl<const GREATEST: bool> Extreme<GREATEST> {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl<const GREATEST: bool> Stat for Extreme<GREATEST> {
    fn print(&self, out: &mut String) {
        super::print_call(if GREATEST { "max" } else { "min" }, &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        PerValue::boxed(
            &self.fields,
            |best: &mut Option<String>, value| {
                let wins = |known: &str| if GREATEST { less(known, value) } else { less(value, known) };
                if best.as_deref().is_none_or(wins) {
                    *best = Some(value.to_owned());
                }
                0
            },
            |best| best.clone().unwrap_or_default(),
        )
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        let [field] = self.fields.as_slice() else { return None };
        let keep = if GREATEST { Keep::Greatest } else { Keep::Least };
        Tally::new(keep(field.clone()), Print::Value)
    }
}

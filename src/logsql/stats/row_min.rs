//! `row_min(x, a, b)`: the row in which a field is least, as a JSON object.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::order::less;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::row_best::Best;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "row_min",
    aliases: &[],
    syntax: "row_min(by, field, …)",
    en: "The row with the least value of the first field, as a JSON object.",
    ko: "첫 필드의 값이 가장 작은 행을 JSON 객체로 보여 줍니다.",
    example: "* | stats by (path) row_min(duration, ip, user) as seen",
};

/// The function.
#[derive(Debug, Clone)]
pub struct RowMin(Best);

impl RowMin {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Best::parse(cursor).map(Self)
    }
}

impl Stat for RowMin {
    fn print(&self, out: &mut String) {
        self.0.print(DOC.name, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        self.0.accumulator(less)
    }
}

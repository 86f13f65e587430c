//! `field_min(by, field)`: a field in the row where another is least.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::order::less;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::row_best::Best;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "field_min",
    aliases: &[],
    syntax: "field_min(by, field)",
    en: "The value of the second field in the row where the first is least.",
    ko: "첫 필드의 값이 가장 작은 행에서 둘째 필드의 값.",
    example: "* | stats by (path) field_min(duration, remote_addr) as who",
};

/// The function.
#[derive(Debug, Clone)]
pub struct FieldMin(Best);

impl FieldMin {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Best::parse_pair(cursor, DOC.name).map(Self)
    }
}

impl Stat for FieldMin {
    fn print(&self, out: &mut String) {
        self.0.print_pair(DOC.name, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        self.0.value_accumulator(less)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn the_other_field_of_the_least_row_is_taken() {
        let rows: &[&[(&str, &str)]] = &[&[("n", "9"), ("a", "x")], &[("n", "10"), ("a", "y")], &[("a", "z")]];
        assert_eq!(run_rows("* | stats field_min(n, a) r, field_min(a, n) s", rows), ["r=x s=9"]);
    }
}

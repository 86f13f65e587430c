//! `field_max(by, field)`: a field in the row where another is greatest.

use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::order::less;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::row_best::Best;
use super::{Accumulator, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "field_max",
    aliases: &[],
    syntax: "field_max(by, field)",
    en: "The value of the second field in the row where the first is greatest.",
    ko: "첫 필드의 값이 가장 큰 행에서 둘째 필드의 값.",
    example: "* | stats by (path) field_max(duration, remote_addr) as who",
};

/// The function.
#[derive(Debug, Clone)]
pub struct FieldMax(Best);

impl FieldMax {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Best::parse_pair(cursor, DOC.name).map(Self)
    }
}

impl Stat for FieldMax {
    fn print(&self, out: &mut String) {
        self.0.print_pair(DOC.name, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        self.0.value_accumulator(|value, best| less(best, value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn the_other_field_of_the_greatest_row_is_taken() {
        let rows: &[&[(&str, &str)]] = &[&[("n", "9"), ("a", "x")], &[("n", "10"), ("a", "y")], &[("a", "z")]];
        assert_eq!(run_rows("* | stats field_max(n, a) r, field_max(a, n) s", rows), ["r=y"]);
    }
}

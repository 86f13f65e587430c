//! `sum(a, b)`: the sum of all numbers.

use super::super::batch::Batch;
use super::super::cursor::Cursor;
use super::super::exec::Needs;
use super::super::fast::{Keep, Print, Tally};
use super::super::number::{float_text, parse_f64, parse_number};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::{Accumulator, Member, Stat};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "sum",
    aliases: &[],
    syntax: "sum(field, …)",
    en: "The sum of the numbers in the fields; NaN where there is none.",
    ko: "필드에 있는 숫자의 합. 숫자가 없으면 NaN입니다.",
    example: "* | stats sum(bytes) as total",
};

/// The function.
#[derive(Debug, Clone)]
pub struct Sum {
    fields: Vec<String>,
}

impl Sum {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { fields: super::parse_fields(cursor)? })
    }
}

impl Stat for Sum {
    fn print(&self, out: &mut String) {
        super::print_call("sum", &self.fields, 0, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn accumulator<'f>(&'f self, _: Option<f64>) -> Box<dyn Accumulator + 'f> {
        Sums::boxed(&self.fields, Total::sum)
    }

    fn tally(&self, _: Option<f64>) -> Option<Tally> {
        Tally::new(Keep::Sum(self.fields.clone()), Print::Sum)
    }
}

/// The sum of some numbers, and how many they are.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Total {
    sum: f64,
    count: u64,
}

impl Total {
    fn add(&mut self, number: f64) {
        self.sum += number;
        self.count += 1;
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    /// `NaN` over nothing.
    pub(super) fn sum(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.sum }
    }

    /// `NaN` over nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn average(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// The totals of each group. Among several groups the server adds up plain numbers only; over all rows, or where they
/// all are one group, durations and sizes too.
pub(super) struct Sums<'f, R> {
    fields: &'f [String],
    /// Over plain numbers, and over numbers of all forms.
    totals: Vec<(Total, Total)>,
    result: R,
}

/// Adds a value to the total of plain numbers and to that of numbers of all forms, as far as it is one.
fn add_value((plain, all): &mut (Total, Total), value: &str) {
    if let Some(number) = parse_f64(value) {
        plain.add(number);
        all.add(number);
    } else if let Some(number) = parse_number(value) {
        all.add(number);
    }
}

impl<'f, R: Fn(&Total) -> f64 + 'f> Sums<'f, R> {
    pub(super) fn boxed(fields: &'f [String], result: R) -> Box<dyn Accumulator + 'f> {
        Box::new(Self { fields, totals: Vec::new(), result })
    }
}

impl<R: Fn(&Total) -> f64> Accumulator for Sums<'_, R> {
    fn grow(&mut self, groups: usize) {
        self.totals.resize_with(groups, Default::default);
    }

    fn add(&mut self, batch: &Batch, members: &[Member]) -> usize {
        let columns = batch.matching(self.fields);
        let first = members.first().map_or(0, |(_, group)| *group);
        if members.iter().all(|(_, group)| *group == first) {
            // The server sums up field by field, which tells in the last digits.
            for (_, column) in columns {
                let mut totals = (Total::default(), Total::default());
                members.iter().for_each(|(row, _)| add_value(&mut totals, column.get(*row)));
                let (plain, all) = &mut self.totals[first];
                plain.merge(totals.0);
                all.merge(totals.1);
            }
        } else {
            for (row, group) in members {
                columns.iter().for_each(|(_, column)| add_value(&mut self.totals[*group], column.get(*row)));
            }
        }
        0
    }

    fn result(&mut self, group: usize) -> String {
        let (plain, all) = &self.totals[group];
        float_text((self.result)(if self.totals.len() > 1 { plain } else { all }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn among_groups_only_plain_numbers_add_up() {
        let rows: &[&[(&str, &str)]] =
            &[&[("a", "1s"), ("g", "x")], &[("a", "2"), ("g", "x")], &[("a", "3"), ("g", "y")]];
        assert_eq!(run_rows("* | stats sum(a) s, avg(a) m", rows), ["m=333333335 s=1000000005"]);
        assert_eq!(run_rows("* | stats by (g) sum(a) s", rows), ["g=x s=2", "g=y s=3"]);
        assert_eq!(run_rows("g:x | stats by (g) sum(a) s, avg(a) m", rows), ["g=x m=500000001 s=1000000002"]);
    }
}

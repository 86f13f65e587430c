//! `generate_sequence N`: rows with the numbers from 0 on, whatever came before.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::number::is_number_prefix;
use super::super::plan::Work;
use super::super::problem::{Parsed, What};
use super::super::registry::{Doc, Sort as Kind};
use super::group::fields_batch;
use super::top::parse_some;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "generate_sequence",
    aliases: &[],
    syntax: "generate_sequence N",
    en: "Puts N rows in place of all rows: their messages are the numbers from 0 to N-1.",
    ko: "모든 행을 메시지가 0부터 N-1까지인 N개 행으로 바꿉니다.",
    example: "* | generate_sequence 10",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct GenerateSequence {
    count: u64,
}

impl GenerateSequence {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if !is_number_prefix(cursor.value()) {
            return cursor.wanted(What::Number);
        }
        Ok(Self { count: parse_some(cursor)?.0 })
    }
}

impl Step for GenerateSequence {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("generate_sequence {}", self.count));
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::none();
    }

    fn work(&self) -> Work {
        Work::Instead
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Counting { count: self.count }))
    }
}

struct Counting {
    count: u64,
}

impl Stage for Counting {
    fn push(&mut self, _: Batch, _: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        Ok(Flow::Enough)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        const AT_ONCE: u64 = 4096;
        let mut start = 0;
        while start < self.count {
            run.check()?;
            let end = self.count.min(start.saturating_add(AT_ONCE));
            let numbers = (start..end).map(|number| number.to_string()).collect();
            let rows = usize::try_from(end - start).unwrap_or(usize::MAX);
            if out(fields_batch(rows, [("_msg".to_owned(), numbers)]))? == Flow::Enough {
                break;
            }
            start = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn numbers_stand_in_for_rows() {
        assert_eq!(run_rows("* | generate_sequence 3", &[&[("a", "x")]]), ["_msg=0", "_msg=1", "_msg=2"]);
        assert_eq!(run_rows("* | generate_sequence 1e9 | limit 1", &[]), ["_msg=0"]);
        assert_eq!(run_rows("* | generate_sequence 10000 | count() n", &[]), ["n=10000"]);
    }
}

//! What `first` and `last` share: the rows at one end of an order, of each group where groups are named.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, fault};
use super::Step;
use super::fields::listed;
use super::sort::{parse_keys, print_keys};
use super::sorting::Plan;
use super::top::{parse_rank, print_rank};
use super::topk::topk;

/// The pipe.
#[derive(Debug, Clone)]
pub struct Ends<const LAST: bool> {
    plan: Plan,
}

impl<const LAST: bool> Ends<LAST> {
    /// `N by (a desc, b) partition by (c) rank as r`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut plan = Plan { descending: LAST, limit: 1, ..Plan::default() };
        if !cursor.is(&["by", "partition", "rank", "("]) && !cursor.pipe_ends() {
            let span = cursor.span();
            plan.limit = cursor.integer()?;
            if plan.limit == 0 {
                return fault(span, Problem::OutOfRange("0".to_owned()));
            }
        }
        if cursor.take("by") || cursor.is(&["("]) {
            plan.keys = parse_keys(cursor)?;
        }
        if cursor.take("partition") {
            cursor.take("by");
            plan.partition = cursor.fields_in_parens()?;
        }
        if cursor.is(&["rank"]) {
            plan.rank = Some(parse_rank(cursor)?);
        }
        Ok(Self { plan })
    }
}

impl<const LAST: bool> Step for Ends<LAST> {
    fn print(&self, out: &mut String) {
        out.push_str(if LAST { "last" } else { "first" });
        if self.plan.limit != 1 {
            out.push_str(&format!(" {}", self.plan.limit));
        }
        print_keys(&self.plan.keys, out);
        if !self.plan.partition.is_empty() {
            out.push_str(&format!(" partition by ({})", listed(&self.plan.partition)));
        }
        print_rank(self.plan.rank.as_deref(), out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.plan.needs(needs);
    }

    fn work(&self) -> Work {
        self.plan.work()
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let text = || {
            let mut out = String::new();
            self.print(&mut out);
            out
        };
        Ok(topk(&self.plan, Box::new(text)))
    }
}

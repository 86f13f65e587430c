//! `stats by (a, b:5m) count() hits, sum(x) if (filter) total`: one row for each group.

use std::borrow::Cow;

use super::super::batch::Column;
use super::super::bucket::Bucket;
use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::fast::{Best, Fold, Folded, Print, Tally};
use super::super::filter::{parse_if, print_if};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::stats::{self, Accumulator, Function};
use super::super::trace::How;
use super::group::{Groups, fields_batch};
use super::{Batch, Pipe, Query, RowFilter, Step, Test, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "stats",
    aliases: &["stats_remote"],
    syntax: "stats by (field, field:bucket offset o) function(…) if (filter) as name, …",
    en: "Computes functions over all rows, or over the rows of each group; the name may be left out.",
    ko: "모든 행이나 그룹별 행에 함수를 계산합니다. 이름은 생략할 수 있습니다.",
    example: "* | stats by (remote_addr, _time:5m) count(*) as hits, count(*) if (status:>=500) as errors",
};

/// A function with its condition and the name of its result.
#[derive(Debug, Clone)]
struct Call {
    function: Function,
    condition: Option<RowFilter>,
    name: String,
    switch: Switch,
}

/// The place of a call in `switch(case (…) as a, default as b)`, whose cases are calls that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    /// Not in one.
    Outside,
    /// Its first case.
    First,
    /// A further case: rows of a former one are not in it.
    Further,
}

/// The pipe.
#[derive(Debug, Clone)]
pub struct Stats {
    by: Vec<Bucket>,
    calls: Vec<Call>,
    /// The form in which servers of a cluster ask each other for states to merge.
    remote: bool,
}

impl Stats {
    /// What follows `stats`; also what stands where the word is left out.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let remote = cursor.came_after(&["stats_remote", "STATS_REMOTE"]);
        let mut by: Vec<Bucket> = Vec::new();
        if cursor.take("by") || cursor.is(&["("]) {
            cursor.in_parens(|cursor| {
                by.push(Bucket::parse(cursor)?);
                Ok(())
            })?;
        }
        let mut calls: Vec<Call> = Vec::new();
        loop {
            let mark = cursor.mark();
            let function = Function::parse(cursor)?;
            if begins_switch(cursor) {
                parse_switch(cursor, &function, &mut calls)?;
                let names = by.iter().map(|bucket| &bucket.field).chain(calls.iter().map(|call| &call.name));
                if let Some(name) = first_double(names) {
                    return fault(cursor.span_since(mark), Problem::NameTaken(name.clone()));
                }
                if cursor.pipe_ends() {
                    return Ok(Self { by, calls, remote });
                }
                cursor.expect(",")?;
                continue;
            }
            let condition = parse_if(cursor)?;
            let name = if cursor.is(&[",", "|", ")", ""]) {
                let mut name = function.to_string();
                print_if(condition.as_ref(), &mut name);
                cursor.note_unnamed(&name);
                name
            } else {
                cursor.take("as");
                cursor.result(How::Made)?
            };
            if by.iter().any(|bucket| bucket.field == name) || calls.iter().any(|call| call.name == name) {
                return fault(cursor.span_since(mark), Problem::NameTaken(name));
            }
            calls.push(Call { function, condition, name, switch: Switch::Outside });
            if cursor.pipe_ends() {
                return Ok(Self { by, calls, remote });
            }
            if !cursor.take(",") {
                return cursor.wanted(What::EndOfPipe);
            }
        }
    }

    /// The fields that it groups by, and the names of its results.
    pub fn results(&self) -> (Vec<&str>, Vec<&str>) {
        (
            self.by.iter().map(|bucket| bucket.field.as_str()).collect(),
            self.calls.iter().map(|call| call.name.as_str()).collect(),
        )
    }
}

/// Whether `switch(` follows; without the parenthesis it is the name of a result.
fn begins_switch(cursor: &mut Cursor<'_>) -> bool {
    let mark = cursor.mark();
    let begins = cursor.take("switch") && cursor.is(&["("]);
    cursor.reset(mark);
    begins
}

/// `switch(case (filter) as name, …, default as name)` after a function.
fn parse_switch(cursor: &mut Cursor<'_>, function: &Function, calls: &mut Vec<Call>) -> Parsed<()> {
    cursor.expect("switch")?;
    let before = calls.len();
    let mut with_default = false;
    cursor.in_parens(|cursor| {
        let span = cursor.span();
        let condition = if cursor.take("default") {
            if std::mem::replace(&mut with_default, true) {
                return fault(span, Problem::Twice("default"));
            }
            None
        } else if cursor.take("case") || cursor.take("if") {
            cursor.expect("(")?;
            let filter = if cursor.is(&[")"]) { RowFilter::All } else { super::super::filter::parse(cursor)? };
            cursor.expect(")")?;
            Some(filter)
        } else {
            return cursor.wanted(What::Token("case"));
        };
        cursor.take("as");
        let switch = if calls.len() == before { Switch::First } else { Switch::Further };
        calls.push(Call { function: function.clone(), condition, name: cursor.result(How::Made)?, switch });
        Ok(())
    })?;
    if calls.len() == before { cursor.wanted(What::Token("case")) } else { Ok(()) }
}

fn first_double<'n>(names: impl Iterator<Item = &'n String>) -> Option<&'n String> {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().find(|name| !seen.insert(name.as_str()))
}

/// Appends a case of a switch: the function and the opening in front of the first, the closing after the last.
fn print_case(call: &Call, is_last: bool, out: &mut String) {
    if call.switch == Switch::First {
        out.push_str(&format!("{} switch(", call.function));
    }
    match &call.condition {
        Some(condition) => out.push_str(&format!("case ({condition})")),
        None => out.push_str("default"),
    }
    out.push_str(&format!(" as {}", quoted(&call.name)));
    out.push_str(if is_last { ")" } else { "" });
}

impl Stats {
    /// Which rows each function takes.
    fn tests(&self, run: &Run<'_>) -> Result<Vec<Option<Test>>, Stop> {
        let mut tests = Vec::with_capacity(self.calls.len());
        let mut former: &[Call] = &[];
        for (index, call) in self.calls.iter().enumerate() {
            let mut test = compile_if(call.condition.as_ref(), run)?;
            match call.switch {
                Switch::Outside => {}
                Switch::First => former = &self.calls[index..],
                Switch::Further => {
                    let cases = former.iter().take_while(|case| !std::ptr::eq(*case, call));
                    let others = cases.filter_map(|case| case.condition.as_ref()).map(|case| case.compile(run));
                    let mut both = vec![Test::Not(Box::new(Test::Or(others.collect::<Result<_, _>>()?)))];
                    both.extend(test);
                    test = Some(Test::And(both));
                }
            }
            tests.push(test);
        }
        Ok(tests)
    }

    /// Hands groups on that were folded on several threads.
    fn hand_on(&self, folded: &Folded, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        for groups in folded.groups().chunks(AT_ONCE) {
            run.check()?;
            let keys = self.by.iter().map(|bucket| bucket.field.clone()).zip(folded.keys(groups));
            let results =
                self.calls.iter().enumerate().map(|(at, call)| (call.name.clone(), folded.results(at, groups)));
            if out(fields_batch(groups.len(), keys.chain(results)))? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

/// Groups are handed on in batches of so many.
const AT_ONCE: usize = 4096;

impl Step for Stats {
    fn print(&self, out: &mut String) {
        out.push_str(if self.remote { "stats_remote" } else { "stats" });
        if !self.by.is_empty() {
            let by: Vec<String> = self.by.iter().map(ToString::to_string).collect();
            out.push_str(&format!(" by ({})", by.join(", ")));
        }
        for (index, call) in self.calls.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { " " });
            if call.switch != Switch::Outside {
                let next = self.calls.get(index + 1);
                print_case(call, next.is_none_or(|next| next.switch != Switch::Further), out);
                continue;
            }
            out.push_str(&call.function.to_string());
            print_if(call.condition.as_ref(), out);
            out.push_str(&format!(" as {}", quoted(&call.name)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        let after = std::mem::replace(needs, Needs::none());
        self.by.iter().for_each(|bucket| needs.add(&bucket.field));
        for call in &self.calls {
            let wanted = after.has(&call.name);
            if wanted {
                call.function.needs(needs);
            }
            // The rows of a case depend on all cases before it.
            if let Some(condition) = call.condition.as_ref().filter(|_| wanted || call.switch != Switch::Outside) {
                condition.needs(needs);
            }
        }
    }

    fn work(&self) -> Work {
        if self.remote { Work::Server } else { Work::Groups }
    }

    fn stage<'p>(&'p self, run: &Run<'_>, seconds: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        if self.remote {
            return Err(Stop::ServerOnly("stats_remote"));
        }
        let tests = self.tests(run)?.into_iter();
        let work = tests.zip(&self.calls).map(|(test, call)| (test, call.function.accumulator(seconds))).collect();
        let mut grouping = Grouping { stats: self, groups: Groups::new(self.by.len()), work };
        if self.by.is_empty() {
            // Without groups there is a row even over nothing.
            grouping.groups.of(std::iter::empty(), &mut 0);
            grouping.grow();
        }
        Ok(Box::new(grouping))
    }

    fn fold<'p>(&'p self, run: &Run<'_>, seconds: Option<f64>, next: Option<&Pipe>) -> Result<Option<Fold<'p>>, Stop> {
        let tallies: Option<Vec<Tally>> = self.calls.iter().map(|call| call.function.tally(seconds)).collect();
        let Some(tallies) = tallies.filter(|_| !self.remote) else { return Ok(None) };
        let best = match next {
            Some(Pipe::Sort(sort)) => sort.best(),
            _ => None,
        };
        let best = best.and_then(|(name, descending, wanted)| {
            let call = self.calls.iter().position(|call| call.name == name)?;
            matches!(tallies[call].print, Print::Count).then_some(Best { call, descending, wanted })
        });
        let calls = tallies.into_iter().zip(self.tests(run)?).collect();
        Ok(Some(Fold {
            by: self.by.iter().map(Cow::Borrowed).collect(),
            calls,
            end: Box::new(|folded, run, out| self.hand_on(folded, run, out)),
            best,
            text: Box::new(|| Pipe::Stats(self.clone()).to_string()),
        }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        for condition in self.calls.iter_mut().filter_map(|call| call.condition.as_mut()) {
            condition.visit_queries(visit);
        }
    }
}

struct Grouping<'p> {
    stats: &'p Stats,
    groups: Groups,
    work: Vec<(Option<Test>, Box<dyn Accumulator + 'p>)>,
}

impl Grouping<'_> {
    fn grow(&mut self) {
        for (_, accumulator) in &mut self.work {
            accumulator.grow(self.groups.len());
        }
    }

    /// The group of each row.
    fn assign(&mut self, batch: &Batch, kept: &mut usize) -> Vec<usize> {
        let by = &self.stats.by;
        if by.is_empty() {
            return vec![0; batch.rows];
        }
        let columns: Vec<Column> =
            by.iter().map(|bucket| bucket.column(batch.column(&bucket.field), batch.rows)).collect();
        if columns.iter().all(|column| matches!(column, Column::Same(_))) {
            return vec![self.groups.of(columns.iter().map(|column| column.get(0)), kept); batch.rows];
        }
        (0..batch.rows).map(|row| self.groups.of(columns.iter().map(|column| column.get(row)), kept)).collect()
    }
}

impl Stage for Grouping<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        let mut kept = 0;
        let before = self.groups.len();
        let groups = self.assign(&batch, &mut kept);
        if self.groups.len() > before {
            kept += (self.groups.len() - before) * self.work.len() * 48;
            self.grow();
        }
        for (condition, accumulator) in &mut self.work {
            let members: Vec<stats::Member> = match condition {
                None => groups.iter().enumerate().map(|(row, group)| (row, *group)).collect(),
                Some(test) => {
                    let take = test.rows(&batch);
                    groups.iter().enumerate().filter(|(row, _)| take[*row]).map(|(row, group)| (row, *group)).collect()
                }
            };
            if !members.is_empty() {
                kept += accumulator.add(&batch, &members);
            }
        }
        run.keep(kept, &|| {
            let mut out = String::new();
            self.stats.print(&mut out);
            out
        })?;
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let count = self.groups.len();
        let fields: Vec<String> = self.stats.by.iter().map(|bucket| bucket.field.clone()).collect();
        for start in (0..count).step_by(AT_ONCE) {
            run.check()?;
            let range = start..count.min(start + AT_ONCE);
            let mut columns = self.groups.columns(&fields, range.clone());
            for (call, (_, accumulator)) in self.stats.calls.iter().zip(&mut self.work) {
                columns.push((call.name.clone(), range.clone().map(|group| accumulator.result(group)).collect()));
            }
            if out(fields_batch(range.len(), columns))? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    const ROWS: &[&[(&str, &str)]] =
        &[&[("a", "1"), ("b", "x")], &[("a", "1_0"), ("b", "y")], &[("a", "10"), ("b", "x")], &[("b", "x")]];

    #[test]
    fn groups_and_conditions() {
        assert_eq!(run_rows("* | stats by (b) count() n, count() if (a:*) k", ROWS), ["b=x k=2 n=3", "b=y k=1 n=1"]);
        assert_eq!(run_rows("* | by (a) count() n", ROWS), ["a=1 n=1", "a=10 n=2", "n=1"]);
        assert_eq!(
            run_rows("* | count_uniq(a) u, uniq_values(a) v, sum(a) s", ROWS),
            [r#"s=21 u=2 v=["1","10","1_0"]"#]
        );
    }

    #[test]
    fn a_row_counts_in_the_first_case_that_it_fits() {
        let query = "* | stats count() switch(case (b:x) as x, if (a:*) rest, default none), sum(a) s";
        let printed = super::super::super::format(query).unwrap();
        assert_eq!(
            printed,
            "* | stats count(*) switch(case (b:x) as x, case (a:*) as rest, default as none), sum(a) as s"
        );
        assert_eq!(super::super::super::format(&printed).unwrap(), printed);
        assert_eq!(run_rows(query, ROWS), ["none=0 rest=1 s=21 x=3"]);
        assert_eq!(run_rows("b:y | stats count() switch(default d) | fields d", ROWS), ["d=1"]);
        assert!(super::super::super::format("* | stats count() switch()").is_err());
        assert!(super::super::super::format("* | stats count() switch(default a, default b)").is_err());
    }

    #[test]
    fn over_nothing_there_is_one_row_without_groups_and_none_with() {
        assert_eq!(run_rows("nothing | stats count() c, sum(a) s, min(a) m, values(a) v", ROWS), ["c=0 s=NaN v=[]"]);
        assert_eq!(run_rows("nothing | stats by (b) count() c", ROWS), Vec::<String>::new());
    }
}

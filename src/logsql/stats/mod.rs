//! Stats functions: what `stats` computes over rows and groups. Each has its own file; the list in this file is the only
//! one there is.

use super::batch::{Batch, Column};
use super::cursor::Cursor;
use super::exec::Needs;
use super::fast::Tally;
use super::pipe::listed;
use super::problem::{Parsed, Problem, What, fault};
use super::registry::{self, Doc, Sort};

pub mod any;
pub mod avg;
pub mod count;
pub mod count_empty;
pub mod count_uniq;
pub mod count_uniq_hash;
mod extreme;
pub mod field_max;
pub mod field_min;
pub mod histogram;
pub mod json_values;
pub mod max;
pub mod median;
pub mod min;
pub mod quantile;
pub mod rate;
pub mod rate_sum;
pub mod row_any;
mod row_best;
pub mod row_max;
pub mod row_min;
pub mod stddev;
pub mod sum;
pub mod sum_len;
pub mod uniq_values;
pub mod values;

macro_rules! functions {
    ($($(#[$doc:meta])* $module:ident :: $function:ident,)*) => {
        /// A stats function.
        #[derive(Debug, Clone)]
        pub enum Function {
            $($(#[$doc])* $function($module::$function),)*
        }

        /// The documentation of all stats functions.
        pub(super) const DOCS: &[&Doc] = &[$(&$module::DOC,)*];

        impl Function {
            fn inner(&self) -> &dyn Stat {
                match self { $(Self::$function(inner) => inner,)* }
            }
        }

        const PARSERS: &[(&Doc, fn(&mut Cursor<'_>) -> Parsed<Function>)] =
            &[$((&$module::DOC, |cursor| $module::$function::parse(cursor).map(Function::$function)),)*];
    };
}

functions! {
    /// `any`.
    any::Any,
    /// `avg`.
    avg::Avg,
    /// `count`.
    count::Count,
    /// `count_empty`.
    count_empty::CountEmpty,
    /// `count_uniq`.
    count_uniq::CountUniq,
    /// `count_uniq_hash`.
    count_uniq_hash::CountUniqHash,
    /// `field_max`.
    field_max::FieldMax,
    /// `field_min`.
    field_min::FieldMin,
    /// `histogram`.
    histogram::Histogram,
    /// `json_values`.
    json_values::JsonValues,
    /// `max`.
    max::Max,
    /// `median`.
    median::Median,
    /// `min`.
    min::Min,
    /// `quantile`.
    quantile::Quantile,
    /// `rate`.
    rate::Rate,
    /// `rate_sum`.
    rate_sum::RateSum,
    /// `row_any`.
    row_any::RowAny,
    /// `row_max`.
    row_max::RowMax,
    /// `row_min`.
    row_min::RowMin,
    /// `stddev`.
    stddev::Stddev,
    /// `sum`.
    sum::Sum,
    /// `sum_len`.
    sum_len::SumLen,
    /// `uniq_values`.
    uniq_values::UniqValues,
    /// `values`.
    values::Values,
}

/// A row and the group that it belongs to.
pub(super) type Member = (usize, usize);

/// What every stats function can do.
trait Stat {
    /// Appends the canonical form.
    fn print(&self, out: &mut String);
    /// The fields that it reads.
    fn needs(&self, needs: &mut Needs);
    /// Something that computes it for all groups at once. `seconds` is the length of the time range where it is known.
    fn accumulator<'f>(&'f self, seconds: Option<f64>) -> Box<dyn Accumulator + 'f>;
    /// How it is computed in parts on several threads, where that gives the same result.
    fn tally(&self, _seconds: Option<f64>) -> Option<Tally> {
        None
    }
}

/// Computes one function for all groups.
pub(super) trait Accumulator {
    /// Makes room for so many groups.
    fn grow(&mut self, groups: usize);
    /// Takes rows in; says how many bytes that keeps, roughly.
    fn add(&mut self, batch: &Batch, members: &[Member]) -> usize;
    /// The result of a group.
    fn result(&mut self, group: usize) -> String;
}

impl Function {
    /// Reads `name(fields)` with its options.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let found = PARSERS.iter().find(|(doc, _)| cursor.is(&[doc.name]));
        let Some((_, parse)) = found else {
            if cursor.pipe_ends() {
                return cursor.wanted(What::Stats);
            }
            let name = cursor.value().to_owned();
            let nearest = registry::nearest(&[Sort::Stats], &name);
            let mut why = fault(cursor.span(), Problem::UnknownStats(name));
            if let Err(why) = &mut why {
                why.nearest = nearest.map(str::to_owned);
            }
            return why;
        };
        cursor.advance();
        parse(cursor)
    }

    /// The fields that it reads.
    pub(super) fn needs(&self, needs: &mut Needs) {
        self.inner().needs(needs);
    }

    pub(super) fn accumulator<'f>(&'f self, seconds: Option<f64>) -> Box<dyn Accumulator + 'f> {
        self.inner().accumulator(seconds)
    }

    pub(super) fn tally(&self, seconds: Option<f64>) -> Option<Tally> {
        self.inner().tally(seconds)
    }
}

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.inner().print(&mut out);
        f.write_str(&out)
    }
}

/// `(a, b*)`; nothing between the parentheses is all fields.
fn parse_fields(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    let fields = cursor.wildcards_in_parens()?;
    Ok(if fields.is_empty() { vec!["*".to_owned()] } else { fields })
}

/// `(a, b)` of whole names, at least one.
fn parse_names(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    let fields = cursor.fields_in_parens()?;
    if fields.is_empty() { cursor.wanted(What::Field) } else { Ok(fields) }
}

/// `limit N`; 0 for none.
fn parse_limit(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    if cursor.take("limit") { cursor.integer() } else { Ok(0) }
}

/// Appends `name(fields)`, and the limit where there is one.
fn print_call(name: &str, fields: &[String], limit: u64, out: &mut String) {
    out.push_str(&format!("{name}({})", listed(fields)));
    if limit > 0 {
        out.push_str(&format!(" limit {limit}"));
    }
}

/// Appends `name(first, fields)`, without the fields where they are all.
fn print_call_first(name: &str, first: &str, fields: &[String], out: &mut String) {
    out.push_str(&format!("{name}({first}"));
    if !is_all(fields) {
        out.push_str(&format!(", {}", listed(fields)));
    }
    out.push(')');
}

/// Whether the fields are all fields.
fn is_all(fields: &[String]) -> bool {
    fields.iter().any(|field| field == "*")
}

/// A state for each group, changed value by value of each field.
struct PerValue<'f, S, A, R> {
    fields: &'f [String],
    states: Vec<S>,
    /// Takes a value in; says how many bytes that keeps.
    add: A,
    result: R,
}

impl<'f, S: Default, A, R> PerValue<'f, S, A, R> {
    fn boxed(fields: &'f [String], add: A, result: R) -> Box<dyn Accumulator + 'f>
    where
        S: 'f,
        A: FnMut(&mut S, &str) -> usize + 'f,
        R: FnMut(&mut S) -> String + 'f,
    {
        Box::new(Self { fields, states: Vec::new(), add, result })
    }
}

impl<S: Default, A: FnMut(&mut S, &str) -> usize, R: FnMut(&mut S) -> String> Accumulator for PerValue<'_, S, A, R> {
    fn grow(&mut self, groups: usize) {
        self.states.resize_with(groups, S::default);
    }

    fn add(&mut self, batch: &Batch, members: &[Member]) -> usize {
        let mut kept = 0;
        let columns = batch.matching(self.fields);
        // Rows of one group go field by field, of several row by row: that is the order of the lists.
        if members.iter().all(|(_, group)| *group == members[0].1) {
            for (_, column) in columns {
                for (row, group) in members {
                    kept += (self.add)(&mut self.states[*group], column.get(*row));
                }
            }
        } else {
            for (row, group) in members {
                for (_, column) in &columns {
                    kept += (self.add)(&mut self.states[*group], column.get(*row));
                }
            }
        }
        kept
    }

    fn result(&mut self, group: usize) -> String {
        (self.result)(&mut self.states[group])
    }
}

/// A state for each group, changed row by row.
struct PerRow<S, A, R> {
    states: Vec<S>,
    /// Takes a row in, by its columns; says how many bytes that keeps.
    add: A,
    result: R,
}

impl<S: Default, A, R> PerRow<S, A, R> {
    fn boxed<'f>(add: A, result: R) -> Box<dyn Accumulator + 'f>
    where
        S: 'f,
        A: FnMut(&mut S, &Batch, usize) -> usize + 'f,
        R: FnMut(&mut S) -> String + 'f,
    {
        Box::new(Self { states: Vec::new(), add, result })
    }
}

impl<S: Default, A: FnMut(&mut S, &Batch, usize) -> usize, R: FnMut(&mut S) -> String> Accumulator for PerRow<S, A, R> {
    fn grow(&mut self, groups: usize) {
        self.states.resize_with(groups, S::default);
    }

    fn add(&mut self, batch: &Batch, members: &[Member]) -> usize {
        members.iter().map(|(row, group)| (self.add)(&mut self.states[*group], batch, *row)).sum()
    }

    fn result(&mut self, group: usize) -> String {
        (self.result)(&mut self.states[group])
    }
}

/// The non-empty fields of a row as they match.
fn row_fields(batch: &Batch, fields: &[String], row: usize) -> Vec<(String, String)> {
    let value = |(name, column): (&str, &Column)| (name.to_owned(), column.get(row).to_owned());
    batch.matching(fields).into_iter().map(value).collect()
}

/// Items up to a limit; 0 for no limit.
fn limited<T>(mut items: Vec<T>, limit: u64) -> Vec<T> {
    if limit > 0 {
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    items
}

//! What `running_stats` and `total_stats` share: each row keeps its fields and gets what a function makes of its group
//! so far, or of the whole group.

use std::collections::BTreeMap;

use super::super::batch::Builder;
use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::stats::{self, Accumulator};
use super::super::time::parse_rfc3339;
use super::super::trace::How;
use super::fields::listed;
use super::rows::send;
use super::{Batch, Step};

/// What is computed.
#[derive(Debug, Clone)]
enum Function {
    /// `count`, `sum`, `min`, `max` as in `stats`.
    Stat(stats::Function),
    /// `first(field) offset N`: the value in a row near the start.
    First(String, usize),
    /// `last(field) offset N`: the value in the newest row, or in one before it.
    Last(String, usize),
}

/// The functions of `stats` that can run along.
const STATS: &[&str] = &["count", "max", "min", "sum"];

impl Function {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let make = if cursor.take("first") {
            Self::First
        } else if cursor.take("last") {
            Self::Last
        } else if cursor.is(STATS) {
            return stats::Function::parse(cursor).map(Self::Stat);
        } else {
            let name = cursor.value().to_owned();
            return if name.is_empty() {
                cursor.wanted(What::Stats)
            } else {
                fault(cursor.span(), Problem::UnknownStats(name))
            };
        };
        let mark = cursor.mark();
        let mut fields = cursor.fields_in_parens()?;
        let Some(field) = fields.pop().filter(|_| fields.is_empty()) else {
            let problem = Problem::Arguments { name: "first, last".to_owned(), takes: "1", got: fields.len() + 1 };
            return fault(cursor.span_since(mark), problem);
        };
        let offset = if cursor.take("offset") { cursor.integer()? } else { 0 };
        Ok(make(field, usize::try_from(offset).unwrap_or(usize::MAX)))
    }

    fn needs(&self, needs: &mut Needs) {
        match self {
            Self::Stat(function) => function.needs(needs),
            Self::First(field, _) | Self::Last(field, _) => needs.add(field),
        }
    }
}

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, field, offset) = match self {
            Self::Stat(function) => return write!(f, "{function}"),
            Self::First(field, offset) => ("first", field, offset),
            Self::Last(field, offset) => ("last", field, offset),
        };
        write!(f, "{name}({})", quoted(field))?;
        if *offset > 0 { write!(f, " offset {offset}") } else { Ok(()) }
    }
}

/// Groups, functions and the names of their results: over the whole group, or up to each row.
#[derive(Debug, Clone)]
pub struct Running<const TOTAL: bool> {
    by: Vec<String>,
    calls: Vec<(Function, String)>,
}

impl<const TOTAL: bool> Running<TOTAL> {
    const PIPE: &'static str = if TOTAL { "total_stats" } else { "running_stats" };

    /// `by (a, b) function(field) as name, …`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let by = if cursor.take("by") || cursor.is(&["("]) { cursor.fields_in_parens()? } else { Vec::new() };
        let mut calls: Vec<(Function, String)> = Vec::new();
        loop {
            let mark = cursor.mark();
            let function = Function::parse(cursor)?;
            let name = if cursor.is(&[","]) || cursor.pipe_ends() {
                let name = function.to_string();
                cursor.note_unnamed(&name);
                name
            } else {
                cursor.take("as");
                cursor.result(How::Made)?
            };
            if calls.iter().any(|(_, taken)| *taken == name) {
                return fault(cursor.span_since(mark), Problem::NameTaken(name));
            }
            calls.push((function, name));
            if cursor.pipe_ends() {
                return Ok(Self { by, calls });
            }
            if !cursor.take(",") {
                return cursor.wanted(What::EndOfPipe);
            }
        }
    }
}

impl<const TOTAL: bool> Step for Running<TOTAL> {
    fn print(&self, out: &mut String) {
        out.push_str(Self::PIPE);
        if !self.by.is_empty() {
            out.push_str(&format!(" by ({})", listed(&self.by)));
        }
        let calls: Vec<String> =
            self.calls.iter().map(|(function, name)| format!("{function} as {}", quoted(name))).collect();
        out.push_str(&format!(" {}", calls.join(", ")));
    }

    fn needs(&self, needs: &mut Needs) {
        let used: Vec<&Function> =
            self.calls.iter().filter(|(_, name)| needs.has(name)).map(|(function, _)| function).collect();
        self.calls.iter().for_each(|(_, name)| needs.made(name));
        used.iter().for_each(|function| function.needs(needs));
        needs.add_all(&self.by);
        needs.add("_time");
    }

    fn work(&self) -> Work {
        Work::AllRows
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Collecting { running: self, batches: Vec::new(), groups: BTreeMap::new() }))
    }
}

/// A row by its batch and place.
type Place = (usize, usize);

struct Collecting<'p, const TOTAL: bool> {
    running: &'p Running<TOTAL>,
    batches: Vec<Batch>,
    /// Shorter values come first, as the server keeps them with their lengths in front.
    groups: BTreeMap<Vec<(usize, String)>, Vec<Place>>,
}

impl<const TOTAL: bool> Collecting<'_, TOTAL> {
    /// Times in order, and after them what is no time.
    fn compare(&self, a: Place, b: Place) -> std::cmp::Ordering {
        let text = |(batch, row): Place| self.batches[batch].column("_time").get(row);
        let (a, b) = (text(a), text(b));
        match (parse_rfc3339(a), parse_rfc3339(b)) {
            (Some(x), Some(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
            (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.cmp(b)),
        }
    }

    fn group(&self, rows: &[Place], builder: &mut Builder) {
        let mut states: Vec<State<'_>> = self.running.calls.iter().map(|(function, _)| State::new(function)).collect();
        let take = |states: &mut Vec<State<'_>>, (batch, row): Place| {
            states.iter_mut().for_each(|state| state.add(&self.batches[batch], row));
        };
        if TOTAL {
            rows.iter().for_each(|place| take(&mut states, *place));
        }
        for (batch, row) in rows {
            if !TOTAL {
                take(&mut states, (*batch, *row));
            }
            let results: Vec<String> = states.iter_mut().map(State::result).collect();
            let names = self.running.calls.iter().map(|(_, name)| name.as_str());
            let old = self.batches[*batch].columns.iter().map(|(name, column)| (&**name, column.get(*row)));
            builder.push(old.chain(names.zip(results.iter().map(String::as_str))));
        }
    }
}

impl<const TOTAL: bool> Stage for Collecting<'_, TOTAL> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        let columns: Vec<_> = self.running.by.iter().map(|field| batch.column(field)).collect();
        for row in 0..batch.rows {
            let key = columns.iter().map(|column| column.get(row)).map(|value| (value.len(), value.to_owned()));
            self.groups.entry(key.collect()).or_default().push((self.batches.len(), row));
        }
        run.keep(batch.size() + batch.rows * 32, &|| {
            let mut text = String::new();
            self.running.print(&mut text);
            text
        })?;
        self.batches.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        for (_, mut rows) in std::mem::take(&mut self.groups) {
            run.check()?;
            rows.sort_by(|a, b| self.compare(*a, *b));
            let mut builder = Builder::default();
            self.group(&rows, &mut builder);
            if send(builder, out)? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

/// A function on its way through a group.
enum State<'f> {
    Stat(Box<dyn Accumulator + 'f>),
    First { field: &'f str, offset: usize, seen: usize, value: String },
    Last { field: &'f str, offset: usize, values: std::collections::VecDeque<String> },
}

impl<'f> State<'f> {
    fn new(function: &'f Function) -> Self {
        match function {
            Function::Stat(function) => {
                let mut accumulator = function.accumulator(None);
                accumulator.grow(1);
                Self::Stat(accumulator)
            }
            Function::First(field, offset) => Self::First { field, offset: *offset, seen: 0, value: String::new() },
            Function::Last(field, offset) => Self::Last { field, offset: *offset, values: [].into() },
        }
    }

    fn add(&mut self, batch: &Batch, row: usize) {
        match self {
            Self::Stat(accumulator) => {
                accumulator.add(batch, &[(row, 0)]);
            }
            Self::First { field, offset, seen, value } => {
                if seen == offset {
                    batch.column(field).get(row).clone_into(value);
                }
                *seen += 1;
            }
            Self::Last { field, offset, values } => {
                values.push_back(batch.column(field).get(row).to_owned());
                if values.len() > offset.saturating_add(1) {
                    values.pop_front();
                }
            }
        }
    }

    fn result(&mut self) -> String {
        match self {
            Self::Stat(accumulator) => accumulator.result(0),
            Self::First { value, .. } => value.clone(),
            Self::Last { offset, values, .. } if values.len() > *offset => values[0].clone(),
            Self::Last { .. } => String::new(),
        }
    }
}

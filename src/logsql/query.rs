//! A whole query: options, filter, pipes; its canonical form, its plan and its execution.

use std::sync::Arc;

use super::batch::{Batch, Name};
use super::cursor::Cursor;
use super::exec::Env;
use super::exec::{self, Flow, Input, Needs, Out, Run, Scan, Stage, Stop};
use super::fast::{self, Went};
use super::filter::{self, Filter, Test, stream::Stream, time_range::time_test};
use super::number::{parse_duration, parse_u64};
use super::pipe::{self, Pipe};
use super::problem::{Parsed, Problem, What, fault};
use super::trace::Event;
use crate::logs::Row;

/// `options(…)` in front of a query; a sub-query inherits them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    concurrency: Option<u64>,
    parallel_readers: Option<u64>,
    ignore_global_time_filter: Option<bool>,
    allow_partial_response: Option<bool>,
    /// Nanoseconds that the time filters look back further and `_time` is moved forward, and how they are written.
    time_offset: Option<(i64, String)>,
    /// Holds in the query and in all its sub-queries.
    global_filter: Option<Filter>,
}

impl Options {
    fn offset(&self) -> i64 {
        self.time_offset.as_ref().map_or(0, |(nanos, _)| *nanos)
    }
}

impl Options {
    /// The filter that holds in the query and in all queries inside of it.
    pub(super) fn filter(&self) -> Option<&Filter> {
        self.global_filter.as_ref()
    }

    /// Whether the range of the request does not count.
    pub(super) fn ignores_range(&self) -> bool {
        self.ignore_global_time_filter == Some(true)
    }
}

/// A query.
#[derive(Debug, Clone)]
pub struct Query {
    /// Its options.
    pub options: Options,
    /// Which rows.
    pub filter: Filter,
    /// What is done with them, in order.
    pub pipes: Vec<Pipe>,
}

impl Query {
    /// Reads a query, up to `)` or the end.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.nested(|cursor| {
            let options = parse_options(cursor)?;
            cursor.note(|_| Event::Query);
            cursor.options.push(options.clone());
            // What a filter around it is about does not reach into it.
            let parsed = cursor.about("", |cursor| Self::parse_rest(cursor, options));
            cursor.options.pop();
            if parsed.is_ok() {
                cursor.note(|_| Event::QueryEnd);
            }
            parsed
        })
    }

    fn parse_rest(cursor: &mut Cursor<'_>, options: Options) -> Parsed<Self> {
        let outer = std::mem::replace(&mut cursor.time_shift, options.offset());
        let filter = filter::parse(cursor);
        // Behind the first pipe times are moved already.
        cursor.time_shift = 0;
        let pipes = filter.and_then(|filter| Ok((filter, Self::parse_pipes(cursor)?)));
        cursor.time_shift = outer;
        let (filter, pipes) = pipes?;
        Ok(Self { options, filter, pipes })
    }

    fn parse_pipes(cursor: &mut Cursor<'_>) -> Parsed<Vec<Pipe>> {
        let mut pipes = Vec::new();
        if cursor.take("|") {
            loop {
                let mark = cursor.mark();
                let pipe = pipe::parse(cursor)?;
                cursor.note(|cursor| Event::Pipe(Box::new(pipe.clone()), cursor.span_since(mark)));
                pipes.push(pipe);
                if cursor.is(&[")", ""]) {
                    break;
                }
                if !cursor.take("|") {
                    return cursor.wanted(What::EndOfPipe);
                }
            }
        }
        Ok(pipes)
    }

    /// `(query)`.
    pub(super) fn parse_in_parens(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect("(")?;
        let query = Self::parse(cursor)?;
        cursor.expect(")")?;
        Ok(query)
    }

    /// Whether it is `*` and nothing else.
    pub(super) fn is_star(&self) -> bool {
        let all = match &self.filter {
            Filter::All => true,
            Filter::Prefix(prefix) => prefix.prefix.is_empty(),
            _ => false,
        };
        all && self.pipes.is_empty()
    }

    /// The only field of its answer, as its last pipe says.
    pub(super) fn single_field(&self, cursor: &Cursor<'_>) -> Parsed<String> {
        let field = match self.pipes.last() {
            Some(Pipe::Fields(fields)) => fields.single(),
            Some(Pipe::Uniq(uniq)) => uniq.single(),
            _ => None,
        };
        field.map_or_else(|| cursor.wanted(What::SingleField), |field| Ok(field.to_owned()))
    }

    /// Brings it and its sub-queries into canonical shape: neighbouring pipes folded, filters flattened.
    pub(super) fn canonicalise(&mut self) {
        self.fold_pipes();
        // With an offset the two filters see different times.
        if self.options.offset() == 0
            && let Some(Pipe::Filter(_)) = self.pipes.first()
            && let Pipe::Filter(first) = self.pipes.remove(0)
        {
            let own = std::mem::replace(&mut self.filter, Filter::All);
            self.filter = both(own, first.filter);
        }
        let filter = std::mem::replace(&mut self.filter, Filter::All);
        self.filter = merge_streams(without_stars(flatten(filter)));
        self.filter.visit_queries(&mut Self::canonicalise);
        for pipe in &mut self.pipes {
            pipe.visit_queries(&mut Self::canonicalise);
        }
    }

    fn fold_pipes(&mut self) {
        let fold_all = |pipes: &mut Vec<Pipe>, fold: fn(&mut Pipe, &Pipe) -> bool| {
            let mut index = 1;
            while index < pipes.len() {
                let (before, after) = pipes.split_at_mut(index);
                if fold(&mut before[index - 1], &after[0]) {
                    pipes.remove(index);
                } else {
                    index += 1;
                }
            }
        };
        fold_all(&mut self.pipes, |pipe, next| match (pipe, next) {
            (Pipe::Sort(sort), Pipe::Offset(offset)) => sort.fold_offset(offset.rows),
            _ => false,
        });
        fold_all(&mut self.pipes, |pipe, next| match (pipe, next) {
            (Pipe::Sort(sort), Pipe::Limit(limit)) => sort.fold_limit(limit.rows),
            _ => false,
        });
        fold_all(&mut self.pipes, |pipe, next| match (pipe, next) {
            (Pipe::Uniq(uniq), Pipe::Limit(limit)) => uniq.fold_limit(limit.rows),
            _ => false,
        });
        fold_all(&mut self.pipes, |pipe, next| match (pipe, next) {
            (Pipe::Filter(first), Pipe::Filter(second)) => {
                let own = std::mem::replace(&mut first.filter, Filter::All);
                first.filter = both(own, second.filter.clone());
                true
            }
            _ => false,
        });
    }

    /// The first and the last nanosecond that its time filters allow for a query that runs at `now`.
    pub fn time_range(&self, now: i64) -> (i64, i64) {
        let parts = match &self.filter {
            Filter::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let bounds = parts.iter().filter_map(|part| match part {
            Filter::Time(range) => Some(range.bounds(now)),
            _ => None,
        });
        bounds.fold((i64::MIN, i64::MAX), |(from, to), (start, end)| (from.max(start), to.min(end)))
    }

    /// The names of its columns, where the query alone tells them.
    pub fn columns(&self) -> Option<Vec<String>> {
        for pipe in self.pipes.iter().rev() {
            match pipe {
                Pipe::Filter(_) | Pipe::Limit(_) | Pipe::Offset(_) | Pipe::Sample(_) => {}
                Pipe::Sort(sort) if sort.adds_nothing() => {}
                Pipe::Fields(fields) => return fields.whole_names(),
                Pipe::Stats(stats) => {
                    let (by, names) = stats.results();
                    return Some(by.into_iter().chain(names).map(str::to_owned).collect());
                }
                _ => return None,
            }
        }
        None
    }

    /// The fields of the input that its answer depends on.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::All;
        for pipe in self.pipes.iter().rev() {
            pipe.needs(&mut needs);
        }
        self.filter.needs(&mut needs);
        if let Some(global) = &self.options.global_filter {
            global.needs(&mut needs);
        }
        needs
    }

    /// Runs it over an input; batches go to `out` until that has enough.
    pub fn execute(&self, input: &dyn Input, env: &Env<'_>, out: &mut dyn FnMut(Batch) -> Flow) -> Result<(), Stop> {
        self.run(&Run::new(input, env), &mut |batch| Ok(out(batch)))
    }

    /// Runs it and collects the rows.
    pub fn rows(&self, input: &dyn Input, env: &Env<'_>) -> Result<Vec<Row>, Stop> {
        let mut rows = Vec::new();
        self.execute(input, env, &mut |batch| {
            rows.extend(batch.to_rows());
            Flow::More
        })?;
        Ok(rows)
    }

    /// `stored` says whether the rows that come in are those that are stored, and not what a pipe made.
    fn stages<'q>(
        &self,
        pipes: &'q [Pipe],
        mut stored: bool,
        seconds: Option<f64>,
        run: &Run<'_>,
    ) -> Result<Vec<Box<dyn Stage + 'q>>, Stop> {
        let stage = |pipe: &'q Pipe| match pipe {
            Pipe::Sort(sort) => Ok(sort.stage_over(std::mem::take(&mut stored))),
            pipe => {
                stored &= pipe.keeps_columns();
                pipe.stage(run, seconds)
            }
        };
        pipes.iter().map(stage).collect()
    }

    /// Folds the rows on all cores where the first pipe allows it, and sends what comes of that through the others.
    fn run_fast(
        &self,
        test: &Test,
        range: (i64, i64),
        seconds: Option<f64>,
        run: &Run<'_>,
        out: Out<'_>,
    ) -> Result<Went, Stop> {
        let Some((first, others)) = self.pipes.split_first() else { return Ok(Went::Refused) };
        let Some(fold) = first.fold(run, seconds, others.first())? else { return Ok(Went::Refused) };
        let mut stages = self.stages(others, false, seconds, run)?;
        let scan = Scan { texts: self.filter.texts(), ..Scan::all(Needs::none(), range.0, range.1) };
        let went = fast::run(&fold, test, scan, run, &mut |batch| exec::feed(&mut stages, batch, run, out))?;
        if went == Went::Done {
            exec::finish(&mut stages, run, out)?;
        }
        Ok(went)
    }

    pub(super) fn run(&self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let now = run.env.now;
        let (mut from, mut to) = self.time_range(now);
        let mut test = self.filter.compile(run)?;
        if let Some(global) = &self.options.global_filter {
            test = Test::And(vec![global.compile(run)?, test]);
        }
        let back = |at: i64| at.saturating_sub(self.options.offset());
        let window = run.env.window.filter(|_| self.options.ignore_global_time_filter != Some(true));
        let window = window.map(|(start, end)| (back(start), back(end)));
        let check_range = window.is_some() && !run.input.keeps_to_range();
        if let Some((start, end)) = window {
            if check_range {
                test = Test::And(vec![time_test(start, end), test]);
            }
            (from, to) = (from.max(start), to.min(end));
        }
        let seconds = (from != i64::MIN && to != i64::MAX)
            .then(|| super::number::from_i64(to.saturating_sub(from).saturating_add(1)) / 1e9);
        if self.pipes.iter().skip(1).any(|pipe| matches!(pipe, Pipe::StreamContext(_))) {
            return Err(Stop::Misplaced("stream_context"));
        }
        if !check_range && self.run_fast(&test, (from, to), seconds, run, out)? == Went::Done {
            return Ok(());
        }
        let mut stages = self.stages(&self.pipes, true, seconds, run)?;
        let mut fields = self.needs();
        if check_range {
            fields.add("_time");
        }
        let keep = |batch: &Batch| test.rows(batch);
        let scan = Scan { fields, from, to, texts: self.filter.texts(), keep: Some(&keep) };
        let is_filtered = run.input.keeps_to_filter();
        let filtered = |batch: Batch| {
            let rows = keep(&batch);
            batch.filtered(&rows)
        };
        run.input.scan(&scan, &mut |batch| {
            let batch = if is_filtered { batch } else { filtered(batch) };
            if batch.rows == 0 {
                run.check()?;
                return Ok(Flow::More);
            }
            let batch = self.with_offset(batch);
            exec::feed(&mut stages, batch, run, out)
        })?;
        exec::finish(&mut stages, run, out)
    }
}

impl Query {
    /// The rows with their times moved forward as `time_offset` says.
    fn with_offset(&self, mut batch: Batch) -> Batch {
        let offset = self.options.offset();
        if offset != 0 && batch.position("_time").is_some() {
            let times = batch.column("_time").clone();
            let moved = (0..batch.rows).map(|row| pipe::time_add::later(times.get(row), offset)).collect();
            batch.set(&Name::from("_time"), Arc::new(moved));
        }
        batch
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.options, self.filter)?;
        for pipe in &self.pipes {
            write!(f, " | {pipe}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |name, count: Option<u64>| count.filter(|count| *count > 0).map(|count| format!("{name}={count}"));
        let switch = |name, on: Option<bool>| on.map(|on| format!("{name}={on}"));
        let parts = [
            count("concurrency", self.concurrency),
            count("parallel_readers", self.parallel_readers),
            switch("ignore_global_time_filter", self.ignore_global_time_filter),
            switch("allow_partial_response", self.allow_partial_response),
            self.time_offset.as_ref().map(|(_, written)| format!("time_offset={written}")),
            self.global_filter.as_ref().map(|filter| format!("global_filter=({filter})")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { Ok(()) } else { write!(f, "options({}) ", parts.join(", ")) }
    }
}

fn parse_options(cursor: &mut Cursor<'_>) -> Parsed<Options> {
    let mut options = cursor.options.last().cloned().unwrap_or_default();
    if !cursor.take("options") {
        return Ok(options);
    }
    const STOPS: &[&str] = &["=", ",", "(", ")", "[", "]", "|", ""];
    cursor.in_parens(|cursor| {
        let mark = cursor.mark();
        let key = cursor.compound_until(STOPS)?;
        cursor.expect("=")?;
        if key == "global_filter" {
            cursor.expect("(")?;
            options.global_filter = Some(filter::parse(cursor)?);
            return cursor.expect(")");
        }
        let value = cursor.compound_until(STOPS)?;
        let count = || parse_u64(&value).map(|count| count.min(1024));
        let known = match key.as_str() {
            "concurrency" => count().map(|count| options.concurrency = Some(count)),
            "parallel_readers" => count().map(|count| options.parallel_readers = Some(count)),
            "ignore_global_time_filter" => parse_bool(&value).map(|on| options.ignore_global_time_filter = Some(on)),
            "allow_partial_response" => parse_bool(&value).map(|on| options.allow_partial_response = Some(on)),
            "time_offset" => parse_duration(&value).map(|nanos| options.time_offset = Some((nanos, value.clone()))),
            _ => None,
        };
        match known {
            Some(()) => Ok(()),
            None => fault(cursor.span_since(mark), Problem::BadOption(format!("{key}={value}"))),
        }
    })?;
    Ok(options)
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Two filters that both must hold, as the server joins them.
fn both(first: Filter, second: Filter) -> Filter {
    match (first, second) {
        (Filter::And(mut parts), second) => {
            parts.push(second);
            Filter::And(parts)
        }
        (first, Filter::And(mut parts)) => {
            parts.insert(0, first);
            Filter::And(parts)
        }
        (first, second) => Filter::And(vec![first, second]),
    }
}

/// `a and (b and c)` becomes `a and b and c`, the same for `or`.
fn flatten(filter: Filter) -> Filter {
    match filter {
        Filter::And(parts) => {
            let flat = parts.into_iter().map(flatten).flat_map(|part| match part {
                Filter::And(inner) => inner,
                other => vec![other],
            });
            Filter::And(flat.collect())
        }
        Filter::Or(parts) => {
            let flat = parts.into_iter().map(flatten).flat_map(|part| match part {
                Filter::Or(inner) => inner,
                other => vec![other],
            });
            Filter::Or(flat.collect())
        }
        Filter::Not(inner) => Filter::Not(Box::new(flatten(*inner))),
        other => other,
    }
}

/// Takes `*` out where it adds nothing.
fn without_stars(filter: Filter) -> Filter {
    match filter {
        Filter::Prefix(prefix) if prefix.prefix.is_empty() && prefix.field == "_msg" => Filter::All,
        Filter::Or(parts) => {
            let parts: Vec<Filter> = parts.into_iter().map(without_stars).collect();
            if parts.iter().any(|part| matches!(part, Filter::All)) { Filter::All } else { Filter::Or(parts) }
        }
        Filter::And(parts) => {
            let mut parts: Vec<Filter> =
                parts.into_iter().map(without_stars).filter(|part| !matches!(part, Filter::All)).collect();
            match parts.len() {
                0 => Filter::All,
                1 => parts.remove(0),
                _ => Filter::And(parts),
            }
        }
        // `!(* !a)` is `a`: printed as `!!a`, as the server does, it would not be read back as it stands.
        Filter::Not(inner) => filter::not(without_stars(*inner)),
        other => other,
    }
}

/// Stream filters come first, as one where that is possible.
fn merge_streams(filter: Filter) -> Filter {
    let Filter::And(parts) = filter else { return filter };
    let (streams, others): (Vec<Filter>, Vec<Filter>) =
        parts.into_iter().partition(|part| matches!(part, Filter::Stream(_)));
    let streams =
        streams.into_iter().filter_map(|part| if let Filter::Stream(stream) = part { Some(stream) } else { None });
    let merged = Stream::merged(streams.collect()).into_iter().map(Filter::Stream);
    Filter::And(merged.chain(others).collect())
}

//! Pipes: what is done with rows. Each has its own file with its documentation, reading, printing and work; the list
//! in this file is the only one there is.

use super::batch::{Batch, Column, Name};
use super::cursor::Cursor;
use super::exec::{Each, Flow, Needs, Out, Run, Stage, Stop};
use super::fast::Fold;
use super::filter::{self, Filter as RowFilter, Test};
use super::plan::Work;
use super::problem::{Parsed, Problem, What};
use super::query::Query;
use super::registry::{self, Doc, Sort as Kind};
use super::trace::Expected;

pub mod block_stats;
pub mod blocks_count;
pub mod coalesce;
pub mod collapse_nums;
pub mod copy;
pub mod decolorize;
pub mod deduplicate;
pub mod delete;
pub mod drop_empty_fields;
mod ends;
pub mod extract;
pub mod extract_regexp;
pub mod facets;
pub mod field_names;
pub mod field_values;
pub mod fields;
pub mod filter_rows;
pub mod first;
pub mod format;
pub mod generate_sequence;
mod group;
pub mod hash;
pub mod join;
pub mod json_array_concat;
pub mod json_array_len;
pub mod last;
pub mod len;
pub mod limit;
pub mod math;
pub mod offset;
pub mod pack_json;
pub mod pack_logfmt;
mod pairs;
pub mod pattern;
pub mod query_stats;
pub mod rename;
pub mod replace;
pub mod replace_regexp;
mod rows;
mod running;
pub mod running_stats;
pub mod sample;
pub mod set_stream_fields;
pub mod sort;
mod sorting;
pub mod split;
pub mod stats;
pub mod stream_context;
mod taking;
pub mod time_add;
pub mod top;
mod topk;
pub mod total_stats;
pub mod union;
pub mod uniq;
pub mod unpack_json;
pub mod unpack_logfmt;
pub mod unpack_syslog;
pub mod unpack_words;
pub mod unroll;
mod update;

macro_rules! pipes {
    ($($(#[$doc:meta])* $module:ident :: $pipe:ident,)*) => {
        /// A pipe.
        #[derive(Debug, Clone)]
        pub enum Pipe {
            $($(#[$doc])* $pipe($module::$pipe),)*
        }

        /// The documentation of all pipes.
        pub(super) const DOCS: &[&Doc] = &[$(&$module::DOC,)*];

        impl Pipe {
            fn step(&self) -> &dyn Step {
                match self { $(Self::$pipe(step) => step,)* }
            }

            fn step_mut(&mut self) -> &mut dyn Step {
                match self { $(Self::$pipe(step) => step,)* }
            }
        }

        const PARSERS: &[(&Doc, fn(&mut Cursor<'_>) -> Parsed<Pipe>)] =
            &[$((&$module::DOC, |cursor| $module::$pipe::parse(cursor).map(Pipe::$pipe)),)*];
    };
}

pipes! {
    /// `block_stats`.
    block_stats::BlockStats,
    /// `blocks_count`.
    blocks_count::BlocksCount,
    /// `coalesce`.
    coalesce::Coalesce,
    /// `collapse_nums`.
    collapse_nums::CollapseNums,
    /// `copy`.
    copy::Copy,
    /// `decolorize`.
    decolorize::Decolorize,
    /// `deduplicate`.
    deduplicate::Deduplicate,
    /// `delete`.
    delete::Delete,
    /// `drop_empty_fields`.
    drop_empty_fields::DropEmptyFields,
    /// `extract`.
    extract::Extract,
    /// `extract_regexp`.
    extract_regexp::ExtractRegexp,
    /// `facets`.
    facets::Facets,
    /// `field_names`.
    field_names::FieldNames,
    /// `field_values`.
    field_values::FieldValues,
    /// `fields`.
    fields::Fields,
    /// `filter`.
    filter_rows::Filter,
    /// `first`.
    first::First,
    /// `format`.
    format::Format,
    /// `generate_sequence`.
    generate_sequence::GenerateSequence,
    /// `hash`.
    hash::Hash,
    /// `join`.
    join::Join,
    /// `json_array_concat`.
    json_array_concat::JsonArrayConcat,
    /// `json_array_len`.
    json_array_len::JsonArrayLen,
    /// `last`.
    last::Last,
    /// `len`.
    len::Len,
    /// `limit`.
    limit::Limit,
    /// `math`.
    math::Math,
    /// `offset`.
    offset::Offset,
    /// `pack_json`.
    pack_json::PackJson,
    /// `pack_logfmt`.
    pack_logfmt::PackLogfmt,
    /// `query_stats`.
    query_stats::QueryStats,
    /// `rename`.
    rename::Rename,
    /// `replace`.
    replace::Replace,
    /// `replace_regexp`.
    replace_regexp::ReplaceRegexp,
    /// `running_stats`.
    running_stats::RunningStats,
    /// `sample`.
    sample::Sample,
    /// `set_stream_fields`.
    set_stream_fields::SetStreamFields,
    /// `sort`.
    sort::Sort,
    /// `split`.
    split::Split,
    /// `stats`.
    stats::Stats,
    /// `stream_context`.
    stream_context::StreamContext,
    /// `time_add`.
    time_add::TimeAdd,
    /// `top`.
    top::Top,
    /// `total_stats`.
    total_stats::TotalStats,
    /// `union`.
    union::Union,
    /// `uniq`.
    uniq::Uniq,
    /// `unpack_json`.
    unpack_json::UnpackJson,
    /// `unpack_logfmt`.
    unpack_logfmt::UnpackLogfmt,
    /// `unpack_syslog`.
    unpack_syslog::UnpackSyslog,
    /// `unpack_words`.
    unpack_words::UnpackWords,
    /// `unroll`.
    unroll::Unroll,
}

pub(super) use collapse_nums::number_length;
pub(super) use fields::listed;
pub(super) use group::push_normal;

/// What every pipe can do.
pub(super) trait Step {
    /// Appends the canonical form.
    fn print(&self, out: &mut String);

    /// Turns the fields that are needed after it into those that are needed before it.
    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    /// How it goes through rows.
    fn work(&self) -> Work {
        Work::EachRow
    }

    /// Whether rows go on with the very columns that they came with, apart from those that it names.
    fn keeps_columns(&self) -> bool {
        false
    }

    /// Puts it to work. `seconds` is the length of the query's time range where that is known.
    fn stage<'p>(&'p self, run: &Run<'_>, seconds: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop>;

    /// What it folds rows into, where that can be done in parts on several threads; `next` is the pipe after it.
    fn fold<'p>(&'p self, _: &Run<'_>, _: Option<f64>, _next: Option<&Pipe>) -> Result<Option<Fold<'p>>, Stop> {
        Ok(None)
    }

    /// Calls `visit` for each sub-query in it.
    fn visit_queries(&mut self, _visit: &mut dyn FnMut(&mut Query)) {}
}

impl Pipe {
    /// Turns the fields that are needed after it into those that are needed before it.
    pub fn needs(&self, needs: &mut Needs) {
        self.step().needs(needs);
    }

    /// How it goes through rows.
    pub fn work(&self) -> Work {
        self.step().work()
    }

    /// Whether rows go on with the very columns that they came with, apart from those that it names.
    pub(super) fn keeps_columns(&self) -> bool {
        self.step().keeps_columns()
    }

    pub(super) fn stage<'p>(&'p self, run: &Run<'_>, seconds: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        self.step().stage(run, seconds)
    }

    pub(super) fn fold<'p>(
        &'p self,
        run: &Run<'_>,
        seconds: Option<f64>,
        next: Option<&Pipe>,
    ) -> Result<Option<Fold<'p>>, Stop> {
        self.step().fold(run, seconds, next)
    }

    pub(super) fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        self.step_mut().visit_queries(visit);
    }
}

impl std::fmt::Display for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.step().print(&mut out);
        f.write_str(&out)
    }
}

/// Reads one pipe. Without a known name it is `stats` or `filter` with the name left out.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Pipe> {
    cursor.expects(|| Expected::Pipe);
    let found = PARSERS.iter().find(|(doc, _)| doc.names().any(|name| cursor.is(&[name])));
    let mark = cursor.mark();
    if let Some((doc, parse)) = found {
        cursor.advance();
        let names_field = registry::is_newer(doc.name) && cursor.is(&[":"]) && !cursor.spaced();
        let parsed = if names_field { cursor.wanted(What::Pipe) } else { parse(cursor) };
        if parsed.is_ok() || !registry::is_newer(doc.name) {
            return parsed;
        }
        // Servers that do not know the pipe read its name as a word: where it is no such pipe, it is a filter still.
        cursor.reset(mark);
        let filter = filter::parse(cursor);
        return match (filter, cursor.pipe_ends()) {
            (Ok(filter), true) => Ok(Pipe::Filter(filter_rows::Filter { filter })),
            _ => parsed,
        };
    }
    let as_stats = match stats::Stats::parse(cursor) {
        Ok(stats) => return Ok(Pipe::Stats(stats)),
        Err(why) => (why, cursor.mark()),
    };
    let begins_stats = {
        cursor.reset(mark);
        cursor.is(&["by", "("]) || registry::find_sort(Kind::Stats, cursor.value()).is_some()
    };
    match filter::parse(cursor) {
        Ok(filter) => Ok(Pipe::Filter(filter_rows::Filter { filter })),
        Err(_) if begins_stats => {
            cursor.reset(as_stats.1);
            Err(as_stats.0)
        }
        Err(why) => {
            // Where nothing but a name stands, the name is what is wrong.
            let nearest = registry::nearest(&[Kind::Pipe, Kind::Stats], word_at(cursor, mark).as_str());
            match nearest {
                Some(name) => {
                    let mut why = why;
                    why.nearest = Some(name.to_owned());
                    why.problem = Problem::UnknownPipe(word_at(cursor, mark));
                    why.span = cursor.span_at(mark);
                    Err(why)
                }
                None => Err(why),
            }
        }
    }
}

fn word_at(cursor: &mut Cursor<'_>, mark: usize) -> String {
    let here = cursor.mark();
    cursor.reset(mark);
    let word = cursor.value().to_owned();
    cursor.reset(here);
    word
}

/// The condition of a pipe, compiled.
fn compile_if(condition: Option<&RowFilter>, run: &Run<'_>) -> Result<Option<Test>, Stop> {
    condition.map(|condition| condition.compile(run)).transpose()
}

/// Which rows a condition lets through.
fn rows_if(condition: Option<&Test>, batch: &Batch) -> Vec<bool> {
    condition.map_or_else(|| vec![true; batch.rows], |condition| condition.rows(batch))
}

/// A shared name.
fn name(text: &str) -> Name {
    Name::from(text)
}

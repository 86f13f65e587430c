//! Rows out of an index, as columns that borrow from it.

use std::borrow::Cow;
use std::sync::{Arc, RwLockReadGuard};

use super::Index;
use super::chunk::{Chunk, Stored, UNTIMED, text_of};
use crate::logs::files::columns::Origin;
use crate::logs::files::formats::entry::Field;
use crate::logs::files::scan::TimeRange;
use crate::logs::files::slab::Source;
use crate::logsql::{Cells, Flow, Rows, Take};

/// Rows handed over at once: so many that their columns stay in the processor's cache.
const AT_ONCE: u32 = 4_096;

/// What an index has for a question.
#[derive(Default)]
pub struct Chunks {
    /// The chunks, in order.
    pub chunks: Vec<Arc<Chunk>>,
    /// Where in the content the lines begin that it lacks; the content's length where it has all.
    pub rest: u64,
    /// The time of the last line there that had one.
    pub last: Option<i64>,
}

impl Index {
    /// What is there for questions about these fields; `None` where that is nothing.
    pub fn chunks(&self, names: &[String], length: u64, compressed: bool) -> Option<Chunks> {
        // The line as a whole is only in the file.
        if names.iter().any(|name| name == Field::Msg.name()) {
            return None;
        }
        let state = self.state();
        let usable = !state.chunks.is_empty() && (state.whole || !compressed);
        let rest = if state.whole { length } else { state.covered };
        usable.then(|| Chunks { chunks: state.chunks.clone(), rest, last: state.last })
    }
}

/// What is asked of a chunk.
pub struct Wish<'a> {
    /// The columns.
    pub sources: &'a [Source<'a>],
    /// Rows in this range.
    pub range: TimeRange,
    /// Whether path and query are the halves of the target.
    pub halved: bool,
    /// Where rows belong before which no line had a time.
    pub fallback: i64,
}

/// Gives the rows of a chunk to a taker; the first has this place.
pub fn serve(chunk: &Chunk, wish: &Wish<'_>, place: u64, taker: &mut dyn Take) -> Flow {
    let TimeRange { start, end } = wish.range;
    let (first, last) = chunk.span;
    if last != UNTIMED && first != UNTIMED && (last < start || first >= end) {
        return Flow::More;
    }
    let columns: Vec<Column<'_>> = wish.sources.iter().map(|source| Column::new(chunk, source, wish.halved)).collect();
    let inside = |row: &u32| {
        let time = chunk.times[*row as usize];
        let time = if time == UNTIMED { wish.fallback } else { time };
        start <= time && time < end
    };
    let count = u32::try_from(chunk.rows).unwrap_or(u32::MAX);
    let mut given = 0;
    for from in (0..count).step_by(AT_ONCE as usize) {
        let rows: Vec<u32> = (from..count.min(from.saturating_add(AT_ONCE))).filter(inside).collect();
        if rows.is_empty() {
            continue;
        }
        let cells = columns.iter().map(|column| column.cells(chunk, &rows, wish.fallback)).collect();
        if taker.take(place + given, &Rows { count: rows.len(), cells }) == Flow::Enough {
            return Flow::Enough;
        }
        given += rows.len() as u64;
    }
    Flow::More
}

/// A column of a chunk as it is asked for.
struct Column<'c> {
    is_time: bool,
    own: Option<Values<'c>>,
    /// Of what it is made in rows where it is empty.
    made: Option<(Values<'c>, Make<'c>)>,
}

#[derive(Clone, Copy)]
enum Make<'c> {
    Of(&'c Origin),
    Path,
    Query,
}

/// Stored values that can be read now.
enum Values<'c> {
    Codes(&'c super::chunk::Codes, RwLockReadGuard<'c, Vec<Box<str>>>, u64),
    Texts(&'c str, &'c [u32]),
}

impl<'c> Values<'c> {
    fn new(stored: &'c Stored) -> Self {
        match stored {
            Stored::Codes(codes, list) => Self::Codes(codes, list.texts(), list.id),
            Stored::Texts { text, ends } => Self::Texts(text, ends),
        }
    }

    fn get(&self, row: u32) -> &str {
        match self {
            Self::Codes(codes, texts, _) => texts.get(codes.get(row as usize) as usize).map_or("", |text| text),
            Self::Texts(text, ends) => text_of(text, ends, row as usize),
        }
    }

    fn cells(&self, rows: &[u32]) -> Cells<'_> {
        match self {
            Self::Codes(codes, texts, list) => {
                Cells::Codes { codes: codes.gather(rows).into(), texts: texts.as_slice(), list: *list }
            }
            Self::Texts(..) => Cells::Texts(rows.iter().map(|row| Cow::Borrowed(self.get(*row))).collect()),
        }
    }
}

impl<'c> Column<'c> {
    fn new(chunk: &'c Chunk, source: &Source<'c>, halved: bool) -> Self {
        let stored = |name: &str| chunk.column(name).map(Values::new);
        let of_target = |make| stored(Field::Uri.name()).map(|target| (target, make));
        // What is made of several fields is stored under its own name.
        let made = match (source.origin(), source.field()) {
            (Some(origin), _) => origin.base().and_then(stored).map(|base| (base, Make::Of(origin))),
            (None, Some(Field::Path)) if halved => of_target(Make::Path),
            (None, Some(Field::Query)) if halved => of_target(Make::Query),
            _ => None,
        };
        Self { is_time: source.field() == Some(Field::Time), own: stored(source.name()), made }
    }

    fn cells(&self, chunk: &Chunk, rows: &[u32], fallback: i64) -> Cells<'_> {
        if self.is_time {
            let time = |row: &u32| Some(chunk.times[*row as usize]).filter(|time| *time != UNTIMED).unwrap_or(fallback);
            return Cells::Times(rows.iter().map(time).collect());
        }
        match (&self.own, &self.made) {
            (None, None) => Cells::Same(Cow::Borrowed("")),
            (Some(own), None) => own.cells(rows),
            (own, Some((base, make))) => {
                let value = |row: &u32| {
                    let own = own.as_ref().map_or("", |own| own.get(*row));
                    let is_halved = matches!(make, Make::Of(_)) || chunk.odd.binary_search(row).is_err();
                    if own.is_empty() && is_halved { make.part(base.get(*row)) } else { Cow::Borrowed(own) }
                };
                Cells::Texts(rows.iter().map(value).collect())
            }
        }
    }
}

impl Make<'_> {
    fn part<'v>(&self, value: &'v str) -> Cow<'v, str> {
        match self {
            Self::Path => Cow::Borrowed(value.split_once('?').map_or(value, |(path, _)| path)),
            Self::Query => Cow::Borrowed(value.split_once('?').map_or("", |(_, query)| query)),
            Self::Of(origin) => origin.text(value),
        }
    }
}

//! What the parser notes beside the tree while an editor asks: where fields are named and whether they are read or made
//! there, where queries and pipes begin and end, and what it would have taken at the end of the text. So every
//! construct that is read by the [`Cursor`](super::cursor::Cursor) is known to completion and renaming without a word
//! of its own.

use std::cell::RefCell;
use std::ops::Range;

use super::pipe::Pipe;

/// What a mention does to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// The value is read.
    Read,
    /// The field is made, for the pipes after this one.
    Made,
    /// The field is made, and the rest of the same pipe reads it already.
    MadeAtOnce,
    /// The field is made for some rows; the others keep what they had.
    MadeForSome,
    /// The field is made under the name that it has in the data, as a key in JSON.
    Unpacked,
    /// The field is made under a name that is not written: that of `count()` without `as`.
    Unnamed,
}

/// A place that names a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The bytes that name it; an empty range where its name is not written.
    pub span: Range<usize>,
    /// Its name.
    pub name: String,
    /// What is done with it there.
    pub how: How,
}

/// Something that happened while reading, in the order in which the query works.
#[derive(Debug, Clone)]
pub enum Event {
    /// A field is named.
    Mention(Mention),
    /// A query begins.
    Query,
    /// The query that began last ends.
    QueryEnd,
    /// The rows of the query that ended last go on with the rows of the pipe.
    Flows,
    /// A pipe ends.
    Pipe(Box<Pipe>, Range<usize>),
}

/// What the parser would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A pipe.
    Pipe,
    /// A stats function.
    Stats,
    /// A filter.
    Filter,
    /// A field that is read.
    Field,
    /// A name for a result.
    Result,
    /// A filter of this field: what stands behind its colon.
    Test(String),
    /// A value of this field.
    Value(String),
    /// The size of buckets for this field.
    Bucket(String),
    /// A text with `<field>`, which makes the fields or reads them.
    Pattern {
        /// Whether it makes them.
        makes: bool,
    },
    /// This word or sign.
    Word(String),
}

/// What was noted.
#[derive(Debug, Default)]
pub struct Trace {
    /// What happened, each with the number of tokens that were read by then.
    pub events: Vec<(usize, Event)>,
    /// The fields whose filters are being read; empty where a query of its own begins.
    pub about: Vec<String>,
    expected: RefCell<Vec<Expected>>,
}

impl Trace {
    /// Notes what could stand at the end.
    pub fn expects(&self, expected: Expected) {
        let mut known = self.expected.borrow_mut();
        if !known.contains(&expected) {
            known.push(expected);
        }
    }

    /// Notes that a value of the field that is filtered could stand at the end.
    pub fn expects_value(&self) {
        if let Some(field) = self.about.last().filter(|field| !field.is_empty()) {
            self.expects(Expected::Value(field.clone()));
        }
    }

    /// Notes that a filter could stand at the end: inside of `field:(…)` a value.
    pub fn expects_filter(&self) {
        match self.about.last().filter(|field| !field.is_empty()) {
            Some(field) => self.expects(Expected::Value(field.clone())),
            None => self.expects(Expected::Filter),
        }
    }

    /// Forgets what happened after so many tokens.
    pub fn forget_after(&mut self, mark: usize) {
        while self.events.last().is_some_and(|(at, _)| *at > mark) {
            self.events.pop();
        }
    }

    /// Forgets the first field that was named after so many tokens.
    pub fn drop_first_after(&mut self, mark: usize) {
        let is_it = |(at, event): &(usize, Event)| *at > mark && matches!(event, Event::Mention(_));
        if let Some(place) = self.events.iter().position(is_it) {
            self.events.remove(place);
        }
    }

    /// What could stand at the end.
    pub fn into_expected(self) -> Vec<Expected> {
        self.expected.into_inner()
    }
}

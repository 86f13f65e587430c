//! What the Query view asks for and what comes back: plain data.

use std::sync::Arc;
use std::time::Duration;

use super::detail;
use super::rows::{Columns, Rows, Sorting};
use crate::journal::{JournalError, QueryRecord};
use crate::library::{LibraryError, Listing, SavedQuery};
use crate::logs::{FieldMap, Progress, Row, SourceError, ValueHits, Window};

/// A place for one task of this view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The query itself.
    Run,
    /// The order of the rows.
    Order,
    /// One row in colour.
    Detail,
    /// The list of saved and earlier queries.
    Shelf,
    /// Saving a query.
    Save,
    /// A note in the journal.
    Note,
    /// The names of fields, for completion.
    Names,
    /// The values of a field, for completion.
    Values,
    /// Which fields play which parts.
    Fields,
    /// How far the source has come.
    Progress,
}

/// What a task is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Runs a query and sends its rows as they come.
    Run {
        /// The LogsQL.
        text: String,
        /// The range.
        window: Window,
    },
    /// Puts rows in order.
    Order {
        /// Which.
        rows: Rows,
        /// By what.
        sorting: Sorting,
    },
    /// Shows a row in colour.
    Detail(Row),
    /// Lists saved and earlier queries.
    Shelf,
    /// Saves a query of one's own.
    Save {
        /// Its name.
        name: String,
        /// What it shows.
        description: String,
        /// The LogsQL.
        text: String,
        /// Whether one of that name is replaced.
        replace: bool,
    },
    /// Puts a query into the history.
    Note(QueryRecord),
    /// Looks up the names of the source's fields.
    Names(Window),
    /// Looks up which fields play which parts.
    Fields(Window),
    /// Asks how far the source has come.
    Progress,
    /// Looks up the values of a field.
    Values {
        /// The field.
        field: String,
        /// The range.
        window: Window,
    },
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// All rows are here.
    Whole,
    /// There are more rows than are kept.
    Capped,
    /// It failed; what is here is what came before.
    Failed(Failure),
    /// The person stopped it.
    Cancelled,
}

/// A failure, kept so that it can be said in the language of the screen.
#[derive(Debug, Clone)]
pub struct Failure(pub Arc<SourceError>);

/// Failures are the same where they say the same.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_string() == other.0.to_string()
    }
}

impl Eq for Failure {}

/// What comes back.
#[derive(Debug)]
pub enum Reply {
    /// Rows of the running query.
    Batch {
        /// The rows.
        rows: Arc<Vec<Row>>,
        /// Their columns.
        columns: Columns,
    },
    /// The query has ended.
    Ended {
        /// How.
        ending: Ending,
        /// How long it took.
        took: Duration,
    },
    /// The rows in order.
    Ordered {
        /// By what.
        sorting: Sorting,
        /// The numbers of the rows.
        order: Vec<u32>,
    },
    /// A row in colour.
    Detail(Vec<detail::Line>),
    /// Saved and earlier queries.
    Shelf {
        /// The saved ones.
        listing: Listing,
        /// The earlier ones, newest first.
        history: Result<Vec<QueryRecord>, JournalError>,
    },
    /// A query was saved, or not.
    Saved(Result<SavedQuery, LibraryError>),
    /// A note was taken, or not.
    Noted(Result<(), JournalError>),
    /// The names of the source's fields.
    Names(Result<Vec<ValueHits>, SourceError>),
    /// How far the source has come; `None` where it does nothing that takes long.
    Progress(Option<Progress>),
    /// Which fields play which parts.
    Fields(Result<Box<FieldMap>, SourceError>),
    /// The values of a field.
    Values {
        /// The field.
        field: String,
        /// Its values.
        values: Result<Vec<ValueHits>, SourceError>,
    },
}

//! The SQLite file (WAL): verdicts, plans, intents before acts and outcomes after, decisions lifted, queries run, events
//! of series.
//! Shared safely by a console and a cron run at once. It is memory, not authority: what is banned is what the LAPI
//! says. It never holds a secret.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

mod error;
mod events;
mod file;
mod intents;
mod memory;
mod queries;
mod rehearsed;
mod schema;
mod sql;
mod verdicts;

pub use error::JournalError;
pub use events::{BY_ITSELF, Place};
pub use file::SetAside;
pub use memory::Kept;

/// Who does something, for the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Actor {
    /// The user's login name, or `auto`.
    pub user: String,
    /// The address they come from over SSH; empty for a local or unattended run.
    pub from: String,
}

/// The number of a recorded intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IntentId(pub i64);

/// What an intent is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Ban (or captcha, …) by a plan.
    Enforce,
    /// Lift a decision.
    Lift,
}

/// How an act ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done and read back; the decision ids.
    Done(Vec<u64>),
    /// A rehearsal: nothing was sent.
    Rehearsed,
    /// It failed and nothing is in force.
    Failed(String),
    /// After a crash: it was found in force at the LAPI.
    FoundInForce(Vec<u64>),
    /// After a crash: it was not found at the LAPI; it may be tried again.
    FoundMissing,
}

/// An intent on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number.
    pub id: IntentId,
    /// What was to be done.
    pub act: Act,
    /// To whom; `None` for the lift of a decision on something else than an address (a country, a user).
    pub target: Option<IpNet>,
    /// The target as text: the address, the range, or the value of such a decision (hostile text then).
    pub value: String,
    /// The remedy's word; empty for a lift.
    pub remedy: String,
    /// For how long.
    pub duration: Duration,
    /// `gatewatch/<detector>`.
    pub scenario: String,
    /// Why.
    pub reason: String,
    /// The decision to lift, for a lift.
    pub decision_id: Option<u64>,
    /// Whether it was to be real.
    pub live: bool,
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// How it ended; `None` while open.
    pub outcome: Option<Outcome>,
}

/// A query that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryRecord {
    /// The LogsQL text.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Rows it gave.
    pub rows: u64,
    /// The failure, where it failed.
    pub error: Option<String>,
}

/// The open journal. Calls block for a disk write: from async code, use [`Journal::run`].
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    set_aside: Option<SetAside>,
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens the journal, making the file (mode 0600) and its folders where they are missing, and brings an older
    /// version up to date. A damaged file is renamed, never overwritten, and a new one begun: see
    /// [`Journal::set_aside`].
    ///
    /// # Errors
    /// [`JournalError::Newer`] and [`JournalError::NotAJournal`] leave the file as it is; [`JournalError::Open`] where
    /// the file system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let (connection, set_aside) = file::open(path)?;
        Ok(Self { path: path.to_owned(), set_aside, connection: Mutex::new(connection) })
    }

    /// One that is kept nowhere and is gone with the program: for a look at a log where no journal can be written.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn unkept() -> Result<Self, JournalError> {
        let (connection, path) = file::unkept()?;
        Ok(Self { path, set_aside: None, connection: Mutex::new(connection) })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The damaged file that was found in its place, to be told to the person; `None` when all was well.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.set_aside.as_ref()
    }

    /// Does blocking work on the journal from async code. The work is done even where the returned future is dropped.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let journal = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&journal)).await;
        done.unwrap_or_else(|cause| Err(JournalError::Statement { cause: cause.to_string() }))
    }

    /// Deletes verdicts, queries, ended rehearsals, resolved events and settled intents older than `before`. Open
    /// intents and events stay, however old they are. Returns the number of rows deleted.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn prune(&self, before: Timestamp) -> Result<usize, JournalError> {
        let before = before.as_microsecond();
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let mut deleted = 0;
        for statement in [
            "DELETE FROM verdicts WHERE at < ?1",
            "DELETE FROM queries WHERE at < ?1",
            "DELETE FROM intents WHERE at < ?1 AND settled_at IS NOT NULL",
            "DELETE FROM rehearsed WHERE until < ?1",
            "DELETE FROM events WHERE resolved_at < ?1",
        ] {
            deleted += transaction.execute(statement, [before])?;
        }
        transaction.commit()?;
        Ok(deleted)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half-done work behind: what was not committed is rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

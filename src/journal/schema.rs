//! The tables and their migrations, by SQLite's `user_version`. A migration that shipped is never edited: a new one is
//! added to the list.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::JournalError;
use super::file::Trouble;

/// `gwJ1` in SQLite's `application_id`: tells a journal from anybody else's database.
const APPLICATION: i64 = 0x6777_4a31;

/// A journal up to this size is checked page by page when it is opened; that takes milliseconds.
const CHECKED_BYTES: i64 = 32 << 20;

/// Step `n` brings version `n` to `n + 1`. Times are microseconds since 1970. `first` and `last` are the ends of a
/// target as 16 bytes (IPv4 as IPv4-mapped), so that covering ranges can be looked up.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        target TEXT NOT NULL,
        opinion TEXT NOT NULL,
        confidence REAL NOT NULL,
        category TEXT NOT NULL,
        judge TEXT NOT NULL,
        verdict TEXT NOT NULL
    ) STRICT;
    CREATE INDEX verdicts_by_target ON verdicts (target, at);
    CREATE INDEX verdicts_by_time ON verdicts (at);

    CREATE TABLE intents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        act TEXT NOT NULL,
        target TEXT,
        value TEXT NOT NULL,
        first BLOB,
        last BLOB,
        remedy TEXT NOT NULL,
        duration_s INTEGER NOT NULL,
        scenario TEXT NOT NULL,
        reason TEXT NOT NULL,
        decision_id INTEGER,
        live INTEGER NOT NULL,
        actor TEXT NOT NULL,
        actor_from TEXT NOT NULL,
        plan TEXT,
        result TEXT,
        outcome TEXT,
        settled_at INTEGER
    ) STRICT;
    CREATE INDEX intents_open ON intents (id) WHERE settled_at IS NULL;
    CREATE INDEX intents_by_range ON intents (first, last);
    CREATE INDEX intents_by_time ON intents (at);

    CREATE TABLE queries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        took_ms INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        error TEXT
    ) STRICT;
    CREATE INDEX queries_by_text ON queries (text, id);
    CREATE INDEX queries_by_time ON queries (at);

    CREATE TABLE rehearsed (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        target TEXT NOT NULL,
        kind TEXT NOT NULL,
        scenario TEXT NOT NULL,
        reason TEXT NOT NULL,
        until INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE memory (
        name TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        at INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        series TEXT NOT NULL,
        rule TEXT NOT NULL,
        severity TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        acknowledged_at INTEGER,
        acknowledged_by TEXT NOT NULL,
        resolved_at INTEGER,
        resolved_by TEXT NOT NULL,
        calm_at INTEGER,
        finding TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX events_open ON events (source, series) WHERE resolved_at IS NULL;
    CREATE INDEX events_by_time ON events (opened_at);
",
    // Which source an event was found in was not written before. What is open from then is resolved, because no look
    // at a source could ever do that: it opens anew where it is still so.
    "
    ALTER TABLE events ADD COLUMN origin TEXT NOT NULL DEFAULT '';
    UPDATE events SET resolved_at = seen_at, resolved_by = 'auto' WHERE resolved_at IS NULL;
    DROP INDEX events_open;
    CREATE UNIQUE INDEX events_open ON events (origin, source, series) WHERE resolved_at IS NULL;
",
];

/// The tables that have to be there, each with a column list that a damaged schema would not answer.
const EXPECTED: &[&str] = &[
    "SELECT id, at, target, verdict FROM verdicts LIMIT 0",
    "SELECT id, at, target, outcome, settled_at FROM intents LIMIT 0",
    "SELECT id, at, text, error FROM queries LIMIT 0",
    "SELECT id, at, target, until FROM rehearsed LIMIT 0",
    "SELECT name, revision, at, bytes FROM memory LIMIT 0",
    "SELECT id, origin, source, series, resolved_at, finding FROM events LIMIT 0",
];

/// The version this program writes.
pub(super) fn known_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Checks the file and brings it up to date.
pub(super) fn ready(connection: &mut Connection, path: &Path) -> Result<(), Trouble> {
    recognise(connection, path)?;
    // FULL, because an intent has to be on the disk before anything is sent.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    check(connection)?;
    migrate(connection, path)?;
    for statement in EXPECTED {
        connection.prepare(statement).map_err(|cause| match Trouble::from(cause) {
            Trouble::Fatal(error) => Trouble::Damaged(error.to_string()),
            other => other,
        })?;
    }
    Ok(())
}

/// Refuses a database of somebody else before a byte of it is changed.
fn recognise(connection: &Connection, path: &Path) -> Result<(), Trouble> {
    let number = |sql| connection.query_one(sql, [], |row| row.get::<_, i64>(0));
    let (application, tables) = (number("PRAGMA application_id")?, number("SELECT count(*) FROM sqlite_schema")?);
    if application != APPLICATION && (application != 0 || tables != 0) {
        return Err(Trouble::Fatal(JournalError::NotAJournal { path: path.to_owned() }));
    }
    newer(connection, path)
}

fn newer(connection: &Connection, path: &Path) -> Result<(), Trouble> {
    let (found, known) = (version(connection)?, known_version());
    if found > known {
        return Err(Trouble::Fatal(JournalError::Newer { path: path.to_owned(), found, known }));
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_one("PRAGMA user_version", [], |row| row.get(0))
}

fn check(connection: &Connection) -> Result<(), Trouble> {
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    if connection.query_one(size, [], |row| row.get::<_, i64>(0))? > CHECKED_BYTES {
        return Ok(());
    }
    let found: String = connection.query_one("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Trouble::Damaged(found)) }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Trouble> {
    if version(connection)? == known_version() {
        return Ok(());
    }
    // The lock is taken first, so that of two processes one migrates and the other finds it done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    newer(&transaction, path)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", known_version())?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_event_of_before_its_source_was_known_is_resolved_and_may_open_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let old = Connection::open(&path).unwrap();
        MIGRATIONS[..3].iter().for_each(|step| old.execute_batch(step).unwrap());
        old.pragma_update(None, "application_id", APPLICATION).unwrap();
        old.pragma_update(None, "user_version", 3).unwrap();
        let event = crate::journal::events::tests::sample("requests", 100);
        let mut finding = serde_json::to_value(&event.finding).unwrap();
        // As it was written then.
        finding.as_object_mut().unwrap().remove("of");
        finding["reading"].as_object_mut().unwrap().remove("or_earlier");
        old.execute(
            "INSERT INTO events (source, series, rule, severity, opened_at, seen_at, acknowledged_by, resolved_by, finding)
             VALUES ('shop', 'requests', 'requests-surge', 'warning', 100000000, 160000000, '', '', ?1)",
            [finding.to_string()],
        )
        .unwrap();
        drop(old);
        let journal = crate::journal::Journal::open(&path).unwrap();
        assert_eq!(journal.events(false, 10).unwrap(), []);
        let all = journal.events(true, 10).unwrap();
        assert_eq!((all.len(), all[0].origin.as_str(), &all[0].finding), (1, "", &event.finding));
        assert!(journal.open_event(&event).unwrap().is_some());
    }
}

//! What detection remembers between runs: bytes under a name, which this module does not look into. Two processes may
//! share one: a write says which revision it follows, and the later of two that follow the same one is left out.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Journal, JournalError};

/// At most so many are kept, the newest.
const MOST: i64 = 16;

/// Bytes that were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Counts up with every write.
    pub revision: i64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Journal {
    /// The revision of what is kept under a name; 0 where nothing is.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn memory_revision(&self, name: &str) -> Result<i64, JournalError> {
        let found = self.lock().query_row("SELECT revision FROM memory WHERE name = ?1", [name], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(0))
    }

    /// What is kept under a name.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn memory(&self, name: &str) -> Result<Option<Kept>, JournalError> {
        let found = self.lock().query_row("SELECT revision, bytes FROM memory WHERE name = ?1", [name], |row| {
            Ok(Kept { revision: row.get(0)?, bytes: row.get(1)? })
        });
        Ok(found.optional()?)
    }

    /// Keeps bytes under a name in place of revision `follows` (0: of nothing). Gives the new revision; `None` where
    /// another process wrote meanwhile, whose bytes stay.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn keep_memory(
        &self,
        name: &str,
        follows: i64,
        bytes: &[u8],
        at: Timestamp,
    ) -> Result<Option<i64>, JournalError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found = transaction.query_row("SELECT revision FROM memory WHERE name = ?1", [name], |row| row.get(0));
        let current: i64 = found.optional()?.unwrap_or(0);
        if current != follows {
            return Ok(None);
        }
        transaction.execute(
            "INSERT INTO memory (name, revision, at, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET revision = ?2, at = ?3, bytes = ?4",
            params![name, current + 1, at.as_microsecond(), bytes],
        )?;
        transaction.execute(
            "DELETE FROM memory WHERE name NOT IN (SELECT name FROM memory ORDER BY at DESC LIMIT ?1)",
            [MOST],
        )?;
        transaction.commit()?;
        Ok(Some(current + 1))
    }

    /// Drops what is kept under a name.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn drop_memory(&self, name: &str) -> Result<(), JournalError> {
        self.lock().execute("DELETE FROM memory WHERE name = ?1", [name])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_writers_finds_out_and_little_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let (one, other) = (Journal::open(&path).unwrap(), Journal::open(&path).unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!((one.memory("a").unwrap(), one.memory_revision("a").unwrap()), (None, 0));
        assert_eq!(one.keep_memory("a", 0, b"first", at(1)).unwrap(), Some(1));
        assert_eq!(other.keep_memory("a", 0, b"late", at(2)).unwrap(), None);
        assert_eq!(other.keep_memory("a", 1, b"second", at(3)).unwrap(), Some(2));
        assert_eq!(one.memory("a").unwrap(), Some(Kept { revision: 2, bytes: b"second".to_vec() }));
        for number in 0..20 {
            one.keep_memory(&format!("b{number}"), 0, b"x", at(10 + number)).unwrap();
        }
        assert_eq!((one.memory_revision("a").unwrap(), one.memory_revision("b19").unwrap()), (0, 1));
        one.drop_memory("b19").unwrap();
        assert_eq!(one.memory("b19").unwrap(), None);
    }
}

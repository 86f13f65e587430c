//! The queries that were run: the editor's history.

use std::time::Duration;

use rusqlite::params;

use super::{Journal, JournalError, QueryRecord, sql};

impl Journal {
    /// Records a query that was run.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn record_query(&self, query: &QueryRecord) -> Result<(), JournalError> {
        let took = i64::try_from(query.took.as_millis()).unwrap_or(i64::MAX);
        self.lock().execute(
            "INSERT INTO queries (at, text, took_ms, rows, error) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![query.at.as_microsecond(), query.text, took, sql::integer(query.rows), query.error],
        )?;
        Ok(())
    }

    /// The last run of each query text, newest first.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn queries(&self, limit: usize) -> Result<Vec<QueryRecord>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM queries WHERE id IN (SELECT max(id) FROM queries GROUP BY text) ORDER BY id DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([sql::integer(limit as u64)], |row| {
            Ok(QueryRecord {
                text: row.get("text")?,
                at: sql::time(row, "at")?,
                took: Duration::from_millis(sql::count(row, "took_ms")?),
                rows: sql::count(row, "rows")?,
                error: row.get("error")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

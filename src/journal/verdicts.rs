//! Verdicts, with the prompt as it was sent and the answer as it came.

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Journal, JournalError, sql};
use crate::judge::{Opinion, Verdict};

impl Journal {
    /// Records a verdict.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn record_verdict(&self, verdict: &Verdict) -> Result<(), JournalError> {
        self.lock().execute(
            "INSERT INTO verdicts (at, target, opinion, confidence, category, judge, verdict)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                verdict.at.as_microsecond(),
                verdict.target.trunc().to_string(),
                word(verdict.opinion),
                // SQLite turns a NaN into NULL, which the column refuses.
                if verdict.confidence.is_finite() { verdict.confidence } else { 0.0 },
                verdict.category,
                verdict.judge,
                sql::json(verdict)?,
            ],
        )?;
        Ok(())
    }

    /// The verdicts on exactly this target, newest first.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn verdicts_of(&self, target: IpNet, limit: usize) -> Result<Vec<Verdict>, JournalError> {
        let connection = self.lock();
        let mut statement = connection
            .prepare_cached("SELECT verdict FROM verdicts WHERE target = ?1 ORDER BY at DESC, id DESC LIMIT ?2")?;
        let limit = sql::integer(limit as u64);
        let rows =
            statement.query_map(params![target.trunc().to_string(), limit], |row| sql::from_json(row, "verdict"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest verdict on exactly this target at or after `since`.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn judged_since(&self, target: IpNet, since: Timestamp) -> Result<Option<Verdict>, JournalError> {
        let found = self.lock().query_row(
            "SELECT verdict FROM verdicts WHERE target = ?1 AND at >= ?2 ORDER BY at DESC, id DESC LIMIT 1",
            params![target.trunc().to_string(), since.as_microsecond()],
            |row| sql::from_json(row, "verdict"),
        );
        Ok(found.optional()?)
    }

    /// When the target was last dealt with for good at or after `since`: judged harmless or unclear, or acted on with
    /// success. A yes whose act failed, was refused or never came does not count, so that it is tried again; nor does
    /// a rehearsal where `live`.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn handled_since(
        &self,
        target: IpNet,
        since: Timestamp,
        live: bool,
    ) -> Result<Option<Timestamp>, JournalError> {
        let judged = self.judged_since(target, since)?.filter(|verdict| verdict.opinion != Opinion::Yes);
        let settled = self.settled_since(target, since, live)?;
        Ok(judged.map(|verdict| verdict.at).max(settled.map(|intent| intent.at)))
    }
}

fn word(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::Yes => "yes",
        Opinion::No => "no",
        Opinion::Unsure => "unsure",
    }
}

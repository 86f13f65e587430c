//! Decisions of rehearsals: kept here so that they show as active, with their countdown, in another process too.

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, sql};
use crate::enforce::ActiveDecision;
use crate::policy::Plan;

/// Where the LAPI would say who decided.
pub(crate) const REHEARSAL_ORIGIN: &str = "gatewatch (rehearsal)";

impl Journal {
    /// Notes what a live run would have decided.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn rehearse(&self, plan: &Plan, now: Timestamp) -> Result<ActiveDecision, JournalError> {
        let until = now.checked_add(plan.duration()).unwrap_or(Timestamp::MAX);
        let kind = plan.remedy().as_str();
        let connection = self.lock();
        connection.execute(
            "INSERT INTO rehearsed (at, target, kind, scenario, reason, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                now.as_microsecond(),
                plan.target().to_string(),
                // What the server's profile would choose is not known here; its own default is a ban.
                if kind.is_empty() { "ban" } else { kind },
                plan.scenario(),
                plan.reason(),
                until.as_microsecond(),
            ],
        )?;
        let id = connection.last_insert_rowid();
        Ok(connection.query_one("SELECT * FROM rehearsed WHERE id = ?1", [id], decision)?)
    }

    /// The rehearsed decisions that have not run out at `now`, oldest first.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn rehearsed(&self, now: Timestamp) -> Result<Vec<ActiveDecision>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT * FROM rehearsed WHERE until > ?1 ORDER BY id")?;
        let rows = statement.query_map([now.as_microsecond()], decision)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Ends a rehearsed decision. `false` where it was not in force any more.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn end_rehearsed(&self, id: u64, now: Timestamp) -> Result<bool, JournalError> {
        let changed = self.lock().execute(
            "UPDATE rehearsed SET until = ?2 WHERE id = ?1 AND until > ?2",
            params![sql::integer(id), now.as_microsecond()],
        )?;
        Ok(changed > 0)
    }
}

fn decision(row: &rusqlite::Row<'_>) -> rusqlite::Result<ActiveDecision> {
    let text: String = row.get("target")?;
    let target: IpNet = text.parse().map_err(|cause| sql::unreadable(row, "target", cause))?;
    let single = target.prefix_len() == target.max_prefix_len();
    Ok(ActiveDecision {
        id: sql::count(row, "id")?,
        target: Some(target),
        scope: if single { "Ip" } else { "Range" }.to_owned(),
        value: if single { target.addr().to_string() } else { text },
        kind: row.get("kind")?,
        origin: REHEARSAL_ORIGIN.to_owned(),
        scenario: row.get("scenario")?,
        reason: row.get("reason")?,
        until: sql::time(row, "until")?,
        simulated: true,
        alert_id: 0,
    })
}

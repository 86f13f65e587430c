//! Intents before acts, outcomes after. An intent without an outcome is what a crash leaves behind; it stays open
//! until the LAPI's own list has been asked.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params, params};

use super::{Act, Actor, Intent, IntentId, Journal, JournalError, Outcome, sql};
use crate::enforce::ActiveDecision;
use crate::policy::{Plan, short};

/// How much earlier than planned a decision may end and still be the one that was intended: the clocks of this host
/// and of the LAPI's differ, and the LAPI counts the time left.
const CLOCKS_DIFFER: Duration = Duration::from_secs(300);

impl Intent {
    /// Whether a decision that is in force is what this intent was to bring about: the same target and scenario, the
    /// same type unless the server's profile chose it, and ending no earlier than planned, so that an older ban of the
    /// same address is not taken for it.
    pub fn brought(&self, decision: &ActiveDecision) -> bool {
        let same = self.target.is_some() && decision.target == self.target && decision.scenario == self.scenario;
        if self.remedy.is_empty() {
            return same;
        }
        let slack = CLOCKS_DIFFER.min(self.duration / 2);
        let earliest = self.at.checked_add(self.duration.saturating_sub(slack)).unwrap_or(Timestamp::MAX);
        same && decision.kind == self.remedy && decision.until >= earliest
    }
}

impl Journal {
    /// Records that a plan is about to be carried out; on the disk when this returns. `live` is `false` for a
    /// rehearsal.
    ///
    /// # Errors
    /// [`JournalError::Statement`]: then nothing may be sent.
    pub fn intend(&self, plan: &Plan, actor: &Actor, live: bool, now: Timestamp) -> Result<IntentId, JournalError> {
        let (first, last) = sql::ends(plan.target());
        let connection = self.lock();
        connection.execute(
            "INSERT INTO intents (at, act, target, value, first, last, remedy, duration_s, scenario, reason, live,
                                  actor, actor_from, plan)
             VALUES (:at, 'enforce', :target, :value, :first, :last, :remedy, :duration, :scenario, :reason, :live,
                     :actor, :from, :plan)",
            named_params! {
                ":at": now.as_microsecond(), ":target": plan.target().to_string(), ":value": short(&plan.target()),
                ":first": first, ":last": last, ":remedy": plan.remedy().as_str(),
                ":duration": sql::integer(plan.duration().as_secs()), ":scenario": plan.scenario(),
                ":reason": plan.reason(), ":live": live, ":actor": actor.user, ":from": actor.from,
                ":plan": sql::json(plan)?,
            },
        )?;
        Ok(IntentId(connection.last_insert_rowid()))
    }

    /// Records that a decision is about to be lifted.
    ///
    /// # Errors
    /// [`JournalError::Statement`]: then nothing may be sent.
    pub fn intend_lift(
        &self,
        decision: &ActiveDecision,
        actor: &Actor,
        live: bool,
        now: Timestamp,
    ) -> Result<IntentId, JournalError> {
        let (first, last) = decision.target.map(sql::ends).unzip();
        let connection = self.lock();
        connection.execute(
            "INSERT INTO intents (at, act, target, value, first, last, remedy, duration_s, scenario, reason,
                                  decision_id, live, actor, actor_from)
             VALUES (:at, 'lift', :target, :value, :first, :last, '', 0, :scenario, :reason, :decision, :live,
                     :actor, :from)",
            named_params! {
                ":at": now.as_microsecond(), ":target": decision.target.map(|target| target.trunc().to_string()),
                ":value": decision.value, ":first": first, ":last": last, ":scenario": decision.scenario,
                ":reason": decision.reason, ":decision": sql::integer(decision.id), ":live": live,
                ":actor": actor.user, ":from": actor.from,
            },
        )?;
        Ok(IntentId(connection.last_insert_rowid()))
    }

    /// Records how an act ended. What the act itself saw stands: a reconciliation by another process
    /// ([`Outcome::FoundInForce`], [`Outcome::FoundMissing`]) only settles what is still open.
    ///
    /// # Errors
    /// [`JournalError::Statement`], also where there is no such intent.
    pub fn settle(&self, intent: IntentId, outcome: &Outcome, now: Timestamp) -> Result<(), JournalError> {
        let connection = self.lock();
        let changed = connection.execute(
            "UPDATE intents SET result = ?2, outcome = ?3, settled_at = ?4
             WHERE id = ?1 AND (settled_at IS NULL OR ?2 NOT LIKE 'found_%')",
            params![intent.0, word(outcome), sql::json(outcome)?, now.as_microsecond()],
        )?;
        if changed == 0 && !connection.prepare("SELECT 1 FROM intents WHERE id = ?1")?.exists([intent.0])? {
            return Err(JournalError::Statement { cause: format!("there is no intent {}", intent.0) });
        }
        Ok(())
    }

    /// The intents without an outcome, oldest first: acts in flight, and what a crash left behind.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn open_intents(&self) -> Result<Vec<Intent>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT * FROM intents WHERE settled_at IS NULL ORDER BY id")?;
        let rows = statement.query_map([], intent)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The intents on anything that overlaps the target, newest first.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn intents_of(&self, target: IpNet, limit: usize) -> Result<Vec<Intent>, JournalError> {
        let (first, last) = sql::ends(target);
        let connection = self.lock();
        let mut statement = connection
            .prepare_cached("SELECT * FROM intents WHERE first <= ?2 AND last >= ?1 ORDER BY id DESC LIMIT ?3")?;
        let rows = statement.query_map(params![first, last, sql::integer(limit as u64)], intent)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest act at or after `since` on the target, or on a range that covers it, which ended well. A rehearsal
    /// ended well only where not `live`.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn settled_since(&self, target: IpNet, since: Timestamp, live: bool) -> Result<Option<Intent>, JournalError> {
        let (first, last) = sql::ends(target);
        let found = self.lock().query_row(
            "SELECT * FROM intents
             WHERE act = 'enforce' AND first <= ?1 AND last >= ?2 AND at >= ?3
               AND (result IN ('done', 'found_in_force') OR (NOT ?4 AND result = 'rehearsed'))
             ORDER BY id DESC LIMIT 1",
            params![first, last, since.as_microsecond(), live],
            intent,
        );
        Ok(found.optional()?)
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::Rehearsed => "rehearsed",
        Outcome::Failed(_) => "failed",
        Outcome::FoundInForce(_) => "found_in_force",
        Outcome::FoundMissing => "found_missing",
    }
}

fn intent(row: &rusqlite::Row<'_>) -> rusqlite::Result<Intent> {
    let target: Option<String> = row.get("target")?;
    let target = target.map(|text| text.parse().map_err(|cause| sql::unreadable(row, "target", cause))).transpose()?;
    let settled = row.get::<_, Option<String>>("outcome")?.is_some();
    Ok(Intent {
        id: IntentId(row.get("id")?),
        act: if row.get::<_, String>("act")? == "lift" { Act::Lift } else { Act::Enforce },
        target,
        value: row.get("value")?,
        remedy: row.get("remedy")?,
        duration: Duration::from_secs(sql::count(row, "duration_s")?),
        scenario: row.get("scenario")?,
        reason: row.get("reason")?,
        decision_id: row.get::<_, Option<i64>>("decision_id")?.and_then(|id| u64::try_from(id).ok()),
        live: row.get("live")?,
        actor: Actor { user: row.get("actor")?, from: row.get("actor_from")? },
        at: sql::time(row, "at")?,
        outcome: settled.then(|| sql::from_json(row, "outcome")).transpose()?,
    })
}

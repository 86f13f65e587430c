//! Events of series: opened once per series of a source, acknowledged, resolved. An event that a person resolved while
//! its series was still out does not come back before the series has been calm.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Journal, JournalError, sql};
use crate::detect::baseline::event::State;
use crate::detect::baseline::{Event, Finding, Severity};

/// Which series of which source: what tells open events apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The log source: [`Event::origin`].
    pub origin: &'a str,
    /// Whose series in it: [`Event::source`].
    pub source: &'a str,
    /// The series.
    pub series: &'a str,
}

/// Who resolves what has passed by itself.
pub const BY_ITSELF: &str = "auto";

impl Journal {
    /// Writes a new event; its number, or `None` where one is open already for its source and series, or a person
    /// resolved one and the series has not been calm since.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn open_event(&self, event: &Event) -> Result<Option<i64>, JournalError> {
        let connection = self.lock();
        let inserted = connection.execute(
            "INSERT OR IGNORE INTO events
                (source, series, rule, severity, opened_at, seen_at, acknowledged_by, resolved_by, finding, origin)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, '', '', ?7, ?9
             WHERE NOT EXISTS (SELECT 1 FROM events WHERE origin = ?9 AND source = ?1 AND series = ?2
                               AND resolved_at IS NOT NULL AND resolved_by != ?8 AND calm_at IS NULL)",
            params![
                event.source,
                event.series,
                event.rule,
                word(event.severity),
                event.opened.as_microsecond(),
                event.seen.as_microsecond(),
                sql::json(&event.finding)?,
                BY_ITSELF,
                event.origin,
            ],
        )?;
        Ok((inserted == 1).then(|| connection.last_insert_rowid()))
    }

    /// Notes that an unresolved event's series is still out; a worse finding replaces the one that is known.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn event_goes_on(
        &self,
        id: i64,
        seen: Timestamp,
        worse: Option<(&str, Severity, &Finding)>,
    ) -> Result<(), JournalError> {
        let connection = self.lock();
        let seen = seen.as_microsecond();
        connection.execute("UPDATE events SET seen_at = max(seen_at, ?2) WHERE id = ?1", params![id, seen])?;
        if let Some((rule, severity, finding)) = worse {
            connection.execute(
                "UPDATE events SET rule = ?2, severity = ?3, finding = ?4 WHERE id = ?1",
                params![id, rule, word(severity), sql::json(finding)?],
            )?;
        }
        Ok(())
    }

    /// Acknowledges an open event; `false` where there is none of that number that is open.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn acknowledge_event(&self, id: i64, by: &str, at: Timestamp) -> Result<bool, JournalError> {
        let changed = self.lock().execute(
            "UPDATE events SET acknowledged_at = ?2, acknowledged_by = ?3
             WHERE id = ?1 AND resolved_at IS NULL AND acknowledged_at IS NULL",
            params![id, at.as_microsecond(), by],
        )?;
        Ok(changed == 1)
    }

    /// Resolves an event; `false` where there is none of that number that is not resolved.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn resolve_event(&self, id: i64, by: &str, at: Timestamp) -> Result<bool, JournalError> {
        let changed = self.lock().execute(
            "UPDATE events SET resolved_at = ?2, resolved_by = ?3 WHERE id = ?1 AND resolved_at IS NULL",
            params![id, at.as_microsecond(), by],
        )?;
        Ok(changed == 1)
    }

    /// Notes that a series is within what is allowed, so that it may open an event again.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn series_is_calm(&self, place: Place<'_>, at: Timestamp) -> Result<(), JournalError> {
        self.lock().execute(
            "UPDATE events SET calm_at = ?4
             WHERE origin = ?1 AND source = ?2 AND series = ?3 AND resolved_at IS NOT NULL AND calm_at IS NULL",
            params![place.origin, place.source, place.series, at.as_microsecond()],
        )?;
        Ok(())
    }

    /// The events that are not resolved, and with `resolved` those that are too: the newest first.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn events(&self, resolved: bool, limit: usize) -> Result<Vec<Event>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM events WHERE ?1 OR resolved_at IS NULL
             ORDER BY resolved_at IS NOT NULL, opened_at DESC, id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![resolved, sql::integer(limit as u64)], event)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An event by its number.
    ///
    /// # Errors
    /// [`JournalError::Statement`].
    pub fn event(&self, id: i64) -> Result<Option<Event>, JournalError> {
        Ok(self.lock().query_row("SELECT * FROM events WHERE id = ?1", [id], event).optional()?)
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let done = |at: &str, by: &str| -> rusqlite::Result<Option<(Timestamp, String)>> {
        let when: Option<i64> = row.get(at)?;
        when.map(|_| Ok((sql::time(row, at)?, row.get(by)?))).transpose()
    };
    let acknowledged = done("acknowledged_at", "acknowledged_by")?;
    let resolved = done("resolved_at", "resolved_by")?;
    let state = match (&acknowledged, &resolved) {
        (_, Some(_)) => State::Resolved,
        (Some(_), None) => State::Acknowledged,
        (None, None) => State::Open,
    };
    let severity: String = row.get("severity")?;
    Ok(Event {
        id: row.get("id")?,
        origin: row.get("origin")?,
        source: row.get("source")?,
        series: row.get("series")?,
        rule: row.get("rule")?,
        severity: SEVERITIES.iter().find(|known| word(**known) == severity).copied().unwrap_or(Severity::Warning),
        state,
        opened: sql::time(row, "opened_at")?,
        seen: sql::time(row, "seen_at")?,
        acknowledged,
        resolved,
        finding: sql::from_json(row, "finding")?,
    })
}

const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

const fn word(severity: Severity) -> &'static str {
    severity.label(crate::text::Lang::En)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::detect::baseline::series::Point;
    use crate::detect::baseline::{Method, Reading};

    /// An event of a series at a second.
    pub(crate) fn sample(series: &str, second: i64) -> Event {
        let at = Timestamp::from_second(second).unwrap();
        let reading = Reading {
            point: Point { at, value: 900.0 },
            since: at,
            or_earlier: false,
            expected: 100.0,
            low: None,
            high: Some(145.0),
            score: 53.0,
            samples: 60,
        };
        Event {
            id: 0,
            origin: "/srv/shop.log".into(),
            source: "shop".into(),
            series: series.into(),
            rule: "requests-surge".into(),
            severity: Severity::Warning,
            state: State::Open,
            opened: at,
            seen: at,
            acknowledged: None,
            resolved: None,
            finding: Finding {
                method: Method::Zscore { limit: 3.0 },
                reading,
                query: "* | stats count() as value".into(),
                step_s: 60,
                culprits: Vec::new(),
                explained: 0.0,
                of: crate::detect::baseline::event::Whole::Change,
                clients_query: String::new(),
            },
        }
    }

    fn journal() -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        (folder, journal)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_event_opens_once_is_acknowledged_and_resolved() {
        let (_folder, journal) = journal();
        let id = journal.open_event(&sample("requests", 100)).unwrap().unwrap();
        assert_eq!(journal.open_event(&sample("requests", 160)).unwrap(), None);
        assert!(journal.open_event(&sample("bytes", 160)).unwrap().is_some());
        assert!(journal.acknowledge_event(id, "lee", at(200)).unwrap());
        assert!(!journal.acknowledge_event(id, "kim", at(201)).unwrap());
        let known = journal.event(id).unwrap().unwrap();
        assert_eq!((known.state, known.acknowledged), (State::Acknowledged, Some((at(200), "lee".to_owned()))));
        assert_eq!(journal.open_event(&sample("requests", 220)).unwrap(), None, "acknowledged is not over");
        assert!(journal.resolve_event(id, BY_ITSELF, at(300)).unwrap());
        assert!(!journal.resolve_event(id, BY_ITSELF, at(301)).unwrap());
        assert!(
            journal.open_event(&sample("requests", 400)).unwrap().is_some(),
            "after it was resolved it may come back"
        );
        let all = journal.events(true, 10).unwrap();
        assert_eq!(all.iter().map(|event| event.state).filter(|state| *state == State::Resolved).count(), 1);
        assert_eq!(journal.events(false, 10).unwrap().len(), 2);
    }

    #[test]
    fn what_a_person_resolved_stays_so_until_the_series_was_calm() {
        let (_folder, journal) = journal();
        let id = journal.open_event(&sample("requests", 100)).unwrap().unwrap();
        assert!(journal.resolve_event(id, "lee", at(150)).unwrap());
        assert_eq!(journal.open_event(&sample("requests", 200)).unwrap(), None);
        let place = Place { origin: "/srv/shop.log", source: "shop", series: "requests" };
        journal.series_is_calm(Place { source: "other", ..place }, at(250)).unwrap();
        journal.series_is_calm(Place { origin: "/srv/news.log", ..place }, at(250)).unwrap();
        assert_eq!(journal.open_event(&sample("requests", 260)).unwrap(), None);
        journal.series_is_calm(place, at(300)).unwrap();
        assert!(journal.open_event(&sample("requests", 400)).unwrap().is_some());
    }

    #[test]
    fn the_same_series_of_another_source_is_another_event() {
        let (_folder, journal) = journal();
        let tenant = |of: &str| Event { origin: format!("http://logs:9428 [{of}]"), ..sample("requests", 100) };
        let seven = journal.open_event(&tenant("7:0")).unwrap().unwrap();
        assert!(journal.open_event(&tenant("0:0")).unwrap().is_some());
        assert_eq!(journal.open_event(&tenant("7:0")).unwrap(), None);
        assert!(journal.event(seven).unwrap().unwrap().is_of("http://logs:9428 [7:0]"));
        // What a person resolved in one says nothing of the other.
        assert!(journal.resolve_event(seven, "lee", at(150)).unwrap());
        assert_eq!(journal.open_event(&tenant("7:0")).unwrap(), None);
        assert!(journal.open_event(&tenant("7:1")).unwrap().is_some());
    }

    #[test]
    fn a_worse_finding_replaces_and_old_resolved_ones_are_pruned() {
        let (_folder, journal) = journal();
        let id = journal.open_event(&sample("requests", 100)).unwrap().unwrap();
        let mut worse = sample("requests", 160).finding;
        worse.reading.point.value = 4000.0;
        journal.event_goes_on(id, at(160), Some(("error-rate-high", Severity::Critical, &worse))).unwrap();
        journal.event_goes_on(id, at(120), None).unwrap();
        let known = journal.event(id).unwrap().unwrap();
        assert_eq!((known.seen, known.severity, known.finding), (at(160), Severity::Critical, worse));
        assert_eq!(journal.prune(at(1000)).unwrap(), 0, "open ones stay");
        journal.resolve_event(id, BY_ITSELF, at(200)).unwrap();
        assert_eq!(journal.prune(at(1000)).unwrap(), 1);
    }
}

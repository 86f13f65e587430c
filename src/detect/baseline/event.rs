//! An event: a series that is out, opened once per source and series, acknowledged and resolved. It points to the
//! clients that explain most of the change.

use std::net::IpAddr;

use hashbrown::HashMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::judge::Reading;
use super::{Method, Severity};

/// What was found when an event was opened, or later where it got worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What the rule compared with.
    pub method: Method,
    /// What it read.
    pub reading: Reading,
    /// The LogsQL that gives the series.
    pub query: String,
    /// The length of the series' steps, in seconds.
    pub step_s: u64,
    /// Who explains the change, most first.
    pub culprits: Vec<Culprit>,
    /// Which share of the change they explain together, 0 to 1.
    pub explained: f64,
    /// The LogsQL that gives the clients' parts; empty where clients have none.
    pub clients_query: String,
}

/// A client that explains a part of the change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Who.
    pub client: IpAddr,
    /// What it had before, for as long as now.
    pub before: f64,
    /// What it has now.
    pub now: f64,
    /// Its share of the change, 0 to 1.
    pub share: f64,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has seen it yet.
    Open,
    /// Somebody has; the series is still out.
    Acknowledged,
    /// The series is back, or somebody said so.
    Resolved,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the journal.
    pub id: i64,
    /// Whose series it is: a host, a service, or the log source. Hostile text.
    pub source: String,
    /// The series.
    pub series: String,
    /// The rule that opened it.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where it stands.
    pub state: State,
    /// When it was opened.
    pub opened: Timestamp,
    /// When the series was last found out.
    pub seen: Timestamp,
    /// When it was acknowledged, and by whom.
    pub acknowledged: Option<(Timestamp, String)>,
    /// When it was resolved, and by whom.
    pub resolved: Option<(Timestamp, String)>,
    /// What was found.
    pub finding: Finding,
}

/// At most so many clients are named.
const MOST_CULPRITS: usize = 10;
/// Clients are named until so much of the change is explained.
const ENOUGH: f64 = 0.8;

/// Who explains a change: what each client had before (scaled to the length of now) and has now. Gives the clients that
/// explain most, and their share together of what all the clients that changed in that direction did.
pub fn explain(before: &[(IpAddr, f64)], now: &[(IpAddr, f64)], scale: f64, is_rise: bool) -> (Vec<Culprit>, f64) {
    let mut clients: HashMap<IpAddr, (f64, f64)> = HashMap::new();
    for (client, value) in before {
        clients.entry(*client).or_default().0 += value * scale;
    }
    for (client, value) in now {
        clients.entry(*client).or_default().1 += value;
    }
    let mut changed: Vec<(IpAddr, f64, f64, f64)> = clients
        .into_iter()
        .map(|(client, (before, now))| (client, before, now, if is_rise { now - before } else { before - now }))
        .filter(|(.., change)| *change > 0.0)
        .collect();
    changed.sort_by(|one, other| other.3.total_cmp(&one.3).then(one.0.cmp(&other.0)));
    let whole: f64 = changed.iter().map(|(.., change)| change).sum();
    let (mut culprits, mut explained) = (Vec::new(), 0.0);
    for (client, before, now, change) in changed.into_iter().take(MOST_CULPRITS) {
        if explained >= ENOUGH {
            break;
        }
        let share = change / whole;
        explained += share;
        culprits.push(Culprit { client, before, now, share });
    }
    (culprits, explained)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn the_flood_is_named_and_the_busy_office_is_not() {
        // The office was as busy before.
        let before = [(client(1), 600.0), (client(2), 12.0)];
        let now = [(client(1), 105.0), (client(2), 3.0), (client(7), 900.0)];
        let (culprits, explained) = explain(&before, &now, 1.0 / 6.0, true);
        assert_eq!(culprits.iter().map(|one| one.client).collect::<Vec<_>>(), [client(7)]);
        assert!(explained > 0.98, "{explained}");
    }

    #[test]
    fn a_crowd_names_nobody_of_weight() {
        let now: Vec<_> = (1..=250).map(|last| (client(last), 4.0)).collect();
        let (culprits, explained) = explain(&[], &now, 1.0, true);
        assert_eq!(culprits.len(), 10);
        assert!(explained < 0.05, "{explained}");
    }

    #[test]
    fn a_fall_names_who_is_missing() {
        let (culprits, _) = explain(&[(client(1), 90.0), (client(2), 5.0)], &[(client(2), 5.0)], 1.0, false);
        assert_eq!(culprits.len(), 1);
        assert_eq!((culprits[0].client, culprits[0].now), (client(1), 0.0));
        assert_eq!(explain(&[], &[], 1.0, true), (Vec::new(), 0.0));
    }
}

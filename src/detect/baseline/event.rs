//! An event: a series that is out, opened once per source and series, acknowledged and resolved. It points to the
//! clients that explain most of the change.

use std::net::IpAddr;

use hashbrown::HashMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::judge::Reading;
use super::{Baselines, Method, Severity};
use crate::text::escape::visible;
use crate::text::{Lang, Say, number};

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

impl State {
    /// Its word.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Open => say::open(lang),
            Self::Acknowledged => say::acknowledged(lang),
            Self::Resolved => say::resolved(lang),
        }
    }
}

impl Event {
    /// The series in words, where it is one that ships; else its name.
    pub fn title(&self, baselines: &Baselines, lang: Lang) -> String {
        let known = baselines.series(&self.series);
        known.map_or_else(|| visible(&self.series).into_owned(), |series| visible(series.label(lang)).into_owned())
    }

    /// A value of its series with the unit.
    pub fn value(&self, value: f64, baselines: &Baselines) -> String {
        shown(value, baselines.series(&self.series).map_or("", |series| series.unit.as_str()))
    }

    /// What was found and with what it was compared.
    pub fn found(&self, baselines: &Baselines, lang: Lang) -> String {
        let reading = &self.finding.reading;
        let value = |value: f64| self.value(value, baselines);
        let (now, expected) = (value(reading.point.value), value(reading.expected));
        let edge = reading.high.filter(|high| reading.point.value >= *high).or(reading.low).or(reading.high);
        let edge = edge.map_or_else(String::new, value);
        match self.finding.method {
            Method::Threshold { op, .. } => say::past_limit(lang, &now, op.sign(), &edge),
            Method::Trend { steps, .. } => say::trend(lang, steps, &expected, &now),
            Method::Zscore { .. } | Method::Iqr { .. } => say::unusual(lang, &now, &expected, &edge),
            Method::Robust { .. } => say::unlike_the_week(lang, &now, &expected, &edge),
        }
    }

    /// Who explains it, in a sentence; empty where clients have no part in it.
    pub fn who(&self, lang: Lang) -> String {
        match self.finding.culprits.as_slice() {
            [] => String::new(),
            [first, ..] if first.share >= 0.1 => {
                let name = |one: &Culprit| format!("{} {}", one.client, number::percent(one.share));
                let named: Vec<String> =
                    self.finding.culprits.iter().take_while(|one| one.share >= 0.05).take(3).map(name).collect();
                say::explained_by(lang, &named.join(", "))
            }
            many => say::nobody_alone(lang, many.len(), &number::percent(self.finding.explained)),
        }
    }
}

/// The event in one line, by what ships: severity, series, source, what was found, who explains it.
impl Say for Event {
    fn say(&self, lang: Lang) -> String {
        let baselines = Baselines::shipped();
        let who = self.who(lang);
        let who = if who.is_empty() { who } else { format!("; {who}") };
        let (title, found) = (self.title(baselines, lang), self.found(baselines, lang));
        format!("[{}] {title} · {}: {found}{who}", self.severity.label(lang), visible(&self.source))
    }
}

/// A value with its unit.
fn shown(value: f64, unit: &str) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = value.max(0.0).round() as u64;
    match unit {
        "B/min" => format!("{}/min", number::bytes(whole)),
        "ms" => format!("{} ms", number::count(whole)),
        _ if value.abs() >= 100.0 => format!("{}{unit}", number::count(whole)),
        _ => {
            let text = format!("{value:.1}");
            format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        open { en: "open", ko: "발생" }
        acknowledged { en: "acknowledged", ko: "확인함" }
        resolved { en: "resolved", ko: "해소" }
    }
    crate::text::sentences! {
        past_limit(now: &str, sign: &str, limit: &str) { en: "{now} {sign} {limit}", ko: "{now} {sign} {limit}" }
        trend(steps: usize, before: &str, now: &str) {
            en: "{steps} steps the same way: {before} → {now}",
            ko: "{steps}단계 연속 같은 방향: {before} → {now}",
        }
        unusual(now: &str, expected: &str, edge: &str) {
            en: "{now}, usually {expected}, at most {edge}",
            ko: "{now}, 평소 {expected}, 한계 {edge}",
        }
        unlike_the_week(now: &str, expected: &str, edge: &str) {
            en: "{now}, at this hour of the week usually {expected}, at most {edge}",
            ko: "{now}, 같은 요일·시간대 평소 {expected}, 한계 {edge}",
        }
        explained_by(who: &str) { en: "explained by {who}", ko: "원인: {who}" }
        nobody_alone(clients: usize, share: &str) {
            en: "no client alone explains it ({clients} clients: {share})",
            ko: "한 클라이언트의 탓이 아님(상위 {clients}개가 {share})",
        }
    }
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

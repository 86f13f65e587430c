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
    /// Who explains it, most first.
    pub culprits: Vec<Culprit>,
    /// Which share of it they explain together, 0 to 1.
    pub explained: f64,
    /// What the shares are of.
    #[serde(default)]
    pub of: Whole,
    /// The LogsQL that gives the clients' parts; empty where clients have none.
    pub clients_query: String,
}

/// What clients have a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whole {
    /// The change against the time before.
    #[default]
    Change,
    /// The value itself, where the time before was as bad.
    Value,
}

/// A client that explains a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Who.
    pub client: IpAddr,
    /// What it had before, for as long as now.
    pub before: f64,
    /// What it has now.
    pub now: f64,
    /// Its share, 0 to 1.
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
    /// The log source that it was found in, wholly: see [`crate::logs::SourceInfo::identity`]; in a second line the
    /// filter that picks the requests, where the series is of them. Hostile text.
    pub origin: String,
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
    /// Whether it was found in the source of an identity.
    pub fn is_of(&self, identity: &str) -> bool {
        self.source_identity() == identity
    }

    /// The identity of the source that it was found in.
    pub fn source_identity(&self) -> &str {
        self.origin.split('\n').next().unwrap_or_default()
    }

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
        let found = match self.finding.method {
            Method::Threshold { op, .. } => say::past_limit(lang, &now, op.sign(), &edge),
            Method::Trend { steps, .. } => say::trend(lang, steps, &expected, &now),
            Method::Zscore { .. } | Method::Iqr { .. } => say::unusual(lang, &now, &expected, &edge),
            Method::Robust { .. } => say::unlike_the_week(lang, &now, &expected, &edge),
        };
        if !reading.or_earlier {
            return found;
        }
        let lasts = self.seen.as_second().saturating_sub(reading.since.as_second());
        let lasts = std::time::Duration::from_secs(u64::try_from(lasts).unwrap_or(0));
        say::or_longer(lang, &found, &number::age(lasts, lang))
    }

    /// Who explains it, in a sentence; empty where clients have no part in it.
    pub fn who(&self, lang: Lang) -> String {
        match self.finding.culprits.as_slice() {
            [] if self.finding.clients_query.is_empty() => String::new(),
            [] => say::nobody(lang).to_owned(),
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
        nobody { en: "no client alone explains it", ko: "한 클라이언트의 탓이 아님" }
    }
    crate::text::sentences! {
        past_limit(now: &str, sign: &str, limit: &str) { en: "{now} {sign} {limit}", ko: "{now} {sign} {limit}" }
        or_longer(found: &str, lasts: &str) { en: "{found}, for {lasts} or longer", ko: "{found}, {lasts} 이상 지속" }
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
/// Clients are named until so much is explained.
const ENOUGH: f64 = 0.8;
/// A client with a smaller part than this is never named: in any two spans of time some visitors come and others go.
const NEGLIGIBLE: f64 = 0.02;

/// What clients have of a series in a span of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// Each client's part, the largest first; the many small ones at the end may be missing.
    pub clients: Vec<(IpAddr, f64)>,
    /// What all of them have together, those that are missing too.
    pub whole: f64,
}

/// Who explains a series that is out, their share together, and what it is a share of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// The clients that explain most of it.
    pub culprits: Vec<Culprit>,
    /// Their share together, 0 to 1.
    pub explained: f64,
    /// Of what.
    pub of: Whole,
}

/// Who explains a series that is out: by what changed against the time before, where that was better than now; else
/// by who makes up the value, because a change against a time that was as bad accuses whoever happens to be new.
/// `scale` brings the parts of before to the length of now.
pub fn explain(before: &Parts, now: &Parts, scale: f64, reading: &Reading, method: Method) -> Explanation {
    let is_rise = reading.point.value >= reading.expected;
    let (was, is) = (before.whole * scale, now.whole);
    let of = if is_rise && !is_better(was, is, reading, method) { Whole::Value } else { Whole::Change };
    let mut clients: HashMap<IpAddr, (f64, f64)> = HashMap::new();
    for (client, value) in &before.clients {
        clients.entry(*client).or_default().0 += value * scale;
    }
    for (client, value) in &now.clients {
        clients.entry(*client).or_default().1 += value;
    }
    let part = |before: f64, now: f64| match of {
        Whole::Value => now,
        Whole::Change if is_rise => now - before,
        Whole::Change => before - now,
    };
    let mut parts: Vec<(IpAddr, f64, f64, f64)> = clients
        .into_iter()
        .map(|(client, (before, now))| (client, before, now, part(before, now)))
        .filter(|(.., part)| *part > 0.0)
        .collect();
    parts.sort_by(|one, other| other.3.total_cmp(&one.3).then(one.0.cmp(&other.0)));
    // Those who came and those who went make the sum of the changes larger than the change of the sum, never smaller.
    let sum: f64 = parts.iter().map(|(.., part)| part).sum();
    let whole = sum.max(if of == Whole::Value { is } else { (is - was).abs() });
    let mut found = Explanation { of, ..Explanation::default() };
    for (client, before, now, part) in parts.into_iter().take(MOST_CULPRITS) {
        let of_value = if is_rise { now / is } else { before / was };
        let share = part / whole;
        if found.explained >= ENOUGH || share < NEGLIGIBLE {
            break;
        }
        if of_value >= NEGLIGIBLE {
            found.explained += share;
            found.culprits.push(Culprit { client, before, now, share });
        }
    }
    found
}

/// Whether the time before, of which clients had `was` against `is` now, was better than now: for a limit by half; for
/// what was compared with the past by at least half of the change that was read.
fn is_better(was: f64, is: f64, reading: &Reading, method: Method) -> bool {
    let value = reading.point.value;
    let wanted = match method {
        Method::Threshold { .. } => 0.5,
        _ if value > 0.0 => (value - reading.expected) / value / 2.0,
        _ => 0.0,
    };
    is > was && is - was >= wanted * is
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::baseline::Comparison;
    use crate::detect::baseline::series::Point;

    const LIMIT: Method = Method::Threshold { op: Comparison::Gt, limit: 50.0 };
    const UNUSUAL: Method = Method::Zscore { limit: 3.0 };

    fn client(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    fn parts(clients: &[(u8, f64)]) -> Parts {
        Parts {
            clients: clients.iter().map(|(last, value)| (client(*last), *value)).collect(),
            whole: clients.iter().map(|(_, value)| value).sum(),
        }
    }

    fn reading(value: f64, expected: f64) -> Reading {
        let at = Timestamp::UNIX_EPOCH;
        let point = Point { at, value };
        let high = Some(expected);
        Reading { point, since: at, or_earlier: false, expected, low: None, high, score: 2.0, samples: 60 }
    }

    fn named(found: &Explanation) -> Vec<IpAddr> {
        found.culprits.iter().map(|one| one.client).collect()
    }

    #[test]
    fn the_flood_is_named_and_the_busy_office_is_not() {
        // The office was as busy before.
        let before = parts(&[(1, 600.0), (2, 12.0)]);
        let now = parts(&[(7, 900.0), (1, 105.0), (2, 3.0)]);
        let found = explain(&before, &now, 1.0 / 6.0, &reading(200.0, 20.0), UNUSUAL);
        assert_eq!((named(&found), found.of), (vec![client(7)], Whole::Change));
        assert!(found.explained > 0.98, "{found:?}");
    }

    #[test]
    fn a_time_before_that_was_as_bad_does_not_clear_who_makes_the_trouble() {
        // An hour of errors by one client, asked about in its last five minutes; three visitors met one each.
        let before = parts(&[(77, 8300.0), (9, 11.0)]);
        let now = parts(&[(77, 686.0), (1, 1.0), (2, 1.0), (3, 1.0)]);
        for method in [LIMIT, UNUSUAL] {
            let found = explain(&before, &now, 1.0 / 12.0, &reading(171.0, 50.0), method);
            assert_eq!((named(&found), found.of), (vec![client(77)], Whole::Value), "{method:?}");
            assert!(found.explained > 0.99);
        }
        // The same where the minutes before are a little worse than those now.
        let found = explain(&parts(&[(77, 9000.0)]), &now, 1.0 / 12.0, &reading(171.0, 50.0), LIMIT);
        assert_eq!(named(&found), [client(77)]);
    }

    #[test]
    fn a_crowd_names_nobody() {
        let now: Vec<(u8, f64)> = (1..=250).map(|last| (last, 4.0)).collect();
        for before in [Parts::default(), parts(&now)] {
            let found = explain(&before, &parts(&now), 1.0, &reading(1000.0, 50.0), LIMIT);
            assert_eq!((named(&found), found.explained), (Vec::new(), 0.0));
        }
        // Nor does the largest of those that could be listed, where all together have far more.
        let listed = Parts { whole: 50_000.0, ..parts(&[(1, 300.0), (2, 20.0)]) };
        assert_eq!(
            named(&explain(&Parts::default(), &listed, 1.0, &reading(900.0, 50.0), LIMIT)),
            Vec::<IpAddr>::new()
        );
    }

    #[test]
    fn a_small_rise_beside_a_busy_office_names_who_rose() {
        let before = parts(&[(1, 300.0), (2, 50.0)]);
        let now = parts(&[(1, 301.0), (7, 110.0), (2, 50.0)]);
        let found = explain(&before, &now, 1.0, &reading(461.0, 350.0), UNUSUAL);
        assert_eq!((named(&found), found.of), (vec![client(7)], Whole::Change));
    }

    #[test]
    fn a_fall_names_who_is_missing() {
        let low = Reading { high: None, low: Some(50.0), ..reading(5.0, 95.0) };
        let found = explain(&parts(&[(1, 90.0), (2, 5.0)]), &parts(&[(2, 5.0)]), 1.0, &low, UNUSUAL);
        assert_eq!((named(&found), found.culprits[0].now), (vec![client(1)], 0.0));
        let nothing = explain(&Parts::default(), &Parts::default(), 1.0, &reading(0.0, 0.0), LIMIT);
        assert_eq!(nothing.culprits, []);
    }
}

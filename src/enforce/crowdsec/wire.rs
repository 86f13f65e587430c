//! What goes over the wire, as the LAPI really has it: lists that come as `null`, ids as strings, durations in Go's
//! notation with the time that is left instead of the end.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::detect::ranges::plain;
use crate::enforce::ActiveDecision;

/// The answer to a login.
#[derive(Deserialize)]
pub(super) struct Login {
    /// The bearer token: a secret, wrapped as soon as it is read.
    pub token: String,
    /// Until when it is good, RFC 3339.
    #[serde(default)]
    pub expire: String,
}

/// An alert as it is listed.
#[derive(Deserialize)]
pub(super) struct Alert {
    #[serde(default)]
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    #[serde(default, deserialize_with = "or_default")]
    pub simulated: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub decisions: Vec<Decision>,
}

/// A decision as it is listed inside its alert.
#[derive(Deserialize)]
pub(super) struct Decision {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub origin: String,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub scope: String,
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    #[serde(default, deserialize_with = "or_default")]
    pub scenario: String,
    /// The time left, `3h59m58.12s`; negative once it has run out.
    #[serde(default, deserialize_with = "or_default")]
    pub duration: String,
    #[serde(default, deserialize_with = "or_default")]
    pub simulated: bool,
}

/// An allow list with its entries.
#[derive(Deserialize)]
pub(super) struct AllowList {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub items: Vec<AllowListItem>,
}

/// An entry of an allow list: an address or a range.
#[derive(Deserialize)]
pub(super) struct AllowListItem {
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
}

/// The answer to a deletion.
#[derive(Deserialize)]
pub(super) struct Deleted {
    /// A number, written as a string.
    #[serde(rename = "nbDeleted")]
    pub count: String,
}

/// Every error's body; a login's has a `code` beside it.
#[derive(Deserialize)]
pub(super) struct Message {
    pub message: String,
}

/// An alert as it is sent: every field that must be present is.
#[derive(Serialize)]
pub(super) struct NewAlert {
    pub scenario: String,
    pub scenario_hash: &'static str,
    pub scenario_version: &'static str,
    pub message: String,
    pub events_count: i32,
    pub start_at: String,
    pub stop_at: String,
    pub capacity: i32,
    pub leakspeed: &'static str,
    pub simulated: bool,
    pub remediation: bool,
    pub events: Vec<NewEvent>,
    pub source: NewSource,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<NewDecision>,
}

#[derive(Serialize)]
pub(super) struct NewEvent {
    pub timestamp: String,
    pub meta: Vec<NewMeta>,
}

#[derive(Serialize)]
pub(super) struct NewMeta {
    pub key: String,
    pub value: String,
}

#[derive(Serialize)]
pub(super) struct NewSource {
    pub scope: &'static str,
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
}

#[derive(Serialize)]
pub(super) struct NewDecision {
    pub origin: &'static str,
    #[serde(rename = "type")]
    pub kind: String,
    pub scope: &'static str,
    pub value: String,
    pub duration: String,
    pub scenario: String,
}

/// `null` and a missing field are the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

impl Alert {
    /// Its decisions that have not run out.
    pub fn active(self, now: Timestamp) -> impl Iterator<Item = ActiveDecision> {
        let Self { id: alert_id, message, simulated, decisions } = self;
        decisions.into_iter().filter_map(move |decision| {
            let left = read_duration(&decision.duration)?;
            // To the second, so that the same decision ends at the same time however often it is listed.
            let until = now.checked_add(left).ok()?.round(jiff::Unit::Second).ok()?;
            Some(ActiveDecision {
                id: decision.id,
                target: target(&decision.scope, &decision.value),
                scope: decision.scope,
                value: decision.value,
                kind: decision.kind,
                origin: decision.origin,
                scenario: decision.scenario,
                reason: message.clone(),
                until,
                simulated: simulated || decision.simulated,
                alert_id,
            })
        })
    }
}

/// The address or range that a decision is about; `None` for a country, an AS, a user.
fn target(scope: &str, value: &str) -> Option<IpNet> {
    if !scope.eq_ignore_ascii_case("ip") && !scope.eq_ignore_ascii_case("range") {
        return None;
    }
    read_target(value)
}

/// An address or a range as text.
pub(super) fn read_target(value: &str) -> Option<IpNet> {
    let value = value.trim();
    value.parse().ok().map(plain).map(IpNet::from).or_else(|| value.parse().ok().map(|range: IpNet| range.trunc()))
}

/// A duration in Go's notation, as the LAPI writes it (`3h59m58.123s`, `1m0s`, `350ms`); `None` for a negative one,
/// for zero and for what is none. See Go's `time.ParseDuration`.
pub(super) fn read_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = &rest[unit..];
    }
    (!total.is_zero()).then_some(total)
}

/// A duration as every server understands it: hours, minutes and seconds; days are unknown to older ones.
pub(super) fn write_duration(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (hours, 0, 0) if hours > 0 => format!("{hours}h"),
        (0, minutes, 0) => format!("{minutes}m"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_in_gos_notation() {
        for (text, seconds) in [
            ("3h59m58.5s", 14_398.5),
            ("1m0s", 60.0),
            ("720h", 2_592_000.0),
            ("350ms", 0.35),
            ("+2h", 7200.0),
            ("9h0m0s", 32_400.0),
            ("12µs", 0.000_012),
        ] {
            let read = read_duration(text).unwrap();
            assert!((read.as_secs_f64() - seconds).abs() < 1e-6, "{text}: {read:?}");
        }
        for text in ["", "-5m3s", "0s", "4", "h", "1d", "1.2.3s", "1h-3m", "99999999999999999999h", "1e3s", "∞h"] {
            assert_eq!(read_duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn durations_are_written_without_days() {
        for (seconds, text) in
            [(4 * 3600, "4h"), (30 * 86_400, "720h"), (90, "0h1m30s"), (600, "10m"), (5401, "1h30m1s")]
        {
            assert_eq!(write_duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(write_duration(Duration::from_millis(1500)), "0h0m2s", "never shorter than asked");
    }

    #[test]
    fn lists_may_be_null_and_fields_missing() {
        let alerts: Vec<Alert> = serde_json::from_str(
            r#"[{"id":1,"decisions":null,"message":null,"events":null},{"decisions":[{"id":2,"duration":null}]},{}]"#,
        )
        .unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(alerts.into_iter().flat_map(|alert| alert.active(now)).count(), 0);
    }

    #[test]
    fn only_addresses_and_ranges_have_a_target() {
        assert_eq!(target("Ip", "192.0.2.7"), "192.0.2.7/32".parse().ok());
        assert_eq!(target("ip", "::ffff:192.0.2.7"), "192.0.2.7/32".parse().ok());
        assert_eq!(target("Range", "192.0.2.7/24"), "192.0.2.0/24".parse().ok());
        assert_eq!(target("Country", "XX"), None);
        assert_eq!(target("username", "192.0.2.7"), None);
        assert_eq!(target("Ip", "everybody"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 1..40_000_000u64) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(read_duration(&write_duration(duration)), Some(duration));
        }

        #[test]
        fn nothing_a_server_says_panics(text in "[-+0-9.hmsuµnd]{0,24}") {
            let _ = read_duration(&text);
        }
    }
}

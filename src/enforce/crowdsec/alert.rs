//! A plan as the alert that the LAPI is sent.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::wire::{NewAlert, NewDecision, NewEvent, NewMeta, NewSource, write_duration};
use crate::policy::{MAX_EVENTS, Plan, Remedy, SampleEvent, short};
use crate::text::escape::visible;

/// The origin of our decisions. CrowdSec 1.4 lists only those of `crowdsec` and `cscli` unless it is asked for all, so
/// that a word of our own would hide our bans from `cscli decisions list`. Scenario and machine say who it was.
const ORIGIN: &str = "cscli";

/// The server drops the meta of an event whose JSON is longer than 8191 bytes; this leaves some room.
const LARGEST_META: usize = 8000;

/// MySQL holds an alert's message in 255 characters, and refuses a longer one.
const LONGEST_MESSAGE: usize = 255;

/// The alert for a plan. `now` goes out as `stop_at`, because a decision expires at `stop_at` + duration; as a whole
/// second, so that the end can be told from the time that the server says is left.
pub(super) fn of(plan: &Plan, now: Timestamp) -> NewAlert {
    let now = now.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor)).unwrap_or(now);
    let single = plan.target().prefix_len() == plan.target().max_prefix_len();
    let (scope, value) = (if single { "Ip" } else { "Range" }, short(&plan.target()));
    let explicit = *plan.remedy() != Remedy::ServerProfile;
    let decision = || NewDecision {
        origin: ORIGIN,
        kind: plan.remedy().as_str().to_owned(),
        scope,
        value: value.clone(),
        duration: write_duration(plan.duration()),
        scenario: plan.scenario(),
    };
    NewAlert {
        scenario: plan.scenario(),
        scenario_hash: "",
        scenario_version: "",
        message: shortened(&visible(plan.reason()), LONGEST_MESSAGE),
        events_count: i32::try_from(plan.events_count()).unwrap_or(i32::MAX),
        start_at: plan.first_seen().min(now).to_string(),
        stop_at: now.to_string(),
        capacity: 0,
        leakspeed: "",
        simulated: false,
        remediation: true,
        events: plan.events().iter().take(MAX_EVENTS).map(event).collect(),
        source: NewSource {
            scope,
            ip: single.then(|| value.clone()),
            range: (!single).then(|| value.clone()),
            value: value.clone(),
        },
        decisions: if explicit { vec![decision()] } else { Vec::new() },
    }
}

/// An event whose meta is small enough to be kept: the longest values are shortened, as far as it takes.
fn event(sample: &SampleEvent) -> NewEvent {
    let texts: Vec<(String, String)> =
        sample.meta.iter().map(|(key, value)| (visible(key).into_owned(), visible(value).into_owned())).collect();
    let cut_to = |most: usize| -> Vec<NewMeta> {
        let cut = |(key, value): &(String, String)| NewMeta { key: shortened(key, 64), value: shortened(value, most) };
        texts.iter().map(cut).collect()
    };
    // The largest length at which the whole fits, found by halves.
    let longest = texts.iter().map(|(_, value)| value.chars().count()).max().unwrap_or(0);
    let (mut fits, mut too_long) = (0, longest + 1);
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        if size(&cut_to(middle)) <= LARGEST_META { fits = middle } else { too_long = middle }
    }
    let mut meta = cut_to(fits);
    while size(&meta) > LARGEST_META {
        meta.pop();
    }
    NewEvent { timestamp: sample.at.to_string(), meta }
}

/// At most `most` characters, the last an ellipsis where something was cut.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain((most > 0).then_some('…')).collect()
}

/// How long the meta is as the server measures it: as JSON that Go wrote, which escapes `<`, `>`, `&`, U+2028 and
/// U+2029 too.
fn size(meta: &[NewMeta]) -> usize {
    const FRAME: usize = r#"{"key":"","value":""},"#.len();
    let text = |text: &str| text.chars().map(escaped).sum::<usize>();
    2 + meta.iter().map(|meta| FRAME + text(&meta.key) + text(&meta.value)).sum::<usize>()
}

fn escaped(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{0}'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::policy::{Proposal, Rules, Situation};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + second).unwrap()
    }

    fn plan(target: &str, change: impl FnOnce(&mut Proposal)) -> Plan {
        let mut proposal = Proposal {
            target: target.parse().unwrap(),
            remedy: Remedy::Ban,
            duration: Duration::from_secs(30 * 86_400),
            detector: "gate".to_owned(),
            reason: "92% of 1204 requests were 4xx".to_owned(),
            events_count: 1204,
            events: Vec::new(),
            first_seen: at(-300),
            last_seen: at(-1),
        };
        change(&mut proposal);
        Rules::default().decide(proposal, &Situation::default(), at(0)).plan().unwrap().clone()
    }

    #[test]
    fn everything_the_server_insists_on_is_there() {
        let sample = SampleEvent { at: at(-2), meta: vec![("path".to_owned(), "/.env".to_owned())] };
        let alert = of(&plan("192.0.2.7/32", |proposal| proposal.events = vec![sample]), at(5));
        assert_eq!(
            serde_json::to_value([alert]).unwrap(),
            json!([{
                "scenario": "gatewatch/gate", "scenario_hash": "", "scenario_version": "",
                "message": "92% of 1204 requests were 4xx", "events_count": 1204,
                "start_at": "2025-06-15T15:01:40Z", "stop_at": "2025-06-15T15:06:45Z",
                "capacity": 0, "leakspeed": "", "simulated": false, "remediation": true,
                "events": [{"timestamp": "2025-06-15T15:06:38Z", "meta": [{"key": "path", "value": "/.env"}]}],
                "source": {"scope": "Ip", "value": "192.0.2.7", "ip": "192.0.2.7"},
                "decisions": [{"origin": "cscli", "type": "ban", "scope": "Ip", "value": "192.0.2.7",
                               "duration": "720h", "scenario": "gatewatch/gate"}],
            }])
        );
    }

    #[test]
    fn a_range_a_profile_and_an_enormous_count() {
        let alert = of(&plan("2001:db8:7::/48", |proposal| proposal.events_count = u64::MAX), at(5));
        assert_eq!((alert.source.scope, alert.source.value.as_str()), ("Range", "2001:db8:7::/48"));
        assert_eq!((alert.source.ip, alert.source.range.as_deref()), (None, Some("2001:db8:7::/48")));
        assert_eq!(alert.events_count, i32::MAX);
        let profile = of(&plan("192.0.2.7/32", |proposal| proposal.remedy = Remedy::ServerProfile), at(5));
        assert!(profile.decisions.is_empty() && profile.remediation);
        assert_eq!(serde_json::to_value(profile).unwrap().get("decisions"), None, "an absent list, not an empty one");
        // A clock that went back never makes an alert end before it began.
        assert_eq!(of(&plan("192.0.2.7/32", |_| {}), at(-999)).start_at, at(-999).to_string());
    }

    #[test]
    fn hostile_text_is_made_visible_and_a_message_fits_everywhere() {
        let sample = SampleEvent { at: at(-2), meta: vec![("\u{1b}k".to_owned(), "/\u{202e}\u{1b}[2J".to_owned())] };
        let alert = of(
            &plan("192.0.2.7/32", |proposal| {
                proposal.events = vec![sample];
                proposal.reason = format!("\u{1b}]0;x\u{7}{}", "길".repeat(400));
            }),
            at(5),
        );
        assert!(alert.message.starts_with("\\x1b]0;x\\x07길") && alert.message.ends_with('…'), "{}", alert.message);
        assert_eq!(alert.message.chars().count(), 255);
        assert_eq!(
            (alert.events[0].meta[0].key.as_str(), alert.events[0].meta[0].value.as_str()),
            ("\\x1bk", "/\\u{202e}\\x1b[2J")
        );
    }

    #[test]
    fn short_values_survive_a_long_one() {
        let meta = vec![("agent".to_owned(), "<".repeat(100_000)), ("path".to_owned(), "/wp-login.php".to_owned())];
        let kept = event(&SampleEvent { at: at(0), meta }).meta;
        assert_eq!(kept[1].value, "/wp-login.php");
        assert!(kept[0].value.chars().count() > 1200 && kept[0].value.ends_with('…'), "{}", kept[0].value.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_meta_is_ever_dropped_by_the_server(
            meta in prop::collection::vec((any::<String>(), "[a<\"길\u{7f}\u{2028}\\\\]{0,3000}"), 0..12)
        ) {
            let keys = meta.len();
            let made = event(&SampleEvent { at: at(0), meta }).meta;
            prop_assert_eq!(made.len(), keys, "every key is kept");
            // Serde's JSON, with what Go escapes on top of it.
            let json = serde_json::to_string(&made).unwrap();
            let go: usize = json.chars().map(|c| if matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') { 6 } else { c.len_utf8() }).sum();
            prop_assert!(go <= 8191, "{}", go);
        }
    }
}

//! Durations as people write them: `90s`, `5m`, `4h`, `30d`, `1h30m`, `500ms`. One parser for the settings file, the
//! environment, the flags and the console's ban form.

use std::time::Duration;

/// The units, longest first, in milliseconds. `ms` stands before `m` and `s` so that the longest name is tried first.
const UNITS: &[(&str, u64)] =
    &[("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1_000)];

/// Reads a duration: one or more `<whole number><unit>`, with `w`, `d`, `h`, `m`, `s` or `ms`. A bare `0` is zero;
/// any other bare number has no unit and is refused, as is everything that overflows.
///
/// ```
/// use gatewatch::config::duration::parse;
/// assert_eq!(parse("1h30m"), Some(std::time::Duration::from_secs(5400)));
/// assert_eq!(parse("5"), None);
/// ```
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = rest[..digits].parse().ok()?;
        let (unit, scale) = UNITS.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        total = total.checked_add(count.checked_mul(*scale)?)?;
        rest = &rest[digits + unit.len()..];
    }
    Some(Duration::from_millis(total))
}

/// The shortest text that [`parse`] reads back as the same duration, to the millisecond: `5m`, `1h30m`, `30d`.
/// Weeks are shown as days, because bans are counted in days.
pub fn show(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, scale) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        let count = rest / scale;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
            rest %= scale;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_as_people_write_them() {
        for (text, seconds) in
            [("5m", 300), ("4h", 14_400), ("30d", 2_592_000), ("1w", 604_800), ("1h30m", 5_400), (" 90s ", 90)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1s500ms"), Some(Duration::from_millis(1500)));
        for text in ["", "5", "m", "-5m", "1.5h", "5 m", "5x", "99999999999999999999d", "5m3", "١m"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(show(Duration::from_secs(2_592_000)), "30d");
    }

    proptest! {
        #[test]
        fn shown_durations_read_back(millis in 0_u64..10_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&show(duration)), Some(duration));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}

//! The time range of a query as a person gives it: the last so long, or from one instant to another in the zone of the
//! screen. Reads no clock.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::config::duration;
use crate::logs::Window;
use crate::text::{Lang, Say, escape};

/// The spans that are offered.
pub const OFFERED: &[Duration] = &[
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(3_600),
    Duration::from_secs(6 * 3_600),
    Duration::from_secs(24 * 3_600),
    Duration::from_secs(7 * 24 * 3_600),
    Duration::from_secs(30 * 24 * 3_600),
];

/// A time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The last so long before the moment at which the query runs.
    Last(Duration),
    /// From one instant to another.
    Between(Window),
}

/// Why a text is no range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeError {
    /// Neither a span nor a pair of instants.
    Unreadable(String),
    /// The end is not after the start.
    Backwards,
}

impl Say for RangeError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable(text) => say::unreadable(lang, &escape::visible(text)),
            Self::Backwards => say::backwards(lang),
        }
    }
}

impl Range {
    /// The instants it means at `now`.
    pub fn window(self, now: Timestamp) -> Window {
        match self {
            Self::Last(length) => Window::ending(now, length),
            Self::Between(window) => window,
        }
    }

    /// Reads `15m`, `1h30m`, `today`, `yesterday`, `09:00..09:30`, `2026-03-02 09:00 .. 10:00`, `2026-03-01..now`. A time without a date is today's, or of the start's day; an end that is a date alone reaches to the
    /// end of that day.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, RangeError> {
        let text = text.trim();
        let today = now.to_zoned(zone.clone()).date();
        let unreadable = || RangeError::Unreadable(text.to_owned());
        if let Some(length) = duration::parse(text).filter(|length| !length.is_zero()) {
            return Ok(Self::Last(length));
        }
        let day = match text {
            "today" | "오늘" => Some(today),
            "yesterday" | "어제" => today.yesterday().ok(),
            _ => None,
        };
        let (from, to) = match day {
            Some(day) => (Point::Day(day), Point::Day(day)),
            None => {
                let (from, to) = text.split_once("..").ok_or_else(unreadable)?;
                let from = Point::parse(from.trim(), today).ok_or_else(unreadable)?;
                let to = Point::parse(to.trim(), from.date(zone).unwrap_or(today)).ok_or_else(unreadable)?;
                (from, to)
            }
        };
        let start = from.start(now, zone).ok_or_else(unreadable)?;
        let end = to.end(now, zone).ok_or_else(unreadable)?;
        if start < end { Ok(Self::Between(Window { start, end })) } else { Err(RangeError::Backwards) }
    }

    /// How it is shown, and typed again.
    pub fn label(self, zone: &TimeZone) -> String {
        match self {
            Self::Last(length) => duration::show(length),
            Self::Between(Window { start, end }) => {
                let (start, end) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
                let shown_end = if start.date() == end.date() {
                    end.strftime("%H:%M:%S").to_string()
                } else {
                    end.strftime("%F %T").to_string()
                };
                format!("{} .. {shown_end}", start.strftime("%F %T"))
            }
        }
    }
}

/// One end of a range.
enum Point {
    Now,
    Day(Date),
    At(DateTime),
    Instant(Timestamp),
}

impl Point {
    /// `day` is that of a time alone.
    fn parse(text: &str, day: Date) -> Option<Self> {
        if matches!(text, "now" | "지금") {
            return Some(Self::Now);
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::Instant(instant));
        }
        if text.contains(':') {
            // A date with a time would be read as a time too, so it comes first.
            let at = text.parse::<DateTime>().or_else(|_| text.parse::<Time>().map(|time| day.to_datetime(time)));
            return at.ok().map(Self::At);
        }
        text.parse().ok().map(Self::Day)
    }

    fn date(&self, zone: &TimeZone) -> Option<Date> {
        match self {
            Self::Now => None,
            Self::Day(day) => Some(*day),
            Self::At(at) => Some(at.date()),
            Self::Instant(instant) => Some(instant.to_zoned(zone.clone()).date()),
        }
    }

    fn start(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Now => Some(now),
            Self::Instant(instant) => Some(*instant),
            Self::At(at) => zone.to_timestamp(*at).ok(),
            Self::Day(day) => zone.to_timestamp(day.at(0, 0, 0, 0)).ok(),
        }
    }

    fn end(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => zone.to_timestamp(day.checked_add(1.day()).ok()?.at(0, 0, 0, 0)).ok(),
            other => other.start(now, zone),
        }
    }
}

mod say {
    crate::text::sentences! {
        unreadable(text: &str) {
            en: "`{text}` is no time range. Try 15m, today, 09:00..09:30 or 2026-03-02 09:00..2026-03-02 10:00.",
            ko: "`{text}` 시간 범위가 아닙니다. 예: 15m, 오늘, 09:00..09:30, 2026-03-02 09:00..2026-03-02 10:00",
        }
        backwards() { en: "the range ends before it begins", ko: "범위의 끝이 시작보다 앞섭니다" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Noon in Seoul.
    fn now() -> Timestamp {
        "2026-03-02T03:00:00Z".parse().unwrap()
    }

    fn seoul() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(9))
    }

    fn shown(text: &str) -> String {
        match Range::parse(text, now(), &seoul()) {
            Ok(range) => format!("{} .. {}", range.window(now()).start, range.window(now()).end),
            Err(error) => error.say(Lang::En),
        }
    }

    #[test]
    fn ranges_as_people_write_them() {
        for (text, expected) in [
            ("15m", "2026-03-02T02:45:00Z .. 2026-03-02T03:00:00Z"),
            ("1h30m", "2026-03-02T01:30:00Z .. 2026-03-02T03:00:00Z"),
            ("today", "2026-03-01T15:00:00Z .. 2026-03-02T15:00:00Z"),
            ("어제", "2026-02-28T15:00:00Z .. 2026-03-01T15:00:00Z"),
            ("09:00..09:30", "2026-03-02T00:00:00Z .. 2026-03-02T00:30:00Z"),
            ("2026-03-01 22:00 .. 2026-03-02 01:00:30", "2026-03-01T13:00:00Z .. 2026-03-01T16:00:30Z"),
            ("2026-03-01 22:00..23:00", "2026-03-01T13:00:00Z .. 2026-03-01T14:00:00Z"),
            ("2026-03-01..2026-03-01", "2026-02-28T15:00:00Z .. 2026-03-01T15:00:00Z"),
            ("2026-03-02T00:00:00Z..now", "2026-03-02T00:00:00Z .. 2026-03-02T03:00:00Z"),
            ("10:00..09:00", "the range ends before it begins"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        for text in ["", "0s", "..", "soon", "9..10", "2026-13-01..now", "-5m"] {
            assert!(shown(text).contains("no time range"), "{text}: {}", shown(text));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed_again(start in 1_700_000_000_i64..1_800_000_000, length in 1_i64..1_000_000) {
            let at = |second| Timestamp::from_second(second).unwrap();
            let range = Range::Between(Window { start: at(start), end: at(start + length) });
            let label = range.label(&seoul());
            prop_assert_eq!(Range::parse(&label, now(), &seoul()), Ok(range));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Range::parse(&text, now(), &seoul());
        }
    }
}

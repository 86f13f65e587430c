//! Instants as VictoriaLogs reads and writes them: nanoseconds since 1970, RFC 3339 with what may be left out of it,
//! Unix numbers whose unit follows from their size. Has no clock; a zone that is missing means UTC.

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::Offset};

use super::number::{SECOND, parse_digits};

/// Nanoseconds since 1970 of a calendar date and a second of the day; numbers beyond their range carry over.
pub fn civil(year: i64, month: i64, day: i64, seconds: i64) -> Option<i64> {
    let months = year.checked_mul(12)?.checked_add(month - 1)?;
    let first = jiff::civil::Date::new(
        i16::try_from(months.div_euclid(12)).ok()?,
        i8::try_from(months.rem_euclid(12) + 1).ok()?,
        1,
    )
    .ok()?;
    let days = Offset::UTC.to_timestamp(DateTime::from_parts(first, jiff::civil::Time::midnight())).ok()?.as_second()
        / 86_400
        + day
        - 1;
    days.checked_mul(86_400)?.checked_add(seconds)?.checked_mul(SECOND)
}

/// `YYYY-MM-DDThh:mm:ss[.fraction][zone]`, with a space allowed for the `T`.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() < 19 || !bytes[0].is_ascii_digit() || !text.is_char_boundary(19) {
        return None;
    }
    let separators = bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b' ')
        && bytes[13] == b':'
        && bytes[16] == b':';
    if !separators || !bytes[..19].is_ascii() {
        return None;
    }
    let part = |from: usize, to: usize| parse_digits(&text[from..to]).and_then(|value| i64::try_from(value).ok());
    let year = part(0, 4).filter(|year| (1677..=2262).contains(year))?;
    let clock = part(11, 13)? * 3600 + part(14, 16)? * 60 + part(17, 19)?;
    // The last second is not whole, and so no time for the server.
    let base = civil(year, part(5, 7)?, part(8, 10)?, clock).filter(|base| *base < 9_223_372_036 * SECOND)?;
    let (offset, fraction) = split_zone(&text[19..])?;
    base.checked_sub(offset)?.checked_add(parse_fraction(fraction)?)
}

/// The offset from UTC in nanoseconds and what stands before it.
fn split_zone(text: &str) -> Option<(i64, &str)> {
    if let Some(before) = text.strip_suffix('Z') {
        return Some((0, before));
    }
    let Some(sign) = text.rfind(['+', '-']) else { return Some((0, text)) };
    let offset = parse_clock(&text[sign + 1..])?;
    Some((if text.as_bytes()[sign] == b'-' { -offset } else { offset }, &text[..sign]))
}

/// `hh:mm` in nanoseconds.
pub fn parse_clock(text: &str) -> Option<i64> {
    if text.len() != 5 || text.as_bytes()[2] != b':' {
        return None;
    }
    let hours = parse_digits(text.get(..2)?).filter(|hours| *hours <= 24)?;
    let minutes = parse_digits(text.get(3..)?).filter(|minutes| *minutes <= 60)?;
    i64::try_from(hours * 3600 + minutes * 60).ok()?.checked_mul(SECOND)
}

fn parse_fraction(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix('.').unwrap_or(text);
    let value = i64::try_from(parse_digits(digits)?).ok()?;
    Some(value * 10_i64.pow(u32::try_from(9 - digits.len()).ok()?))
}

/// An instant in a query, relative to the moment at which it runs or absolute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    /// Nanoseconds since 1970.
    At(i64),
    /// So many nanoseconds before the query's own moment.
    Ago(i64),
}

impl Instant {
    /// The instant in nanoseconds for a query that runs at `now`.
    pub fn resolve(self, now: i64) -> i64 {
        match self {
            Self::At(nanos) => nanos,
            Self::Ago(nanos) => now.saturating_sub(nanos),
        }
    }
}

/// An instant as a query may write it: `now`, `now-5m`, `-5m`, `5m`, a year, a month, a day …, a Unix number.
pub fn parse_instant(text: &str) -> Option<Instant> {
    if text == "now" {
        return Some(Instant::Ago(0));
    }
    let (offset, mut rest) = strip_offset(text)?;
    rest = rest.strip_suffix('Z').unwrap_or(rest);
    let last_is_unit = rest.as_bytes().last().is_some_and(|byte| *byte > b'9');
    if last_is_unit || rest.starts_with('-') || rest.starts_with("now") {
        let duration = parse_signed_duration(rest.strip_prefix("now").unwrap_or(rest))?;
        return Some(Instant::Ago(duration.saturating_abs()));
    }
    if rest.len() == 4 {
        let year = parse_digits(rest).filter(|year| (1678..=2261).contains(year))?;
        return Some(Instant::At(civil(i64::try_from(year).ok()?, 1, 1, 0)?.checked_add(offset)?));
    }
    if !text.contains('-') {
        return parse_unix(text).map(Instant::At);
    }
    let padded = match rest.len() {
        7 => format!("{rest}-01T00:00:00"),
        10 => format!("{rest}T00:00:00"),
        13 => format!("{rest}:00:00"),
        16 => format!("{rest}:00"),
        19 => rest.to_owned(),
        _ => return parse_strict(text).map(Instant::At),
    };
    Some(Instant::At(parse_strict(&format!("{padded}Z"))?.checked_add(offset)?))
}

/// Cuts `+hh:mm`, `-hh:mm` or `Z` off: nanoseconds to add to reach UTC, and what stands before.
fn strip_offset(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() > 6 && text.is_char_boundary(bytes.len() - 6) {
        let (before, zone) = text.split_at(bytes.len() - 6);
        let signed = zone.is_ascii() && matches!(zone.as_bytes()[0], b'+' | b'-');
        if signed && zone.as_bytes()[3] == b':' {
            let number =
                |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
            let offset = (number(&zone[1..3])? * 3600 + number(&zone[4..])? * 60) * SECOND;
            return Some((if zone.starts_with('+') { -offset } else { offset }, before));
        }
        return Some((0, text.strip_suffix('Z').unwrap_or(text)));
    }
    Some((0, text))
}

/// RFC 3339 with every number in its range.
fn parse_strict(text: &str) -> Option<i64> {
    let has = |index: usize, wanted: u8| text.as_bytes().get(index) == Some(&wanted);
    if !has(10, b'T') || !has(13, b':') || !has(16, b':') || has(19, b',') {
        return None;
    }
    let zone = text.as_bytes().get(text.len().checked_sub(6)?..)?;
    let zoned = text.ends_with('Z') || matches!(zone, [b'+' | b'-', _, _, b':', _, _]);
    let timestamp: Timestamp = text.parse().ok().filter(|_| zoned)?;
    let second = text.get(17..19)?;
    if second == "60" { None } else { i64::try_from(timestamp.as_nanosecond()).ok() }
}

/// A duration as Prometheus writes it, with a sign: `-1h30m`, `1.5s`.
fn parse_signed_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let value: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        // A number without a unit at the end is seconds.
        let (name, unit) =
            if rest.is_empty() { ("", 1e9) } else { *UNITS.iter().find(|(name, _)| rest.starts_with(name))? };
        sum += value * unit;
        rest = &rest[name.len()..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
    let nanos = sum as i64;
    Some(if negative { -nanos } else { nanos })
}

const UNITS: &[(&str, f64)] =
    &[("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9), ("w", 604_800e9), ("y", 31_536_000e9)];

/// A Unix number whose unit follows from its size: seconds, milliseconds, microseconds or nanoseconds.
pub fn parse_unix(text: &str) -> Option<i64> {
    let integer = |text: &str| text.parse::<i64>().ok();
    let shift = |value: i64, places: usize| {
        10_i64.checked_pow(u32::try_from(places).ok()?).filter(|_| places <= 18).and_then(|p| value.checked_mul(p))
    };
    let fractional = |text: &str| -> Option<(i64, usize)> {
        let Some((whole, fraction)) = text.split_once('.') else { return Some((integer(text)?, 0)) };
        let whole = shift(integer(whole)?, fraction.len())?;
        let part = integer(fraction)?;
        let sum = if whole >= 0 { whole.checked_add(part)? } else { whole.checked_sub(part)? };
        Some((sum, fraction.len()))
    };
    if let Some(index) = text.find(['e', 'E']) {
        let exponent = usize::try_from(integer(&text[index + 1..])?).ok()?;
        let (value, places) = fractional(&text[..index])?;
        return shift(value, exponent.checked_sub(places)?).map(unix_nanos);
    }
    let (mut value, places) = fractional(text)?;
    for _ in 0..(3 - places % 3) % 3 {
        value = value.checked_mul(10)?;
    }
    Some(unix_nanos(value))
}

fn unix_nanos(value: i64) -> i64 {
    const LIMIT: i64 = 1 << 31;
    let within = |scale: i64| value < LIMIT * scale && value >= -LIMIT * scale;
    if within(1) {
        value * SECOND
    } else if within(1000) {
        value * 1_000_000
    } else if within(1_000_000) {
        value * 1000
    } else {
        value
    }
}

/// The last nanosecond of the precision in which an instant was written: the end of the year for `2024`, of the
/// minute for `2024-01-02T03:04`, the nanosecond itself for anything finer than a millisecond.
pub fn end_of_precision(start: i64, written: &str) -> i64 {
    let text = strip_zone_suffix(written);
    let dashed = text.as_bytes().get(4) == Some(&b'-');
    let length = match text.len() {
        4 => return shift_months(start, 12).saturating_sub(1),
        7 if dashed => return shift_months(start, 1).saturating_sub(1),
        10 if dashed => 86_400 * SECOND,
        13 if dashed => 3600 * SECOND,
        16 if dashed => 60 * SECOND,
        19 if dashed => SECOND,
        23 if dashed => 1_000_000,
        _ => 1,
    };
    start.saturating_add(length - 1)
}

fn strip_zone_suffix(text: &str) -> &str {
    if let Some(before) = text.strip_suffix('Z') {
        return before;
    }
    let bytes = text.as_bytes();
    let zoned = bytes.len() >= 6 && matches!(bytes[bytes.len() - 6], b'+' | b'-') && bytes[bytes.len() - 3] == b':';
    if zoned { text.get(..bytes.len() - 6).unwrap_or(text) } else { text }
}

/// The instant so many months later. A start that an offset moved off the first of a month counts from the end of
/// the month that it lies in, as the server does.
fn shift_months(start: i64, months: i64) -> i64 {
    let date = date_of(start);
    let of_day = start.rem_euclid(86_400 * SECOND);
    let (year, mut month, mut day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    if months == 12 {
        return civil(year + 1, month, day, 0).map_or(i64::MAX, |nanos| nanos.saturating_add(of_day));
    }
    if day != 1 {
        day = 0;
        month += 1;
    }
    civil(year, month + 1, day, 0).map_or(i64::MAX, |nanos| nanos.saturating_add(of_day))
}

fn timestamp(nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The calendar date in UTC.
pub fn date_of(nanos: i64) -> jiff::civil::Date {
    Offset::UTC.to_datetime(timestamp(nanos)).date()
}

/// RFC 3339 in UTC with as many fraction digits as are needed.
pub fn rfc3339_text(nanos: i64) -> String {
    timestamp(nanos).to_string()
}

/// The same with exactly three fraction digits.
pub fn iso8601_text(nanos: i64) -> String {
    format!("{:.3}", timestamp(nanos))
}

/// Start of the bucket that an instant falls into. Weeks begin on Monday; `month` and `year` follow the calendar.
pub fn bucket_start(nanos: i64, size: i64, offset: i64, unit: &str) -> i64 {
    let offset = if unit == "week" { offset.saturating_add(4 * super::number::DAY) } else { offset };
    // What overflows wraps around, as on the server.
    let shifted = nanos.wrapping_sub(offset);
    let start = match unit {
        "month" | "year" => {
            let date = date_of(shifted);
            let month = if unit == "month" { i64::from(date.month()) } else { 1 };
            civil(i64::from(date.year()), month, 1, 0).unwrap_or(shifted)
        }
        _ => shifted.wrapping_sub(shifted.rem_euclid(size.max(1))),
    };
    start.wrapping_add(offset)
}

/// Nanoseconds of a timestamp; the end of the range where it lies outside.
pub fn nanos_of(instant: Timestamp) -> i64 {
    let nanos = instant.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YEAR: i64 = 1_704_067_200 * SECOND;

    #[test]
    fn rfc_3339_with_its_liberties() {
        for text in ["2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "2024-01-01T02:00:00+02:00"] {
            assert_eq!(parse_rfc3339(text), Some(NEW_YEAR), "{text}");
        }
        assert_eq!(parse_rfc3339("2024-01-01T00:00:00.5Z"), Some(NEW_YEAR + SECOND / 2));
        assert_eq!(parse_rfc3339("2024-01-01"), None);
        assert_eq!(parse_rfc3339("2024-01-01T00:00:00é"), None);
    }

    #[test]
    fn instants_in_queries() {
        for (text, nanos) in [
            ("2024", NEW_YEAR),
            ("2024-01", NEW_YEAR),
            ("2024-01-01Z", NEW_YEAR),
            ("2024-01-01T00+01:00", NEW_YEAR - 3600 * SECOND),
            ("1704067200", NEW_YEAR),
            ("1704067200000", NEW_YEAR),
            ("1704067200.5", NEW_YEAR + SECOND / 2),
        ] {
            assert_eq!(parse_instant(text), Some(Instant::At(nanos)), "{text}");
        }
        assert_eq!(parse_instant("now-5m"), Some(Instant::Ago(300 * SECOND)));
        assert_eq!(parse_instant("2024-13"), None);
    }

    #[test]
    fn a_written_instant_spans_its_precision() {
        let end = |text: &str| match parse_instant(text) {
            Some(Instant::At(start)) => rfc3339_text(end_of_precision(start, text)),
            other => format!("{other:?}"),
        };
        assert_eq!(end("2024"), "2024-12-31T23:59:59.999999999Z");
        assert_eq!(end("2024-02"), "2024-02-29T23:59:59.999999999Z");
        assert_eq!(end("2024-02-03T04"), "2024-02-03T04:59:59.999999999Z");
        assert_eq!(end("2024-02-03T04:05:06.007Z"), "2024-02-03T04:05:06.007999999Z");
    }

    #[test]
    fn weeks_start_on_monday() {
        let sunday = parse_rfc3339("2024-01-07T12:00:00Z").unwrap();
        assert_eq!(
            rfc3339_text(bucket_start(sunday, 7 * super::super::number::DAY, 0, "week")),
            "2024-01-01T00:00:00Z"
        );
        assert_eq!(rfc3339_text(bucket_start(sunday, 0, 0, "month")), "2024-01-01T00:00:00Z");
        assert_eq!(bucket_start(-1, SECOND, 0, "1s"), -SECOND);
    }
}

//! The timestamps that logs carry, as nanoseconds since 1970. A timestamp without a zone is read in the one given;
//! one without a year (RFC 3164) gets the year that brings it closest before a reference, the file's last change.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// What incomplete timestamps are completed with.
#[derive(Debug, Clone)]
pub struct Context {
    /// The zone of timestamps that name none.
    pub zone: TimeZone,
    /// No line is (much) younger than this: the file's last change.
    pub reference: Timestamp,
}

/// A line may be stamped this much later than the reference and still belong to its year: clocks differ.
const SLACK_SECONDS: i64 = 86_400;

impl Context {
    /// The instant of a local time in the context's zone; the earlier one where it is ambiguous.
    fn local(&self, local: DateTime) -> Option<i64> {
        nanoseconds(self.zone.to_ambiguous_timestamp(local).compatible().ok()?)
    }
}

/// Any timestamp that stands alone in a field: RFC 3339 and its relatives, a Unix number, an access log's own.
pub fn read(text: &[u8], context: &Context) -> Option<i64> {
    match text {
        [b'0'..=b'9', b'0'..=b'9', b'/', ..] => access(text),
        [_, _, _, _, b'-' | b'/', ..] => iso(text, context).filter(|(_, length)| *length == text.len()).map(|(t, _)| t),
        [b'0'..=b'9' | b'-', ..] => unix(text),
        [b'A'..=b'Z', ..] => bsd(text, context).filter(|(_, length)| *length == text.len()).map(|(t, _)| t),
        _ => None,
    }
}

/// `21/Nov/2026:09:37:55 +0900`, perhaps with a fraction of the second.
pub fn access(text: &[u8]) -> Option<i64> {
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':', rest @ ..] = text else { return None };
    let date =
        Date::new(i16::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?, month([*m1, *m2, *m3])?, small(&[*d1, *d2])?)
            .ok()?;
    let (time, length) = clock(rest)?;
    let offset = match &rest[length..] {
        [b' ', zone @ ..] => offset(zone).filter(|(_, length)| *length == zone.len())?.0,
        _ => return None,
    };
    nanoseconds(offset.to_timestamp(date.to_datetime(time)).ok()?)
}

/// RFC 3339 and what programs make of it: `T` or a space, `-` or `/` in the date, `.` or `,` before the fraction,
/// `Z`, `+09:00`, `+0900` or no zone. Gives the length too, for timestamps at the start of a line.
pub fn iso(text: &[u8], context: &Context) -> Option<(i64, usize)> {
    let [y1, y2, y3, y4, dash, m1, m2, second_dash, d1, d2, between, rest @ ..] = text else { return None };
    if !matches!(dash, b'-' | b'/') || dash != second_dash || !matches!(between, b'T' | b't' | b' ') {
        return None;
    }
    let year = i16::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?;
    let date = Date::new(year, small(&[*m1, *m2])?, small(&[*d1, *d2])?).ok()?;
    let (time, length) = clock(rest)?;
    let local = date.to_datetime(time);
    let zone = &rest[length..];
    // A zone may stand apart (Go and Ruby print `… 09:37:55 +0000`).
    let apart = usize::from(matches!(zone, [b' ', b'+' | b'-', b'0'..=b'9', ..]));
    let (instant, zone_length) = match zone {
        [b'Z' | b'z', ..] => (nanoseconds(Offset::UTC.to_timestamp(local).ok()?)?, 1),
        _ => match offset(&zone[apart..]) {
            Some((offset, length)) => (nanoseconds(offset.to_timestamp(local).ok()?)?, apart + length),
            None => (context.local(local)?, 0),
        },
    };
    Some((instant, 11 + length + zone_length))
}

/// `Nov 21 09:37:55` or `Nov  1 09:37:55`, perhaps with a fraction, as RFC 3164 has it; with its length.
pub fn bsd(text: &[u8], context: &Context) -> Option<(i64, usize)> {
    let [m1, m2, m3, b' ', d1, d2, b' ', rest @ ..] = text else { return None };
    let month = month([*m1, *m2, *m3])?;
    let day = if *d1 == b' ' { small(&[*d2])? } else { small(&[*d1, *d2])? };
    let (time, length) = clock(rest)?;
    let latest = context.reference.as_second().saturating_add(SLACK_SECONDS);
    let newest = context.zone.to_datetime(Timestamp::from_second(latest).unwrap_or(context.reference)).year();
    // The eight years find a 29 February even around 1900 and 2100.
    let instant = (0..=8).find_map(|back| {
        let date = Date::new(newest.checked_sub(back)?, month, day).ok()?;
        let instant = context.local(date.to_datetime(time))?;
        (instant / 1_000_000_000 <= latest).then_some(instant)
    })?;
    Some((instant, 7 + length))
}

/// A Unix timestamp: seconds, milliseconds, microseconds or nanoseconds by size, with or without a fraction.
pub fn unix(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let dot = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, fraction) = (number(&digits[..dot])?, digits.get(dot + 1..).unwrap_or(&[]));
    // VictoriaLogs' limits between the units.
    let unit: i64 = match whole {
        0..0x8000_0000 => 1_000_000_000,
        0x8000_0000..2_147_483_648_000 => 1_000_000,
        2_147_483_648_000..2_147_483_648_000_000 => 1_000,
        _ => 1,
    };
    let mut nanoseconds = whole.checked_mul(unit)?;
    let mut place = unit / 10;
    for digit in fraction {
        nanoseconds = nanoseconds.checked_add(i64::from(decimal(*digit)?) * place)?;
        place /= 10;
    }
    Some(if negative { -nanoseconds } else { nanoseconds })
}

/// `09:37:55.123456789` and its length. A leap second counts as the one before it.
fn clock(text: &[u8]) -> Option<(Time, usize)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else { return None };
    let (mut nanosecond, mut place, mut length) = (0, 100_000_000, 8);
    if let [b'.' | b',', b'0'..=b'9', ..] = rest {
        length += 1;
        for digit in rest[1..].iter().map_while(|byte| decimal(*byte)) {
            nanosecond += i32::from(digit) * place;
            place /= 10;
            length += 1;
        }
    }
    let second = small(&[*s1, *s2])?.min(60);
    let time = Time::new(small(&[*h1, *h2])?, small(&[*m1, *m2])?, second.min(59), nanosecond).ok()?;
    Some((time, length))
}

/// `+0900` or `+09:00` and its length.
fn offset(text: &[u8]) -> Option<(Offset, usize)> {
    let (sign, h1, h2, m1, m2, length) = match text {
        [sign, h1, h2, b':', m1, m2, ..] => (sign, h1, h2, m1, m2, 6),
        [sign, h1, h2, m1, m2, ..] => (sign, h1, h2, m1, m2, 5),
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let seconds = number(&[*h1, *h2])? * 3600 + number(&[*m1, *m2])? * 60;
    Some((Offset::from_seconds(sign * i32::try_from(seconds).ok()?).ok()?, length))
}

/// The month of an English abbreviation.
const fn month(name: [u8; 3]) -> Option<i8> {
    Some(match &name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// A number of decimal digits alone; none is no number.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(decimal(*digit)?)))
}

fn small(digits: &[u8]) -> Option<i8> {
    i8::try_from(number(digits)?).ok()
}

const fn decimal(digit: u8) -> Option<u8> {
    if digit.is_ascii_digit() { Some(digit - b'0') } else { None }
}

/// Nanoseconds since 1970; `None` outside of the years 1677 to 2262.
pub fn nanoseconds(instant: Timestamp) -> Option<i64> {
    i64::try_from(instant.as_nanosecond()).ok()
}

/// The instant as VictoriaLogs prints it: UTC, RFC 3339, as many digits of the second as it has.
pub fn print(nanoseconds: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).map(|instant| instant.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn context() -> Context {
        Context { zone: TimeZone::fixed(jiff::tz::offset(9)), reference: "2026-03-01T12:00:00Z".parse().unwrap() }
    }

    fn shown(text: &str) -> Option<String> {
        read(text.as_bytes(), &context()).map(print)
    }

    #[test]
    fn timestamps_of_all_sorts() {
        for (text, expected) in [
            ("21/Nov/2026:09:37:55 +0900", "2026-11-21T00:37:55Z"),
            ("21/Nov/2026:09:37:55.250 -0130", "2026-11-21T11:07:55.25Z"),
            ("2026-11-21T09:37:55Z", "2026-11-21T09:37:55Z"),
            ("2026-11-21T09:37:55.123456789+09:00", "2026-11-21T00:37:55.123456789Z"),
            ("2026-11-21 09:37:55,5 +0900", "2026-11-21T00:37:55.5Z"),
            ("2026/11/21 09:37:55", "2026-11-21T00:37:55Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("1763717875", "2025-11-21T09:37:55Z"),
            ("1763717875.123", "2025-11-21T09:37:55.123Z"),
            ("1763717875123", "2025-11-21T09:37:55.123Z"),
            ("1763717875123456", "2025-11-21T09:37:55.123456Z"),
            ("1763717875123456789", "2025-11-21T09:37:55.123456789Z"),
            ("Mar  1 20:59:59", "2026-03-01T11:59:59Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "x",
            "31/Feb/2026:09:37:55 +0000",
            "21/Nov/2026:09:37:55",
            "2026-11-21",
            "2026-13-21T00:00:00Z",
            "2026-11-21T09:37:55Zjunk",
            "21/Nov/2026:24:00:00 +0000",
            "99999999999999999999",
            "1.2.3",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn the_year_that_is_missing_is_the_last_one_that_fits() {
        let at = |text: &str| bsd(text.as_bytes(), &context()).map(|(time, _)| print(time));
        // A little ahead of the file's last change is a clock that runs fast; more is last year.
        assert_eq!(at("Mar  2 09:00:00").as_deref(), Some("2026-03-02T00:00:00Z"));
        assert_eq!(at("Mar  3 09:00:00").as_deref(), Some("2025-03-03T00:00:00Z"));
        assert_eq!(at("Dec 31 23:59:59").as_deref(), Some("2025-12-31T14:59:59Z"));
        assert_eq!(at("Feb 29 00:00:00").as_deref(), Some("2024-02-28T15:00:00Z"));
        assert_eq!(at("Feb 30 00:00:00"), None);
        // Just after new year in the zone, the reference still in the old year in UTC.
        let eve = Context { reference: "2025-12-31T15:00:01Z".parse().unwrap(), ..context() };
        assert_eq!(bsd(b"Jan  1 00:00:00", &eve).map(|(time, _)| print(time)).as_deref(), Some("2025-12-31T15:00:00Z"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let context = context();
            let _ = (read(&text, &context), iso(&text, &context), bsd(&text, &context), access(&text));
        }

        #[test]
        fn what_is_printed_is_read_back(nanoseconds in any::<i64>()) {
            let text = print(nanoseconds);
            let read = iso(text.as_bytes(), &context());
            prop_assert_eq!(read, Some((nanoseconds, text.len())));
        }
    }
}

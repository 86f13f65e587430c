//! Numbers and spans of time as people read them, the same on the screen, in tables and in reports.

use std::time::Duration;

use super::Lang;

/// A count with its thousands apart: `1,234,567`.
///
/// ```
/// assert_eq!(gatewatch::text::number::count(1234567), "1,234,567");
/// ```
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count that fits into `cells` (at least 4): grouped where there is room, else rounded down as `12.3k`, `4M`. A
/// number is never cut, because a cut number is another number.
///
/// ```
/// use gatewatch::text::number::count_within;
/// assert_eq!(count_within(12_345, 6), "12,345");
/// assert_eq!(count_within(1_234_567, 6), "1.2M");
/// ```
pub fn count_within(value: u64, cells: usize) -> String {
    let whole = count(value);
    if whole.len() <= cells {
        return whole;
    }
    let (mut unit, mut scale) = ("k", 1_000);
    for (larger, by) in [("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("P", 1_000_000_000_000_000)]
    {
        if value >= by {
            (unit, scale) = (larger, by);
        }
    }
    let exact = format!("{}.{}{unit}", value / scale, value % scale * 10 / scale);
    if exact.len() <= cells { exact } else { format!("{}{unit}", value / scale) }
}

/// Bytes in units of 1024 with at most one decimal: `812 B`, `4.2 KiB`, `13 MiB`.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if value < 1024 {
        return format!("{value} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let mut scaled = value as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    if scaled < 9.95 { format!("{scaled:.1} {}", UNITS[unit]) } else { format!("{scaled:.0} {}", UNITS[unit]) }
}

/// A share as whole percent: `0.934` is `93%`. Only a true zero is `0%` and only a true one is `100%`.
pub fn percent(share: f64) -> String {
    let share = if share.is_finite() { share } else { 0.0 };
    let rounded = (share * 100.0).round();
    if share > 0.0 && rounded < 1.0 {
        "<1%".to_owned()
    } else if share < 1.0 && rounded >= 100.0 {
        ">99%".to_owned()
    } else {
        format!("{rounded:.0}%")
    }
}

/// A factor: `3.2×`, from ten on `12×`, from a thousand on `>999×`.
pub fn factor(value: f64) -> String {
    if value >= 999.5 {
        ">999×".to_owned()
    } else if value >= 9.95 {
        format!("{value:.0}×")
    } else {
        format!("{value:.1}×")
    }
}

/// A factor as part of a sentence: `3.2×`, in Korean `3.2배`.
pub fn times(value: f64, lang: Lang) -> String {
    match lang {
        Lang::En => factor(value),
        Lang::Ko if value >= 999.5 => "999배 이상".to_owned(),
        Lang::Ko => factor(value).replace('×', "배"),
    }
}

/// The time left or past as a clock that does not change its width every second: `3:59:04`, `12:07`, `0:09`, and
/// from two days on `6d 23h`.
pub fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600, seconds / 60 % 60);
    if days >= 2 {
        format!("{days}d {:02}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}:{minutes:02}:{:02}", seconds % 60)
    } else {
        format!("{minutes}:{:02}", seconds % 60)
    }
}

/// How long ago, in one unit: `now`, `12s`, `5m`, `3h`, `2d`.
pub fn ago(span: Duration, lang: Lang) -> String {
    if span.as_secs() <= 1 { say::now(lang).to_owned() } else { age(span, lang) }
}

/// A length of time in one unit, as part of a sentence: `0s`, `12s`, `5m`, `3h`, `2d`.
pub fn age(span: Duration, lang: Lang) -> String {
    let seconds = span.as_secs();
    let (value, en, ko) = match seconds {
        0..=99 => (seconds, "s", "초"),
        100..=5_999 => (seconds / 60, "m", "분"),
        6_000..=172_799 => (seconds / 3600, "h", "시간"),
        _ => (seconds / 86_400, "d", "일"),
    };
    match lang {
        Lang::En => format!("{value}{en}"),
        Lang::Ko => format!("{value}{ko}"),
    }
}

/// The words.
mod say {
    crate::text::words! {
        now { en: "now", ko: "방금" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (value, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(value), shown);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn a_factor_is_said_in_the_language() {
        assert_eq!([3.21, 12.0, 5000.0].map(|value| times(value, Lang::En)), ["3.2×", "12×", ">999×"]);
        assert_eq!([3.21, 12.0, 5000.0].map(|value| times(value, Lang::Ko)), ["3.2배", "12배", "999배 이상"]);
    }

    #[test]
    fn a_count_fits_its_cells_and_is_never_cut() {
        for (value, cells, shown) in
            [(999, 4, "999"), (1000, 4, "1.0k"), (99_999, 4, "99k"), (99_999, 5, "99.9k"), (u64::MAX, 6, "18446P")]
        {
            assert_eq!(count_within(value, cells), shown);
        }
    }

    #[test]
    fn bytes_never_need_more_than_three_digits() {
        for (value, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (10 * 1024, "10 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes(value), shown);
        }
    }

    #[test]
    fn percent_keeps_the_ends_for_themselves() {
        for (share, shown) in
            [(0.0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, ">99%"), (1.0, "100%"), (f64::NAN, "0%")]
        {
            assert_eq!(percent(share), shown);
        }
    }

    #[test]
    fn clocks_and_ages_stay_short() {
        for (seconds, shown) in
            [(0, "0:00"), (9, "0:09"), (727, "12:07"), (14_344, "3:59:04"), (172_800, "2d 00h"), (86_399, "23:59:59")]
        {
            assert_eq!(clock(Duration::from_secs(seconds)), shown);
        }
        for (seconds, en, ko) in [(0, "now", "방금"), (45, "45s", "45초"), (300, "5m", "5분"), (7200, "2h", "2시간")]
        {
            assert_eq!(
                (ago(Duration::from_secs(seconds), Lang::En), ago(Duration::from_secs(seconds), Lang::Ko)),
                (en.into(), ko.into())
            );
        }
    }
}

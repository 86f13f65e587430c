//! The time range of a run: `--since`, `--start`, `--end`, `--window`. A server is asked about the last minutes; of
//! files, where no range is given, the whole is taken.

use std::time::Duration;

use clap::ArgMatches;
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::Run;
use super::failure::Failure;
use crate::config::{Origin, duration};
use crate::logs::{Query, SourceError, Window};
use crate::text::{Lang, escape};

/// All of time: what "the whole file" is asked as.
pub const WHOLE: Window = Window { start: Timestamp::MIN, end: Timestamp::MAX };

/// The range that the flags ask for; `None` where they ask for none.
pub fn explicit(run: &Run, matches: &ArgMatches, now: Timestamp) -> Result<Option<Window>, Failure> {
    let length_is_given = matches!(run.loaded.origin("window"), Origin::Flag(_));
    between(run, matches, length_is_given, now)
}

/// The range of a replay, which goes through it in windows: `--window` is their length, not the range's.
pub fn of_replay(run: &Run, matches: &ArgMatches, is_files: bool, now: Timestamp) -> Result<Window, Failure> {
    const HOUR: Duration = Duration::from_secs(3_600);
    let given = between(run, matches, false, now)?;
    Ok(given.unwrap_or_else(|| if is_files { WHOLE } else { Window::ending(now, HOUR) }))
}

fn between(run: &Run, matches: &ArgMatches, length_is_given: bool, now: Timestamp) -> Result<Option<Window>, Failure> {
    let time = |flag: &str| -> Result<Option<Timestamp>, Failure> {
        let Ok(Some(text)) = matches.try_get_one::<String>(flag) else { return Ok(None) };
        let parsed = parse_time(text, now, &TimeZone::system());
        parsed.map(Some).ok_or_else(|| Failure::usage(say::no_time(run.lang, flag, &escape::visible(text))))
    };
    let start = time("since")?.or(time("start")?);
    let end = time("end")?;
    let length = run.loaded.settings.general.window;
    let window = match (start, end) {
        (None, None) if !length_is_given => return Ok(None),
        (None, end) => Window::ending(end.unwrap_or(now), length),
        (Some(start), None) if length_is_given => {
            let end = start.checked_add(jiff::SignedDuration::try_from(length).unwrap_or(jiff::SignedDuration::MAX));
            Window { start, end: end.unwrap_or(Timestamp::MAX) }
        }
        (Some(start), end) => Window { start, end: end.unwrap_or(now) },
    };
    if window.start >= window.end {
        return Err(Failure::usage(say::empty(run.lang, &window.start.to_string(), &window.end.to_string())));
    }
    Ok(Some(window))
}

/// A range that may move with the clock: what the console and the unattended run look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// How long it is.
    pub length: Duration,
    /// Where it ends; `None` for now, whenever that is.
    pub end: Option<Timestamp>,
}

impl Range {
    /// A window as a range: one that ends now goes on moving.
    pub fn of(window: &Window, now: Timestamp) -> Self {
        Self { length: window.length(), end: (window.end != now).then_some(window.end) }
    }
}

/// The range of a run over `source`: what the flags ask for, else all of a file, else the last minutes of a server.
/// Says on standard error when a whole file was taken.
pub fn of_run(run: &Run, matches: &ArgMatches, is_files: bool, now: Timestamp) -> Result<Window, Failure> {
    if let Some(window) = explicit(run, matches, now)? {
        return Ok(window);
    }
    Ok(if is_files { WHOLE } else { Window::ending(now, run.loaded.settings.general.window) })
}

/// The range that a source's rows really span; `None` where no row has a time.
pub async fn span(source: &dyn crate::logs::LogSource) -> Result<Option<Window>, SourceError> {
    let query = Query::new("* | stats min(_time) as first, max(_time) as last", WHOLE);
    let answer = crate::logs::collect(source.query(query).await?, 1).await;
    if let Some(error) = answer.cut {
        return Err(error);
    }
    let time = |name: &str| answer.rows.first().and_then(|row| row.get(name).parse::<Timestamp>().ok());
    let (Some(start), Some(last)) = (time("first"), time("last")) else { return Ok(None) };
    // A window does not include its end.
    let end = Timestamp::from_nanosecond(last.as_nanosecond() + 1).unwrap_or(Timestamp::MAX);
    Ok(Some(Window { start, end }))
}

/// Reads a point in time: `now`, a duration ago (`2h`), RFC 3339, a local date or date and time, a local time of day
/// (the last such), Unix seconds.
pub fn parse_time(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if let Some(ago) = duration::parse(text.strip_prefix('-').unwrap_or(text)) {
        return now.checked_sub(jiff::SignedDuration::try_from(ago).ok()?).ok();
    }
    if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: i64 = text.parse().ok()?;
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local = |moment: civil::DateTime| moment.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    if let Ok(time) = text.parse::<civil::Time>() {
        let today = local(zone.to_datetime(now).date().to_datetime(time))?;
        let day = jiff::SignedDuration::from_hours(24);
        return if today <= now { Some(today) } else { today.checked_sub(day).ok() };
    }
    text.parse::<civil::DateTime>().ok().and_then(local)
}

/// An instant for people: in the local zone, to the second.
pub fn at(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A window for people: both ends in the local zone, to the second.
pub fn show(window: &Window, lang: Lang) -> String {
    if *window == WHOLE {
        return say::whole(lang).to_owned();
    }
    let zone = TimeZone::system();
    let offset = window.end.to_zoned(zone).strftime("%:z").to_string();
    format!("{} – {} ({offset})", at(window.start), at(window.end))
}

/// The sentences.
mod say {
    crate::text::words! {
        whole { en: "everything", ko: "전체" }
    }
    crate::text::sentences! {
        no_time(flag: &str, text: &str) {
            en: "--{flag} {text}: this is no point in time; write 2h (ago), 2026-01-31T09:00:00Z, '2026-01-31 09:00', 09:00 or Unix seconds",
            ko: "--{flag} {text}: 시각이 아닙니다. 2h(전), 2026-01-31T09:00:00Z, '2026-01-31 09:00', 09:00 또는 유닉스 초로 쓰세요",
        }
        empty(start: &str, end: &str) {
            en: "the time range is empty: it starts at {start} and ends at {end}",
            ko: "시간 범위가 비어 있습니다. 시작 {start}, 끝 {end}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_as_people_write_them() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let seoul = TimeZone::fixed(jiff::tz::offset(9));
        for (text, expected) in [
            ("now", "2026-03-01T12:00:00Z"),
            ("2h", "2026-03-01T10:00:00Z"),
            ("-90s", "2026-03-01T11:58:30Z"),
            ("2026-02-28T23:00:00+09:00", "2026-02-28T14:00:00Z"),
            ("2026-02-28 23:00", "2026-02-28T14:00:00Z"),
            ("2026-02-28", "2026-02-27T15:00:00Z"),
            ("20:30", "2026-03-01T11:30:00Z"),
            ("22:30", "2026-02-28T13:30:00Z"),
            ("1772366400", "2026-03-01T12:00:00Z"),
        ] {
            assert_eq!(parse_time(text, now, &seoul), expected.parse().ok(), "{text}");
        }
        for text in ["", "yesterday", "5", "2026-13-01", "99999999999999999999"] {
            assert_eq!(parse_time(text, now, &seoul), None, "{text}");
        }
    }
}

//! `_time:week_range[Mon, Fri]`: some days of each week.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort};
use super::super::time::{date_of, parse_rfc3339};
use super::{Filter, Leaf, Test, day_range};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "week_range",
    aliases: &[],
    syntax: "_time:week_range[Mon, Fri] offset 9h",
    en: "Rows logged on these days of any week, from Sunday to Saturday, in UTC or as `offset` says.",
    ko: "매주 이 요일들(일요일부터 토요일)에 기록된 행. UTC 또는 `offset` 기준입니다.",
    example: "_time:week_range[Mon, Fri]",
};

/// The filter; Sunday is 0.
#[derive(Debug, Clone)]
pub struct WeekRange {
    first: i64,
    last: i64,
    offset: i64,
    written: String,
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let ((first, last, offset), written) = day_range::bracketed(cursor, |cursor| {
        let text = cursor.compound()?;
        let day = match text.to_lowercase().as_str() {
            "mon" | "monday" => 1,
            "tue" | "tuesday" => 2,
            "wed" | "wednesday" => 3,
            "thu" | "thursday" => 4,
            "fri" | "friday" => 5,
            "sat" | "saturday" => 6,
            // The server takes every other word for Sunday.
            _ => 0,
        };
        Ok((day, text))
    })?;
    Ok(Filter::WeekRange(WeekRange { first, last, offset: offset.saturating_sub(cursor.time_shift), written }))
}

impl Leaf for WeekRange {
    fn print(&self, out: &mut String) {
        out.push_str("_time:week_range");
        out.push_str(&self.written);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add("_time");
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let Self { first, last, offset, .. } = *self;
        if first > last || last < 0 || first > 6 {
            return Ok(Test::Always(false));
        }
        if first <= 0 && last >= 6 {
            return Ok(Test::Always(true));
        }
        Ok(Test::value("_time", move |value| {
            parse_rfc3339(value).is_some_and(|nanos| {
                let day = date_of(nanos.saturating_sub(offset)).weekday().to_sunday_zero_offset();
                (first..=last).contains(&i64::from(day))
            })
        }))
    }
}

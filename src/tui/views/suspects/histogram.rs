//! The histogram of the window: requests by status class in buckets of a round length.

use std::time::Duration;

use jiff::Timestamp;

use crate::logs::{HitSeries, SourceError, Window};
use crate::text::{Lang, Say as _};
use crate::tui::theme::Role;
use crate::tui::widgets::strips::Strip;

/// Lengths that a bucket may have, in seconds.
const STEPS: &[u64] = &[
    1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800, 3600, 7200, 10_800,
    14_400, 21_600, 43_200, 86_400, 604_800,
];

/// The status classes, as the engine names them.
const CLASSES: [(&str, Role); 4] =
    [("2xx", Role::Class2xx), ("3xx", Role::Class3xx), ("4xx", Role::Class4xx), ("5xx", Role::Class5xx)];

/// The shortest round step with which a window has at most `columns` buckets.
pub fn step(window: Duration, columns: u16) -> Duration {
    let columns = u64::from(columns.max(1));
    // One more bucket than the window holds: its ends rarely fall on a bucket's.
    let fits = |seconds: &&u64| window.as_secs() / **seconds < columns;
    let seconds = STEPS.iter().find(fits).copied().unwrap_or_else(|| window.as_secs().div_ceil(columns).max(1));
    Duration::from_secs(seconds)
}

/// The histogram as last read.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// The strips, one for each class.
    pub strips: Vec<Strip>,
    /// The start of the first bucket.
    pub start: Option<Timestamp>,
    /// The length of a bucket.
    pub step: Option<Duration>,
    /// Why it could not be read.
    pub failed: Option<String>,
}

impl Histogram {
    /// Takes what came; what was there before stays where it failed.
    pub fn take(&mut self, window: Window, step: Duration, series: Result<Vec<HitSeries>, SourceError>, lang: Lang) {
        let series = match series {
            Ok(series) => series,
            Err(error) => {
                self.failed = Some(error.say(lang));
                return;
            }
        };
        let seconds = i64::try_from(step.as_secs()).unwrap_or(i64::MAX).max(1);
        let first = window.start.as_second().div_euclid(seconds);
        let buckets = (window.end.as_second() - 1).div_euclid(seconds) - first + 1;
        let buckets = usize::try_from(buckets).unwrap_or(0).min(10_000);
        self.strips = CLASSES
            .iter()
            .map(|(class, role)| Strip { label: (*class).to_owned(), role: *role, values: vec![0; buckets] })
            .collect();
        for one in &series {
            let class = one.fields.first().map_or("", |(_, value)| value.as_str());
            let Some(strip) = self.strips.iter_mut().find(|strip| strip.label == class) else { continue };
            for (at, value) in one.timestamps.iter().zip(&one.values) {
                let bucket = usize::try_from(at.as_second().div_euclid(seconds) - first).ok();
                if let Some(slot) = bucket.and_then(|bucket| strip.values.get_mut(bucket)) {
                    *slot += value;
                }
            }
        }
        self.start = first.checked_mul(seconds).and_then(|second| Timestamp::from_second(second).ok());
        self.step = Some(step);
        self.failed = None;
    }

    /// The start of a bucket.
    pub fn bucket_start(&self, bucket: usize) -> Option<Timestamp> {
        let seconds = i64::try_from(self.step?.as_secs()).ok()?.checked_mul(i64::try_from(bucket).ok()?)?;
        Timestamp::from_second(self.start?.as_second().checked_add(seconds)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_fill_the_width() {
        for (window, columns, seconds) in
            [(300, 80, 4), (300, 30, 12), (60, 80, 1), (86_400, 100, 900), (604_800, 1, 604_800)]
        {
            let found = step(Duration::from_secs(window), columns);
            assert!(window / found.as_secs() <= u64::from(columns), "{window} {columns}");
            if columns > 1 {
                assert_eq!(found, Duration::from_secs(seconds), "{window} {columns}");
            }
        }
    }

    #[test]
    fn counts_fall_into_their_buckets_and_strangers_nowhere() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut histogram = Histogram::default();
        let window = Window { start: at(1002), end: at(1012) };
        let series = |class: &str, points: &[(i64, u64)]| HitSeries {
            fields: vec![("status".to_owned(), class.to_owned())],
            timestamps: points.iter().map(|(second, _)| at(*second)).collect(),
            values: points.iter().map(|(_, value)| *value).collect(),
        };
        let given = vec![series("4xx", &[(1000, 3), (1005, 2), (1010, 1), (9999, 7)]), series("", &[(1005, 5)])];
        histogram.take(window, Duration::from_secs(5), Ok(given), Lang::En);
        assert_eq!(histogram.strips[2].values, [3, 2, 1]);
        assert_eq!(histogram.strips[0].total(), 0);
        assert_eq!(histogram.bucket_start(1), Some(at(1005)));
        let error = SourceError::Unsupported { what: "x".to_owned() };
        histogram.take(window, Duration::from_secs(5), Err(error), Lang::En);
        assert_eq!(histogram.strips[2].values, [3, 2, 1]);
        assert!(histogram.failed.is_some());
    }
}

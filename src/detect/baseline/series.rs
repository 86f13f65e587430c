//! The points of a series' answer: by source, in the order of time, steps without rows filled in where that means a
//! value.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Series;
use crate::config::duration;
use crate::logs::{Sample, Window};

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The start of its step.
    pub at: Timestamp,
    /// The value.
    pub value: f64,
}

/// The result that a series' query gives.
pub const VALUE: &str = "value";

/// A number as sources print it; one with a unit of time is seconds.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text.parse::<f64>().ok().filter(|value| value.is_finite());
    plain.or_else(|| duration::parse(text).map(|duration| duration.as_secs_f64()))
}

/// The whole steps of a window: its start and end moved back to the edges of steps.
pub fn whole_steps(window: Window, step: Duration) -> Window {
    Window { start: floor(window.start, step), end: floor(window.end, step) }
}

/// The edge of a step at or before an instant.
pub fn floor(at: Timestamp, step: Duration) -> Timestamp {
    let step = i128::try_from(step.as_nanos()).unwrap_or(1).max(1);
    let nanos = at.as_nanosecond();
    Timestamp::from_nanosecond(nanos - nanos.rem_euclid(step)).unwrap_or(at)
}

/// Points of the result of a name by the source that they are of: the value of the field that splits the series, or `whole` where none does.
pub fn by_source(
    samples: &[Sample],
    name: &str,
    by: Option<&str>,
    whole: &str,
    scale: f64,
) -> BTreeMap<String, Vec<Point>> {
    let mut sources: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for sample in samples {
        let label =
            |wanted: &str| sample.labels.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        if label("__name__").is_some_and(|given| given != name) {
            continue;
        }
        let Some(value) = number(&sample.value) else { continue };
        let source = by.and_then(label).filter(|name| !name.is_empty()).unwrap_or(whole);
        sources.entry(source.to_owned()).or_default().push(Point { at: sample.at, value: value * scale });
    }
    for points in sources.values_mut() {
        points.sort_by_key(|point| point.at);
    }
    sources
}

/// Fills the steps that have no rows, from `begun` on (when the log itself begins, or the window), where the series
/// has a value for them. A series that has no point at all gets them too: nothing was logged is a number of rows.
pub fn filled(series: &Series, points: Vec<Point>, window: Window, begun: Timestamp) -> Vec<Point> {
    let Some(empty) = series.empty else { return points };
    let known: BTreeMap<Timestamp, f64> = points.into_iter().map(|point| (point.at, point.value)).collect();
    let Ok(step) = jiff::SignedDuration::try_from(series.step) else { return Vec::new() };
    let mut at = floor(window.start.max(begun), series.step);
    if at < window.start {
        at = window.start;
    }
    let mut all = Vec::new();
    while at < window.end {
        all.push(Point { at, value: known.get(&at).copied().unwrap_or(empty) });
        match at.checked_add(step) {
            Ok(next) => at = next,
            Err(_) => break,
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::baseline::Baselines;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sample(second: i64, labels: &[(&str, &str)], value: &str) -> Sample {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sample { labels, at: at(second), value: value.to_owned() }
    }

    #[test]
    fn answers_are_parted_by_source_and_what_is_no_number_is_left() {
        let samples = [
            sample(120, &[("__name__", "value"), ("host", "a")], "3"),
            sample(60, &[("__name__", "value"), ("host", "a")], "2"),
            sample(60, &[("__name__", "value"), ("host", "")], "12ms"),
            sample(60, &[("__name__", "other"), ("host", "a")], "9"),
            sample(180, &[("__name__", "value"), ("host", "a")], "NaN"),
        ];
        let sources = by_source(&samples, VALUE, Some("host"), "all", 1000.0);
        assert_eq!(sources["a"].iter().map(|point| point.value).collect::<Vec<_>>(), [2000.0, 3000.0]);
        assert!((sources["all"][0].value - 12.0).abs() < 1e-9);
    }

    #[test]
    fn steps_without_rows_are_filled_but_not_before_the_log_begins() {
        let requests = Baselines::shipped().series("requests").unwrap();
        let window = Window { start: at(600), end: at(900) };
        let points = vec![Point { at: at(780), value: 4.0 }];
        let shown =
            |begun| filled(requests, points.clone(), window, at(begun)).iter().map(|p| p.value).collect::<Vec<_>>();
        assert_eq!(shown(0), [0.0, 0.0, 0.0, 4.0, 0.0]);
        assert_eq!(shown(725), [0.0, 4.0, 0.0]);
        let latency = Baselines::shipped().series("latency-p95").unwrap();
        assert_eq!(filled(latency, points.clone(), window, at(0)), points);
    }

    #[test]
    fn windows_end_at_whole_steps() {
        let window = whole_steps(Window { start: at(61), end: at(359) }, Duration::from_secs(60));
        assert_eq!((window.start, window.end), (at(60), at(300)));
    }
}

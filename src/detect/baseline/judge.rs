//! Whether the newest points of a series are out of what a rule allows, given its past. Pure arithmetic; says nothing
//! where the past is too short or does not move, because any number would be a surprise then.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::series::Point;
use super::{Method, Rule, Side};

/// What the points were compared with, and the one that is furthest out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The point that is furthest out, or the newest where none is.
    pub point: Point,
    /// Since when it is out without a break.
    pub since: Timestamp,
    /// Whether everything that was read before is out too, so that it began then or earlier.
    #[serde(default)]
    pub or_earlier: bool,
    /// What was to be expected; the limit of a threshold, the value before of a trend.
    pub expected: f64,
    /// The lower edge of what is allowed.
    pub low: Option<f64>,
    /// The upper edge.
    pub high: Option<f64>,
    /// How far out, in the rule's own measure: deviations, distances of the quartiles, share of the limit, share of
    /// rise.
    pub score: f64,
    /// How many points of the past it rests on.
    pub samples: usize,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Nothing was logged now.
    Silent,
    /// The past is too short.
    TooFew {
        /// Points that there are.
        have: usize,
        /// Points that are needed.
        need: usize,
    },
    /// The past does not move.
    Flat,
}

/// A rule's word on a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement {
    /// It is out.
    Out(Reading),
    /// It is within what is allowed.
    Within(Reading),
    /// No verdict.
    Unknown(Unknown),
}

/// An hour of the week: how near in time of week a point of the past has to be for a robust rule.
const NEAR_MS: i64 = 30 * 60_000;
const WEEK_MS: i64 = 7 * 86_400_000;
/// So many steps without a value end a run: nothing is known of a host that was silent.
const LONGEST_GAP: u32 = 15;

/// Compares the newest points with the past (all points before them). Both are in the order of time.
pub fn judge(rule: &Rule, past: &[Point], now: &[Point]) -> Judgement {
    let Some(newest) = now.last() else { return Judgement::Unknown(Unknown::Silent) };
    match rule.method {
        Method::Threshold { op, limit } => {
            let low = matches!(op, super::Comparison::Lt | super::Comparison::Lte).then_some(limit);
            let high = if low.is_none() { Some(limit) } else { None };
            let score = |value: f64| if low.is_some() { limit - value } else { value - limit };
            let band = Band { expected: limit, low, high, samples: now.len() };
            held(rule, now, band, |value| op.holds(value, limit), |value| score(value) / limit.abs().max(1.0))
        }
        Method::Trend { steps, change } => trend(rule, past, now, steps, change),
        Method::Zscore { limit } => {
            let values: Vec<f64> = past.iter().map(|point| point.value).collect();
            if let Some(unknown) = too_few(&values, rule.min_samples) {
                return unknown;
            }
            let (mean, deviation) = mean_and_deviation(&values);
            around(rule, now, mean, deviation, limit, values.len())
        }
        Method::Robust { limit } => {
            let near = |point: &&Point| is_same_hour(point, newest);
            let values: Vec<f64> = past.iter().filter(near).map(|point| point.value).collect();
            if let Some(unknown) = too_few(&values, rule.min_samples) {
                return unknown;
            }
            let (median, deviation) = median_and_deviation(values.clone());
            around(rule, now, median, deviation, limit, values.len())
        }
        Method::Iqr { factor } => {
            let mut values: Vec<f64> = past.iter().map(|point| point.value).collect();
            if let Some(unknown) = too_few(&values, rule.min_samples) {
                return unknown;
            }
            values.sort_by(f64::total_cmp);
            let (first, third) = (quantile(&values, 0.25), quantile(&values, 0.75));
            let distance = third - first;
            if is_nothing(distance, third) {
                return Judgement::Unknown(Unknown::Flat);
            }
            let (low, high) = (first - factor * distance, third + factor * distance);
            let band = sided(rule.side, quantile(&values, 0.5), low, high, values.len());
            let score =
                |value: f64| if value > third { (value - third) / distance } else { (first - value) / distance };
            held(rule, now, band, |value| is_outside(&band, value), score)
        }
    }
}

/// The band that a rule draws, for a chart: what the newest reading was compared with.
#[derive(Debug, Clone, Copy)]
struct Band {
    expected: f64,
    low: Option<f64>,
    high: Option<f64>,
    samples: usize,
}

fn sided(side: Side, expected: f64, low: f64, high: f64, samples: usize) -> Band {
    Band { expected, low: (side != Side::Above).then_some(low), high: (side != Side::Below).then_some(high), samples }
}

fn is_outside(band: &Band, value: f64) -> bool {
    band.high.is_some_and(|high| value > high) || band.low.is_some_and(|low| value < low)
}

/// A band of so many deviations around a middle.
fn around(rule: &Rule, now: &[Point], middle: f64, deviation: f64, limit: f64, samples: usize) -> Judgement {
    if is_nothing(deviation, middle) {
        return Judgement::Unknown(Unknown::Flat);
    }
    let band = sided(rule.side, middle, middle - limit * deviation, middle + limit * deviation, samples);
    held(rule, now, band, |value| is_outside(&band, value), |value| (value - middle).abs() / deviation)
}

/// Out where so many points in a row are.
fn held(rule: &Rule, now: &[Point], band: Band, is_out: impl Fn(f64) -> bool, score: impl Fn(f64) -> f64) -> Judgement {
    let mut run: Vec<Point> = Vec::new();
    let mut best: Option<(Point, Timestamp)> = None;
    for point in now {
        if !is_out(point.value) || is_next_to_nothing(rule, band.high, point.value) {
            run.clear();
            continue;
        }
        run.push(*point);
        let worst = run.iter().max_by(|one, other| score(one.value).total_cmp(&score(other.value)));
        if run.len() >= rule.hold
            && let Some(worst) = worst
            && best.is_none_or(|(known, _)| score(known.value) < score(worst.value))
        {
            best = Some((*worst, run[0].at));
        }
    }
    let reading = |point: Point, since: Timestamp| Reading {
        point,
        since,
        or_earlier: false,
        expected: band.expected,
        low: band.low,
        high: band.high,
        score: score(point.value),
        samples: band.samples,
    };
    match (best, now.last()) {
        (Some((point, since)), _) => Judgement::Out(reading(point, since)),
        (None, Some(point)) => Judgement::Within(reading(*point, point.at)),
        (None, None) => Judgement::Unknown(Unknown::Silent),
    }
}

/// A value that has risen to next to nothing has not risen.
fn is_next_to_nothing(rule: &Rule, high: Option<f64>, value: f64) -> bool {
    value < rule.least && high.is_some_and(|high| value >= high)
}

/// A reading with its `since` moved back to where its run begins in `points`, which are all that was read, in the order
/// of time: what is judged is only the end of them. A trend has its own beginning.
pub fn since_onset(rule: &Rule, reading: Reading, points: &[Point], step: Duration) -> Reading {
    let is_out = |value: f64| match rule.method {
        Method::Threshold { op, limit } => op.holds(value, limit),
        _ => reading.high.is_some_and(|high| value > high) || reading.low.is_some_and(|low| value < low),
    };
    if matches!(rule.method, Method::Trend { .. }) {
        return reading;
    }
    let longest = SignedDuration::try_from(step.saturating_mul(LONGEST_GAP)).unwrap_or(SignedDuration::MAX);
    let mut since = reading.since;
    for point in points[..points.partition_point(|point| point.at < reading.since)].iter().rev() {
        let goes_on = is_out(point.value) && !is_next_to_nothing(rule, reading.high, point.value);
        if !goes_on || since.duration_since(point.at) > longest {
            return Reading { since, ..reading };
        }
        since = point.at;
    }
    Reading { since, or_earlier: true, ..reading }
}

/// Whether every one of the last steps goes the same way by at least the share.
fn trend(rule: &Rule, past: &[Point], now: &[Point], steps: usize, change: f64) -> Judgement {
    let all: Vec<Point> = past.iter().chain(now).copied().collect();
    let Some(last) = all.len().checked_sub(steps + 1).map(|from| &all[from..]) else {
        return Judgement::Unknown(Unknown::TooFew { have: all.len(), need: steps + 1 });
    };
    let rises = |pair: &[Point]| pair[0].value > 0.0 && pair[1].value >= pair[0].value * (1.0 + change);
    let falls = |pair: &[Point]| pair[0].value > 0.0 && pair[1].value <= pair[0].value * (1.0 - change);
    let (before, point) = (last[0], last[steps]);
    let is_up = last.windows(2).all(rises) && point.value >= rule.least;
    let is_down = last.windows(2).all(falls) && before.value >= rule.least;
    let is_out = match rule.side {
        Side::Above => is_up,
        Side::Below => is_down,
        Side::Both => is_up || is_down,
    };
    let score = if before.value > 0.0 { point.value / before.value - 1.0 } else { 0.0 };
    let (since, expected, samples) = (before.at, before.value, all.len());
    let reading = Reading { point, since, or_earlier: false, expected, low: None, high: None, score, samples };
    if is_out { Judgement::Out(reading) } else { Judgement::Within(reading) }
}

fn too_few(values: &[f64], need: usize) -> Option<Judgement> {
    let have = values.len();
    (have < need.max(2)).then_some(Judgement::Unknown(Unknown::TooFew { have, need }))
}

/// Whether a deviation is nothing beside what it is a deviation of.
fn is_nothing(deviation: f64, of: f64) -> bool {
    !deviation.is_finite() || deviation <= 1e-9 * of.abs().max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a series has far fewer than 2^53 points")]
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

/// The median, and the median distance from it scaled so that it is the deviation of a normal distribution.
pub(super) fn median_and_deviation(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let median = quantile(&values, 0.5);
    let mut distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    distances.sort_by(f64::total_cmp);
    (median, 1.4826 * quantile(&distances, 0.5))
}

/// A quantile of sorted values, between two of them where it lies there.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a list of points"
)]
pub(in crate::detect) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above.min(last)] - sorted[below]) * (place - place.floor())
}

/// Whether a point of the past is of the same time of the week, half an hour more or less.
fn is_same_hour(past: &Point, now: &Point) -> bool {
    let apart = (now.at.as_millisecond() - past.at.as_millisecond()).rem_euclid(WEEK_MS);
    apart.min(WEEK_MS - apart) <= NEAR_MS && now.at.as_millisecond() - past.at.as_millisecond() > WEEK_MS / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::baseline::{Comparison, Severity};

    fn rule(method: Method) -> Rule {
        Rule {
            name: "r".into(),
            series: "s".into(),
            method,
            side: Side::Above,
            window: std::time::Duration::from_secs(3600),
            min_samples: 10,
            hold: 1,
            least: 0.0,
            source: glob::Pattern::new("*").unwrap(),
            severity: Severity::Warning,
            active: true,
        }
    }

    /// Points a minute apart, the last at minute `end`.
    fn points(end: i64, values: &[f64]) -> Vec<Point> {
        let first = end - values.len() as i64 + 1;
        let at = |index: usize| Timestamp::from_second((first + index as i64) * 60).unwrap();
        values.iter().enumerate().map(|(index, value)| Point { at: at(index), value: *value }).collect()
    }

    fn is_out(rule: &Rule, past: &[f64], now: &[f64]) -> bool {
        matches!(judge(rule, &points(100, past), &points(100 + now.len() as i64, now)), Judgement::Out(_))
    }

    /// An hour of a site at work: about 100, give or take 15.
    fn noisy() -> Vec<f64> {
        (0..60).map(|minute| 100.0 + 15.0 * f64::from((minute * 37) % 19 - 9) / 9.0).collect()
    }

    #[test]
    fn z_score_sees_a_surge_and_not_the_busy_minute() {
        let rule = rule(Method::Zscore { limit: 3.0 });
        assert!(is_out(&rule, &noisy(), &[104.0, 400.0]));
        // The innocent look-alike: the busiest minute of an ordinary hour.
        assert!(!is_out(&rule, &noisy(), &[118.0, 116.0]));
        assert!(!is_out(&rule, &noisy(), &[10.0]), "a fall is not above");
        assert!(is_out(&Rule { side: Side::Both, ..rule.clone() }, &noisy(), &[10.0]));
    }

    #[test]
    fn z_score_says_nothing_of_a_short_or_a_flat_past() {
        let rule = rule(Method::Zscore { limit: 3.0 });
        let word = |past: &[f64]| judge(&rule, &points(100, past), &points(101, &[9000.0]));
        assert_eq!(word(&[1.0; 9]), Judgement::Unknown(Unknown::TooFew { have: 9, need: 10 }));
        assert_eq!(word(&[5.0; 30]), Judgement::Unknown(Unknown::Flat));
        assert_eq!(word(&[0.1 + 0.2; 30]), Judgement::Unknown(Unknown::Flat));
        assert_eq!(judge(&rule, &points(100, &noisy()), &[]), Judgement::Unknown(Unknown::Silent));
    }

    #[test]
    fn iqr_sees_the_outlier_and_is_not_moved_by_old_ones() {
        let rule = rule(Method::Iqr { factor: 1.5 });
        let mut past = noisy();
        past[7] = 5000.0;
        assert!(is_out(&rule, &past, &[180.0]));
        assert!(!is_out(&rule, &past, &[125.0]));
        assert!(!is_out(&rule, &[3.0; 40], &[4000.0]), "a past that does not move gives no verdict");
    }

    #[test]
    fn thresholds_compare_as_they_say() {
        for (op, limit, out, within) in [
            (Comparison::Gt, 90.0, 90.1, 90.0),
            (Comparison::Gte, 90.0, 90.0, 89.9),
            (Comparison::Lt, 10.0, 9.9, 10.0),
            (Comparison::Lte, 10.0, 10.0, 10.1),
        ] {
            let rule = rule(Method::Threshold { op, limit });
            assert!(is_out(&rule, &[], &[out]), "{op:?}");
            assert!(!is_out(&rule, &[], &[within]), "{op:?}");
        }
        // The innocent look-alike of a busy CPU: one spike while a backup runs.
        let held = Rule { hold: 3, ..rule(Method::Threshold { op: Comparison::Gt, limit: 90.0 }) };
        assert!(!is_out(&held, &[], &[40.0, 99.0, 99.0, 30.0, 99.0]));
        assert!(is_out(&held, &[], &[40.0, 95.0, 99.0, 97.0, 30.0]));
    }

    #[test]
    fn a_trend_is_every_step_and_not_the_morning() {
        let rule = rule(Method::Trend { steps: 5, change: 0.2 });
        assert!(is_out(&rule, &[100.0, 125.0, 160.0], &[200.0, 250.0, 320.0]));
        // The morning comes by a few per cent a minute, and noise goes up and down.
        assert!(!is_out(&rule, &[100.0, 106.0, 112.0], &[119.0, 127.0, 135.0]));
        assert!(!is_out(&rule, &[100.0, 150.0, 220.0], &[210.0, 300.0, 400.0]));
        assert!(!is_out(&rule, &[], &[1.0, 2.0]));
        assert!(!is_out(&rule, &[], &[0.0, 2.0, 4.0, 8.0, 16.0, 32.0]), "nothing before is no share of anything");
        let small = Rule { least: 60.0, ..rule.clone() };
        assert!(!is_out(&small, &[], &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]));
        let falling = Rule { side: Side::Below, ..rule };
        assert!(is_out(&falling, &[], &[320.0, 250.0, 200.0, 160.0, 128.0, 100.0]));
    }

    #[test]
    fn the_same_hour_of_the_week_is_the_measure_of_a_robust_rule() {
        let rule = Rule { min_samples: 10, ..rule(Method::Robust { limit: 5.0 }) };
        let week = 7 * 24 * 60;
        let now_at = 10 * week;
        // Monday nine o'clock is busy every week; all other hours are quiet.
        let mut past = Vec::new();
        for weeks in (1..=4).rev() {
            past.extend(points(
                now_at - weeks * week + 20,
                &(0..40).map(|n| 900.0 + f64::from(n % 7)).collect::<Vec<_>>(),
            ));
        }
        past.extend(points(now_at - 5, &(0..600).map(|n| 40.0 + f64::from(n % 5)).collect::<Vec<_>>()));
        let word = |value: f64| judge(&rule, &past, &points(now_at, &[value]));
        assert!(matches!(word(905.0), Judgement::Within(_)), "{:?}", word(905.0));
        assert!(matches!(word(2500.0), Judgement::Out(_)));
        let no_weeks = past[past.len() - 600..].to_vec();
        let word = judge(&rule, &no_weeks, &points(now_at, &[2500.0]));
        assert_eq!(word, Judgement::Unknown(Unknown::TooFew { have: 0, need: 10 }));
    }

    #[test]
    fn a_run_is_followed_back_to_its_onset() {
        let rule = rule(Method::Threshold { op: Comparison::Gt, limit: 90.0 });
        let onset = |values: &[f64]| {
            let all = points(100, values);
            let Judgement::Out(reading) = judge(&rule, &[], &all[all.len() - 5..]) else { panic!("{values:?}") };
            let reading = since_onset(&rule, reading, &all, Duration::from_secs(60));
            ((100 * 60 - reading.since.as_second()) / 60 + 1, reading.or_earlier)
        };
        let disk = |good: usize, bad: usize| [vec![40.0; good], vec![91.5; bad]].concat();
        assert_eq!(onset(&disk(20, 45)), (45, false));
        assert_eq!(onset(&disk(20, 3)), (3, false));
        assert_eq!(onset(&disk(0, 65)), (65, true), "as far back as was read");
        assert_eq!(onset(&[&[95.0; 9][..], &[10.0], &[95.0; 7][..]].concat()), (7, false), "not over a break");
        // A host that was silent for half an hour.
        let mut all = points(100, &[95.0; 50]);
        all.retain(|point| !(60..90).contains(&(point.at.as_second() / 60)));
        let Judgement::Out(reading) = judge(&rule, &[], &all[all.len() - 5..]) else { panic!() };
        let reading = since_onset(&rule, reading, &all, Duration::from_secs(60));
        assert_eq!((reading.since.as_second(), reading.or_earlier), (90 * 60, false));
    }

    #[test]
    fn next_to_nothing_has_not_risen() {
        let quiet: Vec<f64> = (0..60).map(|minute| f64::from(minute % 3)).collect();
        let rule = Rule { least: 30.0, ..rule(Method::Zscore { limit: 3.0 }) };
        assert!(!is_out(&rule, &quiet, &[9.0]));
        assert!(is_out(&rule, &quiet, &[90.0]));
    }
}

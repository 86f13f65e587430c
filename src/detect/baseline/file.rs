//! Reads baseline files (TOML): `[[series]]` and `[[rule]]`, each complete in itself. A mistake names its place.

use std::time::Duration;

use serde::Deserialize;

use super::{Baselines, Comparison, Method, Rule, Series, Severity, Side, query};
use crate::config::duration;
use crate::detect::rules::RuleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    series: Vec<SeriesText>,
    #[serde(default)]
    rule: Vec<RuleText>,
}

/// A series as it stands in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesText {
    name: String,
    en: String,
    ko: String,
    query: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    by: Vec<String>,
    step: Option<String>,
    empty: Option<f64>,
    scale: Option<f64>,
    #[serde(default)]
    unit: String,
    per_client: Option<String>,
}

/// The methods, by their names.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum MethodName {
    Zscore,
    Iqr,
    Threshold,
    Trend,
    Robust,
}

/// A rule as it stands in a file; what a method does not know must not be given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    name: String,
    series: String,
    method: MethodName,
    limit: Option<f64>,
    factor: Option<f64>,
    op: Option<Comparison>,
    steps: Option<usize>,
    change: Option<f64>,
    #[serde(default)]
    side: Side,
    window: Option<String>,
    min_samples: Option<usize>,
    hold: Option<usize>,
    #[serde(default)]
    least: f64,
    source: Option<String>,
    severity: Option<Severity>,
    active: Option<bool>,
}

/// Reads files in order; a later series or rule replaces an earlier one of its name.
pub(super) fn read_all(files: &[(&str, &str)]) -> Result<Baselines, RuleError> {
    let mut set = Baselines::default();
    for (file, text) in files {
        let parsed: File = toml::from_str(text).map_err(|error| RuleError::syntax(file, text, &error))?;
        for series in parsed.series {
            let series = series.read(file)?;
            match set.series.iter_mut().find(|known| known.name == series.name) {
                Some(known) => *known = series,
                None => set.series.push(series),
            }
        }
        for rule in parsed.rule {
            let rule = rule.read(file, &set)?;
            match set.rules.iter_mut().find(|known| known.name == rule.name) {
                Some(known) => *known = rule,
                None => set.rules.push(rule),
            }
        }
    }
    Ok(set)
}

fn wrong(file: &str, name: &str, message: impl Into<String>) -> RuleError {
    RuleError::Rule { file: file.to_owned(), rule: name.to_owned(), message: message.into() }
}

/// A length of at least a second.
fn length(text: &str) -> Option<Duration> {
    duration::parse(text).filter(|length| *length >= Duration::from_secs(1))
}

impl SeriesText {
    fn read(self, file: &str) -> Result<Series, RuleError> {
        let wrong = |message: String| wrong(file, &self.name, message);
        let step = self.step.as_deref().unwrap_or("1m");
        let step = length(step).ok_or_else(|| wrong(format!("step `{step}` is no duration of a second or more")))?;
        let scale = self.scale.unwrap_or(1.0);
        if !scale.is_finite() || self.empty.is_some_and(|value| !value.is_finite()) {
            return Err(wrong("scale and empty are finite numbers".to_owned()));
        }
        query::check(&self.query, !self.fields.is_empty()).map_err(&wrong)?;
        Ok(Series {
            step,
            scale,
            name: self.name,
            query: self.query,
            fields: self.fields,
            by: self.by,
            empty: self.empty,
            unit: self.unit,
            per_client: self.per_client,
            english: self.en,
            korean: self.ko,
        })
    }
}

/// How far back a rule looks by itself, and the same hour of how many weeks a robust one.
const WINDOW: Duration = Duration::from_secs(3_600);
const WEEKS: Duration = Duration::from_secs(28 * 86_400);

impl RuleText {
    fn read(self, file: &str, set: &Baselines) -> Result<Rule, RuleError> {
        let wrong = |message: String| wrong(file, &self.name, message);
        let series =
            set.series(&self.series).ok_or_else(|| wrong(format!("there is no series `{}` before it", self.series)))?;
        let method = self.method().map_err(&wrong)?;
        let default = if self.method == MethodName::Robust { WEEKS } else { WINDOW };
        let window = match &self.window {
            None => default.max(series.step * 11),
            Some(text) => length(text)
                .filter(|window| *window >= series.step)
                .ok_or_else(|| wrong(format!("window `{text}` is no duration of a step or more")))?,
        };
        let source = glob::Pattern::new(self.source.as_deref().unwrap_or("*"))
            .map_err(|error| wrong(format!("source is no pattern: {error}")))?;
        let is_past = !matches!(method, Method::Threshold { .. } | Method::Trend { .. });
        Ok(Rule {
            method,
            window,
            source,
            name: self.name,
            series: self.series,
            side: self.side,
            min_samples: self.min_samples.unwrap_or(if is_past { 10 } else { 1 }),
            hold: self.hold.unwrap_or(1).max(1),
            least: self.least,
            severity: self.severity.unwrap_or(Severity::Warning),
            active: self.active.unwrap_or(true),
        })
    }

    fn method(&self) -> Result<Method, String> {
        let name = self.method;
        let only = |given: bool, known: &[MethodName], what: &str| {
            if given && !known.contains(&name) { Err(format!("`{what}` means nothing to this method")) } else { Ok(()) }
        };
        use MethodName::{Iqr, Robust, Threshold, Trend, Zscore};
        only(self.limit.is_some(), &[Zscore, Threshold, Robust], "limit")?;
        only(self.factor.is_some(), &[Iqr], "factor")?;
        only(self.op.is_some(), &[Threshold], "op")?;
        only(self.steps.is_some() || self.change.is_some(), &[Trend], "steps, change")?;
        let positive = |value: f64, what: &str| {
            if value.is_finite() && value > 0.0 { Ok(value) } else { Err(format!("`{what}` is a number above 0")) }
        };
        Ok(match name {
            Zscore => Method::Zscore { limit: positive(self.limit.unwrap_or(3.0), "limit")? },
            Robust => Method::Robust { limit: positive(self.limit.unwrap_or(5.0), "limit")? },
            Iqr => Method::Iqr { factor: positive(self.factor.unwrap_or(1.5), "factor")? },
            Trend => Method::Trend {
                steps: self.steps.unwrap_or(5).max(2),
                change: positive(self.change.unwrap_or(0.2), "change")?,
            },
            Threshold => match (self.op, self.limit) {
                (Some(op), Some(limit)) if limit.is_finite() => Method::Threshold { op, limit },
                _ => return Err("a threshold needs op (gt, lt, gte, lte) and limit".to_owned()),
            },
        })
    }
}

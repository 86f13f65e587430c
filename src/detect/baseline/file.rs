//! Reads baseline files (TOML): `[[series]]` and `[[rule]]`. One of a name that an earlier file has changes only what it
//! gives, so that a rule that ships is switched off by its name and `active = false`. A mistake names its place.

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
    en: Option<String>,
    ko: Option<String>,
    query: Option<String>,
    fields: Option<Vec<String>>,
    by: Option<Vec<String>>,
    step: Option<String>,
    empty: Option<f64>,
    scale: Option<f64>,
    unit: Option<String>,
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
    series: Option<String>,
    method: Option<MethodName>,
    limit: Option<f64>,
    factor: Option<f64>,
    op: Option<Comparison>,
    steps: Option<usize>,
    change: Option<f64>,
    side: Option<Side>,
    window: Option<String>,
    min_samples: Option<usize>,
    hold: Option<usize>,
    least: Option<f64>,
    source: Option<String>,
    severity: Option<Severity>,
    active: Option<bool>,
}

/// Reads files in order; a later series or rule changes an earlier one of its name.
pub(super) fn read_all(files: &[(&str, &str)]) -> Result<Baselines, RuleError> {
    // Each with the file that had the last word on it: that is where a mistake is.
    let mut series: Vec<(&str, SeriesText)> = Vec::new();
    let mut rules: Vec<(&str, RuleText)> = Vec::new();
    for (file, text) in files {
        let parsed: File = toml::from_str(text).map_err(|error| RuleError::syntax(file, text, &error))?;
        for text in parsed.series {
            match series.iter_mut().find(|(_, known)| known.name == text.name) {
                Some(known) => {
                    known.0 = file;
                    known.1.change(text);
                }
                None => series.push((file, text)),
            }
        }
        for text in parsed.rule {
            match rules.iter_mut().find(|(_, known)| known.name == text.name) {
                Some(known) => {
                    known.0 = file;
                    known.1.change(text);
                }
                None => rules.push((file, text)),
            }
        }
    }
    let mut set = Baselines::default();
    for (file, text) in series {
        set.series.push(text.read(file)?);
    }
    for (file, text) in rules {
        set.rules.push(text.read(file, &set)?);
    }
    Ok(set)
}

/// Takes over what is given.
fn replace<T>(known: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *known = given;
    }
}

fn wrong(file: &str, name: &str, message: impl Into<String>) -> RuleError {
    RuleError::Rule { file: file.to_owned(), rule: name.to_owned(), message: message.into() }
}

/// A length of at least a second.
fn length(text: &str) -> Option<Duration> {
    duration::parse(text).filter(|length| *length >= Duration::from_secs(1))
}

impl SeriesText {
    /// Takes over what a later file gives.
    fn change(&mut self, given: Self) {
        replace(&mut self.en, given.en);
        replace(&mut self.ko, given.ko);
        replace(&mut self.query, given.query);
        replace(&mut self.fields, given.fields);
        replace(&mut self.by, given.by);
        replace(&mut self.step, given.step);
        replace(&mut self.empty, given.empty);
        replace(&mut self.scale, given.scale);
        replace(&mut self.unit, given.unit);
        replace(&mut self.per_client, given.per_client);
    }

    fn read(self, file: &str) -> Result<Series, RuleError> {
        let wrong = |message: String| wrong(file, &self.name, message);
        let (Some(query), Some(english), Some(korean)) = (self.query, self.en, self.ko) else {
            return Err(wrong(
                "no series of this name is there to be changed, and a new one needs en, ko and query".into(),
            ));
        };
        let fields = self.fields.unwrap_or_default();
        let step = self.step.as_deref().unwrap_or("1m");
        let step = length(step).ok_or_else(|| wrong(format!("step `{step}` is no duration of a second or more")))?;
        let scale = self.scale.unwrap_or(1.0);
        if !scale.is_finite() || self.empty.is_some_and(|value| !value.is_finite()) {
            return Err(wrong("scale and empty are finite numbers".to_owned()));
        }
        query::check(&query, !fields.is_empty()).map_err(&wrong)?;
        Ok(Series {
            step,
            scale,
            name: self.name,
            query,
            fields,
            by: self.by.unwrap_or_default(),
            empty: self.empty,
            unit: self.unit.unwrap_or_default(),
            per_client: self.per_client,
            english,
            korean,
        })
    }
}

/// How far back a rule looks by itself, and the same hour of how many weeks a robust one.
const WINDOW: Duration = Duration::from_secs(3_600);
const WEEKS: Duration = Duration::from_secs(28 * 86_400);

impl RuleText {
    /// Takes over what a later file gives. With another method, what only the one before knew is gone.
    fn change(&mut self, given: Self) {
        if given.method.is_some() && given.method != self.method {
            (self.limit, self.factor, self.op, self.steps, self.change) = (None, None, None, None, None);
        }
        replace(&mut self.series, given.series);
        replace(&mut self.method, given.method);
        replace(&mut self.limit, given.limit);
        replace(&mut self.factor, given.factor);
        replace(&mut self.op, given.op);
        replace(&mut self.steps, given.steps);
        replace(&mut self.change, given.change);
        replace(&mut self.side, given.side);
        replace(&mut self.window, given.window);
        replace(&mut self.min_samples, given.min_samples);
        replace(&mut self.hold, given.hold);
        replace(&mut self.least, given.least);
        replace(&mut self.source, given.source);
        replace(&mut self.severity, given.severity);
        replace(&mut self.active, given.active);
    }

    fn read(self, file: &str, set: &Baselines) -> Result<Rule, RuleError> {
        let wrong = |message: String| wrong(file, &self.name, message);
        let (Some(named), Some(name)) = (self.series.clone(), self.method) else {
            return Err(wrong(
                "no rule of this name is there to be changed, and a new one needs series and method".into(),
            ));
        };
        let series = set.series(&named).ok_or_else(|| wrong(format!("there is no series `{named}`")))?;
        let method = self.method(name).map_err(&wrong)?;
        let default = if name == MethodName::Robust { WEEKS } else { WINDOW };
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
            series: named,
            side: self.side.unwrap_or_default(),
            min_samples: self.min_samples.unwrap_or(if is_past { 10 } else { 1 }),
            hold: self.hold.unwrap_or(1).max(1),
            least: self.least.unwrap_or(0.0),
            severity: self.severity.unwrap_or(Severity::Warning),
            active: self.active.unwrap_or(true),
        })
    }

    fn method(&self, name: MethodName) -> Result<Method, String> {
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

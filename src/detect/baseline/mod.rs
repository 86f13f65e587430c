//! Baselines: a series (requests a minute, errors, latency, bytes, a host's CPU) compared with its own past, or with
//! a limit. Series and rules are data: those that ship are in `shipped.toml`, users add their own in the same form.
//! Nothing here reads a log or a clock: [`query`] writes the LogsQL, [`judge`] weighs points that somebody else read.
//!
//! | file | what it answers |
//! |---|---|
//! | [`file`] | TOML → series and rules, with the place of a mistake |
//! | [`query`] | which LogsQL gives a series, and which its clients |
//! | [`series`] | the points of an answer, steps without rows filled in |
//! | [`judge`] | whether the newest points are out of what the rule allows |
//! | [`event`] | what was opened for them, and who caused it |

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub mod event;
mod file;
pub mod judge;
pub mod query;
pub mod series;

pub use event::{Culprit, Event, Finding};
pub use judge::{Judgement, Reading};

use super::rules::RuleError;
use crate::text::Lang;

/// The series and rules that ship.
const SHIPPED: &str = include_str!("shipped.toml");

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// Worth getting up for.
    Critical,
}

impl Severity {
    /// Its word.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Info => say::info(lang),
            Self::Warning => say::warning(lang),
            Self::Critical => say::critical(lang),
        }
    }
}

/// How a limit is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparison {
    /// Greater.
    Gt,
    /// Less.
    Lt,
    /// Greater or equal.
    Gte,
    /// Less or equal.
    Lte,
}

impl Comparison {
    /// Whether a value is out.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Gt => value > limit,
            Self::Lt => value < limit,
            Self::Gte => value >= limit,
            Self::Lte => value <= limit,
        }
    }

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Lt => "<",
            Self::Gte => "≥",
            Self::Lte => "≤",
        }
    }
}

/// On which side of the past a value is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Only above.
    #[default]
    Above,
    /// Only below.
    Below,
    /// Both.
    Both,
}

/// What a rule compares with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase")]
pub enum Method {
    /// Standard deviations from the mean.
    Zscore {
        /// So many are too many.
        limit: f64,
    },
    /// Outside of the quartiles by a multiple of the distance between them.
    Iqr {
        /// The multiple.
        factor: f64,
    },
    /// A fixed limit.
    Threshold {
        /// How it is compared.
        op: Comparison,
        /// The limit.
        limit: f64,
    },
    /// Every one of the last steps rises, or every one falls.
    Trend {
        /// So many steps.
        steps: usize,
        /// By at least this share each, 0.2 for 20%.
        change: f64,
    },
    /// Median and median absolute deviation of the same hour of the week.
    Robust {
        /// So many deviations are too many.
        limit: f64,
    },
}

impl Method {
    /// Its name in rule files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zscore { .. } => "zscore",
            Self::Iqr { .. } => "iqr",
            Self::Threshold { .. } => "threshold",
            Self::Trend { .. } => "trend",
            Self::Robust { .. } => "robust",
        }
    }
}

/// A series that can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Unique, `lower-case-with-dashes`.
    pub name: String,
    /// LogsQL that ends in `stats` and gives `value`, with placeholders (see [`query`]).
    pub query: String,
    /// Fields of which the first that the source has stands for `{field}`; empty where the query needs none.
    pub fields: Vec<String>,
    /// Fields of which the first that the source has splits the series; see `{by}`.
    pub by: Vec<String>,
    /// The length of a step.
    pub step: Duration,
    /// The value of a step without rows; `None`: there is none.
    pub empty: Option<f64>,
    /// What values are multiplied by: 1000 for seconds shown as milliseconds.
    pub scale: f64,
    /// The unit that people read.
    pub unit: String,
    /// What one client has of it, as a LogsQL stats function; `None` where clients have no part in it.
    pub per_client: Option<String>,
    english: String,
    korean: String,
}

impl Series {
    /// What it is, in a word or two.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.english,
            Lang::Ko => &self.korean,
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Unique, `lower-case-with-dashes`.
    pub name: String,
    /// The series that it looks at.
    pub series: String,
    /// What it compares with.
    pub method: Method,
    /// On which side a value is out; of no meaning for thresholds and trends.
    pub side: Side,
    /// How far back the past goes that is compared with.
    pub window: Duration,
    /// So many points of the past are needed for a verdict.
    pub min_samples: usize,
    /// So many points in a row must be out.
    pub hold: usize,
    /// Values below this never count as risen: percentages of nearly nothing mean nothing.
    pub least: f64,
    /// Which sources it is for.
    pub source: glob::Pattern,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it is used.
    pub active: bool,
}

/// Series and the rules over them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baselines {
    /// The series.
    pub series: Vec<Series>,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Baselines {
    /// Those that ship. They are checked by a test, so a failure here leaves none rather than a panic.
    pub fn shipped() -> &'static Self {
        static SET: std::sync::LazyLock<Baselines> =
            std::sync::LazyLock::new(|| Baselines::with_user_files(&[]).unwrap_or_default());
        &SET
    }

    /// The shipped ones and a user's own, each file given as its name and text. A series or rule of a name that exists
    /// already changes what it gives and leaves the rest.
    ///
    /// # Errors
    ///
    /// A file that does not read as baselines, or a rule that cannot be used: with file, line or rule.
    pub fn with_user_files(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut all = vec![("shipped baselines", SHIPPED)];
        all.extend_from_slice(files);
        file::read_all(&all)
    }

    /// A series by its name.
    pub fn series(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.name == name)
    }

    /// The rules in use over a series.
    pub fn rules_on<'a>(&'a self, series: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.active && rule.series == series)
    }

    /// The series that any rule in use looks at.
    pub fn in_use(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(|series| self.rules_on(&series.name).next().is_some())
    }
}

/// The words.
mod say {
    crate::text::words! {
        info { en: "info", ko: "정보" }
        warning { en: "warning", ko: "주의" }
        critical { en: "critical", ko: "심각" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_ship_read_and_have_the_promised_limits() {
        let set = Baselines::with_user_files(&[]).unwrap_or_else(|error| panic!("{error}"));
        let limit = |name: &str| {
            let rule = set.rules.iter().find(|rule| rule.name == name).unwrap_or_else(|| panic!("{name}"));
            match rule.method {
                Method::Threshold { op: Comparison::Gt, limit } => limit,
                other => panic!("{name}: {other:?}"),
            }
        };
        for (name, expected) in [
            ("cpu-high", 90.0),
            ("memory-high", 85.0),
            ("disk-high", 90.0),
            ("response-time-high", 3000.0),
            ("error-rate-high", 50.0),
            ("heap-high", 85.0),
            ("connections-high", 500.0),
        ] {
            assert!((limit(name) - expected).abs() < 1e-9, "{name}");
        }
        for rule in &set.rules {
            assert!(set.series(&rule.series).is_some());
            assert!(rule.min_samples >= 10 || matches!(rule.method, Method::Threshold { .. } | Method::Trend { .. }));
        }
        for series in &set.series {
            assert_ne!(series.label(Lang::En), series.label(Lang::Ko), "{}", series.name);
        }
    }

    #[test]
    fn a_users_rule_is_added_and_one_that_ships_can_be_switched_off() {
        let own = "[[series]]\nname = 'logins'\nen = 'sign-ins'\nko = '로그인'\nquery = '{requests} | filter {path}:=\"/login\" | stats count() as value'\nempty = 0\n\
                   [[rule]]\nname = 'logins-high'\nseries = 'logins'\nmethod = 'threshold'\nop = 'gte'\nlimit = 30\n\
                   [[rule]]\nname = 'cpu-high'\nactive = false\n";
        let set = Baselines::with_user_files(&[("own.toml", own)]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(set.rules_on("logins").count(), 1);
        assert_eq!(set.rules_on("cpu").count(), 0);
        assert!(!set.in_use().any(|series| series.name == "cpu"));
    }

    #[test]
    fn a_users_file_changes_only_what_it_gives() {
        let read =
            |own: &str| Baselines::with_user_files(&[("own.toml", own)]).unwrap_or_else(|error| panic!("{error}"));
        let rule = |set: &Baselines, name: &str| set.rules.iter().find(|rule| rule.name == name).unwrap().clone();
        let shipped = rule(Baselines::shipped(), "error-rate-high");
        let set = read("[[rule]]\nname = 'error-rate-high'\nlimit = 80\n");
        let method = Method::Threshold { op: Comparison::Gt, limit: 80.0 };
        assert_eq!(rule(&set, "error-rate-high"), Rule { method, ..shipped.clone() });
        // Another method does not take the limit of the one before.
        let set = read("[[rule]]\nname = 'error-rate-high'\nmethod = 'iqr'\n");
        assert_eq!(rule(&set, "error-rate-high").method, Method::Iqr { factor: 1.5 });
        let set = read("[[series]]\nname = 'disk'\nstep = '5m'\n");
        let disk = set.series("disk").unwrap();
        assert_eq!((disk.step, disk.label(Lang::En)), (std::time::Duration::from_secs(300), "disk use"));
    }

    #[test]
    fn what_is_missing_or_meant_otherwise_is_said() {
        for (text, expected) in [
            ("[[rule]]\nname = 'new'\nactive = false", "a new one needs series and method"),
            ("[[series]]\nname = 'new'\nstep = '5m'", "a new one needs en, ko and query"),
            (
                "[[series]]\nname = 'a'\nen = 'x'\nko = 'y'\nquery = '* | stats by (host) count() as value'",
                "by = [\"…\"]",
            ),
            ("[[series]]\nname = 'a'\nen = 'x'\nko = 'y'\nquery = '* | stats (host) count() as value'", "{by}"),
        ] {
            let message = Baselines::with_user_files(&[("own.toml", text)]).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_mistake_says_where() {
        for (text, expected) in [
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'magic'", "own.toml:4"),
            ("[[rule]]\nname = 'a'\nseries = 'nothing'\nmethod = 'zscore'", "own.toml: rule a"),
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'threshold'", "own.toml: rule a"),
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'iqr'\nlimit = 3", "own.toml: rule a"),
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'zscore'\nlimit = nan", "own.toml: rule a"),
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'zscore'\nsource = '[a'", "own.toml: rule a"),
            ("[[rule]]\nname = 'a'\nseries = 'requests'\nmethod = 'zscore'\nwindow = '0s'", "own.toml: rule a"),
            ("[[series]]\nname = 'a'\nen = 'x'\nko = 'y'\nquery = '* | limit 1'", "own.toml: rule a"),
            (
                "[[series]]\nname = 'a'\nen = 'x'\nko = 'y'\nquery = '{wrong} | stats count() as value'",
                "own.toml: rule a",
            ),
        ] {
            let message = Baselines::with_user_files(&[("own.toml", text)]).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}

//! Reads rule files (TOML), joins the shipped rules with the user's own and runs every rule's examples.

use serde::Deserialize;

use super::{Request, RuleSet, Severity};

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file does not read as rules.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// 1-based.
        line: usize,
        /// 1-based, in characters.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// One rule is wrong.
    #[error("{file}: rule {rule}: {message}")]
    Rule {
        /// The file's name.
        file: String,
        /// The rule's name.
        rule: String,
        /// What is wrong.
        message: String,
    },
}

impl RuleError {
    /// A file that does not read as TOML of the shape that is wanted.
    pub(in crate::detect) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        Self::Syntax { file: file.to_owned(), line, column, message: error.message().to_owned() }
    }
}

/// Patterns for one part of a request; one that matches is enough.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Patterns {
    pub equals: Vec<String>,
    pub starts: Vec<String>,
    pub ends: Vec<String>,
    pub contains: Vec<String>,
    pub regex: Vec<String>,
}

impl Patterns {
    pub(super) fn is_empty(&self) -> bool {
        [&self.equals, &self.starts, &self.ends, &self.contains, &self.regex].into_iter().all(Vec::is_empty)
    }
}

/// A rule as it stands in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub name: String,
    pub severity: Severity,
    pub category: String,
    pub en: String,
    pub ko: String,
    #[serde(default)]
    pub target: Patterns,
    #[serde(default)]
    pub whole: Patterns,
    #[serde(default)]
    pub path: Patterns,
    #[serde(default)]
    pub query: Patterns,
    #[serde(default)]
    pub agent: Patterns,
    #[serde(default)]
    pub referer: Patterns,
    /// Exact methods.
    #[serde(default)]
    pub method: Vec<String>,
    /// Exact protocols.
    #[serde(default)]
    pub protocol: Vec<String>,
    /// `404` or `4xx`.
    #[serde(default)]
    pub status: Vec<String>,
    hit: Vec<Example>,
    miss: Vec<Example>,
    /// Filled in after reading.
    #[serde(skip)]
    pub file: String,
}

impl RuleText {
    pub(super) fn error(&self, message: impl Into<String>) -> RuleError {
        RuleError::Rule { file: self.file.clone(), rule: self.name.clone(), message: message.into() }
    }
}

/// A request that a rule must or must not match. What is left out is an ordinary browser's visit.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Example {
    method: String,
    target: String,
    protocol: String,
    status: u16,
    agent: String,
    referer: String,
}

impl Default for Example {
    fn default() -> Self {
        Self {
            method: "GET".into(),
            target: "/".into(),
            protocol: "HTTP/1.1".into(),
            status: 404,
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".into(),
            referer: String::new(),
        }
    }
}

impl Example {
    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            target: &self.target,
            protocol: &self.protocol,
            status: self.status,
            agent: &self.agent,
            referer: &self.referer,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default)]
    rule: Vec<RuleText>,
}

/// Reads files in order; a later rule replaces an earlier one of its name.
pub(super) fn read_all(files: &[(&str, &str)]) -> Result<Vec<RuleText>, RuleError> {
    let mut rules: Vec<RuleText> = Vec::new();
    for (name, text) in files {
        let parsed: RuleFile = toml::from_str(text).map_err(|error| RuleError::syntax(name, text, &error))?;
        for mut rule in parsed.rule {
            rule.file = (*name).to_owned();
            match rules.iter_mut().find(|known| known.name == rule.name) {
                Some(known) => *known = rule,
                None => rules.push(rule),
            }
        }
    }
    Ok(rules)
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Runs every rule's own examples.
pub(super) fn check_examples(set: &RuleSet, texts: &[RuleText]) -> Result<(), RuleError> {
    for text in texts {
        for (examples, expected) in [(&text.hit, true), (&text.miss, false)] {
            for example in examples {
                let matched = set.matches(&example.request()).iter().any(|rule| rule.name == text.name);
                if matched != expected {
                    let should = if expected { "should match" } else { "should not match" };
                    return Err(text.error(format!("{should} its example {example:?}")));
                }
            }
        }
    }
    Ok(())
}

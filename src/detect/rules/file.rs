//! Reads rule files (TOML), joins the shipped rules with the user's own and runs every rule's examples.

use serde::Deserialize;

use super::error::{Fault, RuleError, position};
use super::{Request, RuleSet, Severity};

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

/// A rule as it stands in a file. What it cannot do without is looked for after reading, so that all that is missing is
/// said at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    #[serde(default)]
    pub name: String,
    pub severity: Option<Severity>,
    #[serde(default = "probe")]
    pub category: String,
    #[serde(default)]
    pub en: String,
    /// As `en` where it is left out.
    #[serde(default)]
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
    #[serde(default)]
    hit: Vec<Example>,
    #[serde(default)]
    miss: Vec<Example>,
    /// Where it stands, filled in after reading.
    #[serde(skip)]
    pub file: String,
    #[serde(skip)]
    line: usize,
}

/// What a rule is about whose file does not say.
fn probe() -> String {
    "probe".to_owned()
}

impl RuleText {
    pub(super) fn error(&self, fault: Fault) -> RuleError {
        RuleError::Faulty { file: self.file.clone(), line: self.line, rule: self.name.clone(), fault }
    }

    /// Puts it in its place, and looks for what it cannot do without.
    fn placed(mut self, file: &str, line: usize) -> Result<Self, RuleError> {
        (self.file, self.line) = (file.to_owned(), line);
        let has = [("name", !self.name.is_empty()), ("severity", self.severity.is_some()), ("en", !self.en.is_empty())];
        let keys: Vec<&'static str> = has.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect();
        if !keys.is_empty() {
            return Err(RuleError::Missing { file: self.file, line, rule: self.name, keys });
        }
        let parts = [&self.target, &self.whole, &self.path, &self.query, &self.agent, &self.referer];
        let lists = [&self.method, &self.protocol, &self.status];
        if parts.into_iter().all(Patterns::is_empty) && lists.into_iter().all(Vec::is_empty) {
            return Err(self.error(Fault::Nothing));
        }
        if self.ko.is_empty() {
            self.ko.clone_from(&self.en);
        }
        Ok(self)
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
    rule: Vec<toml::Spanned<RuleText>>,
}

/// Reads files in order; a later rule replaces an earlier one of its name.
pub(super) fn read_all(files: &[(&str, &str)]) -> Result<Vec<RuleText>, RuleError> {
    let mut rules: Vec<RuleText> = Vec::new();
    for (name, text) in files {
        let parsed: RuleFile = toml::from_str(text).map_err(|error| RuleError::syntax(name, text, &error))?;
        for rule in parsed.rule {
            let (line, _) = position(text, rule.span().start);
            let rule = rule.into_inner().placed(name, line)?;
            match rules.iter_mut().find(|known| known.name == rule.name) {
                Some(known) => *known = rule,
                None => rules.push(rule),
            }
        }
    }
    Ok(rules)
}

/// Runs every rule's own examples.
pub(super) fn check_examples(set: &RuleSet, texts: &[RuleText]) -> Result<(), RuleError> {
    for text in texts {
        for (examples, expected) in [(&text.hit, true), (&text.miss, false)] {
            for example in examples {
                let matched = set.matches(&example.request()).iter().any(|rule| rule.name == text.name);
                if matched != expected {
                    let shown = format!("{example:?}");
                    return Err(text.error(if expected { Fault::NoHit(shown) } else { Fault::NoMiss(shown) }));
                }
            }
        }
    }
    Ok(())
}

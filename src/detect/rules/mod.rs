//! Rules: named tests on single requests (scanner agents, exploit paths, odd methods, broken protocol). They ship as a
//! data file, users add their own in the same form, and the examples that a rule carries are run as tests. A rule is
//! evidence, never a sentence: what it weighs is decided where the score is made.
//!
//! A rule names parts of a request: `path`, `query`, `whole` (path?query), `target` (as sent), `agent`, `referer`,
//! `method`, `protocol`, `status`.
//! Every part it names must match; within a part one pattern is enough. Texts are compared in the normal form of
//! [`normal`], so that encoding a path differently does not get past a rule.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

mod error;
mod file;
mod matcher;
pub mod normal;

pub use error::{Fault, RuleError};

use super::crawlers::Crawlers;
use super::limits::Limits;
use super::networks::Networks;
use crate::text::Lang;
use matcher::{Bits, Parts};

/// The rules that ship.
pub const SHIPPED: &str = include_str!("shipped.toml");

/// How a file of one's own is written, as comments in TOML.
pub const fn template(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("template.en.toml"),
        Lang::Ko => include_str!("template.ko.toml"),
    }
}

/// How much a rule says about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Many innocent clients do it too: an HTTP library's agent, an old browser.
    Hint,
    /// Seldom innocent: a probe for an admin panel that is not there.
    Notable,
    /// Hardly ever innocent: a dot-file, a known scanner's agent.
    Severe,
    /// Cannot be innocent: shell commands or SQL in a request.
    Certain,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Unique, `lower-case-with-dashes`.
    pub name: String,
    /// How much it says.
    pub severity: Severity,
    /// What sort of doing: `scanner`, `exploit`, `probe`, `automation`, `protocol`.
    pub category: String,
    english: String,
    korean: String,
}

impl Rule {
    /// What it means, in a sentence.
    pub fn meaning(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.english,
            Lang::Ko => &self.korean,
        }
    }
}

/// The parts of a request that rules look at. Texts are as logged: hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request<'a> {
    /// `GET`, …
    pub method: &'a str,
    /// The target as sent, query string included.
    pub target: &'a str,
    /// `HTTP/1.1`; empty where the log does not say.
    pub protocol: &'a str,
    /// The response status; 0 where unknown.
    pub status: u16,
    /// The user agent; empty where none was sent.
    pub agent: &'a str,
    /// The referer.
    pub referer: &'a str,
}

/// What a text that repeats over many requests (a target, an agent) matches: worked out once, kept by the caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Matched(Bits);

/// The places of a few rules: hardly a request matches more.
pub type Places = SmallVec<[u16; 4]>;

/// How an attack is written where a visitor writes what to search for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Not there alone.
    None,
    /// As it is.
    Bare,
    /// With words around it.
    Prose,
}

/// A set of rules, compiled for matching.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    parts: Parts,
    crawlers: Crawlers,
    networks: Networks,
    limits: Limits,
    /// By rule: whether an agent that it matches is no person's.
    against_agents: Vec<bool>,
}

impl RuleSet {
    /// The rules that ship. They are checked by a test, so a failure here leaves an empty set rather than a panic.
    pub fn shipped() -> &'static Self {
        static SET: std::sync::LazyLock<RuleSet> = std::sync::LazyLock::new(|| {
            RuleSet::load(&[("shipped rules", SHIPPED)]).unwrap_or_else(|_| RuleSet::none())
        });
        &SET
    }

    /// The shipped rules and a user's own, each given as a file name and its text. A rule of a name that exists
    /// already replaces it.
    ///
    /// # Errors
    ///
    /// A file that does not read as rules, or a rule whose own examples disagree with it: with file, line and rule.
    pub fn with_user_files(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut all = vec![("shipped rules", SHIPPED)];
        all.extend_from_slice(files);
        Self::load(&all)
    }

    fn none() -> Self {
        Self {
            rules: Vec::new(),
            parts: Parts::default(),
            crawlers: Crawlers::shipped(),
            networks: Networks::default(),
            limits: Limits::default(),
            against_agents: Vec::new(),
        }
    }

    fn load(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let texts = file::read_all(files)?;
        let parts = Parts::compile(&texts)?;
        let rules: Vec<Rule> = texts
            .iter()
            .map(|text| Rule {
                name: text.name.clone(),
                severity: text.severity.unwrap_or(Severity::Hint),
                category: text.category.clone(),
                english: text.en.clone(),
                korean: text.ko.clone(),
            })
            .collect();
        let speaks = |rule: &Rule| rule.severity >= Severity::Notable && rule.name.starts_with("agent-");
        let against_agents = rules.iter().map(speaks).collect();
        let set = Self { rules, parts, against_agents, ..Self::none() };
        file::check_examples(&set, &texts)?;
        Ok(set)
    }

    /// The same with another list of known crawlers.
    #[must_use]
    pub fn with_crawlers(self, crawlers: Crawlers) -> Self {
        Self { crawlers, ..self }
    }

    /// The known crawlers.
    pub fn crawlers(&self) -> &Crawlers {
        &self.crawlers
    }

    /// The same with a database of networks.
    #[must_use]
    pub fn with_networks(self, networks: Networks) -> Self {
        Self { networks, ..self }
    }

    /// The networks that addresses belong to.
    pub fn networks(&self) -> &Networks {
        &self.networks
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// From how many on something is much.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the rule at this place in [`RuleSet::rules`] says that an agent is no person's.
    pub fn speaks_against_agent(&self, rule: u16) -> bool {
        self.against_agents.get(usize::from(rule)).copied().unwrap_or(false)
    }

    /// All rules in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What a target matches, of all rules that look at targets.
    pub fn target(&self, target: &str) -> Matched {
        let normal = normal::target(target);
        self.normal_target(target, &normal, &self.path(normal.path()))
    }

    /// What a path in normal form matches, of the rules that look at paths: the same for all targets that have it.
    pub fn path(&self, path: &str) -> Matched {
        Matched(self.parts.path(path))
    }

    /// What a target matches whose normal form is known, and what its path matches.
    pub fn normal_target(&self, sent: &str, normal: &normal::Target, path: &Matched) -> Matched {
        Matched(self.parts.target(sent, normal, path.0.clone()))
    }

    /// What an agent matches, of all rules that look at agents.
    pub fn agent(&self, agent: &str) -> Matched {
        Matched(self.parts.agent(agent))
    }

    /// Whether any rule could still match a request with this target and this agent. Cheap: most requests end here.
    pub fn may_match(&self, target: &Matched, agent: &Matched) -> bool {
        target.0.intersects(&agent.0)
    }

    /// The places in [`RuleSet::rules`] of the rules that a request matches, given what its target and agent match.
    pub fn settle_indices(&self, target: &Matched, agent: &Matched, request: &Request<'_>) -> Places {
        let mut bits = target.0.clone();
        bits.keep(&agent.0);
        if bits.is_empty() {
            return Places::new();
        }
        self.parts.narrow(&mut bits, request);
        bits.ones().filter_map(|index| u16::try_from(index).ok()).collect()
    }

    /// Whether what matched without doubt stands in the words that a visitor searches for, and nowhere else: some people
    /// search for what they read about.
    pub fn words(&self, matched: &[u16], agent: &Matched, request: &Request<'_>) -> Words {
        let is_certain =
            |index: &u16| self.rules.get(usize::from(*index)).map(|one| one.severity) == Some(Severity::Certain);
        if !matched.iter().any(is_certain) {
            return Words::None;
        }
        let Some(searched) = normal::searched(&normal::target(request.target)) else { return Words::None };
        let rest = self.settle_indices(&self.target(&searched.rest), agent, request);
        match searched.is_prose {
            _ if rest.iter().any(is_certain) => Words::None,
            true => Words::Prose,
            false => Words::Bare,
        }
    }

    /// The rules that a request matches, given what its target and agent match.
    pub fn settle(&self, target: &Matched, agent: &Matched, request: &Request<'_>) -> Vec<&Rule> {
        let indices = self.settle_indices(target, agent, request);
        indices.into_iter().filter_map(|index| self.rules.get(usize::from(index))).collect()
    }

    /// The rules that a request matches.
    pub fn matches(&self, request: &Request<'_>) -> Vec<&Rule> {
        self.settle(&self.target(request.target), &self.agent(request.agent), request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Say as _;
    use proptest::prelude::*;

    #[test]
    fn the_shipped_rules_read_and_agree_with_their_examples() {
        let set = RuleSet::load(&[("shipped.toml", SHIPPED)]).unwrap_or_else(|error| panic!("{error}"));
        assert!(set.rules().len() > 20);
        for rule in set.rules() {
            assert!(!rule.meaning(Lang::En).is_empty() && !rule.meaning(Lang::Ko).is_empty(), "{}", rule.name);
        }
    }

    #[test]
    fn an_ordinary_visit_matches_nothing() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/131.0.0.0 Safari/537.36";
        for target in [
            "/",
            "/products/42?color=red&size=l",
            "/static/js/app.3f9a.js",
            "/login",
            "/search?q=select+a+gift",
            "/%EC%83%81%ED%92%88/%EA%B2%80%EC%83%89?q=%EC%9A%B0%EC%82%B0",
            "/blog/2026/11/how-to-use-union-bank",
            "/.well-known/security.txt",
            "/api/v1/orders?order=desc&by=date",
            "/search?q=rock+%26+roll+or+jazz",
        ] {
            let request = Request {
                method: "GET",
                target,
                protocol: "HTTP/1.1",
                status: 200,
                agent,
                referer: "https://shop.example/",
            };
            let hits: Vec<_> = RuleSet::shipped().matches(&request).iter().map(|rule| rule.name.clone()).collect();
            assert!(hits.is_empty(), "{target}: {hits:?}");
        }
    }

    #[test]
    fn a_users_rule_is_added_and_replaces_one_of_the_same_name() {
        let own = r#"
            [[rule]]
            name = "old-shop"
            severity = "notable"
            category = "probe"
            en = "asks for the shop that moved"
            ko = "옮긴 쇼핑몰을 찾습니다"
            path.starts = ["/oldshop/"]
            hit = [{ target = "/oldshop/a" }]
            miss = [{ target = "/newshop/oldshop/a" }]
        "#;
        let set = RuleSet::with_user_files(&[("own.toml", own)]).unwrap_or_else(|error| panic!("{error}"));
        let hits = set.matches(&Request { method: "GET", target: "/OldShop/%61", agent: "x", ..Request::default() });
        assert!(hits.iter().any(|rule| rule.name == "old-shop"));
    }

    #[test]
    fn a_broken_rule_says_where() {
        for (text, expected) in [
            ("[[rule]]\nname = 'a'\nseverity = 'loud'", "own.toml:3"),
            ("\n[[rule]]\nname = 'a'\nseverity = 'hint'\nen = 'x'\npath.regex = ['(']", "own.toml:2: rule a: "),
            (
                "[[rule]]\nname = 'a'\nseverity = 'hint'\nen = 'x'\npath.equals = ['/a']\nhit = [{target = '/b'}]",
                "own.toml:1: rule a: it should match",
            ),
            (
                "[[rule]]\nname = 'a'\nseverity = 'hint'\nen = 'x'\npath.equals = ['/a']\n\n[[rule]]\nname = 'b'\nko = 'x'",
                "own.toml:7: rule b lacks severity, en (",
            ),
            ("[[rule]]\npath.equals = ['/a']", "own.toml:1: this rule lacks name, severity, en ("),
            ("[[rule]]\nname = 'a'\nseverity = 'hint'\nen = 'x'", "own.toml:1: rule a: it looks at nothing"),
            (
                "[[rule]]\nname = 'a'\nseverity = 'hint'\nen = 'x'\nstatus = ['big']",
                "own.toml:1: rule a: status \"big\"",
            ),
        ] {
            let error = RuleSet::with_user_files(&[("own.toml", text)]).unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with(expected), "{message}");
            assert!(error.say(Lang::Ko).starts_with("own.toml"));
        }
    }

    #[test]
    fn what_a_rule_can_do_without_it_does_without() {
        let own = "[[rule]]\nname = 'own'\nseverity = 'notable'\nen = 'asks for it'\npath.starts = ['/own/']\n";
        let set = RuleSet::with_user_files(&[("own.toml", own)]).unwrap_or_else(|error| panic!("{error}"));
        let rule = set.rules().iter().find(|rule| rule.name == "own").unwrap();
        assert_eq!((rule.category.as_str(), rule.meaning(Lang::Ko)), ("probe", "asks for it"));
        assert!(
            set.matches(&Request { target: "/own/a", agent: "x", ..Request::default() })
                .iter()
                .any(|one| one.name == "own")
        );
    }

    #[test]
    fn the_template_says_what_there_is_and_its_example_is_a_rule() {
        for lang in [Lang::En, Lang::Ko] {
            let template = template(lang);
            // Prose has a blank behind the mark of a comment, the example has none.
            let example: String = template
                .lines()
                .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')))
                .map(|line| format!("{line}\n"))
                .collect();
            let set = RuleSet::with_user_files(&[("template", &example)]).unwrap_or_else(|error| panic!("{error}"));
            assert!(set.rules().len() > RuleSet::shipped().rules().len());
            assert!(template.lines().all(|line| line.is_empty() || line.starts_with('#')), "only comments");
            for key in [
                "name", "severity", "category", "en", "ko", "target", "whole", "path", "query", "agent", "referer",
                "method", "protocol", "status", "hit", "miss", "equals", "starts", "ends", "contains", "regex", "hint",
                "notable", "severe", "certain",
            ] {
                assert!(template.contains(key), "{key}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at_without_panic(target in any::<String>(), agent in any::<String>(), method in any::<String>()) {
            let _ = RuleSet::shipped().matches(&Request {
                method: &method, target: &target, protocol: &agent, status: 200, agent: &agent, referer: &target,
            });
        }
    }
}

//! Why a file of rules cannot be used, with the place of the mistake.

use crate::text::{Lang, Say};

/// Why a rule file cannot be used. Everything here comes out of a file of the user's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum RuleError {
    /// The file does not read as rules.
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
    Rule {
        /// The file's name.
        file: String,
        /// The rule's name.
        rule: String,
        /// What is wrong.
        message: String,
    },
    /// A rule lacks what every rule has.
    Missing {
        /// The file's name.
        file: String,
        /// The line that the rule begins in, 1-based.
        line: usize,
        /// The rule's name; empty where that is missing too.
        rule: String,
        /// All that is missing.
        keys: Vec<&'static str>,
    },
    /// A rule that is whole cannot be used.
    Faulty {
        /// The file's name.
        file: String,
        /// The line that the rule begins in, 1-based.
        line: usize,
        /// The rule's name.
        rule: String,
        /// What is wrong.
        fault: Fault,
    },
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A pattern is none.
    Pattern(String),
    /// A status is none.
    Status(String),
    /// It names no part of a request, and would match every one.
    Nothing,
    /// It does not match its own `hit`.
    NoHit(String),
    /// It matches its own `miss`.
    NoMiss(String),
}

impl RuleError {
    /// A file that does not read as TOML of the shape that is wanted.
    pub(in crate::detect) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        Self::Syntax { file: file.to_owned(), line, column, message: error.message().to_owned() }
    }
}

impl Say for RuleError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Syntax { file, line, column, message } => format!("{file}:{line}:{column}: {message}"),
            Self::Rule { file, rule, message } => say::rule(lang, file, rule, message),
            Self::Missing { file, line, rule, keys } => {
                let keys = keys.join(", ");
                match rule.is_empty() {
                    true => say::nameless(lang, file, *line, &keys),
                    false => say::missing(lang, file, *line, rule, &keys),
                }
            }
            Self::Faulty { file, line, rule, fault } => {
                let message = match fault {
                    Fault::Pattern(cause) => say::pattern(lang, cause),
                    Fault::Status(text) => say::status(lang, text),
                    Fault::Nothing => say::nothing(lang).to_owned(),
                    Fault::NoHit(example) => say::no_hit(lang, example),
                    Fault::NoMiss(example) => say::no_miss(lang, example),
                };
                say::rule(lang, &format!("{file}:{line}"), rule, &message)
            }
        }
    }
}

/// Line and column, both from 1, of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The sentences.
mod say {
    crate::text::words! {
        nothing {
            en: "it looks at nothing; give target, whole, path, query, agent, referer, method, protocol or status",
            ko: "아무것도 보지 않습니다. target, whole, path, query, agent, referer, method, protocol, status 중 하나를 쓰세요",
        }
    }
    crate::text::sentences! {
        rule(place: &str, rule: &str, message: &str) { en: "{place}: rule {rule}: {message}", ko: "{place}: 규칙 {rule}: {message}" }
        missing(file: &str, line: usize, rule: &str, keys: &str) {
            en: "{file}:{line}: rule {rule} lacks {keys} (gatewatch config rules shows how one is written)",
            ko: "{file}:{line}: 규칙 {rule}에 {keys} 항목이 없습니다(작성법은 gatewatch config rules)",
        }
        nameless(file: &str, line: usize, keys: &str) {
            en: "{file}:{line}: this rule lacks {keys} (gatewatch config rules shows how one is written)",
            ko: "{file}:{line}: 이 규칙에 {keys} 항목이 없습니다(작성법은 gatewatch config rules)",
        }
        pattern(cause: &str) { en: "{cause}", ko: "패턴이 잘못되었습니다: {cause}" }
        status(text: &str) { en: "status \"{text}\" is neither 404 nor 4xx", ko: "상태 \"{text}\"은(는) 404나 4xx 형식이 아닙니다" }
        no_hit(example: &str) { en: "it should match its example {example}", ko: "예시 {example}와(과) 일치해야 합니다" }
        no_miss(example: &str) { en: "it should not match its example {example}", ko: "예시 {example}와(과) 일치하지 않아야 합니다" }
    }
}

//! What colour each token has: an editor's view, from tokens and registry alone, so that it also works while a query
//! is half typed.

use std::ops::Range;

use super::assist::CLAUSES;
use super::registry::{self, Sort};
use super::token::{Kind, Token, tokens};

/// What a piece of a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// `# …`
    Comment,
    /// A quoted string.
    Text,
    /// A quote that is never closed, or an escape that does not exist.
    Broken,
    /// The name of a pipe.
    Pipe,
    /// The name of a stats function.
    Stats,
    /// The name of a filter function before `(`.
    Filter,
    /// `and`, `or`, `not`, `by`, `as`, `if` and the like.
    Keyword,
    /// A field: what stands before a colon.
    Field,
    /// A number, duration, size or time.
    Number,
    /// A word that is searched for, a name or a value.
    Word,
    /// `= ~ > <` and other signs.
    Operator,
    /// `|`
    Bar,
    /// `( ) [ ] { }`
    Bracket,
}

/// Whether a word steers a pipe where it stands bare.
pub(super) fn is_clause(word: &str) -> bool {
    const ELSEWHERE: &[&str] = &[
        "abs",
        "and",
        "ceil",
        "concurrency",
        "day_range",
        "exp",
        "floor",
        "ignore_global_time_filter",
        "ln",
        "max",
        "min",
        "not",
        "not_in",
        "now",
        "options",
        "or",
        "rand",
        "round",
        "week_range",
    ];
    CLAUSES.iter().any(|clause| clause.word == word) && !ELSEWHERE.contains(&word)
}

/// The class of every piece of a query but its blanks, in order.
pub fn highlight(text: &str) -> Vec<(Range<usize>, Class)> {
    let significant: Vec<Token> = tokens(text).into_iter().filter(|token| token.kind != Kind::Blank).collect();
    let raw = |token: &Token| &text[token.span.clone()];
    let mut after_bar = false;
    let mut in_filter = true;
    // What stood around an open bracket goes on behind it.
    let mut around = Vec::new();
    let mut out = Vec::with_capacity(significant.len());
    for (index, token) in significant.iter().enumerate() {
        let next = significant[index + 1..].iter().find(|next| next.kind != Kind::Comment).map_or("", raw);
        let class = match token.kind {
            Kind::Comment => Class::Comment,
            Kind::BadQuote => Class::Broken,
            Kind::Quoted if next == ":" => Class::Field,
            Kind::Quoted => Class::Text,
            Kind::Symbol | Kind::Blank => sign(raw(token)),
            Kind::Word => word(raw(token), next, after_bar, in_filter),
        };
        match class {
            Class::Comment => {}
            Class::Bar => (after_bar, in_filter) = (true, false),
            Class::Pipe => {
                in_filter = matches!(raw(token).to_lowercase().as_str(), "filter" | "where");
                after_bar = false;
            }
            // Without a pipe's name it is a filter or a stats function.
            _ if after_bar => {
                in_filter = class != Class::Stats && !matches!(raw(token), "by" | "(");
                after_bar = false;
            }
            _ => {}
        }
        match raw(token) {
            "(" | "[" | "{" if class == Class::Bracket => around.push(in_filter),
            ")" | "]" | "}" if class == Class::Bracket => in_filter = around.pop().unwrap_or(in_filter),
            _ => {}
        }
        out.push((token.span.clone(), class));
    }
    out
}

fn sign(raw: &str) -> Class {
    match raw {
        "|" => Class::Bar,
        "(" | ")" | "[" | "]" | "{" | "}" => Class::Bracket,
        _ => Class::Operator,
    }
}

fn word(raw: &str, next: &str, after_bar: bool, in_filter: bool) -> Class {
    let lower = raw.to_lowercase();
    let is = |sort| registry::find_sort(sort, &lower).is_some();
    if after_bar && is(Sort::Pipe) {
        Class::Pipe
    } else if !in_filter && next == "(" && is(Sort::Stats) {
        Class::Stats
    } else if next == "(" && registry::is_filter_name(&lower) || matches!(lower.as_str(), "day_range" | "week_range") {
        Class::Filter
    } else if matches!(lower.as_str(), "and" | "or" | "not") || !in_filter && is_clause(&lower) {
        Class::Keyword
    } else if matches!(next, ":") {
        Class::Field
    } else if super::number::is_number_prefix(raw) && super::number::parse_math(raw).is_some() {
        Class::Number
    } else {
        Class::Word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<(&str, Class)> {
        highlight(text).into_iter().map(|(span, class)| (&text[span], class)).collect()
    }

    #[test]
    fn words_have_the_class_of_their_place() {
        use Class::*;
        assert_eq!(
            classes("count status:>=500 | stats by (ip) count() n # c"),
            [
                ("count", Word),
                ("status", Field),
                (":", Operator),
                (">", Operator),
                ("=", Operator),
                ("500", Number),
                ("|", Bar),
                ("stats", Pipe),
                ("by", Keyword),
                ("(", Bracket),
                ("ip", Word),
                (")", Bracket),
                ("count", Stats),
                ("(", Bracket),
                (")", Bracket),
                ("n", Word),
                ("# c", Comment),
            ]
        );
        assert_eq!(
            classes("a:in(b) or \"x")[1..],
            [
                (":", Operator),
                ("in", Filter),
                ("(", Bracket),
                ("b", Word),
                (")", Bracket),
                ("or", Keyword),
                ("\"", Broken),
                ("x", Word),
            ]
        );
    }
}

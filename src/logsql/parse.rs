//! From text to tree: never fails, never panics. What cannot be understood becomes a diagnostic, and reading goes on
//! after the next `|`.

use super::cursor::Cursor;
use super::pipe::{self, Pipe};
use super::problem::{Diagnostic, Parsed, Problem, Severity, What, fault};
use super::query::Query;
use super::token::{Token, tokens};

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parse {
    /// Its tokens, without gaps.
    pub tokens: Vec<Token>,
    /// What is wrong with it, and what is only doubtful, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    query: Option<Query>,
}

impl Parse {
    /// The query in canonical shape, or the first error.
    pub fn query(&self) -> Result<&Query, Diagnostic> {
        let error = self.diagnostics.iter().find(|diagnostic| diagnostic.severity() == Severity::Error);
        match (&self.query, error) {
            (Some(query), None) => Ok(query),
            (_, Some(error)) => Err(error.clone()),
            (None, None) => Err(Diagnostic {
                span: 0..0,
                problem: Problem::Wanted { what: What::Filter, found: String::new() },
                nearest: None,
            }),
        }
    }
}

/// Reads a query.
pub fn parse(text: &str) -> Parse {
    let mut cursor = Cursor::new(text);
    let mut diagnostics = Vec::new();
    let query = match read(&mut cursor) {
        Ok(mut query) => {
            diagnostics.extend(doubts(&query, text));
            query.canonicalise();
            Some(query)
        }
        Err(first) => {
            diagnostics.push(*first);
            read_on(&mut cursor, &mut diagnostics);
            None
        }
    };
    Parse { tokens: tokens(text), diagnostics, query }
}

/// The canonical form of a query.
pub fn format(text: &str) -> Result<String, Diagnostic> {
    parse(text).query().map(ToString::to_string)
}

fn read(cursor: &mut Cursor<'_>) -> Parsed<Query> {
    let query = Query::parse(cursor)?;
    if cursor.at_end() { Ok(query) } else { fault(cursor.span(), Problem::Trailing(cursor.raw().to_owned())) }
}

/// After an error: reads the pipes that follow, for what else is wrong.
fn read_on(cursor: &mut Cursor<'_>, diagnostics: &mut Vec<Diagnostic>) {
    loop {
        cursor.recover();
        if cursor.at_end() {
            return;
        }
        let piped = cursor.is(&["|"]);
        cursor.advance();
        if piped && let Err(next) = pipe::parse(cursor) {
            diagnostics.push(*next);
        }
    }
}

/// What is allowed but hardly meant, or costs much.
fn doubts(query: &Query, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let warn = |span, problem, nearest| Diagnostic { span, problem, nearest };
    let end = text.len()..text.len();
    let limited = |pipe: &Pipe| !matches!(pipe, Pipe::Sort(sort) if sort.is_unlimited());
    let stats = query.pipes.iter().any(|pipe| matches!(pipe, Pipe::Stats(_) | Pipe::Uniq(_) | Pipe::Limit(_)));
    if !stats && !query.pipes.iter().all(limited) {
        found.push(warn(end, Problem::SortsEverything, None));
    }
    query.filter.walk(&mut |filter| {
        if let super::filter::Filter::Regexp(regexp) = filter
            && (regexp.pattern.starts_with(".*") || regexp.pattern.ends_with(".*"))
            && let Some(start) = text.find(&regexp.pattern)
        {
            found.push(warn(start..start + regexp.pattern.len(), Problem::LeadingWildcard, None));
        }
    });
    for pipe in &query.pipes {
        if let Pipe::Filter(filter) = pipe
            && let Some((span, word)) = leading_word(&filter.filter, text)
            && let Some(name) =
                super::registry::nearest(&[super::registry::Sort::Pipe, super::registry::Sort::Stats], &word)
        {
            found.push(warn(span, Problem::ReadsAsWord(word), Some(name.to_owned())));
        }
    }
    found
}

/// The word that a filter begins with, and where it stands after a `|`.
fn leading_word(filter: &super::filter::Filter, text: &str) -> Option<(std::ops::Range<usize>, String)> {
    use super::filter::Filter;
    let word = match filter {
        Filter::Word(word) if word.field == "_msg" => &word.phrase,
        Filter::And(parts) => match parts.first() {
            Some(Filter::Word(word)) if word.field == "_msg" => &word.phrase,
            _ => return None,
        },
        _ => return None,
    };
    // The filter has no span of its own: the word after a bar is the one that reads like a pipe.
    let mut after_bar = false;
    for token in tokens(text) {
        let raw = &text[token.span.clone()];
        match token.kind {
            super::token::Kind::Blank | super::token::Kind::Comment => {}
            super::token::Kind::Word if after_bar && raw == word => return Some((token.span, word.clone())),
            _ => after_bar = raw == "|",
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Lang, Say as _};

    fn told(text: &str) -> Vec<(&str, &'static str, Option<String>)> {
        let parsed = parse(text);
        parsed
            .diagnostics
            .iter()
            .map(|found| (&text[found.span.clone()], found.code(), found.nearest.clone()))
            .collect()
    }

    #[test]
    fn a_misspelled_pipe_is_told_whether_it_fails_or_reads_as_a_word() {
        assert_eq!(told("* | stat count()")[0].2.as_deref(), Some("stats"));
        assert_eq!(told("* | hed 5"), [("hed", "reads-as-word", Some("head".to_owned()))]);
        assert_eq!(told("* | stats cuont()"), [("cuont", "unknown-stats", Some("count".to_owned()))]);
        assert_eq!(told("error | foo"), []);
    }

    #[test]
    fn reading_goes_on_after_an_error() {
        let codes: Vec<&str> = told("* | limit x | fields a | sort by (").iter().map(|(_, code, _)| *code).collect();
        assert_eq!(codes, ["bad-number", "wanted"]);
        let codes: Vec<&str> = told("a | filter \"open | limit 5").iter().map(|(_, code, _)| *code).collect();
        assert_eq!(codes, ["open-quote"]);
    }

    #[test]
    fn costly_shapes_are_doubted() {
        assert_eq!(told("* | sort by (a)")[0].1, "sorts-everything");
        assert_eq!(told("a:~\".*x\"")[0].1, "leading-wildcard");
        assert_eq!(told("* | sort by (a) limit 5 | stats count()"), []);
    }

    #[test]
    fn every_problem_is_told_in_both_languages() {
        for text in
            ["a |", "limit", "* | foo(", "* | stats x()", "\"a", "x:~\"(\"", "_time:xx", "a(b)", "a:len_range(1)"]
        {
            let error = parse(text).query().map(ToString::to_string).unwrap_err();
            assert!(!error.say(Lang::En).is_empty() && error.say(Lang::Ko) != error.say(Lang::En), "{text}");
        }
    }
}

//! From text to tree: never fails, never panics. What cannot be understood becomes a diagnostic, and reading goes on
//! after the next `|`.

use super::assist::{doubts, meant};
use super::cursor::Cursor;
use super::pipe;
use super::problem::{Diagnostic, Parsed, Problem, Severity, What, fault};
use super::query::Query;
use super::token::{Token, tokens};
use super::trace::Event;

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
    let mut cursor = Cursor::traced(text);
    let mut diagnostics = Vec::new();
    let query = match read_all(&mut cursor) {
        Ok(mut query) => {
            diagnostics.extend(doubts(text, cursor.into_trace()));
            query.canonicalise();
            Some(query)
        }
        Err(mut errors) => {
            errors.iter_mut().for_each(|error| error.nearest = error.nearest.take().or_else(|| meant(text, error)));
            diagnostics.extend(errors);
            None
        }
    };
    Parse { tokens: tokens(text), diagnostics, query }
}

/// The canonical form of a query.
pub fn format(text: &str) -> Result<String, Diagnostic> {
    parse(text).query().map(ToString::to_string)
}

/// Reads a query to the end of the text, in spite of errors.
pub(super) fn read_all(cursor: &mut Cursor<'_>) -> Result<Query, Vec<Diagnostic>> {
    read(cursor).map_err(|first| {
        let mut errors = vec![*first];
        read_on(cursor, &mut errors);
        errors
    })
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
        if !piped {
            continue;
        }
        let mark = cursor.mark();
        match pipe::parse(cursor) {
            Ok(pipe) => cursor.note(|cursor| Event::Pipe(Box::new(pipe), cursor.span_since(mark))),
            Err(next) => diagnostics.push(*next),
        }
    }
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

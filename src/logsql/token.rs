//! Splits a query into tokens without losing a byte: blanks and comments are tokens too, so joining all tokens gives
//! the text back. Knows nothing of the grammar.

use std::borrow::Cow;
use std::ops::Range;

use super::quote::{is_word_char, unquote_prefix};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// White space.
    Blank,
    /// `#` to the end of the line, the line feed included.
    Comment,
    /// A run of letters, digits, `_` and `.`.
    Word,
    /// A quoted string that is closed and well formed.
    Quoted,
    /// A quote that opens no well-formed string.
    BadQuote,
    /// Any other character, or `=~`, `!~`, `!=`.
    Symbol,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The bytes of the query that it covers.
    pub span: Range<usize>,
}

/// All tokens of a text, in order, without gaps.
///
/// ```
/// let query = "error | stats count() # how many";
/// let joined: String = gatewatch::logsql::tokens(query).iter().map(|token| &query[token.span.clone()]).collect();
/// assert_eq!(joined, query);
/// ```
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let (kind, length) = next(rest, first);
        out.push(Token { kind, span: start..start + length });
        start += length;
    }
    out
}

fn next(rest: &str, first: char) -> (Kind, usize) {
    let run = |inside: fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
    match first {
        c if c.is_whitespace() => (Kind::Blank, run(char::is_whitespace)),
        '#' => (Kind::Comment, rest.find('\n').map_or(rest.len(), |end| end + 1)),
        c if is_bare(c) => (Kind::Word, run(is_bare)),
        '"' | '`' | '\'' => match unquote_prefix(rest) {
            Some((_, length)) => (Kind::Quoted, length),
            None => (Kind::BadQuote, 1),
        },
        '=' if rest.starts_with("=~") => (Kind::Symbol, 2),
        '!' if rest.starts_with("!~") || rest.starts_with("!=") => (Kind::Symbol, 2),
        c => (Kind::Symbol, c.len_utf8()),
    }
}

/// Whether a character may stand in a bare word.
pub(super) fn is_bare(c: char) -> bool {
    c == '.' || is_word_char(c)
}

/// The value of a token: unquoted where it is quoted.
pub(super) fn value<'t>(text: &'t str, token: &Token) -> Cow<'t, str> {
    let raw = &text[token.span.clone()];
    match token.kind {
        Kind::Quoted => unquote_prefix(raw).map_or(Cow::Borrowed(raw), |(value, _)| Cow::Owned(value)),
        _ => Cow::Borrowed(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn words_take_dots_and_letters_of_any_script() {
        assert_eq!(kinds("a.b_1 서울"), [Kind::Word, Kind::Blank, Kind::Word]);
        assert_eq!(kinds("a:=~'b'"), [Kind::Word, Kind::Symbol, Kind::Symbol, Kind::Quoted]);
        assert_eq!(kinds("\"open #c\n"), [Kind::BadQuote, Kind::Word, Kind::Blank, Kind::Comment]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in any::<String>()) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert_eq!(token.span.start, end);
                prop_assert!(token.span.end > end);
                end = token.span.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}

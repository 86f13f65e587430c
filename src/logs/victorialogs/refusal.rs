//! Where in a query the server's parser stopped. It tells no offset, but quotes the text just before that place.

use std::ops::Range;

use crate::logs::SourceError;

/// The server quotes at most so many bytes.
const QUOTED: usize = 50;

/// The same error with the place of the mistake, where the message tells it.
pub(super) fn located(error: SourceError, query: &str) -> SourceError {
    match error {
        SourceError::BadQuery { message, span: None } => {
            let span = span_of(&message, query);
            SourceError::BadQuery { message, span }
        }
        other => other,
    }
}

/// The last word before the place where the parser stopped; at the end of the text what stands there.
fn span_of(message: &str, query: &str) -> Option<Range<usize>> {
    let (_, context) = message.rsplit_once("context: [")?;
    let context = context.trim_end().strip_suffix(']')?;
    let start = if context.len() < QUOTED { query.starts_with(context).then_some(0) } else { query.find(context) }?;
    let read = query[..start + context.len()].trim_end();
    let last = read.chars().next_back()?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = read.trim_end_matches(is_word).len();
    Some(if is_word(last) { word..read.len() } else { read.len() - last.len_utf8()..read.len() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked<'query>(query: &'query str, context: &str) -> Option<&'query str> {
        let message = format!("cannot parse query [{query}]: some reason; context: [{context}]");
        span_of(&message, query).map(|span| &query[span])
    }

    #[test]
    fn the_word_where_the_parser_stopped() {
        assert_eq!(marked("foo(", "foo("), Some("("));
        assert_eq!(marked("* | stats by", "* | stats by"), Some("by"));
        assert_eq!(marked("* | stats count() as x, 함수() as y", "* | stats count() as x, 함수"), Some("함수"));
        let long = format!("{} | fields a, ,b", "x".repeat(60));
        let context = &long[long.len() - 1 - QUOTED..long.len() - 1];
        assert_eq!(marked(&long, context), Some(","));
        assert_eq!(marked("abc", "xyz"), None);
        assert_eq!(span_of("no such thing", "abc"), None);
    }

    proptest! {
        #[test]
        fn never_out_of_the_text(query in any::<String>(), context in any::<String>()) {
            let _ = marked(&query, &context);
            let _ = marked(&format!("{context}{query}"), &context);
        }
    }
}

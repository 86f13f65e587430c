//! How filter functions are read: `name(arguments)`, `name(phrase)`, `name(prefix*)`.

use super::super::cursor::Cursor;
use super::super::problem::{Parsed, Problem, What, fault};
use super::{Filter, parse_phrase};

/// `name(arguments)`; without `(` the name is a phrase and the outcome is that phrase's filter.
pub(in super::super) fn call(
    cursor: &mut Cursor<'_>,
    field: Option<&str>,
    make: impl FnOnce(Vec<String>) -> Result<Filter, Problem>,
) -> Parsed<Filter> {
    let mark = cursor.mark();
    let name = cursor.value().to_owned();
    cursor.advance();
    if !cursor.is(&["("]) {
        return name_as_phrase(cursor, name, field);
    }
    let arguments = cursor.arguments()?;
    make(arguments).or_else(|problem| fault(cursor.span_since(mark), problem))
}

/// The same for functions that older servers do not know: only where the parenthesis stands right behind the name, which
/// means nothing to those servers.
pub(in super::super) fn call_glued(
    cursor: &mut Cursor<'_>,
    field: Option<&str>,
    make: impl FnOnce(Vec<String>) -> Result<Filter, Problem>,
) -> Parsed<Filter> {
    let mark = cursor.mark();
    let name = cursor.value().to_owned();
    cursor.advance();
    if cursor.is(&["("]) && !cursor.spaced() {
        cursor.reset(mark);
        return call(cursor, field, make);
    }
    name_as_phrase(cursor, name, field)
}

/// The name of a filter function without arguments is an ordinary word.
pub(in super::super) fn name_as_phrase(cursor: &mut Cursor<'_>, name: String, field: Option<&str>) -> Parsed<Filter> {
    let named = field.is_some_and(|field| !field.is_empty());
    let mark = cursor.mark() - 1;
    let phrase = name + &cursor.phrase_rest(named);
    parse_phrase(cursor, mark, phrase, field)
}

/// `name(phrase)` or `name(prefix*)`.
pub(in super::super) fn call_with_prefix(
    cursor: &mut Cursor<'_>,
    field: Option<&str>,
    make: impl FnOnce(String, bool) -> Filter,
) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    cursor.advance();
    if !cursor.is(&["("]) {
        return name_as_phrase(cursor, name, field);
    }
    cursor.advance();
    if cursor.at_end() {
        return cursor.wanted(What::Value);
    }
    let phrase = cursor.argument();
    let is_prefix = cursor.is(&["*"]) && !cursor.spaced();
    if is_prefix {
        cursor.advance();
    }
    cursor.expect(")")?;
    Ok(make(phrase, is_prefix))
}

/// The only argument.
pub(in super::super) fn single(name: &str, arguments: Vec<String>) -> Result<String, Problem> {
    let got = arguments.len();
    match <[String; 1]>::try_from(arguments) {
        Ok([only]) => Ok(only),
        Err(_) => Err(Problem::Arguments { name: name.to_owned(), takes: "1", got }),
    }
}

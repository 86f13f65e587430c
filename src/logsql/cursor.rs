//! The parser's view of the tokens: blanks and comments skipped but remembered, strings unquoted, with the ways in
//! which LogsQL glues neighbouring tokens to one word (`foo-bar`, `10.0.0.1/8`).

use std::borrow::Cow;
use std::ops::Range;

use super::problem::{Parsed, Problem, What, fault};
use super::token::{self, Kind};
use super::trace::{Expected, How, Trace};

mod noting;

/// A significant token.
#[derive(Debug)]
struct Item<'t> {
    span: Range<usize>,
    value: Cow<'t, str>,
    kind: Kind,
    /// White space stands before it.
    spaced: bool,
}

/// Reads tokens one after another; a position can be kept and returned to.
#[derive(Debug)]
pub struct Cursor<'t> {
    text: &'t str,
    items: Vec<Item<'t>>,
    at: usize,
    /// Options of the enclosing queries, which a sub-query inherits.
    pub(super) options: Vec<super::query::Options>,
    /// Nanoseconds that time filters look back further.
    pub(super) time_shift: i64,
    /// How deep parentheses are nested, to refuse before the stack is exhausted.
    depth: usize,
    /// What is noted for the editor, where it asks.
    trace: Option<Box<Trace>>,
}

/// Deeper nesting is refused.
const DEEPEST: usize = 200;

impl<'t> Cursor<'t> {
    /// A cursor on the first significant token.
    pub fn new(text: &'t str) -> Self {
        let mut items = Vec::new();
        let mut spaced = false;
        for token in token::tokens(text) {
            match token.kind {
                Kind::Blank => spaced = true,
                Kind::Comment => {}
                kind => {
                    let value = token::value(text, &token);
                    items.push(Item { span: token.span, value, kind, spaced });
                    spaced = false;
                }
            }
        }
        Self { text, items, at: 0, options: Vec::new(), time_shift: 0, depth: 0, trace: None }
    }

    fn item(&self) -> Option<&Item<'t>> {
        self.items.get(self.at)
    }

    /// The unquoted token; empty at the end.
    pub fn value(&self) -> &str {
        self.item().map_or("", |item| &item.value)
    }

    /// The token as it stands in the text.
    pub fn raw(&self) -> &'t str {
        self.item().map_or("", |item| &self.text[item.span.clone()])
    }

    /// Where the token stands; the end of the text where there is none.
    pub fn span(&self) -> Range<usize> {
        self.item().map_or(self.text.len()..self.text.len(), |item| item.span.clone())
    }

    /// Where the token at a kept position stands.
    pub fn span_at(&self, mark: usize) -> Range<usize> {
        self.items.get(mark).map_or(self.text.len()..self.text.len(), |item| item.span.clone())
    }

    /// The span from a kept position up to the current token.
    pub fn span_since(&self, mark: usize) -> Range<usize> {
        let start = self.items.get(mark).map_or(self.text.len(), |item| item.span.start);
        let end = self.at.checked_sub(1).and_then(|last| self.items.get(last)).map_or(start, |item| item.span.end);
        start..end.max(start)
    }

    /// Whether white space stands before the token.
    pub fn spaced(&self) -> bool {
        self.item().is_some_and(|item| item.spaced)
    }

    /// Whether all tokens are read.
    pub fn at_end(&self) -> bool {
        self.at >= self.items.len()
    }

    /// Whether the token is an unquoted one of these words, in any case; `""` is the end.
    pub fn is(&self, words: &[&str]) -> bool {
        match self.item() {
            None => {
                if let Some(trace) = &self.trace {
                    words.iter().for_each(|word| trace.expects(Expected::Word((*word).to_owned())));
                }
                words.contains(&"")
            }
            Some(item) if item.kind == Kind::Quoted => false,
            Some(item) => words.iter().any(|word| equals_folded(word, &item.value)),
        }
    }

    /// Whether the previous token's value is one of these, in this very case; `""` is the start.
    pub fn came_after(&self, words: &[&str]) -> bool {
        let previous = self.at.checked_sub(1).and_then(|at| self.items.get(at)).map_or("", |item| &*item.value);
        words.contains(&previous)
    }

    /// Goes on to the next token.
    pub fn advance(&mut self) {
        if self.at < self.items.len() {
            self.at += 1;
        }
    }

    /// Goes on where the token is this word.
    pub fn take(&mut self, word: &str) -> bool {
        let found = self.is(&[word]);
        if found {
            self.advance();
        }
        found
    }

    /// The position, to return to.
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Returns to a kept position; what was noted since is forgotten.
    pub fn reset(&mut self, mark: usize) {
        self.at = mark;
        if let Some(trace) = &mut self.trace {
            trace.forget_after(mark);
        }
    }

    /// Goes on over `word`, or says that it is missing.
    pub fn expect(&mut self, word: &'static str) -> Parsed<()> {
        if self.take(word) { Ok(()) } else { self.wanted(What::Token(word)) }
    }

    /// The refusal that something else was wanted here.
    pub fn wanted<T>(&self, what: What) -> Parsed<T> {
        match what {
            What::Filter => self.expects_filter(),
            What::Field | What::Operand => self.expects(|| Expected::Field),
            What::Stats => self.expects(|| Expected::Stats),
            What::Value => self.expects_value(),
            _ => {}
        }
        let found = self.raw().to_owned();
        fault(self.span(), Problem::Wanted { what, found })
    }

    /// Runs a part of the parser one level deeper.
    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            return fault(self.span(), Problem::TooDeep);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Skips to the next `|` or `)` on this level, for going on after an error.
    pub fn recover(&mut self) {
        let mut open = 0_usize;
        while !self.at_end() {
            if self.is(&["("]) {
                open += 1;
            } else if self.is(&[")"]) {
                if open == 0 {
                    return;
                }
                open -= 1;
            } else if open == 0 && self.is(&["|"]) {
                return;
            }
            self.advance();
        }
    }

    /// The current token and all that follow it without a blank, up to a stop word.
    fn glued(&mut self, stops: &[&str]) -> String {
        let first = self.value().to_owned();
        let mut raw = self.raw().to_owned();
        self.advance();
        let mut alone = true;
        while !self.at_end() && !self.spaced() && !self.is(stops) {
            raw.push_str(self.raw());
            self.advance();
            alone = false;
        }
        if alone { first } else { raw }
    }

    fn refuse_bad_quote(&self) -> Parsed<()> {
        match self.item() {
            Some(item) if item.kind == Kind::BadQuote => {
                let open = self.text[item.span.start..].chars().next().unwrap_or('"');
                let closed = self.text[item.span.end..].contains(open);
                fault(item.span.clone(), if closed { Problem::BadEscape } else { Problem::OpenQuote })
            }
            _ => Ok(()),
        }
    }

    /// A word of any glued tokens, up to one of the stop words.
    pub fn compound_until(&mut self, stops: &[&str]) -> Parsed<String> {
        self.refuse_bad_quote()?;
        if self.is(stops) {
            return self.wanted(What::Word);
        }
        Ok(self.glued(stops))
    }

    /// A word up to punctuation of the language.
    pub fn compound(&mut self) -> Parsed<String> {
        self.compound_until(&[",", "(", ")", "[", "]", "|", ""])
    }

    /// A search phrase; a colon ends it unless it belongs to the phrase.
    pub fn phrase(&mut self, with_colon: bool) -> Parsed<String> {
        self.expects_value();
        self.compound_until(phrase_stops(with_colon))
    }

    /// What is glued to a word that was just read.
    pub fn phrase_rest(&mut self, with_colon: bool) -> String {
        let stops = phrase_stops(with_colon);
        let mut rest = String::new();
        while !self.at_end() && !self.spaced() && !self.is(stops) {
            rest.push_str(self.raw());
            self.advance();
        }
        rest
    }

    /// An argument of a filter function; empty before `*`.
    pub fn argument(&mut self) -> String {
        self.expects_value();
        if self.is(&["*"]) { String::new() } else { self.glued(&["*", ",", "(", ")", "|", ""]) }
    }

    /// `(a, "b", *)`: the arguments of a filter function.
    pub fn arguments(&mut self) -> Parsed<Vec<String>> {
        self.expect("(")?;
        let mut out = Vec::new();
        self.expects_value();
        while !self.is(&[")"]) {
            if self.is(&[",", "("]) || self.at_end() {
                return self.wanted(What::Value);
            }
            let mut argument = self.argument();
            if argument.is_empty() && self.take("*") {
                "*".clone_into(&mut argument);
            }
            out.push(argument);
            if self.is(&[")"]) {
                break;
            }
            self.expect(",")?;
        }
        self.expect(")")?;
        Ok(out)
    }

    /// A number in any form that ranges take, with its text.
    pub fn number(&mut self) -> Parsed<(f64, String)> {
        let mark = self.mark();
        self.expects_value();
        let text = self.compound()?;
        if text.eq_ignore_ascii_case("nan") {
            return Ok((f64::NAN, text));
        }
        match super::number::parse_math(&text) {
            Some(value) if !value.is_nan() => Ok((value, text)),
            _ => fault(self.span_since(mark), Problem::BadNumber(text)),
        }
    }

    /// A duration with its text.
    pub fn duration(&mut self) -> Parsed<(i64, String)> {
        let mark = self.mark();
        self.expects_value();
        let text = self.compound()?;
        match super::number::parse_duration(&text) {
            Some(nanos) => Ok((nanos, text)),
            None => fault(self.span_since(mark), Problem::BadDuration(text)),
        }
    }

    /// A count of rows, one token.
    pub fn count(&mut self) -> Parsed<u64> {
        self.one_number(super::number::parse_count)
    }

    /// A plain integer, one token.
    pub fn integer(&mut self) -> Parsed<u64> {
        self.one_number(super::number::parse_u64)
    }

    fn one_number(&mut self, parse: fn(&str) -> Option<u64>) -> Parsed<u64> {
        let Some(value) = parse(self.value()) else {
            return if self.at_end() {
                self.wanted(What::Number)
            } else {
                fault(self.span(), Problem::BadNumber(self.value().to_owned()))
            };
        };
        self.advance();
        Ok(value)
    }

    /// A field name or `prefix*`; the empty name is the message.
    pub fn field_or_wildcard(&mut self) -> Parsed<String> {
        self.expects(|| Expected::Field);
        self.named(How::Read)
    }

    /// The name of a field that the pipe makes, or `prefix*`.
    pub fn result_or_wildcard(&mut self, how: How) -> Parsed<String> {
        self.expects(|| Expected::Result);
        self.named(how)
    }

    /// The name of a field that the pipe makes.
    pub fn result(&mut self, how: How) -> Parsed<String> {
        let mark = self.mark();
        let name = self.result_or_wildcard(how)?;
        if name.ends_with('*') { fault(self.span_since(mark), Problem::Wildcard(name)) } else { Ok(name) }
    }

    fn named(&mut self, how: How) -> Parsed<String> {
        let mark = self.mark();
        let name = self.compound()?;
        let name = if name.is_empty() { "_msg".to_owned() } else { name };
        self.note_field(mark, &name, how);
        Ok(name)
    }

    /// A field name.
    pub fn field(&mut self) -> Parsed<String> {
        let mark = self.mark();
        let name = self.field_or_wildcard()?;
        if name.ends_with('*') { fault(self.span_since(mark), Problem::Wildcard(name)) } else { Ok(name) }
    }

    /// `a, b, c*` without parentheses.
    pub fn fields_listed(&mut self) -> Parsed<Vec<String>> {
        let mut out = vec![self.field_or_wildcard()?];
        while self.take(",") {
            out.push(self.field_or_wildcard()?);
        }
        Ok(out)
    }

    /// `(a, b*)`; a comma may stand at the end.
    pub fn wildcards_in_parens(&mut self) -> Parsed<Vec<String>> {
        let mut out = Vec::new();
        self.in_parens(|cursor| {
            out.push(cursor.field_or_wildcard()?);
            Ok(())
        })?;
        Ok(out)
    }

    /// `(a, b)` of whole names.
    pub fn fields_in_parens(&mut self) -> Parsed<Vec<String>> {
        let mark = self.mark();
        let names = self.wildcards_in_parens()?;
        match names.iter().find(|name| name.ends_with('*')) {
            Some(name) => fault(self.span_since(mark), Problem::Wildcard(name.clone())),
            None => Ok(names),
        }
    }

    /// A list in parentheses, separated by commas.
    pub fn in_parens(&mut self, mut each: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.expect("(")?;
        loop {
            if self.take(")") {
                return Ok(());
            }
            each(self)?;
            if self.take(")") {
                return Ok(());
            }
            self.expect(",")?;
        }
    }

    /// Where one of several clauses may follow: whether a pipe ends here.
    pub fn pipe_ends(&self) -> bool {
        self.is(&["|", ")", ""])
    }
}

fn phrase_stops(with_colon: bool) -> &'static [&'static str] {
    if with_colon { &["*", ",", "(", ")", "[", "]", "|", ""] } else { &["*", ",", "(", ")", "[", "]", "|", "", ":"] }
}

/// Whether `word`, which is lower case, equals the value in any case.
fn equals_folded(word: &str, value: &str) -> bool {
    if value.is_ascii() { word.eq_ignore_ascii_case(value) } else { word == value.to_lowercase() }
}

//! What may come next at a place in a query. The parser itself says what it would take there, so that every construct
//! offers exactly its own words; names and values are those that the caller knows, and those that the query made.

use std::ops::Range;

use super::super::problem::{Diagnostic, Problem};
use super::super::quote::{go_quote, quote_field, quote_value};
use super::super::registry::{self, Sort};
use super::super::token::{Kind, Token, tokens};
use super::super::trace::Expected;
use super::clause::Clause;
use super::scope::Scope;
use super::{boundary, traced};

/// What the source knows: names and values to offer, most frequent first.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Fields.
    pub fields: Vec<String>,
    /// Values of fields.
    pub values: Vec<(String, Vec<String>)>,
}

/// What an offered text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offer {
    /// A construct of the language; see [`registry::find_sort`] for its documentation.
    Construct(Sort),
    /// A word that steers a pipe; see [`Clause::find`].
    Clause,
    /// A field of the source.
    Field,
    /// A field that the query made.
    Made,
    /// A value of the field before the colon.
    Value,
    /// A size, a duration or the like that fits.
    Size,
}

/// One possibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is shown.
    pub label: String,
    /// What to put in place of [`Completion::replace`].
    pub text: String,
    /// What it is.
    pub offer: Offer,
}

/// What may come at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the query that a candidate replaces: what is typed of it already.
    pub replace: Range<usize>,
    /// The possibilities, best first.
    pub candidates: Vec<Candidate>,
    /// The field whose values would be offered, where the cursor stands behind its colon: the caller may ask for them.
    pub value_of: Option<String>,
}

/// What is typed of a candidate already.
struct Typed<'t> {
    range: Range<usize>,
    text: &'t str,
    /// The quote that is open.
    quote: Option<char>,
}

/// What may come at a byte position of a query.
///
/// ```
/// use gatewatch::logsql::{Vocabulary, complete};
/// let known = Vocabulary { fields: vec!["remote_addr".into()], ..Vocabulary::default() };
/// let offered = complete("* | sort by (rem", 16, &known);
/// assert_eq!((offered.candidates[0].text.as_str(), offered.replace), ("remote_addr", 13..16));
/// ```
pub fn complete(text: &str, position: usize, vocabulary: &Vocabulary) -> Completion {
    let position = boundary(text, position);
    let Some(typed) = typed(&text[..position]) else {
        return Completion { replace: position..position, ..Completion::default() };
    };
    let before = &text[..typed.range.start];
    let scope = Scope::of(traced(before));
    let expected = traced(before).into_expected();
    let mut found = Offers { list: Vec::new(), vocabulary, scope: &scope, quote: typed.quote };
    let value_of = expected.iter().find_map(|expected| match expected {
        Expected::Test(field) | Expected::Value(field) => Some(field.clone()),
        _ => None,
    });
    let colon = before.trim_end().ends_with(':');
    let pattern = expected.iter().find_map(|expected| match expected {
        Expected::Pattern { makes } => Some(*makes),
        _ => None,
    });
    let mut replace = typed.range.clone();
    let mut word = typed.text;
    match (pattern, typed.quote) {
        (Some(_), Some(_)) => {
            let open = word.rfind('<').filter(|open| !word[*open..].contains('>'));
            let Some(open) = open else { return Completion { replace, ..Completion::default() } };
            let start = open + word[open..].find(':').map_or(1, |colon| colon + 1);
            replace.start = typed.range.start + 1 + start;
            word = &word[start..];
            found.in_pattern();
        }
        (None, Some(_)) => found.quoted(&expected, colon),
        (_, None) => found.all(&expected, colon),
    }
    let wanted = word.to_lowercase();
    let mut ranked: Vec<(u8, usize, Candidate)> = found
        .list
        .into_iter()
        .enumerate()
        .filter_map(|(order, candidate)| Some((closeness(&candidate.label, &wanted)?, order, candidate)))
        .collect();
    ranked.sort_by_key(|(close, order, _)| (*close, *order));
    let mut candidates: Vec<Candidate> = Vec::with_capacity(ranked.len());
    for (_, _, candidate) in ranked {
        if !candidates.iter().any(|known| known.text == candidate.text) {
            candidates.push(candidate);
        }
    }
    Completion { replace, candidates, value_of }
}

/// The keyword that resembles a word which is none: what the parser would have taken in its place.
pub(in super::super) fn meant(text: &str, error: &Diagnostic) -> Option<String> {
    let Problem::Wanted { found, .. } = &error.problem else { return None };
    let found = found.to_lowercase();
    if found.len() < 3 || !found.chars().all(|c| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let words =
        traced(text.get(..error.span.start)?).into_expected().into_iter().filter_map(|expected| match expected {
            Expected::Word(word) if Clause::find(&word).is_some() => Some(word),
            _ => None,
        });
    let far = |word: &str| if word.starts_with(&found) { 0 } else { strsim::damerau_levenshtein(word, &found) };
    words.map(|word| (far(&word), word)).filter(|(far, _)| *far <= 2).min().map(|(_, word)| word)
}

/// The word or the open string at the end of a text; `None` inside of a comment.
fn typed(text: &str) -> Option<Typed<'_>> {
    let all = tokens(text);
    let is_open = |token: &&Token| {
        let quote = &text[token.span.clone()];
        token.kind == Kind::BadQuote && !text[token.span.end..].contains(quote)
    };
    if let Some(open) = all.iter().find(is_open) {
        let range = open.span.start..text.len();
        return Some(Typed { text: &text[open.span.end..], range, quote: text[open.span.start..].chars().next() });
    }
    let end = text.len()..text.len();
    match all.last() {
        Some(token) if token.kind == Kind::Comment && !text.ends_with('\n') => None,
        Some(token) if token.kind == Kind::Word => {
            Some(Typed { text: &text[token.span.clone()], range: token.span.clone(), quote: None })
        }
        _ => Some(Typed { text: "", range: end, quote: None }),
    }
}

/// How near a name is to what was typed: begins so, a part of it begins so, contains it, has its letters in order.
fn closeness(label: &str, typed: &str) -> Option<u8> {
    let lower = label.trim_start_matches(['"', '=']).to_lowercase();
    if lower.starts_with(typed) {
        return Some(0);
    }
    if let Some(at) = lower.find(typed) {
        let begins_part = lower[..at].ends_with(|c: char| !c.is_alphanumeric());
        return Some(if begins_part { 1 } else { 2 });
    }
    let mut rest = lower.chars();
    let scattered = typed.chars().count() > 1
        && lower.chars().next() == typed.chars().next()
        && typed.chars().all(|wanted| rest.any(|c| c == wanted));
    scattered.then_some(3)
}

/// Pipes, functions and filters that are used most, in that order; the others follow by name.
const FREQUENT: &[&str] = &[
    "stats",
    "sort",
    "limit",
    "filter",
    "fields",
    "top",
    "uniq",
    "math",
    "extract",
    "format",
    "unpack_json",
    "rename",
    "count",
    "count_uniq",
    "sum",
    "avg",
    "max",
    "min",
    "quantile",
    "uniq_values",
    "in",
    "contains_any",
    "range",
    "ipv4_range",
];

struct Offers<'a> {
    list: Vec<Candidate>,
    vocabulary: &'a Vocabulary,
    scope: &'a Scope,
    quote: Option<char>,
}

impl Offers<'_> {
    fn push(&mut self, label: &str, text: String, offer: Offer) {
        self.list.push(Candidate { label: label.to_owned(), text, offer });
    }

    fn all(&mut self, expected: &[Expected], colon: bool) {
        for one in expected {
            match one {
                Expected::Pipe => {
                    self.constructs(Sort::Pipe, "");
                    self.constructs(Sort::Stats, "(");
                }
                Expected::Stats => self.constructs(Sort::Stats, "("),
                Expected::Field => self.fields(""),
                Expected::Test(field) => {
                    self.values(field, "=");
                    self.tests(field);
                }
                Expected::Value(field) => self.values(field, if colon { "=" } else { "" }),
                Expected::Bucket(field) => self.buckets(field),
                Expected::Filter | Expected::Result | Expected::Pattern { .. } | Expected::Word(_) => {}
            }
        }
        // In front of a pipe's name a filter could stand too, but hardly does.
        let is_test = expected.iter().any(|one| matches!(one, Expected::Test(_) | Expected::Value(_)));
        if expected.contains(&Expected::Filter) && !is_test {
            self.fields(":");
        }
        self.words(expected);
        if expected.contains(&Expected::Filter) && !is_test {
            self.tests("");
        }
    }

    fn constructs(&mut self, sort: Sort, after: &str) {
        let mut docs: Vec<_> = registry::all().iter().filter(|doc| doc.sort == sort).collect();
        let place = |name| FREQUENT.iter().position(|known| *known == name).unwrap_or(FREQUENT.len());
        docs.sort_by_key(|doc| place(doc.name));
        for doc in docs {
            self.push(doc.name, format!("{}{after}", doc.name), Offer::Construct(sort));
        }
    }

    /// Fields that are there: first those that the query made.
    fn fields(&mut self, after: &str) {
        let is_source = |name: &String| self.vocabulary.fields.contains(name);
        let (known, made): (Vec<String>, Vec<String>) = self.scope.there.iter().cloned().partition(is_source);
        for name in made {
            self.push(&name, format!("{}{after}", quote_field(&name)), Offer::Made);
        }
        let fields = if self.scope.open { self.vocabulary.fields.clone() } else { known };
        for name in fields {
            self.push(&name, format!("{}{after}", quote_field(&name)), Offer::Field);
        }
    }

    /// Filter functions.
    fn tests(&mut self, field: &str) {
        let mut docs: Vec<_> = registry::all()
            .iter()
            .filter(|doc| doc.sort == Sort::Filter && registry::is_filter_name(doc.name))
            .collect();
        let place = |name| FREQUENT.iter().position(|known| *known == name).unwrap_or(FREQUENT.len());
        docs.sort_by_key(|doc| place(doc.name));
        for doc in docs.iter().filter(|_| !field.starts_with("_time") && !field.starts_with("_stream")) {
            self.push(doc.name, format!("{}(", doc.name), Offer::Construct(Sort::Filter));
        }
    }

    fn values(&mut self, field: &str, before: &str) {
        match field {
            "_time" => {
                for duration in ["5m", "15m", "1h", "6h", "1d", "7d"] {
                    self.push(duration, duration.to_owned(), Offer::Size);
                }
            }
            "_stream" => self.push("{", "{".to_owned(), Offer::Size),
            _ => {
                let known = self.vocabulary.values.iter().filter(|(name, _)| name == field);
                for value in known.flat_map(|(_, values)| values.clone()).filter(|value| !value.is_empty()) {
                    self.push(&value, format!("{before}{}", quote_value(&value)), Offer::Value);
                }
            }
        }
    }

    fn buckets(&mut self, field: &str) {
        let times = ["1m", "5m", "10s", "1h", "1d", "week", "month"];
        let others = ["/24", "/16", "10", "100", "1KB", "100ms"];
        let (first, second): (&[&str], &[&str]) = if field == "_time" { (&times, &[]) } else { (&others, &times[..4]) };
        for size in first.iter().chain(second) {
            self.push(size, (*size).to_owned(), Offer::Size);
        }
    }

    /// Words that steer a pipe, where they are not names of constructs that are offered anyway.
    fn words(&mut self, expected: &[Expected]) {
        let starts = expected.contains(&Expected::Pipe);
        let functions = starts || expected.contains(&Expected::Stats);
        let filters = expected.iter().any(|one| matches!(one, Expected::Filter | Expected::Test(_)));
        for one in expected {
            let Expected::Word(word) = one else { continue };
            let plain = word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let named = |sort| registry::find_sort(sort, word).is_some();
            let offered = starts && named(Sort::Pipe)
                || functions && named(Sort::Stats)
                || filters && registry::is_filter_name(word);
            if plain && !offered && Clause::find(word).is_some() {
                self.push(word, word.clone(), Offer::Clause);
            }
        }
        if filters && !starts && expected.contains(&Expected::Filter) {
            self.push("not", "not".to_owned(), Offer::Clause);
        }
    }

    /// Inside of a string that is open: values, or fields, with the quote closed behind them.
    fn quoted(&mut self, expected: &[Expected], colon: bool) {
        for one in expected {
            match one {
                Expected::Test(field) | Expected::Value(field) => self.values(field, if colon { "=" } else { "" }),
                Expected::Field => self.fields(""),
                Expected::Filter => self.fields(":"),
                _ => {}
            }
        }
        // What needs no quotes gets them here too: one stands there already.
        let quote = self.quote.unwrap_or('"');
        for candidate in &mut self.list {
            let after = if candidate.text.ends_with(':') { ":" } else { "" };
            let before = if candidate.text.starts_with('=') { "=" } else { "" };
            let inside = match quote {
                '`' if !candidate.label.contains('`') => format!("`{}`", candidate.label),
                _ => go_quote(&candidate.label),
            };
            candidate.text = format!("{before}{inside}{after}");
        }
    }

    /// Names between `<` and `>`.
    fn in_pattern(&mut self) {
        self.fields(">");
        self.list.retain(|candidate| !candidate.text.starts_with('"') && !candidate.label.contains(['<', '>']));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            fields: ["remote_addr", "status", "path", "user agent"].map(str::to_owned).into(),
            values: vec![("status".into(), vec!["404".into(), "a b".into()])],
        }
    }

    fn offered(text: &str) -> Vec<String> {
        complete(text, text.len(), &vocabulary()).candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    /// The text after the best candidate was taken.
    fn taken(text: &str) -> String {
        let found = complete(text, text.len(), &vocabulary());
        let best = found.candidates.first().map_or("", |candidate| &candidate.text);
        format!("{}{best}{}", &text[..found.replace.start], &text[found.replace.end..])
    }

    #[test]
    fn the_place_decides_what_is_offered() {
        assert_eq!(offered("* | ")[..3], ["stats", "sort", "limit"]);
        assert_eq!(offered("* | sta")[0], "stats");
        assert_eq!(offered("* | stats cou"), ["count(", "count_uniq(", "count_empty(", "count_uniq_hash("]);
        assert_eq!(offered("* | stats by (rem"), ["remote_addr"]);
        assert_eq!(offered("* | stats by (status) ")[..2], ["count(", "count_uniq("]);
        assert_eq!(offered("* | stats by (_time:")[..2], ["1m", "5m"]);
        assert_eq!(offered("status:")[..3], ["=404", "=\"a b\"", "in("]);
        assert_eq!(offered("status:=4"), ["404"]);
        assert_eq!(offered("status:in(404, "), ["404", "\"a b\""]);
        assert_eq!(offered("status:(404 or 4"), ["404"]);
        assert_eq!(offered("status:!")[..2], ["404", "\"a b\""]);
        assert_eq!(offered("x:in(status:5 | fields x) pa"), ["path:"]);
        assert_eq!(offered("x:in(status:5 pa"), ["path:"]);
        assert_eq!(offered("use")[0], "\"user agent\":");
        assert_eq!(offered("_time:")[..2], ["5m", "15m"]);
        assert_eq!(offered("# sta"), Vec::<String>::new());
    }

    #[test]
    fn every_pipe_offers_its_own_words() {
        for (text, words) in [
            ("* | sort by (path) ", &["desc", "asc", "offset", "limit", "rank", "partition"][..]),
            ("* | uniq by (path) ", &["with", "hits", "limit"]),
            ("* | extract \"<a>\" ", &["from", "keep_original_fields", "skip_empty_results"]),
            ("* | extract ", &["if"]),
            ("* | stats count() ", &["if", "as"]),
            ("* | join by (path) (*) ", &["inner", "prefix"]),
            ("* | math ro", &["round"]),
            ("status:404 o", &["or"]),
        ] {
            let found = offered(text);
            for word in words {
                assert!(found.iter().any(|text| text == word), "{text}: {word} not in {found:?}");
            }
            assert!(!found.iter().any(|text| text == "time_window"), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_the_query_made_is_offered_and_what_it_dropped_is_not() {
        assert_eq!(offered("* | stats by (path) count() as hits | sort by ("), ["\"hits\"", "path"]);
        assert_eq!(offered("* | math status * 2 as twice | fields ")[..2], ["twice", "remote_addr"]);
        assert_eq!(offered("* | extract \"ip=<ip>\" | fields ")[0], "ip");
    }

    #[test]
    fn strings_that_are_open_and_patterns_are_completed() {
        assert_eq!(taken("status:=\"4"), "status:=\"404\"");
        assert_eq!(taken("status:in(`a"), "status:in(`a b`");
        assert_eq!(taken("* | sort by (\"user"), "* | sort by (\"user agent\"");
        assert_eq!(taken("* | format \"<uc:pa"), "* | format \"<uc:path>");
        assert_eq!(taken("* | extract \"x=<st"), "* | extract \"x=<status>");
        assert_eq!(offered("* | extract \"x=<a> "), Vec::<String>::new());
    }

    #[test]
    fn the_nearest_comes_first() {
        assert_eq!(offered("* | fields addr"), ["remote_addr"]);
        assert_eq!(offered("* | fields rad"), ["remote_addr"]);
        assert!(offered("* | unq")[0].starts_with("uniq"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_offered_makes_a_query_worse(start in 0_usize..200, at in 0_usize..200) {
            let docs = registry::all();
            let example = docs[start % docs.len()].example;
            let at = boundary(example, at % (example.len() + 1));
            for candidate in complete(example, at, &vocabulary()).candidates {
                prop_assert!(!candidate.text.is_empty());
            }
        }

        #[test]
        fn no_text_makes_it_stumble(text in "\\PC{0,40}", at in 0_usize..60) {
            complete(&text, at, &vocabulary());
        }
    }
}

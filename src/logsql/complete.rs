//! What may come next at a place in a query: pipes after `|`, functions in `stats`, fields where fields stand, values
//! after `field:` with the quotes they need. Reads tokens, registry and the names that the caller knows; asks nobody.

use std::ops::Range;

use super::highlight::CLAUSES;
use super::quote::{quote_field, quote_value};
use super::registry::{self, Sort};
use super::token::{Kind, Token, tokens};

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
    /// A word that steers a pipe.
    Clause,
    /// A field.
    Field,
    /// A value of the field before the colon.
    Value,
}

/// One possibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
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

/// Where the cursor stands.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Pipe,
    Stats,
    Fields,
    Filter,
    Value(String),
    Nothing,
}

/// What may come at a byte position of a query.
pub fn complete(text: &str, position: usize, vocabulary: &Vocabulary) -> Completion {
    let mut position = position.min(text.len());
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    let before: Vec<Token> = tokens(&text[..position]);
    let (typed, replace) = match before.last() {
        Some(token) if token.kind == Kind::Word => (&text[token.span.clone()], token.span.clone()),
        _ => ("", position..position),
    };
    let context: Vec<&str> = before
        .iter()
        .filter(|token| !matches!(token.kind, Kind::Blank | Kind::Comment) && token.span.end <= replace.start)
        .map(|token| &text[token.span.clone()])
        .collect();
    let place = place(&context);
    let mut candidates = offers(&place, vocabulary);
    let wanted = typed.to_lowercase();
    candidates.retain(|candidate| rank(&candidate.text, &wanted).is_some());
    candidates.sort_by_key(|candidate| rank(&candidate.text, &wanted));
    let value_of = if let Place::Value(field) = place { Some(field) } else { None };
    Completion { replace, candidates, value_of }
}

/// 0 for what begins like the typed text, 1 for what contains it.
fn rank(text: &str, typed: &str) -> Option<u8> {
    let lower = text.trim_start_matches('"').to_lowercase();
    if lower.starts_with(typed) { Some(0) } else { lower.contains(typed).then_some(1) }
}

fn place(context: &[&str]) -> Place {
    let start = context.iter().rposition(|token| *token == "|");
    let piece = start.map_or(context, |bar| &context[bar + 1..]);
    if let [.., field, ":"] = piece {
        return Place::Value(super::quote::unquote_prefix(field).map_or_else(|| (*field).to_owned(), |(name, _)| name));
    }
    let Some(pipe) = piece.first().filter(|_| start.is_some()).map(|word| word.to_lowercase()) else {
        return if start.is_some() { Place::Pipe } else { Place::Filter };
    };
    let last = piece.last().copied().unwrap_or("");
    let open =
        piece.iter().filter(|token| **token == "(").count() > piece.iter().filter(|token| **token == ")").count();
    match pipe.as_str() {
        "filter" | "where" => Place::Filter,
        "stats" | "by" if open || last == "by" => Place::Fields,
        "stats" | "by" if matches!(last, "stats" | "," | ")") && !function_closed(piece) => Place::Stats,
        "stats" => Place::Nothing,
        _ if registry::find_sort(Sort::Stats, &pipe).is_some() => {
            if open {
                Place::Fields
            } else {
                Place::Nothing
            }
        }
        _ if registry::find_sort(Sort::Pipe, &pipe).is_some() => Place::Fields,
        _ => Place::Filter,
    }
}

/// Whether the last `)` closes a function rather than the `by` list.
fn function_closed(piece: &[&str]) -> bool {
    let Some(open) = piece.iter().rposition(|token| *token == "(") else { return false };
    piece.last() == Some(&")") && !matches!(piece[..open].last(), Some(&"by") | Some(&"stats") | None)
}

fn offers(place: &Place, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let constructs = |sort| {
        let docs = registry::all().iter().filter(move |doc| doc.sort == sort);
        docs.map(move |doc| Candidate { text: doc.name.to_owned(), offer: Offer::Construct(sort) })
    };
    let fields = || vocabulary.fields.iter().map(|name| Candidate { text: quote_field(name), offer: Offer::Field });
    match place {
        Place::Pipe => constructs(Sort::Pipe).chain(constructs(Sort::Stats)).collect(),
        Place::Stats => {
            let by = Candidate { text: "by".to_owned(), offer: Offer::Clause };
            constructs(Sort::Stats).chain([by]).collect()
        }
        Place::Fields => {
            let clauses = CLAUSES.iter().map(|word| Candidate { text: (*word).to_owned(), offer: Offer::Clause });
            fields().chain(clauses).collect()
        }
        Place::Filter => fields().chain(constructs(Sort::Filter)).collect(),
        Place::Value(field) => {
            let known = vocabulary.values.iter().filter(|(name, _)| name == field).flat_map(|(_, values)| values);
            let values = known.map(|value| Candidate { text: format!("={}", quote_value(value)), offer: Offer::Value });
            values.collect()
        }
        Place::Nothing => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(text: &str) -> Vec<String> {
        let vocabulary = Vocabulary {
            fields: vec!["remote_addr".into(), "user agent".into()],
            values: vec![("status".into(), vec!["404".into(), "a b".into()])],
        };
        complete(text, text.len(), &vocabulary).candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn the_place_decides_what_is_offered() {
        assert_eq!(offered("* | sta")[0], "stats");
        assert_eq!(offered("* | stats cou"), ["count", "count_empty", "count_uniq", "count_uniq_hash"]);
        assert_eq!(offered("* | stats by (rem"), ["remote_addr"]);
        assert_eq!(offered("status:"), ["=404", "=\"a b\""]);
        assert_eq!(offered("use")[0], "\"user agent\"");
        assert_eq!(offered("* | sort by (remote")[0], "remote_addr");
    }
}

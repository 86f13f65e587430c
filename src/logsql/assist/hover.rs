//! What stands at a place of a query: a construct with its documentation, a keyword, a field and where it comes from,
//! how a number is read.

use std::ops::Range;

use super::super::highlight::{Class, highlight};
use super::super::number::{duration_text, parse_bytes, parse_duration, parse_ipv4, parse_math};
use super::super::registry::{self, Doc, Sort};
use super::super::time::parse_rfc3339;
use super::clause::Clause;
use super::scope::{Comes, Scope};
use super::{boundary, traced};
use crate::text::{Lang, sentences, words};

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Hover {
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What it is.
    pub meaning: Meaning,
}

/// What a piece of a query means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// A construct of the language.
    Construct(&'static Doc),
    /// A word that steers a pipe or joins filters.
    Clause(&'static Clause),
    /// A field.
    Field {
        /// Its name.
        name: String,
        /// Where it comes from.
        origin: Origin,
        /// How many places of the query mean it.
        places: usize,
    },
    /// A number in one of the forms that the language knows.
    Number {
        /// As it is written.
        written: String,
        /// What form that is.
        form: Form,
    },
}

/// Where a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the source.
    Source,
    /// From a pipe of the query.
    Query,
    /// From nowhere: this pipe has not kept it.
    Gone(&'static str),
}

/// The form of a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// A duration, in nanoseconds.
    Duration(i64),
    /// A size in bytes.
    Bytes(i64),
    /// An IPv4 address.
    Address,
    /// An instant.
    Time,
    /// A number.
    Plain(f64),
}

/// What stands at a byte position.
///
/// ```
/// use gatewatch::logsql::hover;
/// use gatewatch::text::Lang;
/// let found = hover("* | sort by (n) limit 5", 5).unwrap();
/// assert_eq!(found.title(), "sort, order");
/// assert!(found.about(Lang::Ko).contains("정렬"));
/// ```
pub fn hover(text: &str, position: usize) -> Option<Hover> {
    let position = boundary(text, position);
    let pieces = highlight(text);
    let at = |place: usize| pieces.iter().position(|(span, _)| span.contains(&place));
    let index = at(position).or_else(|| at(position.checked_sub(1)?))?;
    let (span, class) = pieces[index].clone();
    if matches!(class, Class::Comment | Class::Broken) {
        return None;
    }
    let scope = Scope::of(traced(text));
    let raw = &text[span.clone()];
    let own = special(raw).filter(|_| class == Class::Field);
    if own.is_none()
        && let Some(placed) = scope.at(position)
    {
        let origin = match scope.comes(placed) {
            Comes::Source => Origin::Source,
            Comes::Made | Comes::Fixed => Origin::Query,
            Comes::Gone(by) => Origin::Gone(by),
        };
        let places = scope.placed.iter().filter(|other| scope.same(other, placed)).count();
        let meaning = Meaning::Field { name: placed.mention.name.clone(), origin, places };
        return Some(Hover { span: placed.mention.span.clone(), meaning });
    }
    let before = index.checked_sub(1).map_or("", |before| &text[pieces[before].0.clone()]);
    let meaning = match class {
        Class::Pipe => registry::find_sort(Sort::Pipe, raw).map(Meaning::Construct),
        Class::Stats => registry::find_sort(Sort::Stats, raw).map(Meaning::Construct),
        Class::Filter => registry::find_sort(Sort::Filter, raw).map(Meaning::Construct),
        Class::Field => own.map(Meaning::Construct),
        Class::Keyword => Clause::find(raw).map(Meaning::Clause),
        Class::Number => number(raw),
        Class::Operator | Class::Bracket => sign(raw, before),
        // Behind a bar other things than searched words stand too.
        Class::Text | Class::Word if !text[..span.start].contains('|') => filter_doc("word"),
        _ => None,
    }?;
    Some(Hover { span, meaning })
}

fn filter_doc(name: &str) -> Option<Meaning> {
    registry::find_sort(Sort::Filter, name).map(Meaning::Construct)
}

/// The filter that a field with a meaning of its own takes.
fn special(name: &str) -> Option<&'static Doc> {
    let name = match name {
        "_time" => "time",
        "_stream" => "stream",
        "_stream_id" => "stream_id",
        _ => return None,
    };
    let docs = registry::all().iter().filter(|doc| doc.sort == Sort::Filter);
    docs.copied().find(|doc| doc.names().any(|known| known == name || known.trim_start_matches('_') == name))
}

fn sign(raw: &str, before: &str) -> Option<Meaning> {
    match (raw, before) {
        ("=", ">" | "<") | (">" | "<", _) => filter_doc("range"),
        ("=" | "!=", ":") => filter_doc("exact"),
        ("~" | "!~", _) => filter_doc("regexp"),
        ("{", _) => filter_doc("stream"),
        ("!" | "-", _) => Clause::find("not").map(Meaning::Clause),
        ("*", _) => filter_doc("prefix"),
        _ => None,
    }
}

fn number(raw: &str) -> Option<Meaning> {
    let form = if let Some(nanos) = parse_duration(raw).filter(|_| raw.ends_with(char::is_alphabetic)) {
        Form::Duration(nanos)
    } else if let Some(bytes) = parse_bytes(raw).filter(|_| raw.ends_with(char::is_alphabetic)) {
        Form::Bytes(bytes)
    } else if parse_ipv4(raw).is_some() {
        Form::Address
    } else if parse_rfc3339(raw).is_some() {
        Form::Time
    } else {
        Form::Plain(parse_math(raw)?)
    };
    Some(Meaning::Number { written: raw.to_owned(), form })
}

impl Hover {
    /// The name of what it is.
    pub fn title(&self) -> String {
        match &self.meaning {
            Meaning::Construct(doc) => doc.names().collect::<Vec<_>>().join(", "),
            Meaning::Clause(clause) => clause.word.to_owned(),
            Meaning::Field { name, .. } => name.clone(),
            Meaning::Number { written, .. } => written.clone(),
        }
    }

    /// What it is, in a word or two.
    pub const fn kind(&self, lang: Lang) -> &'static str {
        match &self.meaning {
            Meaning::Construct(doc) => doc.sort.label(lang),
            Meaning::Clause(_) => say::keyword(lang),
            Meaning::Field { .. } => say::field(lang),
            Meaning::Number { form, .. } => match form {
                Form::Duration(_) => say::duration(lang),
                Form::Bytes(_) => say::size(lang),
                Form::Address => say::address(lang),
                Form::Time => say::time(lang),
                Form::Plain(_) => say::number(lang),
            },
        }
    }

    /// What it does or means.
    pub fn about(&self, lang: Lang) -> String {
        match &self.meaning {
            Meaning::Construct(doc) => doc.summary(lang).to_owned(),
            Meaning::Clause(clause) => clause.summary(lang).to_owned(),
            Meaning::Field { origin, places, .. } => match origin {
                Origin::Source => say::from_source(lang, *places),
                Origin::Query => say::from_query(lang, *places),
                Origin::Gone(by) => say::gone(lang, by),
            },
            Meaning::Number { form, .. } => match form {
                Form::Duration(nanos) => say::nanoseconds(lang, &duration_text(*nanos), *nanos),
                Form::Bytes(bytes) => say::bytes(lang, *bytes),
                Form::Address => say::as_address(lang).to_owned(),
                Form::Time => say::as_time(lang).to_owned(),
                Form::Plain(value) => value.to_string(),
            },
        }
    }

    /// The construct.
    pub const fn doc(&self) -> Option<&'static Doc> {
        match &self.meaning {
            Meaning::Construct(doc) => Some(doc),
            _ => None,
        }
    }
}

/// The sentences.
mod say {
    use super::{sentences, words};

    words! {
        keyword { en: "keyword", ko: "키워드" }
        field { en: "field", ko: "필드" }
        duration { en: "duration", ko: "기간" }
        size { en: "size", ko: "크기" }
        address { en: "IPv4 address", ko: "IPv4 주소" }
        time { en: "time", ko: "시각" }
        number { en: "number", ko: "숫자" }
        as_address { en: "Compared by >, < and ranges as a number of 32 bits.", ko: ">, <와 범위 비교에서는 32비트 정수로 다룹니다." }
        as_time { en: "Compared by >, < and ranges in nanoseconds since 1970.", ko: ">, <와 범위 비교에서는 1970년부터의 나노초로 다룹니다." }
    }
    sentences! {
        from_source(places: usize) { en: "A field of the source; the query names it {places}×.", ko: "소스의 필드. 쿼리에서 {places}번 쓰임." }
        from_query(places: usize) { en: "Made by the query, which names it {places}×.", ko: "쿼리가 만든 필드. 쿼리에서 {places}번 쓰임." }
        gone(by: &str) { en: "Not there any more: `{by}` has not kept it.", ko: "`{by}`에서 남기지 않아 이제 없는 필드." }
        nanoseconds(text: &str, nanos: i64) { en: "{text}, {nanos} ns in comparisons and sums.", ko: "{text}. 비교와 합계에서는 {nanos} ns." }
        bytes(bytes: i64) { en: "{bytes} bytes.", ko: "{bytes}바이트." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(marked: &str) -> Option<(String, &'static str)> {
        let at = marked.find("|>").unwrap();
        hover(&marked.replacen("|>", "", 1), at).map(|found| (found.title(), found.kind(Lang::En)))
    }

    #[test]
    fn every_sort_of_piece_says_what_it_is() {
        for (query, name, kind) in [
            ("* | so|>rt by (a)", "sort, order", "pipe"),
            ("* | stats cou|>nt() n", "count", "stats function"),
            ("ip:ipv4_ra|>nge(10.0.0.0/8)", "ipv4_range", "filter"),
            ("* | sort by (a) li|>mit 5", "limit", "keyword"),
            ("sta|>tus:5", "status", "field"),
            ("status|>:5", "status", "field"),
            ("a:|>=b", "exact", "filter"),
            ("a:|>~b", "re, regexp", "filter"),
            ("a:>|>=5", "range", "filter"),
            ("a:>5|>m", "5m", "duration"),
            ("a:>1.5|>KB", "1.5KB", "size"),
            ("|>word", "word, phrase", "filter"),
            ("a |>or b", "or", "keyword"),
            ("|>{app=\"x\"}", "stream, _stream", "filter"),
        ] {
            assert_eq!(title(query), Some((name.to_owned(), kind)), "{query}");
        }
        assert_eq!(title("# com|>ment"), None);
        assert!(title("_ti|>me:5m").is_some_and(|(_, kind)| kind == "filter"));
    }

    #[test]
    fn a_field_says_where_it_comes_from() {
        let about = |text: &str, at| hover(text, at).unwrap().about(Lang::En);
        let text = "a:1 | stats by (a) count() n | sort by (n, b)";
        assert!(about(text, 0).contains("of the source; the query names it 2×"));
        assert!(about(text, text.len() - 5).contains("Made by the query, which names it 2×"));
        assert!(about(text, text.len() - 2).contains("`stats` has not kept it"));
    }
}

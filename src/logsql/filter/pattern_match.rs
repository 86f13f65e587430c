//! `pattern_match("took <N>ms")` and its kin: texts with numbers, times and words in certain places.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::pipe::number_length;
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, go_quote, is_word_char, unquote_prefix};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call_glued, field_name, single};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "pattern_match",
    aliases: &["pattern_match_full", "pattern_match_prefix", "pattern_match_suffix"],
    syntax: "field:pattern_match(\"text <N> text\")",
    en: "Rows whose field contains the pattern, with `<N>`, `<IP4>`, `<UUID>`, `<TIME>`, `<DATE>`, `<DATETIME>` and `<W>` in it; `_full`, `_prefix`, `_suffix` fix its place.",
    ko: "필드에 패턴이 들어 있는 행. `<N>`, `<IP4>`, `<UUID>`, `<TIME>`, `<DATE>`, `<DATETIME>`, `<W>`를 쓸 수 있습니다. `_full`, `_prefix`, `_suffix`는 위치를 고정합니다.",
    example: "pattern_match(\"from <IP4>:<N>\")",
};

/// Where the pattern must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Whole,
    Start,
    End,
}

const PLACES: [(&str, Place); 4] = [
    ("pattern_match", Place::Anywhere),
    ("pattern_match_full", Place::Whole),
    ("pattern_match_prefix", Place::Start),
    ("pattern_match_suffix", Place::End),
];

/// A part of the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Number,
    Uuid,
    Ip4,
    Time,
    Date,
    DateTime,
    Word,
}

const PLACEHOLDERS: [(&str, Part); 7] = [
    ("<N>", Part::Number),
    ("<UUID>", Part::Uuid),
    ("<IP4>", Part::Ip4),
    ("<TIME>", Part::Time),
    ("<DATE>", Part::Date),
    ("<DATETIME>", Part::DateTime),
    ("<W>", Part::Word),
];

/// The filter.
#[derive(Debug, Clone)]
pub struct PatternMatch {
    field: String,
    pattern: String,
    place: Place,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_lowercase();
    let place = PLACES.iter().find(|(known, _)| *known == name).map_or(Place::Anywhere, |(_, place)| *place);
    call_glued(cursor, field, |arguments| {
        let pattern = single(&name, arguments)?;
        Ok(Filter::PatternMatch(PatternMatch { field: field_name(field), pattern, place }))
    })
}

/// Takes a pattern apart; what is no placeholder is text.
fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let Some((name, part)) = PLACEHOLDERS.iter().find(|(name, _)| rest.starts_with(name)) {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(part.clone());
            rest = &rest[name.len()..];
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

/// The end of what the parts match from `start` on.
fn end_of(parts: &[Part], text: &str, start: usize) -> Option<usize> {
    parts.iter().try_fold(start, |at, part| part.end(text, at))
}

/// The end of so many numbers with a separator between them.
fn numbers(text: &str, start: usize, count: usize, separator: char) -> Option<usize> {
    let first = start + number_length(text, start)?;
    (1..count).try_fold(first, |at, _| {
        let next = at + text[at..].strip_prefix(separator).map(|_| separator.len_utf8())?;
        Some(next + number_length(text, next)?)
    })
}

impl Part {
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        match self {
            Self::Text(wanted) => text[at..].starts_with(wanted.as_str()).then_some(at + wanted.len()),
            Self::Number => Some(at + number_length(text, at)?),
            Self::Uuid => numbers(text, at, 5, '-'),
            Self::Ip4 => numbers(text, at, 4, '.'),
            Self::Date => numbers(text, at, 3, '-').or_else(|| numbers(text, at, 3, '/')),
            Self::Time => {
                let end = numbers(text, at, 3, ':')?;
                let fraction = text[end..].starts_with(['.', ',']).then(|| number_length(text, end + 1)).flatten();
                Some(fraction.map_or(end, |length| end + 1 + length))
            }
            Self::DateTime => {
                let day = Self::Date.end(text, at)?;
                let time = text[day..].starts_with(['T', ' ']).then(|| Self::Time.end(text, day + 1))??;
                Some(match text[time..].chars().next() {
                    Some('Z') => time + 1,
                    Some('-' | '+') => numbers(text, time + 1, 2, ':').unwrap_or(time),
                    _ => time,
                })
            }
            Self::Word if text[at..].starts_with(['"', '\'', '`']) => {
                unquote_prefix(&text[at..]).map(|(_, length)| at + length)
            }
            Self::Word if at == text.len() => None,
            Self::Word => Some(text[at..].find(|c| !is_word_char(c)).map_or(text.len(), |length| at + length)),
        }
    }
}

fn matches(parts: &[Part], place: Place, text: &str) -> bool {
    let starts = || text.char_indices().map(|(start, _)| start).chain([text.len()]);
    match place {
        Place::Whole => end_of(parts, text, 0) == Some(text.len()),
        Place::Start => end_of(parts, text, 0).is_some(),
        Place::End => starts().any(|start| end_of(parts, text, start) == Some(text.len())),
        Place::Anywhere => starts().any(|start| end_of(parts, text, start).is_some()),
    }
}

impl Leaf for PatternMatch {
    fn print(&self, out: &mut String) {
        let name = PLACES.iter().find(|(_, place)| *place == self.place).map_or(DOC.name, |(name, _)| name);
        out.push_str(&format!("{}{name}({})", field_prefix(&self.field), go_quote(&self.pattern)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let (parts, place) = (parts(&self.pattern), self.place);
        Ok(Test::value(&self.field, move |value| matches(&parts, place, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_match_what_they_stand_for() {
        for (pattern, text, found) in [
            ("took <N>ms", "it took 15ms", true),
            ("took <N>ms", "it took xms", false),
            ("<IP4>:<N>", "from 10.0.0.1:80", true),
            ("<IP4>", "10.0.0", false),
            ("<UUID>", "id 2edfed59-3e98-4073-bbb2-28d321ca71a7!", true),
            ("<DATETIME>", "at 2024-01-02T03:04:05.678Z", true),
            ("<DATETIME> x", "2024/01/02 03:04:05+01:00 x", true),
            ("<DATE> <TIME>", "2024-01-02 03:04:05,1", true),
            ("user=<W> ok", "user=\"a b\" ok", true),
            ("user=<W> ok", "user=joe ok", true),
            ("user=<W> ok", "user=j-e ok", false),
            ("<foo>", "a<foo>b", true),
            ("", "", true),
        ] {
            assert_eq!(matches(&parts(pattern), Place::Anywhere, text), found, "{pattern} {text}");
        }
    }

    #[test]
    fn the_place_can_be_fixed() {
        assert!(matches(&parts("<W> b"), Place::Start, "a1 bc"));
        assert!(!matches(&parts("<W> b"), Place::Start, " a1 b"));
        assert!(matches(&parts("a <N>"), Place::Whole, "a 12"));
        assert!(!matches(&parts("a <N>"), Place::Whole, "a 12 "));
        assert!(matches(&parts("<N> b"), Place::End, "x 12 b"));
        assert!(!matches(&parts("<N> b"), Place::End, "x 12 bc"));
    }
}

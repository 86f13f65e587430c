//! The form of the construct that is being written, with the part marked where the cursor stands: an argument inside
//! brackets, or what a pipe's keyword takes.

use std::ops::Range;

use super::super::registry::{self, Doc, Sort};
use super::super::token::{Kind, Token, tokens};
use super::boundary;
use super::clause::Clause;

/// A construct that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The construct.
    pub doc: &'static Doc,
    /// The form that is meant.
    pub form: &'static str,
    /// The bytes of the form that stand for what is written now.
    pub current: Option<Range<usize>>,
}

/// What is open at one level of brackets.
#[derive(Debug, Default, Clone)]
struct Level {
    /// The function whose brackets these are.
    function: Option<&'static Doc>,
    /// The pipe that has begun.
    pipe: Option<&'static Doc>,
    /// The keywords of the pipe that were written, its name first.
    keywords: Vec<String>,
    /// Something was written behind the last keyword.
    given: bool,
    commas: usize,
    /// Right after a bar.
    after_bar: bool,
    /// The word just before, for the bracket that may follow.
    word: Option<String>,
    /// The function whose brackets were closed just before.
    closed: Option<&'static Doc>,
}

/// The construct around a position and the part of its form that stands there.
///
/// ```
/// use gatewatch::logsql::signature;
/// let found = signature("* | stats quantile(0.5, dur", 27).unwrap();
/// assert_eq!((found.doc.name, &found.form[found.current.unwrap()]), ("quantile", "field"));
/// ```
pub fn signature(text: &str, position: usize) -> Option<Signature> {
    let position = boundary(text, position);
    let mut levels = vec![Level::default()];
    let all = tokens(text);
    for token in all.iter().filter(|token| token.span.start < position) {
        if matches!(token.kind, Kind::Blank | Kind::Comment) {
            continue;
        }
        // What is only begun is no keyword yet.
        let begun = token.span.end >= position && token.kind == Kind::Word;
        read(text, token, begun, &mut levels);
    }
    let level = levels.last()?;
    if let Some(function) = level.function {
        return Some(in_brackets(function, &[function.name.to_owned()], level.commas));
    }
    if let Some(closed) = level.closed.filter(|doc| doc.sort == Sort::Stats && has_tail(doc)) {
        let mut keywords = vec![closed.name.to_owned()];
        keywords.extend(level.word.clone());
        return Some(behind(closed, &keywords, false));
    }
    if let Some(pipe) = level.pipe {
        return Some(behind(pipe, &level.keywords, level.given));
    }
    let above = levels.len().checked_sub(2).map(|above| &levels[above])?;
    let last = above.keywords.last()?;
    // A filter in brackets has no form of its own.
    (last != "if").then(|| in_brackets_of(above.pipe, &above.keywords, level.commas)).flatten()
}

fn read(text: &str, token: &Token, begun: bool, levels: &mut Vec<Level>) {
    let nested = levels.len() > 1;
    let Some(level) = levels.last_mut() else { return };
    let raw = &text[token.span.clone()];
    let bar = std::mem::take(&mut level.after_bar);
    let word = level.word.take();
    match (token.kind, raw) {
        (Kind::Symbol, "|") => *level = Level { after_bar: true, ..Level::default() },
        (Kind::Symbol, "(" | "[" | "{") => {
            let function = word.as_deref().and_then(|word| function(word, level));
            level.given = true;
            levels.push(Level { function, ..Level::default() });
        }
        (Kind::Symbol, ")" | "]" | "}") if nested => {
            let closed = levels.pop().and_then(|level| level.function);
            if let Some(level) = levels.last_mut() {
                level.closed = closed;
            }
        }
        (Kind::Symbol, ",") => {
            level.commas += 1;
            level.closed = None;
            level.given = true;
        }
        (Kind::Word, raw) if bar => level.begin(raw, begun),
        (Kind::Word, raw) => {
            let is_clause = level.pipe.is_some_and(|doc| is_literal(doc, raw)) && !begun;
            if is_clause {
                level.keywords.push(raw.to_lowercase());
                level.given = false;
            } else {
                level.given |= !begun;
            }
            let tail = level.closed.is_some_and(|doc| is_literal(doc, raw));
            if !tail {
                level.closed = None;
            }
            level.word = Some(raw.to_owned());
        }
        _ => level.given = true,
    }
}

impl Level {
    fn begin(&mut self, raw: &str, begun: bool) {
        if let Some(pipe) = registry::find_sort(Sort::Pipe, raw).filter(|_| !begun) {
            self.pipe = Some(pipe);
            self.keywords.push(pipe.name.to_owned());
        } else if registry::find_sort(Sort::Stats, raw).is_some() || raw.eq_ignore_ascii_case("by") {
            self.pipe = registry::find_sort(Sort::Pipe, "stats");
            self.keywords.push("stats".to_owned());
            if raw.eq_ignore_ascii_case("by") {
                self.keywords.push("by".to_owned());
            }
        }
        self.word = Some(raw.to_owned());
    }
}

fn function(word: &str, level: &Level) -> Option<&'static Doc> {
    let in_stats = level.pipe.is_some_and(|pipe| pipe.name == "stats");
    if in_stats && level.keywords.last().is_none_or(|last| last != "by") {
        return registry::find_sort(Sort::Stats, word);
    }
    let is_call = registry::is_filter_name(&word.to_lowercase());
    registry::find_sort(Sort::Filter, word).filter(|_| is_call && level.pipe.is_none_or(|pipe| pipe.name == "filter"))
}

/// Whether a word of the form is written as it is: a keyword, not a name for something.
fn is_literal(doc: &Doc, word: &str) -> bool {
    Clause::find(word).is_some() && literals(doc.forms()[0]).any(|(literal, _)| literal.eq_ignore_ascii_case(word))
}

/// The words of a form that are written as they are, with their places; its name first.
fn literals(form: &'static str) -> impl Iterator<Item = (&'static str, Range<usize>)> {
    let mut depth = 0_usize;
    let mut first = true;
    tokens(form).into_iter().filter_map(move |token| {
        let raw = &form[token.span.clone()];
        match raw {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let name = std::mem::take(&mut first);
        let literal = name || depth == 0 && token.kind == Kind::Word && Clause::find(raw).is_some();
        literal.then_some((raw, token.span))
    })
}

/// Whether something stands behind the brackets of a function.
fn has_tail(doc: &Doc) -> bool {
    literals(doc.forms()[0]).count() > 1
}

/// The end of the last of these keywords in the form.
fn anchor(form: &'static str, keywords: &[String]) -> usize {
    let places: Vec<_> = literals(form).collect();
    let mut next = 0;
    let mut end = places.first().map_or(0, |(_, span)| span.end);
    for keyword in keywords.iter().skip(1) {
        let found = (next + 1..places.len()).chain(1..=next.min(places.len().saturating_sub(1)));
        if let Some(place) = found.into_iter().find(|place| places.get(*place).is_some_and(|(word, _)| word == keyword))
        {
            next = place;
            end = places[place].1.end;
        }
    }
    end
}

/// What the last keyword takes.
fn behind(doc: &'static Doc, keywords: &[String], given: bool) -> Signature {
    let form = doc.forms()[0];
    let from = anchor(form, keywords);
    let stop = literals(form).map(|(_, span)| span.start).find(|start| *start >= from).unwrap_or(form.len());
    let part = &form[from..stop];
    let trimmed = part.trim();
    let start = from + part.find(trimmed).unwrap_or(0);
    let current = (!given && !trimmed.is_empty()).then(|| start..start + trimmed.len());
    Signature { doc, form, current }
}

/// An argument of a function.
fn in_brackets(doc: &'static Doc, keywords: &[String], commas: usize) -> Signature {
    let form = doc.forms().into_iter().find(|form| form.contains('(')).unwrap_or(doc.syntax);
    Signature { doc, form, current: argument(form, anchor(form, keywords), commas) }
}

fn in_brackets_of(pipe: Option<&'static Doc>, keywords: &[String], commas: usize) -> Option<Signature> {
    let doc = pipe?;
    let form = doc.forms()[0];
    Some(Signature { doc, form, current: argument(form, anchor(form, keywords), commas) })
}

/// The argument of that number in the first brackets behind a place; the last one goes on.
fn argument(form: &str, from: usize, number: usize) -> Option<Range<usize>> {
    let open = from + form.get(from..)?.find(['(', '[', '{'])? + 1;
    let close = open + form[open..].find([')', ']', '}'])?;
    let mut parts = Vec::new();
    let mut start = open;
    for part in form[open..close].split(',') {
        let trimmed = part.trim();
        let at = start + part.find(trimmed).unwrap_or(0);
        if !matches!(trimmed, "" | "…") {
            parts.push(at..at + trimmed.len());
        }
        start += part.len() + 1;
    }
    parts.get(number).or(parts.last()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> Option<(&'static str, &'static str)> {
        let found = signature(text, text.len())?;
        Some((found.doc.name, found.current.map_or("", |range| &found.form[range])))
    }

    #[test]
    fn the_part_that_is_written_now_is_marked() {
        for (text, expected) in [
            ("* | stats count_uniq(", Some(("count_uniq", "field"))),
            ("* | stats quantile(", Some(("quantile", "phi"))),
            ("* | stats quantile(0.5, a, b", Some(("quantile", "field"))),
            ("* | count_uniq(a) limit ", Some(("count_uniq", "N"))),
            ("* | stats by (a, ", Some(("stats", "field:bucket offset o"))),
            ("* | stats by (a) ", Some(("stats", ""))),
            ("* | sort by (a) limit ", Some(("sort", "N"))),
            ("* | sort by (a) limit 5 ", Some(("sort", ""))),
            ("* | sort by (a) partition by (", Some(("sort", "field"))),
            ("* | sort ", Some(("sort", ""))),
            ("* | limit ", Some(("limit", "N"))),
            ("* | top 5 by (", Some(("top", "field"))),
            ("* | rename ", Some(("rename", "source"))),
            ("path:ipv4_range(1.2.3.4, ", Some(("ipv4_range", "last"))),
            ("status:in(", Some(("in", "value"))),
            ("* | filter status:in(", Some(("in", "value"))),
            ("a:in(b | sort by (c) limit ", Some(("sort", "N"))),
            ("* | stats count() if (", None),
            ("status:404", None),
            ("* | so", None),
            ("(a or ", None),
        ] {
            assert_eq!(marked(text), expected, "{text}");
        }
    }

    #[test]
    fn every_form_has_its_name_and_no_place_makes_it_stumble() {
        for doc in registry::all() {
            for at in 0..=doc.example.len() {
                if let Some(found) = signature(doc.example, at) {
                    assert!(found.current.is_none_or(|range| found.form.get(range).is_some()), "{}", doc.example);
                }
            }
        }
    }
}

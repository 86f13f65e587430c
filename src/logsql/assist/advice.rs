//! What a query may say but hardly means, and what costs more than it has to: misspelled pipes that read as words,
//! fields that are not there any more, sorting and collecting without an end, regular expressions that are none, all of
//! time on a server.

use std::ops::Range;

use super::super::pipe::Pipe;
use super::super::problem::{Diagnostic, Problem};
use super::super::quote::go_quote;
use super::super::registry::{self, Sort};
use super::super::token::{self, Kind, Token, tokens};
use super::super::trace::{Event, How, Trace};
use super::scope::{Comes, Scope};

/// What a query will be run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// A server, which may hold months of logs.
    pub server: bool,
    /// The request has a range of its own.
    pub bounded: bool,
}

/// What is worth saying before a query is run there.
pub fn advice(text: &str, reach: Reach) -> Vec<Diagnostic> {
    let parsed = super::super::parse(text);
    let Ok(query) = parsed.query() else { return Vec::new() };
    let bounded = reach.bounded && !query.options.ignores_range();
    let (from, _) = query.time_range(0);
    if !reach.server || bounded || from != i64::MIN {
        return Vec::new();
    }
    let start = own_filter(text, 0).map_or(0, |(range, _)| range.start);
    vec![Diagnostic { span: start..start, problem: Problem::AllTime, nearest: None }]
}

/// The bytes of the query's own filter behind its options, and whether it is one of several.
pub(super) fn own_filter(text: &str, from: usize) -> Option<(Range<usize>, bool)> {
    let mut depth = 0_usize;
    let (mut start, mut end) = (None, from);
    let mut either = false;
    let mut in_options = false;
    for token in tokens(text).iter().filter(|token| token.span.start >= from) {
        let raw = if token.kind == Kind::Quoted { "\"" } else { &text[token.span.clone()] };
        match raw {
            _ if matches!(token.kind, Kind::Blank | Kind::Comment) => continue,
            "|" if depth == 0 => break,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "options" if start.is_none() => in_options = true,
            _ => {}
        }
        if in_options {
            in_options = !(raw == ")" && depth == 0);
            continue;
        }
        either |= depth == 0 && raw.eq_ignore_ascii_case("or");
        start = start.or(Some(token.span.start));
        end = token.span.end;
    }
    Some((start?..end, either))
}

/// What is allowed but hardly meant, or costs much.
pub(in super::super) fn doubts(text: &str, trace: Trace) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let all: Vec<Token> =
        tokens(text).into_iter().filter(|token| !matches!(token.kind, Kind::Blank | Kind::Comment)).collect();
    let mut queries: Vec<Vec<(&Pipe, Range<usize>)>> = vec![Vec::new()];
    for (_, event) in &trace.events {
        match event {
            Event::Query => queries.push(Vec::new()),
            Event::QueryEnd => {
                let pipes = queries.pop().unwrap_or_default();
                endless_sorts(&pipes, &mut found);
                words_for_pipes(text, &pipes, &all, &mut found);
            }
            Event::Pipe(pipe, span) => {
                if let Some(pipes) = queries.last_mut() {
                    pipes.push((pipe, span.clone()));
                }
            }
            Event::Mention(_) | Event::Flows => {}
        }
    }
    regexes(text, &all, &mut found);
    values(text, &all, &mut found);
    gone(&Scope::of(trace), &mut found);
    found.sort_by_key(|found| found.span.start);
    found
}

fn warn(found: &mut Vec<Diagnostic>, span: Range<usize>, problem: Problem, nearest: Option<String>) {
    found.push(Diagnostic { span, problem, nearest });
}

/// A `sort` that keeps every row: nothing before it leaves few, nothing right behind it takes few.
fn endless_sorts(pipes: &[(&Pipe, Range<usize>)], found: &mut Vec<Diagnostic>) {
    for (index, (pipe, span)) in pipes.iter().enumerate() {
        let Pipe::Sort(sort) = pipe else { continue };
        let few = |pipe: &Pipe| {
            matches!(
                pipe,
                Pipe::Stats(_) | Pipe::Uniq(_) | Pipe::Top(_) | Pipe::Limit(_) | Pipe::First(_) | Pipe::Last(_)
            )
        };
        let bounded = pipes[..index].iter().any(|(before, _)| few(before))
            || pipes[index + 1..]
                .iter()
                .find(|(after, _)| !matches!(after, Pipe::Offset(_)))
                .is_some_and(|(after, _)| matches!(after, Pipe::Limit(_)));
        if sort.is_unlimited() && !bounded {
            warn(found, span.clone(), Problem::SortsEverything, None);
        }
    }
}

/// `| hed 5` searches for two words.
fn words_for_pipes(text: &str, pipes: &[(&Pipe, Range<usize>)], all: &[Token], found: &mut Vec<Diagnostic>) {
    for (pipe, span) in pipes {
        let Some(at) = all.iter().position(|token| token.span.start == span.start) else { continue };
        let word = &text[all[at].span.clone()];
        let next = all.get(at + 1).map_or("", |next| &text[next.span.clone()]);
        let named = registry::find_sort(Sort::Pipe, word).is_some();
        if !matches!(pipe, Pipe::Filter(_)) || all[at].kind != Kind::Word || named || matches!(next, ":" | "*") {
            continue;
        }
        if let Some(name) = registry::nearest(&[Sort::Pipe, Sort::Stats], word) {
            warn(found, all[at].span.clone(), Problem::ReadsAsWord(word.to_owned()), Some(name.to_owned()));
        }
    }
}

/// Regular expressions that begin or end with `.*`, or that are a plain text.
fn regexes(text: &str, all: &[Token], found: &mut Vec<Diagnostic>) {
    for window in all.windows(3) {
        let [colon, sign, pattern] = window else { continue };
        let raw = &text[sign.span.clone()];
        let glued = sign.span.end == pattern.span.start;
        let is_regex = &text[colon.span.clone()] == ":" && matches!(raw, "~" | "!~") && sign.kind == Kind::Symbol;
        if !is_regex || !glued || !matches!(pattern.kind, Kind::Quoted | Kind::Word) {
            continue;
        }
        if without_wildcards(&text[pattern.span.clone()]).is_some() {
            warn(found, pattern.span.clone(), Problem::LeadingWildcard, None);
        } else if let Some(better) = plain(&token::value(text, pattern), raw == "!~") {
            warn(found, sign.span.start..pattern.span.end, Problem::RegexIsExact { better }, None);
        }
    }
}

/// A quoted expression as it is written, without `.*` at its ends; `None` where it has none there, or nothing else.
pub(super) fn without_wildcards(written: &str) -> Option<String> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '`' | '\''))?;
    let inside = written.strip_prefix(quote)?.strip_suffix(quote)?;
    let repeated = |rest: &str| rest.starts_with(['{', '+', '*']);
    let mut bare = inside;
    if let Some(rest) = bare.strip_prefix(".*").filter(|rest| !repeated(rest)) {
        bare = rest.strip_prefix('?').unwrap_or(rest);
    }
    if let Some(rest) = bare.strip_suffix(".*").filter(|rest| !rest.ends_with('\\')) {
        bare = rest;
    }
    (bare != inside && !bare.is_empty()).then(|| format!("{quote}{bare}{quote}"))
}

/// What stands for an anchored expression that is a plain text or a choice of such.
fn plain(pattern: &str, negated: bool) -> Option<String> {
    let body = pattern.strip_prefix('^')?;
    let (body, whole) = match body.strip_suffix('$') {
        Some(body) if !body.ends_with('\\') => (body, true),
        _ => (body, false),
    };
    let not = if negated { "!" } else { "" };
    if let Some(choice) = body.strip_prefix('(').and_then(|body| body.strip_suffix(')')).filter(|_| whole) {
        let choice = choice.strip_prefix("?:").unwrap_or(choice);
        let values: Option<Vec<String>> =
            choice.split('|').map(|part| literal(part).map(|text| go_quote(&text))).collect();
        return values.map(|values| format!("{not}in({})", values.join(",")));
    }
    let text = literal(body)?;
    Some(format!("{not}={}{}", go_quote(&text), if whole { "" } else { "*" }))
}

/// The text that an expression without operators matches.
fn literal(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => out.push(characters.next().filter(char::is_ascii_punctuation)?),
            c if ".+*?()|[]{}^$".contains(c) => return None,
            c => out.push(c),
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Functions that keep every value they see, without a limit.
fn values(text: &str, all: &[Token], found: &mut Vec<Diagnostic>) {
    let raw = |at: usize| all.get(at).map_or("", |token| &text[token.span.clone()]);
    let mut piped = false;
    for at in 0..all.len() {
        piped |= raw(at) == "|";
        let name = raw(at).to_ascii_lowercase();
        let keeps = matches!(name.as_str(), "values" | "uniq_values" | "json_values") && all[at].kind == Kind::Word;
        if !piped || !keeps || raw(at + 1) != "(" {
            continue;
        }
        let mut depth = 0_usize;
        let close = (at + 1..all.len()).find(|at| {
            match raw(*at) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        });
        if let Some(close) = close.filter(|close| !raw(close + 1).eq_ignore_ascii_case("limit")) {
            warn(found, all[at].span.start..all[close].span.end, Problem::KeepsValues(name), None);
        }
    }
}

/// Fields that are read after a pipe that has not kept them.
fn gone(scope: &Scope, found: &mut Vec<Diagnostic>) {
    for placed in &scope.placed {
        let Comes::Gone(by) = scope.comes(placed) else { continue };
        let name = &placed.mention.name;
        if placed.mention.how != How::Read || name.starts_with('_') {
            continue;
        }
        // Of short names every one is near to every other.
        let close = |other: &&str| {
            name.len() > 3 && strsim::damerau_levenshtein(other, name) <= 1 + usize::from(name.len() > 6)
        };
        let mut known = scope.placed.iter().filter(|other| !matches!(scope.comes(other), Comes::Gone(_)));
        let nearest =
            known.find_map(|other| Some(other.mention.name.as_str()).filter(close).filter(|near| near != name));
        let nearest = nearest.map(str::to_owned);
        warn(found, placed.mention.span.clone(), Problem::Gone { name: name.clone(), by }, nearest);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{format, parse};

    fn codes(text: &str) -> Vec<&'static str> {
        parse(text).diagnostics.iter().map(super::Diagnostic::code).collect()
    }

    #[test]
    fn what_is_fine_is_not_doubted() {
        for query in [
            "* | stats by (a) count() n | sort by (n)",
            "* | sort by (a) | offset 5 | limit 10",
            "path:~\"(?i)login\" | limit 1",
            "path:~\"^/a.b\"",
            "* | stats uniq_values(a) limit 5 v",
            "* | top 5 by (a) | sort by (hits)",
            "* | stats by (a) count() n | unpack_json from a | filter b:1",
            "* | stats by (ip) count() n | join by (ip) (kind:x) | filter kind:x",
            "* | fields a*, b | filter abc:1",
            "* | error",
            "error | filter statss:5",
            "* | format \"<a>\" as a | fields a",
        ] {
            assert_eq!(codes(query), Vec::<&str>::new(), "{query}");
        }
        for doc in super::registry::all() {
            let found = codes(doc.example);
            assert!(
                found.iter().all(|code| matches!(*code, "keeps-values" | "sorts-everything")),
                "{}: {found:?}",
                doc.example
            );
        }
        for query in crate::library::shipped() {
            assert_eq!(codes(&query.text), Vec::<&str>::new(), "{}", query.slug);
        }
    }

    #[test]
    fn a_better_form_means_the_same() {
        use super::super::super::tests::run_rows;
        let rows: &[&[(&str, &str)]] =
            &[&[("p", "/login")], &[("p", "/login/x")], &[("p", "x/login")], &[("p", "/a.b")], &[("p", "/aXb")], &[]];
        for (one, other) in [
            ("p:~\"^/login\"", "p:=\"/login\"*"),
            ("p:~\"^/login$\"", "p:=\"/login\""),
            ("p:!~\"^(/login|/a\\\\.b)$\"", "p:!in(\"/login\",\"/a.b\")"),
            ("p:~\".*login.*\"", "p:~\"login\""),
        ] {
            let found = parse(one).diagnostics;
            let mended = super::super::edited(one, &super::super::fix(one, &found[0]).unwrap().edits);
            assert_eq!(mended, other);
            assert!(format(&mended).is_ok());
            assert_eq!(run_rows(one, rows), run_rows(other, rows), "{one}");
        }
    }

    #[test]
    fn a_field_that_a_pipe_has_not_kept_is_told() {
        for (query, about) in [
            ("* | stats by (a) count() n | sort by (b)", "b"),
            ("* | fields a | filter b:1", "b"),
            ("* | delete a | filter a:1", "a"),
            ("x:in(* | stats by (ip) count() n | filter z:1 | fields ip)", "z"),
        ] {
            let found = parse(query).diagnostics;
            assert_eq!(
                found.iter().map(|found| (found.code(), &query[found.span.clone()])).collect::<Vec<_>>(),
                [("gone", about)]
            );
        }
    }
}

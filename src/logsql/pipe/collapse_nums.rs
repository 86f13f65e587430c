//! `collapse_nums at field prettify`: numbers become `<N>`, so that messages of one kind look alike.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::Parsed;
use super::super::quote::{is_word_char, quoted};
use super::super::registry::{Doc, Sort as Kind};
use super::update::update;
use super::{Query, RowFilter, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "collapse_nums",
    aliases: &[],
    syntax: "collapse_nums if (filter) at field prettify",
    en: "Replaces numbers by `<N>`; `prettify` makes `<IP4>`, `<UUID>`, `<DATETIME>` of them.",
    ko: "숫자를 `<N>`으로 바꿉니다. `prettify`는 `<IP4>`, `<UUID>`, `<DATETIME>`으로 만듭니다.",
    example: "* | collapse_nums prettify",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct CollapseNums {
    condition: Option<RowFilter>,
    field: String,
    prettify: bool,
}

impl CollapseNums {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let field = if cursor.take("at") { cursor.field()? } else { "_msg".to_owned() };
        Ok(Self { condition, field, prettify: cursor.take("prettify") })
    }
}

impl Step for CollapseNums {
    fn print(&self, out: &mut String) {
        out.push_str("collapse_nums");
        print_if(self.condition.as_ref(), out);
        if self.field != "_msg" {
            out.push_str(&format!(" at {}", quoted(&self.field)));
        }
        out.push_str(if self.prettify { " prettify" } else { "" });
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(condition) = self.condition.as_ref().filter(|_| needs.has(&self.field)) {
            condition.needs(needs);
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let prettify = self.prettify;
        Ok(update(&self.field, condition, move |value| {
            let collapsed = collapse(value);
            if prettify { prettified(&collapsed) } else { collapsed }
        }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

/// Runs of decimal or hexadecimal digits that stand for themselves become `<N>`.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if let Some(length) = number_length(text, at) {
            out.push_str("<N>");
            at += length;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    out
}

/// Whether digits at this place would be a number rather than the end of a word.
fn begins_number(text: &str, start: usize) -> bool {
    text[..start].chars().next_back().is_none_or(|c| "TXxvshm".contains(c) || !is_word_char(c))
}

/// The length of the number that begins at this place.
pub(in super::super) fn number_length(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    if !rest.starts_with(|c: char| c.is_ascii_hexdigit()) || !begins_number(text, start) {
        return None;
    }
    let length = rest.bytes().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(rest.len());
    let ends = || rest[length..].chars().next().is_none_or(|c| "TZsmhμun".contains(c) || !is_word_char(c));
    (ends() && is_plausible(&rest[..length])).then_some(length)
}

/// Decimal digits, or an even number of at least four hexadecimal ones.
fn is_plausible(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) || (digits.len() >= 4 && digits.len().is_multiple_of(2))
}

fn prettified(text: &str) -> String {
    let subseconds = |rest: &str| if rest.starts_with(".<N>") || rest.starts_with(",<N>") { 4 } else { 0 };
    let zone = |rest: &str| match rest.as_bytes().first() {
        Some(b'Z') => 1,
        Some(b'-' | b'+') if rest[1..].starts_with("<N>:<N>") => 8,
        _ => 0,
    };
    let nothing = |_: &str| 0;
    let text = replace_with_tail(text, "<N>-<N>-<N>-<N>-<N>", "<UUID>", nothing);
    let text = replace_with_tail(&text, "<N>.<N>.<N>.<N>", "<IP4>", nothing);
    let text = replace_with_tail(&text, "<N>:<N>:<N>", "<TIME>", subseconds);
    let text = replace_with_tail(&text, "<N>-<N>-<N>", "<DATE>", nothing);
    let text = replace_with_tail(&text, "<N>/<N>/<N>", "<DATE>", nothing);
    let text = replace_with_tail(&text, "<DATE>T<TIME>", "<DATETIME>", zone);
    replace_with_tail(&text, "<DATE> <TIME>", "<DATETIME>", zone)
}

fn replace_with_tail(text: &str, old: &str, new: &str, tail: impl Fn(&str) -> usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(old) {
        out.push_str(before);
        out.push_str(new);
        rest = &after[tail(after)..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_collapse_words_stay() {
        for (text, collapsed, pretty) in [
            ("took 15ms for 0xdeadbeef", "took <N>ms for 0x<N>", "took <N>ms for 0x<N>"),
            (
                "10.0.0.1 at 2024-01-02T03:04:05.678Z",
                "<N>.<N>.<N>.<N> at <N>-<N>-<N>T<N>:<N>:<N>.<N>Z",
                "<IP4> at <DATETIME>",
            ),
            ("be a cafe1 x1y", "be a cafe1 x1y", "be a cafe1 x1y"),
        ] {
            assert_eq!(collapse(text), collapsed);
            assert_eq!(prettified(collapsed), pretty);
        }
    }
}

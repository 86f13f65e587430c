//! `len(field) as result`: the length in bytes.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::Step;
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "len",
    aliases: &[],
    syntax: "len(field) as result",
    en: "Puts the length of a field in bytes into another one.",
    ko: "필드의 바이트 길이를 다른 필드에 넣습니다.",
    example: "* | len(path) as path_len",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Len {
    from: String,
    to: String,
}

impl Len {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (from, to) = parse_derived(cursor)?;
        Ok(Self { from, to })
    }
}

/// `(field) as result`, with parentheses and `as` optional.
pub(super) fn parse_derived(cursor: &mut Cursor<'_>) -> Parsed<(String, String)> {
    let from = parse_optional_parens(cursor)?;
    cursor.take("as");
    let to = if cursor.pipe_ends() { "_msg".to_owned() } else { cursor.result(How::Made)? };
    Ok((from, to))
}

/// `field` or `(field)`.
pub(super) fn parse_optional_parens(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let parens = cursor.take("(");
    let field = cursor.field()?;
    if parens {
        cursor.expect(")")?;
    }
    Ok(field)
}

/// Appends `name(field) as result`.
pub(super) fn print_derived(pipe: &str, from: &str, to: &str, out: &mut String) {
    out.push_str(&format!("{pipe}({})", quoted(from)));
    if to != "_msg" {
        out.push_str(&format!(" as {}", quoted(to)));
    }
}

/// The fields before a pipe that makes one field of another.
pub(super) fn needs_of_derived(from: &str, to: &str, needs: &mut Needs) {
    if needs.has(to) {
        needs.made(to);
        needs.add(from);
    }
}

impl Step for Len {
    fn print(&self, out: &mut String) {
        print_derived("len", &self.from, &self.to, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.from, &self.to, needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.from, &self.to, |value| value.len().to_string()))
    }
}

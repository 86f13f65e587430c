//! `unpack_logfmt from field fields (a, b*) result_prefix p`.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::unquote_prefix;
use super::super::registry::{Doc, Sort as Kind};
use super::rows::Extra;
use super::unpack_json::Unpacking;
use super::{Query, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "unpack_logfmt",
    aliases: &[],
    syntax: "unpack_logfmt if (filter) from field fields (name, prefix*) result_prefix prefix keep_original_fields",
    en: "Makes fields of a logfmt line.",
    ko: "logfmt 한 줄을 필드로 풉니다.",
    example: "* | unpack_logfmt from message fields (level, user)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct UnpackLogfmt(Unpacking);

impl UnpackLogfmt {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Unpacking::parse(cursor).map(Self)
    }
}

/// `name=value name="quoted value" name`.
pub(in super::super) fn unpack(text: &str) -> Extra {
    let mut out = Extra::new();
    let mut add = |name: &str, value: String| {
        let name = name.trim();
        if !name.is_empty() || !value.is_empty() {
            out.push((name.to_owned(), value));
        }
    };
    let mut rest = text;
    loop {
        let Some(end) = rest.find(['=', ' ']) else {
            add(rest, String::new());
            return out;
        };
        let (name, blank) = (&rest[..end], rest.as_bytes()[end] == b' ');
        rest = &rest[end + 1..];
        if blank {
            add(name, String::new());
            continue;
        }
        if rest.starts_with(['"', '`'])
            && let Some((value, length)) = unquote_prefix(rest)
        {
            add(name, value);
            match rest[length..].strip_prefix(' ') {
                Some(after) => rest = after,
                None => return out,
            }
            continue;
        }
        match rest.split_once(' ') {
            Some((value, after)) => {
                add(name, value.to_owned());
                rest = after;
            }
            None => {
                add(name, rest.to_owned());
                return out;
            }
        }
    }
}

impl Step for UnpackLogfmt {
    fn print(&self, out: &mut String) {
        self.0.print("unpack_logfmt", out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        self.0.stage(run, |text| Some(unpack(text)))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        self.0.visit_queries(visit);
    }
}

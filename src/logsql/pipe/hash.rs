//! `hash(field) as result`: a number that follows from the value.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::len::{needs_of_derived, parse_derived, print_derived};
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "hash",
    aliases: &[],
    syntax: "hash(field) as result",
    en: "Puts a hash of a field (53 bits of xxHash64) into another one.",
    ko: "필드의 해시(xxHash64의 53비트)를 다른 필드에 넣습니다.",
    example: "* | hash(remote_addr) as bucket",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Hash {
    from: String,
    to: String,
}

impl Hash {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (from, to) = parse_derived(cursor)?;
        Ok(Self { from, to })
    }
}

impl Step for Hash {
    fn print(&self, out: &mut String) {
        print_derived("hash", &self.from, &self.to, out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.from, &self.to, needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.from, &self.to, |value| {
            (super::super::xxhash::hash64(value.as_bytes()) & ((1 << 53) - 1)).to_string()
        }))
    }
}

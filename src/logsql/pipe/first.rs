//! `first N by (a, b) partition by (c) rank as r`.

use super::super::registry::{Doc, Sort as Kind};
use super::ends::Ends;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "first",
    aliases: &[],
    syntax: "first N by (field desc, …) partition by (field, …) rank as name",
    en: "Keeps the first N rows in the order of the fields, one where no number is given.",
    ko: "필드 순서로 처음 N개 행을 남깁니다. 숫자가 없으면 하나입니다.",
    example: "* | first 3 by (duration) partition by (path)",
};

/// The pipe.
pub type First = Ends<false>;

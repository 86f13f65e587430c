//! `last N by (a, b) partition by (c) rank as r`.

use super::super::registry::{Doc, Sort as Kind};
use super::ends::Ends;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "last",
    aliases: &[],
    syntax: "last N by (field desc, …) partition by (field, …) rank as name",
    en: "Keeps the last N rows in the order of the fields, one where no number is given.",
    ko: "필드 순서로 마지막 N개 행을 남깁니다. 숫자가 없으면 하나입니다.",
    example: "* | last 3 by (duration) partition by (path)",
};

/// The pipe.
pub type Last = Ends<true>;

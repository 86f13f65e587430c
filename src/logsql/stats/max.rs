//! `max(a, b)`: the greatest value of the fields: numbers before text, text in natural order.

use super::super::registry::{Doc, Sort};
use super::extreme::Extreme;

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Stats,
    name: "max",
    aliases: &[],
    syntax: "max(field, …)",
    en: "The greatest value of the fields: numbers before text, text in natural order.",
    ko: "필드의 가장 큰 값. 숫자가 글자보다 앞이고, 글자는 자연 순서입니다.",
    example: "* | stats max(duration) as d",
};

/// The function.
pub type Max = Extreme<true>;

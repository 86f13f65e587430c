//! `ipv4_range(a, b)`, `ipv4_range("a/24")`: IPv4 addresses in a range.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::number::{ipv4_text, parse_ipv4, parse_ipv4_range};
use super::super::problem::{Parsed, Problem};
use super::super::quote::field_prefix;
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "ipv4_range",
    aliases: &[],
    syntax: "field:ipv4_range(first, last), field:ipv4_range(\"10.0.0.0/8\")",
    en: "Rows whose field is an IPv4 address in the range.",
    ko: "필드가 대역 안의 IPv4 주소인 행.",
    example: "remote_addr:ipv4_range(198.51.100.0, 198.51.100.255)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Ipv4Range {
    field: String,
    first: u32,
    last: u32,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    call(cursor, field, |arguments| {
        let bad = |text: &String| Problem::BadAddress(text.clone());
        let (first, last) = match arguments.as_slice() {
            [range] => parse_ipv4_range(range).ok_or_else(|| bad(range))?,
            [first, last] => (parse_ipv4(first).ok_or_else(|| bad(first))?, parse_ipv4(last).ok_or_else(|| bad(last))?),
            _ => return Err(Problem::Arguments { name, takes: "1–2", got: arguments.len() }),
        };
        Ok(Filter::Ipv4Range(Ipv4Range { field: field_name(field), first, last }))
    })
}

impl Leaf for Ipv4Range {
    fn print(&self, out: &mut String) {
        let (first, last) = (ipv4_text(self.first), ipv4_text(self.last));
        out.push_str(&format!("{}ipv4_range({first}, {last})", field_prefix(&self.field)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let range = self.first..=self.last;
        Ok(Test::value(&self.field, move |value| parse_ipv4(value).is_some_and(|address| range.contains(&address))))
    }
}

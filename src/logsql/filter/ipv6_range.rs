//! `ipv6_range(a, b)`, `ipv6_range("2001:db8::/32")`: IPv6 addresses in a range.

use std::net::{IpAddr, Ipv6Addr};

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem};
use super::super::quote::{field_prefix, go_quote};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call_glued, field_name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "ipv6_range",
    aliases: &[],
    syntax: "field:ipv6_range(\"first\", \"last\"), field:ipv6_range(\"2001:db8::/32\")",
    en: "Rows whose field is an IPv6 address in the range; an IPv4 address counts as `::ffff:a.b.c.d`.",
    ko: "필드가 대역 안의 IPv6 주소인 행. IPv4 주소는 `::ffff:a.b.c.d`로 봅니다.",
    example: "remote_addr:ipv6_range(\"2001:db8::\", \"2001:db8::ffff\")",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct Ipv6Range {
    field: String,
    first: Ipv6Addr,
    last: Ipv6Addr,
}

fn address(text: &str) -> Option<Ipv6Addr> {
    Some(match text.parse().ok()? {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    })
}

/// An address or `address/bits`: its first and last address.
fn range(text: &str) -> Option<(Ipv6Addr, Ipv6Addr)> {
    let Some((start, bits)) = text.split_once('/') else {
        let only = address(text)?;
        return Some((only, only));
    };
    let start = address(start)?.to_bits();
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 128)?;
    let host = u128::MAX.checked_shr(bits).unwrap_or(0);
    Some((Ipv6Addr::from_bits(start & !host), Ipv6Addr::from_bits(start | host)))
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let name = cursor.value().to_owned();
    call_glued(cursor, field, |arguments| {
        let bad = |text: &String| Problem::BadAddress(text.clone());
        let (first, last) = match arguments.as_slice() {
            [only] => range(only).ok_or_else(|| bad(only))?,
            [first, last] => (address(first).ok_or_else(|| bad(first))?, address(last).ok_or_else(|| bad(last))?),
            _ => return Err(Problem::Arguments { name, takes: "1–2", got: arguments.len() }),
        };
        Ok(Filter::Ipv6Range(Ipv6Range { field: field_name(field), first, last }))
    })
}

impl Leaf for Ipv6Range {
    fn print(&self, out: &mut String) {
        let (first, last) = (go_quote(&self.first.to_string()), go_quote(&self.last.to_string()));
        out.push_str(&format!("{}ipv6_range({first}, {last})", field_prefix(&self.field)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        let range = self.first..=self.last;
        Ok(Test::value(&self.field, move |value| address(value).is_some_and(|address| range.contains(&address))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn addresses_of_the_range_pass() {
        let rows: &[&[(&str, &str)]] =
            &[&[("a", "2001:db8::5")], &[("a", "2001:db9::")], &[("a", "10.0.0.1")], &[("a", "x")], &[("b", "")]];
        assert_eq!(run_rows("a:ipv6_range(\"2001:db8::/32\")", rows), ["a=2001:db8::5"]);
        assert_eq!(run_rows("a:ipv6_range(\"2001:db8::\", \"2001:db9::1\")", rows), ["a=2001:db8::5", "a=2001:db9::"]);
        assert_eq!(run_rows("a:ipv6_range(\"::ffff:10.0.0.0/104\")", rows), ["a=10.0.0.1"]);
    }
}

//! `value_type(uint64)`: how VictoriaLogs would store the field, if all rows of the input were one block.

use std::collections::BTreeSet;

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Run, Scan, Stop};
use super::super::number::{parse_f64, parse_i64, parse_ipv4, parse_u64};
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::super::time::parse_rfc3339;
use super::{Filter, Leaf, Test, call, field_name, single};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "value_type",
    aliases: &[],
    syntax: "field:value_type(type)",
    en: "Rows of blocks in which VictoriaLogs stores the field as this type: const, dict, string, uint8…uint64, int64, float64, ipv4, iso8601. A file counts as one block.",
    ko: "VictoriaLogs가 필드를 이 타입으로 저장하는 블록의 행: const, dict, string, uint8…uint64, int64, float64, ipv4, iso8601. 파일은 한 블록으로 봅니다.",
    example: "duration:value_type(float64)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct ValueType {
    field: String,
    wanted: String,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    call(cursor, field, |arguments| {
        let wanted = single("value_type", arguments)?;
        Ok(Filter::ValueType(ValueType { field: field_name(field), wanted }))
    })
}

impl Leaf for ValueType {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("{}value_type({})", field_prefix(&self.field), quoted(&self.wanted)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, run: &Run<'_>) -> Result<Test, Stop> {
        // Times are stored apart from other fields.
        if self.field == "_time" {
            return Ok(Test::Always(false));
        }
        let mut stored = Stored::default();
        let mut fields = Needs::none();
        fields.add(&self.field);
        let scan = Scan::all(fields, i64::MIN, i64::MAX);
        run.input.scan(&scan, &mut |batch| {
            run.check()?;
            let column = batch.column(&self.field);
            (0..batch.rows).for_each(|row| stored.add(column.get(row)));
            Ok(Flow::More)
        })?;
        Ok(Test::Always(stored.name() == Some(self.wanted.as_str())))
    }
}

/// What is known of all values of a field: which ways to store them are still open.
#[derive(Debug)]
struct Stored {
    few: BTreeSet<String>,
    /// The bytes of the different values.
    size: usize,
    is_dict: bool,
    /// The greatest number, while all are whole and positive.
    unsigned: Option<u64>,
    signed: bool,
    float: bool,
    ipv4: bool,
    iso8601: bool,
}

impl Default for Stored {
    fn default() -> Self {
        let few = BTreeSet::new();
        Self { few, size: 0, is_dict: true, unsigned: Some(0), signed: true, float: true, ipv4: true, iso8601: true }
    }
}

/// A dictionary has no more values, and no more bytes; nor has a value that is the same in all rows.
const MOST_VALUES: usize = 8;
const MOST_BYTES: usize = 256;

impl Stored {
    fn add(&mut self, value: &str) {
        if self.few.contains(value) {
            return;
        }
        if self.few.len() < 2 || self.is_dict {
            self.few.insert(value.to_owned());
            self.size += value.len();
            self.is_dict = self.few.len() <= MOST_VALUES && self.size <= MOST_BYTES;
        }
        let exact = |text: &str| {
            text.contains('.') || parse_f64(text).is_some_and(|value| value.abs() < 9_007_199_254_740_992.0)
        };
        self.unsigned = self.unsigned.and_then(|greatest| parse_u64(value).map(|number| greatest.max(number)));
        self.signed &= parse_i64(value).is_some();
        self.float &= parse_f64(value).is_some() && exact(value);
        self.ipv4 &= parse_ipv4(value).is_some();
        self.iso8601 &=
            value.len() == "2006-01-02T15:04:05.000Z".len() && value.ends_with('Z') && parse_rfc3339(value).is_some();
    }

    /// The name of the type; a field that is nowhere has none.
    fn name(&self) -> Option<&'static str> {
        let only = if self.few.len() == 1 { self.few.first() } else { None };
        Some(match only {
            Some(value) if value.is_empty() => return None,
            Some(value) if value.len() <= MOST_BYTES => "const",
            _ if self.few.is_empty() => return None,
            _ if self.is_dict => "dict",
            _ => match self.unsigned {
                Some(0..=0xff) => "uint8",
                Some(0..=0xffff) => "uint16",
                Some(0..=0xffff_ffff) => "uint32",
                Some(_) => "uint64",
                None if self.signed => "int64",
                None if self.float => "float64",
                None if self.ipv4 => "ipv4",
                None if self.iso8601 => "iso8601",
                None => "string",
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_the_narrowest_that_holds_all_values() {
        let name = |values: &mut dyn Iterator<Item = String>| {
            let mut stored = Stored::default();
            values.for_each(|value| stored.add(&value));
            stored.name()
        };
        let many = |make: &dyn Fn(u64) -> String| name(&mut (0..20).map(make));
        assert_eq!(name(&mut std::iter::empty()), None);
        assert_eq!(name(&mut ["x", "x"].map(str::to_owned).into_iter()), Some("const"));
        assert_eq!(name(&mut ["x", ""].map(str::to_owned).into_iter()), Some("dict"));
        assert_eq!(many(&|n| n.to_string()), Some("uint8"));
        assert_eq!(many(&|n| (n * 1000).to_string()), Some("uint16"));
        assert_eq!(many(&|n| (n << 20).to_string()), Some("uint32"));
        assert_eq!(many(&|n| (n << 40).to_string()), Some("uint64"));
        assert_eq!(many(&|n| format!("-{n}")), Some("int64"));
        assert_eq!(many(&|n| format!("{n}.5")), Some("float64"));
        assert_eq!(many(&|n| format!("10.0.0.{n}")), Some("ipv4"));
        assert_eq!(many(&|n| format!("2024-01-01T00:00:{n:02}.000Z")), Some("iso8601"));
        assert_eq!(many(&|n| format!("{n}x")), Some("string"));
    }
}

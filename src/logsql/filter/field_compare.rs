//! `eq_field(b)`, `le_field(b)`, `lt_field(b)`: a field compared with another one.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::number::parse_math;
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call, field_name, single};

pub(in super::super) const EQ: Doc = Doc {
    sort: Sort::Filter,
    name: "eq_field",
    aliases: &[],
    syntax: "field:eq_field(other)",
    en: "Rows in which both fields have the same value.",
    ko: "두 필드의 값이 같은 행.",
    example: "peer:eq_field(client)",
};

pub(in super::super) const LE: Doc = Doc {
    sort: Sort::Filter,
    name: "le_field",
    aliases: &[],
    syntax: "field:le_field(other)",
    en: "Rows in which the field is at most the other one, as numbers where both are numbers.",
    ko: "필드가 다른 필드보다 작거나 같은 행. 둘 다 숫자면 숫자로 비교합니다.",
    example: "sent:le_field(received)",
};

pub(in super::super) const LT: Doc = Doc {
    sort: Sort::Filter,
    name: "lt_field",
    aliases: &[],
    syntax: "field:lt_field(other)",
    en: "Rows in which the field is less than the other one, as numbers where both are numbers.",
    ko: "필드가 다른 필드보다 작은 행. 둘 다 숫자면 숫자로 비교합니다.",
    example: "sent:lt_field(received)",
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Equal,
    AtMost,
    Less,
}

/// The filter.
#[derive(Debug, Clone)]
pub struct FieldCompare {
    field: String,
    other: String,
    how: How,
}

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let (how, name) = if cursor.is(&["eq_field"]) {
        (How::Equal, "eq_field")
    } else if cursor.is(&["le_field"]) {
        (How::AtMost, "le_field")
    } else {
        (How::Less, "lt_field")
    };
    // The name, the bracket, then the field.
    let mark = cursor.mark() + 2;
    let parsed = call(cursor, field, |arguments| {
        let other = single(name, arguments)?;
        Ok(Filter::FieldCompare(FieldCompare { field: field_name(field), other, how }))
    })?;
    if let Filter::FieldCompare(compare) = &parsed {
        cursor.note_argument(mark, &compare.other);
    }
    Ok(parsed)
}

fn at_most(a: &str, b: &str) -> bool {
    numbers(a, b).map_or_else(|| a <= b, |(a, b)| a <= b)
}

fn less(a: &str, b: &str) -> bool {
    numbers(a, b).map_or_else(|| a < b, |(a, b)| a < b)
}

fn numbers(a: &str, b: &str) -> Option<(f64, f64)> {
    let number = |text| parse_math(text).filter(|number| !number.is_nan());
    Some((number(a)?, number(b)?))
}

impl Leaf for FieldCompare {
    fn print(&self, out: &mut String) {
        let name = match self.how {
            How::Equal => "eq_field",
            How::AtMost => "le_field",
            How::Less => "lt_field",
        };
        out.push_str(&format!("{}{name}({})", field_prefix(&self.field), quoted(&self.other)));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
        needs.add(&self.other);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        if self.field == self.other {
            return Ok(Test::Always(self.how != How::Less));
        }
        let test = match self.how {
            How::Equal => |a: &str, b: &str| a == b,
            How::AtMost => at_most,
            How::Less => less,
        };
        Ok(Test::Pair(self.field.clone(), self.other.clone(), test))
    }
}

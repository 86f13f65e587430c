//! `value_type(uint64)`: how the server stores the field; rows in memory are stored as text.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::Parsed;
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::{Filter, Leaf, Test, call, field_name, single};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "value_type",
    aliases: &[],
    syntax: "field:value_type(type)",
    en: "Rows in storage blocks where the field has this type; in files every value is `inmemory`.",
    ko: "저장 블록에서 필드가 이 타입인 행. 파일에서는 모든 값이 `inmemory`입니다.",
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

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        Ok(Test::Always(self.wanted == "inmemory"))
    }
}

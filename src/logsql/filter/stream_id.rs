//! `_stream_id:0000…`, `_stream_id:in(…)`: one log stream, or several.

use std::collections::HashSet;

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem, fault};
use super::super::query::Query;
use super::super::registry::{Doc, Sort};
use super::list::Values;
use super::{Filter, Leaf, Test, call};

pub(in super::super) const DOC: Doc = Doc {
    sort: Sort::Filter,
    name: "_stream_id",
    aliases: &[],
    syntax: "_stream_id:id, _stream_id:in(id, …), _stream_id:in(query | fields _stream_id)",
    en: "Rows of the log streams with these ids.",
    ko: "이 ID를 가진 로그 스트림의 행.",
    example: "_stream_id:0000007b000001c850d9950ea6196b1a4812081265faa1c7",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct StreamId {
    ids: Values,
}

/// Tenant (8 bytes) and hash (16 bytes) in hexadecimal.
fn canonical_id(text: &str) -> Option<String> {
    (text.len() == 48 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_lowercase())
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let make = |ids| Filter::StreamId(StreamId { ids });
    let mark = cursor.mark();
    if !cursor.is(&["in"]) {
        let text = cursor.compound()?;
        return match canonical_id(&text) {
            Some(id) => Ok(make(Values::Listed(vec![id]))),
            None => fault(cursor.span_since(mark), Problem::BadStreamId(text)),
        };
    }
    let listed = call(cursor, None, |arguments| {
        let ids = arguments.into_iter().map(|text| canonical_id(&text).ok_or(Problem::BadStreamId(text)));
        Ok(make(Values::Listed(ids.collect::<Result<_, _>>()?)))
    });
    if listed.is_ok() {
        return listed;
    }
    cursor.reset(mark);
    cursor.advance();
    if !cursor.is(&["("]) {
        return listed;
    }
    match Values::parse_query(cursor) {
        Ok(values) => Ok(values.map_or(Filter::All, make)),
        Err(_) => listed,
    }
}

impl Leaf for StreamId {
    fn print(&self, out: &mut String) {
        out.push_str("_stream_id:");
        match &self.ids {
            Values::Listed(ids) => match ids.as_slice() {
                [only] => out.push_str(only),
                _ => out.push_str(&format!("in({})", ids.join(","))),
            },
            Values::Found(query, _) => out.push_str(&format!("in({query})")),
        }
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add("_stream_id");
    }

    fn compile(&self, run: &Run<'_>) -> Result<Test, Stop> {
        let ids: HashSet<String> = self.ids.resolve(run)?.into_iter().collect();
        Ok(Test::value("_stream_id", move |value| ids.contains(value)))
    }

    fn sub_query(&self) -> Option<&Query> {
        match &self.ids {
            Values::Found(query, _) => Some(query),
            Values::Listed(_) => None,
        }
    }

    fn sub_query_mut(&mut self) -> Option<&mut Query> {
        match &mut self.ids {
            Values::Found(query, _) => Some(query),
            Values::Listed(_) => None,
        }
    }
}

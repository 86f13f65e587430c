//! `unpack_syslog from field offset 1h result_prefix p`: the parts of a syslog line.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::number::SECOND;
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::syslog;
use super::rows::{AddFields, Extra};
use super::update::Keep;
use super::{Query, RowFilter, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "unpack_syslog",
    aliases: &[],
    syntax: "unpack_syslog if (filter) from field offset 1h result_prefix prefix keep_original_fields",
    en: "Makes fields of a syslog line, RFC 3164 or RFC 5424.",
    ko: "syslog(RFC 3164, RFC 5424) 한 줄을 필드로 풉니다.",
    example: "* | unpack_syslog from raw result_prefix syslog_",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct UnpackSyslog {
    condition: Option<RowFilter>,
    from: String,
    /// The time zone of lines without one, in nanoseconds, and how it is written.
    offset: Option<(i64, String)>,
    prefix: String,
    keep: Keep,
}

impl UnpackSyslog {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mut from = "_msg".to_owned();
        if !cursor.is(&["offset", "result_prefix", "keep_original_fields", ")", "|", ""]) {
            cursor.take("from");
            from = cursor.field()?;
        }
        let offset = if cursor.take("offset") { Some(cursor.duration()?) } else { None };
        let prefix = if cursor.take("result_prefix") { cursor.compound()? } else { String::new() };
        let keep = Keep { original: cursor.take("keep_original_fields"), over_empty: false };
        Ok(Self { condition, from, offset, prefix, keep })
    }
}

impl Step for UnpackSyslog {
    fn print(&self, out: &mut String) {
        out.push_str("unpack_syslog");
        print_if(self.condition.as_ref(), out);
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        if let Some((_, written)) = &self.offset {
            out.push_str(&format!(" offset {written}"));
        }
        if !self.prefix.is_empty() {
            out.push_str(&format!(" result_prefix {}", quoted(&self.prefix)));
        }
        self.keep.print(out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.from);
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let now = run.env.now;
        let offset = self.offset.as_ref().map_or(0, |(nanos, _)| nanos / SECOND * SECOND);
        let expand = move |batch: &super::Batch, row: usize| {
            let fields = syslog::parse(batch.column(&self.from).get(row), now, offset);
            vec![fields.into_iter().map(|(name, value)| (format!("{}{name}", self.prefix), value)).collect::<Extra>()]
        };
        Ok(Box::new(AddFields { condition, keep: self.keep, expand }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

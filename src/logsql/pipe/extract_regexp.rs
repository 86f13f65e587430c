//! `extract_regexp "…" from field`: named groups of a regular expression become fields.

use regex::Regex;

use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::re2;
use super::super::registry::{Doc, Sort as Kind};
use super::update::Keep;
use super::{Batch, Column, Query, RowFilter, Step, compile_if, name, rows_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "extract_regexp",
    aliases: &[],
    syntax: "extract_regexp if (filter) \"re with (?P<field>…)\" from field keep_original_fields",
    en: "Makes fields of the named groups of a regular expression.",
    ko: "정규식의 이름 있는 그룹을 필드로 만듭니다.",
    example: "* | extract_regexp \"status=(?P<status>[0-9]+)\"",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct ExtractRegexp {
    condition: Option<RowFilter>,
    pattern: String,
    regex: Regex,
    /// The field of each group.
    names: Vec<Option<String>>,
    from: String,
    keep: Keep,
}

impl ExtractRegexp {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mark = cursor.mark();
        let pattern = cursor.compound()?;
        let regex = match re2::compile(&pattern, false) {
            Ok(regex) => regex,
            Err(why) => return fault(cursor.span_since(mark), Problem::BadRegex { pattern, why }),
        };
        let names = re2::group_names(&pattern);
        if names.iter().all(Option::is_none) {
            let found = pattern;
            return fault(cursor.span_since(mark), Problem::Wanted { what: What::NamedGroup, found });
        }
        let from = if cursor.take("from") { cursor.field()? } else { "_msg".to_owned() };
        let keep = Keep::parse(cursor);
        Ok(Self { condition, pattern, regex, names, from, keep })
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &str)> {
        self.names.iter().enumerate().filter_map(|(index, name)| Some((index, name.as_deref()?)))
    }

    fn values(&self, text: &str) -> Vec<String> {
        let Some(captures) = self.regex.captures(text) else { return vec![String::new(); self.names.len()] };
        captures.iter().map(|group| group.map_or_else(String::new, |group| group.as_str().to_owned())).collect()
    }
}

impl Step for ExtractRegexp {
    fn print(&self, out: &mut String) {
        out.push_str("extract_regexp");
        print_if(self.condition.as_ref(), out);
        out.push_str(&format!(" {}", quoted(&self.pattern)));
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        self.keep.print(out);
    }

    fn needs(&self, needs: &mut Needs) {
        if !self.fields().any(|(_, field)| needs.has(field)) {
            return;
        }
        if self.condition.is_none() && self.keep == Keep::default() {
            self.fields().for_each(|(_, field)| needs.made(field));
        }
        needs.add(&self.from);
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        Ok(Box::new(Each(move |mut batch: Batch| {
            let take = rows_if(condition.as_ref(), &batch);
            if !take.contains(&true) {
                return batch;
            }
            let source = batch.column(&self.from).clone();
            let old: Vec<_> = self.fields().map(|(_, field)| batch.column(field).clone()).collect();
            let mut new = vec![Column::default(); old.len()];
            for (row, take) in take.iter().enumerate() {
                let values = if *take { self.values(source.get(row)) } else { Vec::new() };
                for ((position, (index, _)), column) in self.fields().enumerate().zip(&mut new) {
                    let before = old[position].get(row);
                    let value = values.get(index).map_or(before, |value| self.keep.choose(before, value));
                    column.push(value);
                }
            }
            for ((_, field), column) in self.fields().zip(new) {
                batch.set(&name(field), Arc::new(column));
            }
            batch
        })))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

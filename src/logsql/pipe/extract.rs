//! `extract "…" from field`: parts of a text become fields.

use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::update::Keep;
use super::{Batch, Column, Query, RowFilter, Step, compile_if, name, pattern, rows_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "extract",
    aliases: &[],
    syntax: "extract if (filter) \"text<field>text\" from field keep_original_fields",
    en: "Makes fields of the parts of a text that stand where the pattern has `<name>`.",
    ko: "패턴에서 `<이름>` 자리에 있는 부분을 필드로 만듭니다.",
    example: "* | extract \"ip=<ip> \"",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Extract {
    condition: Option<RowFilter>,
    pattern: String,
    steps: Vec<pattern::Step>,
    from: String,
    keep: Keep,
}

impl Extract {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mark = cursor.mark();
        let pattern = cursor.compound()?;
        let span = cursor.span_since(mark);
        let steps = pattern::parse(&pattern).filter(|steps| {
            steps.iter().skip(1).all(|step| !step.before.is_empty()) && steps.iter().all(|step| !step.field.ends_with('*'))
        });
        let Some(steps) = steps else { return fault(span, Problem::BadPattern(pattern)) };
        if steps.iter().all(|step| step.field.is_empty()) {
            return fault(span, Problem::Wanted { what: What::PatternField, found: pattern });
        }
        let from = if cursor.take("from") { cursor.field()? } else { "_msg".to_owned() };
        let keep = Keep::parse(cursor);
        Ok(Self { condition, pattern, steps, from, keep })
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &str)> {
        self.steps.iter().enumerate().map(|(index, step)| (index, step.field.as_str())).filter(|(_, field)| !field.is_empty())
    }

    fn values(&self, text: &str) -> Vec<String> {
        pattern::apply(&self.steps, text)
    }
}

impl Step for Extract {
    fn print(&self, out: &mut String) {
        out.push_str("extract");
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

//! What `extract` and `extract_regexp` share: parts of a text, as a matcher finds them, become fields.

use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::trace::Expected;
use super::update::Keep;
use super::{Batch, Column, Query, RowFilter, Step, compile_if, name, rows_if};

/// Takes texts apart.
pub trait Matcher: std::fmt::Debug + Clone {
    /// The pipe that it is for.
    const PIPE: &'static str;
    /// Reads the pattern.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self>;
    /// The pattern as it is written.
    fn pattern(&self) -> &str;
    /// The field of each part; `None` for a part without a name.
    fn names(&self) -> Vec<Option<&str>>;
    /// The fields, each with the byte of the pattern at which its name stands.
    fn places(&self) -> Vec<(usize, &str)>;
    /// The parts of a text.
    fn parts(&self, text: &str) -> Vec<String>;
}

/// The pipe of a matcher.
#[derive(Debug, Clone)]
pub struct Taking<M> {
    condition: Option<RowFilter>,
    matcher: M,
    from: String,
    keep: Keep,
}

impl<M: Matcher> Taking<M> {
    /// `if (filter) "pattern" from field keep_original_fields`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mark = cursor.mark();
        cursor.expects(|| Expected::Pattern { makes: true });
        let matcher = M::parse(cursor)?;
        let from = if cursor.take("from") { cursor.field()? } else { "_msg".to_owned() };
        let keep = Keep::parse(cursor);
        cursor.note_inside(mark, matcher.places(), keep.how(condition.is_some()));
        Ok(Self { condition, matcher, from, keep })
    }
}

impl<M: Matcher> Step for Taking<M> {
    fn print(&self, out: &mut String) {
        out.push_str(M::PIPE);
        print_if(self.condition.as_ref(), out);
        out.push_str(&format!(" {}", quoted(self.matcher.pattern())));
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        self.keep.print(out);
    }

    fn needs(&self, needs: &mut Needs) {
        let names: Vec<&str> = self.matcher.names().into_iter().flatten().collect();
        if !names.iter().any(|field| needs.has(field)) {
            return;
        }
        if self.condition.is_none() && self.keep == Keep::default() {
            names.iter().for_each(|field| needs.made(field));
        }
        needs.add(&self.from);
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let names = self.matcher.names().into_iter().enumerate();
        let fields: Vec<(usize, &str)> = names.filter_map(|(index, field)| Some((index, field?))).collect();
        Ok(Box::new(Each(move |mut batch: Batch| {
            let take = rows_if(condition.as_ref(), &batch);
            if !take.contains(&true) {
                return batch;
            }
            let source = batch.column(&self.from).clone();
            let old: Vec<_> = fields.iter().map(|(_, field)| batch.column(field).clone()).collect();
            let mut new = vec![Column::default(); fields.len()];
            for (row, take) in take.iter().enumerate() {
                let parts = if *take { self.matcher.parts(source.get(row)) } else { Vec::new() };
                for (((index, _), old), new) in fields.iter().zip(&old).zip(&mut new) {
                    let before = old.get(row);
                    new.push(parts.get(*index).map_or(before, |part| self.keep.choose(before, part)));
                }
            }
            for ((_, field), column) in fields.iter().zip(new) {
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

//! `join by (a) (query) inner prefix p`: fields of matching rows of another query.

use std::collections::HashMap;

use super::super::batch::Builder;
use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::Event;
use super::fields::listed;
use super::rows::{Extra, push_row, send};
use super::update::Keep;
use super::{Batch, Query, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "join",
    aliases: &[],
    syntax: "join by (field, …) (query) inner prefix p",
    en: "Adds the fields of those rows of another query that have the same values; existing values stay.",
    ko: "값이 같은 다른 쿼리 행의 필드를 더합니다. 있던 값은 그대로 둡니다.",
    example: "* | join by (user) (kind:=account | stats by (user) count(*) as accounts) inner",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Join {
    fields: Vec<String>,
    query: Box<Query>,
    inner: bool,
    prefix: String,
}

impl Join {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.is(&["by", "on"]) {
            cursor.advance();
        }
        let mark = cursor.mark();
        let fields = cursor.fields_in_parens()?;
        if fields.is_empty() {
            return cursor.wanted(What::Field);
        }
        if fields.iter().any(|field| field == "*") {
            return fault(cursor.span_since(mark), Problem::Wildcard("*".to_owned()));
        }
        let query = Box::new(Query::parse_in_parens(cursor)?);
        cursor.note(|_| Event::Flows);
        let inner = cursor.take("inner");
        let prefix = if cursor.take("prefix") { cursor.compound()? } else { String::new() };
        Ok(Self { fields, query, inner, prefix })
    }

    fn key(&self, batch: &Batch, row: usize) -> Vec<String> {
        self.fields.iter().map(|field| batch.column(field).get(row).to_owned()).collect()
    }
}

impl Step for Join {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("join by ({}) ({})", listed(&self.fields), self.query));
        out.push_str(if self.inner { " inner" } else { "" });
        if !self.prefix.is_empty() {
            out.push_str(&format!(" prefix {}", quoted(&self.prefix)));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add_all(&self.fields);
    }

    fn work(&self) -> Work {
        Work::Joined
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let mut found: HashMap<Vec<String>, Vec<Extra>> = HashMap::new();
        run.sub_query(&self.query, &mut |batch| {
            run.keep(batch.size() * 2, &|| format!("join ({})", self.query))?;
            for row in 0..batch.rows {
                let others =
                    batch.columns.iter().filter(|(name, _)| !self.fields.iter().any(|field| **field == **name));
                let extra = others.map(|(name, column)| (format!("{}{name}", self.prefix), column.get(row).to_owned()));
                found.entry(self.key(&batch, row)).or_default().push(extra.collect());
            }
            Ok(Flow::More)
        })?;
        Ok(Box::new(Joining { join: self, found }))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        visit(&mut self.query);
    }
}

struct Joining<'p> {
    join: &'p Join,
    found: HashMap<Vec<String>, Vec<Extra>>,
}

impl Stage for Joining<'_> {
    fn push(&mut self, batch: Batch, _: &Run<'_>, out: Out<'_>) -> Result<Flow, Stop> {
        let mut builder = Builder::default();
        let keep = Keep { original: true, over_empty: true };
        for row in 0..batch.rows {
            match self.found.get(&self.join.key(&batch, row)) {
                Some(matches) => matches.iter().for_each(|extra| push_row(&mut builder, &batch, row, extra, keep)),
                None if self.join.inner => {}
                None => push_row(&mut builder, &batch, row, &Extra::new(), keep),
            }
        }
        send(builder, out)
    }
}

//! `uniq by (a, b) with hits limit N`: each combination of values once.

use std::collections::HashMap;

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::fast::{Fold, Folded};
use super::super::plan::Work;
use super::super::problem::{Parsed, What};
use super::super::registry::{Doc, Sort as Kind};
use super::fields::listed_by;
use super::group::{Counted, fields_batch};
use super::{Batch, Pipe, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "uniq",
    aliases: &[],
    syntax: "uniq by (field, …) with hits limit N",
    en: "Gives each combination of values once, with `hits` how often it came.",
    ko: "값 조합을 한 번씩 보여 줍니다. `hits`는 나온 횟수입니다.",
    example: "* | uniq by (remote_addr, user) with hits limit 100",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Uniq {
    fields: Vec<String>,
    /// The field for the number of rows.
    hits: Option<String>,
    /// 0 for no limit.
    limit: u64,
}

/// `by (a, b)`, `(a)` or `by a, b`; the words end a list that is left out.
pub(super) fn parse_by(cursor: &mut Cursor<'_>, ends: &[&str]) -> Parsed<Vec<String>> {
    cursor.take("by");
    if cursor.is(&["("]) {
        let fields = cursor.fields_in_parens()?;
        if !fields.is_empty() {
            return Ok(fields);
        }
    } else if !cursor.is(ends) && !cursor.pipe_ends() {
        return cursor.fields_listed();
    }
    cursor.wanted(What::Field)
}

/// A name for a result that is none of the fields: an `s` is added until that holds.
pub(super) fn free_name(wanted: &str, fields: &[String]) -> String {
    let mut name = wanted.to_owned();
    while fields.contains(&name) {
        name.push('s');
    }
    name
}

impl Uniq {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let fields = parse_by(cursor, &["with", "hits", "limit"])?;
        if cursor.take("with") && !cursor.is(&["hits"]) {
            return cursor.wanted(What::Token("hits"));
        }
        let hits = cursor.take("hits").then(|| free_name("hits", &fields));
        let limit = if cursor.take("limit") { cursor.integer()? } else { 0 };
        Ok(Self { fields, hits, limit })
    }

    /// The field, where it is one.
    pub(in super::super) fn single(&self) -> Option<&str> {
        match self.fields.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Takes over a limit that follows.
    pub(in super::super) fn fold_limit(&mut self, limit: u64) -> bool {
        let fold = limit > 0;
        if fold && (self.limit == 0 || limit < self.limit) {
            self.limit = limit;
        }
        fold
    }
}

impl Step for Uniq {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("uniq{}", listed_by(&self.fields)));
        out.push_str(if self.hits.is_some() { " with hits" } else { "" });
        if self.limit > 0 {
            out.push_str(&format!(" limit {}", self.limit));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::none();
        needs.add_all(&self.fields);
    }

    fn fold<'p>(&'p self, _: &Run<'_>, _: Option<f64>, _: Option<&Pipe>) -> Result<Option<Fold<'p>>, Stop> {
        // With a limit the first rows are enough.
        if self.limit > 0 {
            return Ok(None);
        }
        let end = Box::new(|folded: &Folded, _: &Run<'_>, out: Out<'_>| {
            let groups = folded.groups();
            if groups.is_empty() {
                return Ok(());
            }
            let hits = self.hits.iter().map(|field| (field.clone(), folded.results(0, groups)));
            let columns = self.fields.iter().cloned().zip(folded.keys(groups)).chain(hits);
            out(fields_batch(groups.len(), columns)).map(|_| ())
        });
        Ok(Some(Fold::of_hits(&self.fields, None, end, Box::new(|| Pipe::Uniq(self.clone()).to_string()))))
    }

    fn work(&self) -> Work {
        if self.limit > 0 { Work::Values(self.limit) } else { Work::Groups }
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Collecting { uniq: self, counted: Counted::new(&self.fields) }))
    }
}

struct Collecting<'p> {
    uniq: &'p Uniq,
    counted: Counted<'p>,
}

impl Stage for Collecting<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        run.keep(self.counted.add(&batch), &|| {
            let mut out = String::new();
            self.uniq.print(&mut out);
            out
        })?;
        // One more than the limit tells that hits cannot be whole.
        let over = self.uniq.limit > 0 && self.counted.hits.len() as u64 > self.uniq.limit;
        Ok(if over { Flow::Enough } else { Flow::More })
    }

    fn finish(&mut self, _: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let limit = self.uniq.limit;
        let over = limit > 0 && self.counted.hits.len() as u64 > limit;
        let count = if over { usize::try_from(limit).unwrap_or(usize::MAX) } else { self.counted.hits.len() };
        if count == 0 {
            return Ok(());
        }
        let hits = self.uniq.hits.iter().map(|field| {
            let values = self.counted.hits.iter().take(count).map(|hits| if over { 0 } else { *hits }.to_string());
            (field.clone(), values.collect())
        });
        let columns = self.counted.groups.columns(&self.uniq.fields, 0..count).into_iter().chain(hits);
        out(fields_batch(count, columns)).map(|_| ())
    }
}

/// How often each value comes.
pub(super) type Hits = HashMap<String, u64>;

//! `field_values field limit N`: the values of one field, most frequent first.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::order::natural;
use super::super::pdqsort::sort;
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::group::{fields_batch, push_normal};
use super::len::parse_optional_parens;
use super::uniq::Hits;
use super::update::Collect;
use super::{Batch, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "field_values",
    aliases: &[],
    syntax: "field_values field limit N",
    en: "Gives the values of a field, with the number of rows.",
    ko: "필드의 값과 행 수를 보여 줍니다.",
    example: "* | field_values status limit 20",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct FieldValues {
    field: String,
    /// 0 for no limit.
    limit: u64,
}

impl FieldValues {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let field = parse_optional_parens(cursor)?;
        let limit = if cursor.take("limit") { cursor.integer()? } else { 0 };
        Ok(Self { field, limit })
    }
}

impl Step for FieldValues {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("field_values {}", quoted(&self.field)));
        if self.limit > 0 {
            out.push_str(&format!(" limit {}", self.limit));
        }
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::none();
        needs.add(&self.field);
    }

    fn work(&self) -> Work {
        Work::Groups
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Collect {
            state: Hits::new(),
            push: |hits: &mut Hits, batch: Batch, run: &Run<'_>| {
                let column = batch.column(&self.field);
                let mut kept = 0;
                for row in 0..batch.rows {
                    let value = column.get(row);
                    if let Some(count) = hits.get_mut(value) {
                        *count += 1;
                        continue;
                    }
                    let mut normal = String::new();
                    push_normal(value, &mut normal);
                    kept += normal.len() + 64;
                    *hits.entry(normal).or_default() += 1;
                }
                run.keep(kept, &|| format!("field_values {}", self.field))?;
                Ok(Flow::More)
            },
            finish: |hits: &mut Hits, _: &Run<'_>, out: Out<'_>| {
                let mut values: Vec<(String, u64)> = hits.drain().collect();
                let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
                if self.limit > 0 && values.len() > limit {
                    values.iter_mut().for_each(|(_, hits)| *hits = 0);
                }
                values.sort_unstable();
                sort(&mut values, |a, b| b.1.cmp(&a.1).then_with(|| natural(&a.0, &b.0)).is_lt());
                if self.limit > 0 {
                    values.truncate(limit);
                }
                if values.is_empty() {
                    return Ok(());
                }
                let counts = values.iter().map(|(_, hits)| hits.to_string()).collect();
                let name = if self.field == "hits" { "hitss" } else { "hits" };
                let texts = values.iter().map(|(value, _)| value).collect();
                out(fields_batch(values.len(), [(self.field.clone(), texts), (name.to_owned(), counts)])).map(|_| ())
            },
        }))
    }
}

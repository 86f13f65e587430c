//! `facets N`: the most frequent values of each field.

use std::collections::BTreeMap;

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::number::is_number_prefix;
use super::super::plan::Work;
use super::super::problem::Parsed;
use super::super::registry::{Doc, Sort as Kind};
use super::group::{fields_batch, push_normal};
use super::top::parse_some;
use super::uniq::Hits;
use super::{Batch, Column, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "facets",
    aliases: &[],
    syntax: "facets N max_values_per_field M max_value_len L keep_const_fields",
    en: "Gives the most frequent values of each field; fields with too many or too long values are left out.",
    ko: "필드마다 가장 자주 나온 값을 보여 줍니다. 값이 너무 많거나 긴 필드는 뺍니다.",
    example: "* | facets 5",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Facets {
    limit: u64,
    max_values: u64,
    max_length: u64,
    keep_constant: bool,
}

impl Facets {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let limit = if is_number_prefix(cursor.value()) { parse_some(cursor)?.0 } else { 10 };
        let mut facets = Self { limit, max_values: 1000, max_length: 128, keep_constant: false };
        loop {
            if cursor.take("max_values_per_field") {
                facets.max_values = parse_some(cursor)?.0;
            } else if cursor.take("max_value_len") {
                facets.max_length = parse_some(cursor)?.0;
            } else if cursor.take("keep_const_fields") {
                facets.keep_constant = true;
            } else {
                return Ok(facets);
            }
        }
    }
}

impl Step for Facets {
    fn print(&self, out: &mut String) {
        out.push_str("facets");
        if self.limit != 10 {
            out.push_str(&format!(" {}", self.limit));
        }
        if self.max_values != 1000 {
            out.push_str(&format!(" max_values_per_field {}", self.max_values));
        }
        if self.max_length != 128 {
            out.push_str(&format!(" max_value_len {}", self.max_length));
        }
        out.push_str(if self.keep_constant { " keep_const_fields" } else { "" });
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::All;
    }

    fn work(&self) -> Work {
        Work::Groups
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Counting { facets: self, fields: BTreeMap::new(), rows: 0 }))
    }
}

struct Counting<'p> {
    facets: &'p Facets,
    /// The values of each field; `None` for one that is left out.
    fields: BTreeMap<String, Option<Hits>>,
    rows: u64,
}

impl Stage for Counting<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        self.rows += batch.rows as u64;
        let mut kept = 0;
        for (name, column) in &batch.columns {
            let slot = self.fields.entry(name.to_string()).or_insert_with(|| Some(Hits::new()));
            for row in 0..batch.rows {
                let Some(hits) = slot else { break };
                let value = column.get(row);
                if value.is_empty() {
                    continue;
                }
                let too_long = value.len() as u64 > self.facets.max_length;
                if too_long || hits.len() as u64 > self.facets.max_values {
                    *slot = None;
                } else if let Some(count) = hits.get_mut(value) {
                    *count += 1;
                } else {
                    let mut normal = String::new();
                    push_normal(value, &mut normal);
                    kept += normal.len() + 64;
                    *hits.entry(normal).or_default() += 1;
                }
            }
        }
        run.keep(kept, &|| "facets".to_owned())?;
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let limit = usize::try_from(self.facets.limit).unwrap_or(usize::MAX);
        let mut columns = [Column::default(), Column::default(), Column::default()];
        let mut rows = 0;
        for (field, hits) in &self.fields {
            let Some(hits) = hits.as_ref().filter(|hits| hits.len() as u64 <= self.facets.max_values) else { continue };
            let mut values: Vec<(&String, u64)> = hits.iter().map(|(value, hits)| (value, *hits)).collect();
            if let [(_, only)] = values.as_slice()
                && *only == self.rows
                && !self.facets.keep_constant
            {
                continue;
            }
            values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
            for (value, hits) in values.into_iter().take(limit) {
                columns[0].push(field);
                columns[1].push(value);
                columns[2].push(&hits.to_string());
                rows += 1;
            }
        }
        if rows == 0 {
            return Ok(());
        }
        let names = ["field_name", "field_value", "hits"].map(str::to_owned);
        out(fields_batch(rows, names.into_iter().zip(columns))).map(|_| ())
    }
}

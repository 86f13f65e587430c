//! `top N by (a, b) hits as h rank as r`: the most frequent values.

use super::super::cursor::Cursor;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::fast::{Best, Fold, Folded};
use super::super::number::is_number_prefix;
use super::super::plan::Work;
use super::super::problem::{Parsed, Problem, What, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::fields::listed_by;
use super::group::{Counted, fields_batch};
use super::uniq::{free_name, parse_by};
use super::{Batch, Column, Pipe, Step};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "top",
    aliases: &[],
    syntax: "top N by (field, …) hits as name rank as name",
    en: "Gives the most frequent combinations of values, with the number of their rows.",
    ko: "가장 자주 나온 값 조합과 행 수를 보여 줍니다.",
    example: "* | top 20 by (remote_addr)",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Top {
    limit: u64,
    /// How the limit is written; empty for 10.
    written: String,
    fields: Vec<String>,
    hits: String,
    rank: Option<String>,
}

/// `rank as name`; the name may be left out.
pub(super) fn parse_rank(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.expect("rank")?;
    if cursor.take("as") && cursor.is(&["", "|", ")", "("]) {
        return cursor.wanted(What::Field);
    }
    if cursor.is(&["", "|", ")", "limit"]) { Ok("rank".to_owned()) } else { cursor.result(How::Made) }
}

/// Appends the clause.
pub(super) fn print_rank(rank: Option<&str>, out: &mut String) {
    match rank {
        None => {}
        Some("rank") => out.push_str(" rank"),
        Some(name) => out.push_str(&format!(" rank as {}", quoted(name))),
    }
}

/// A count of at least 1 in any form of number, and how it is written.
pub(super) fn parse_some(cursor: &mut Cursor<'_>) -> Parsed<(u64, String)> {
    let mark = cursor.mark();
    let (value, text) = cursor.number()?;
    if value < 1.0 {
        return fault(cursor.span_since(mark), Problem::OutOfRange(text));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1; `as` saturates")]
    Ok((if value >= 18_446_744_073_709_551_616.0 { 1 << 63 } else { value as u64 }, text))
}

impl Top {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (limit, written) = if is_number_prefix(cursor.value()) { parse_some(cursor)? } else { (10, String::new()) };
        let fields = parse_by(cursor, &["hits", "rank"])?;
        let mut top = Self { limit, written, fields, hits: "hits".to_owned(), rank: None };
        loop {
            if cursor.take("hits") {
                cursor.take("as");
                let mark = cursor.mark();
                top.hits = cursor.compound()?;
                cursor.note_field(mark, &top.hits, How::Made);
            } else if cursor.is(&["rank"]) {
                top.rank = Some(free_name(&parse_rank(cursor)?, &top.fields));
            } else {
                top.hits = free_name(&top.hits, &top.fields);
                return Ok(top);
            }
        }
    }
}

impl Step for Top {
    fn print(&self, out: &mut String) {
        out.push_str("top");
        if self.limit != 10 {
            out.push_str(&format!(" {}", self.written));
        }
        out.push_str(&listed_by(&self.fields));
        if self.hits != "hits" {
            out.push_str(&format!(" hits as {}", quoted(&self.hits)));
        }
        print_rank(self.rank.as_deref(), out);
    }

    fn needs(&self, needs: &mut Needs) {
        *needs = Needs::none();
        needs.add_all(&self.fields);
    }

    fn fold<'p>(&'p self, _: &Run<'_>, _: Option<f64>, _: Option<&Pipe>) -> Result<Option<Fold<'p>>, Stop> {
        // Beyond the groups with the most hits only their equals matter, which are told apart by their values.
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let best = Some(Best { call: 0, descending: true, wanted });
        let end = Box::new(|folded: &Folded, _: &Run<'_>, out: Out<'_>| self.hand_on(folded, out));
        Ok(Some(Fold::of_hits(&self.fields, best, end, Box::new(|| Pipe::Top(self.clone()).to_string()))))
    }

    fn work(&self) -> Work {
        Work::Groups
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(Box::new(Counting { top: self, counted: Counted::new(&self.fields) }))
    }
}

impl Top {
    /// The rows of the groups in `order`, with their hits.
    fn batch(&self, keys: Vec<Column>, hits: Column) -> Batch {
        let rows = match &hits {
            Column::Each { ends, .. } => ends.len(),
            Column::Same(_) => 0,
        };
        let mut columns: Vec<(String, Column)> = self.fields.iter().cloned().zip(keys).collect();
        columns.push((self.hits.clone(), hits));
        if let Some(rank) = &self.rank {
            columns.push((rank.clone(), (1..=rows).map(|rank| rank.to_string()).collect()));
        }
        fields_batch(rows, columns)
    }

    /// Hands the most frequent of the groups on that were folded on several threads.
    fn hand_on(&self, folded: &Folded, out: Out<'_>) -> Result<(), Stop> {
        let mut order = folded.groups().to_vec();
        order.sort_by(|a, b| {
            let hits = folded.count(0, *b).cmp(&folded.count(0, *a));
            hits.then_with(|| by_bytes(&folded.values(*a), &folded.values(*b)))
        });
        order.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        if order.is_empty() {
            return Ok(());
        }
        out(self.batch(folded.keys(&order), folded.results(0, &order))).map(|_| ())
    }
}

struct Counting<'p> {
    top: &'p Top,
    counted: Counted<'p>,
}

/// One value by its bytes; of several the shorter ones first, as the server keeps them with their lengths in front.
fn by_bytes(a: &[&str], b: &[&str]) -> std::cmp::Ordering {
    if let ([a], [b]) = (a, b) {
        return a.cmp(b);
    }
    let orders = a.iter().zip(b).map(|(a, b)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
}

impl Stage for Counting<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        run.keep(self.counted.add(&batch), &|| {
            let mut out = String::new();
            self.top.print(&mut out);
            out
        })?;
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let mut order: Vec<usize> = (0..self.counted.hits.len()).collect();
        // Most hits first, then the least value by its bytes.
        order.sort_by(|a, b| {
            let hits = self.counted.hits[*b].cmp(&self.counted.hits[*a]);
            hits.then_with(|| by_bytes(&self.counted.groups.values(*a), &self.counted.groups.values(*b)))
        });
        order.truncate(usize::try_from(self.top.limit).unwrap_or(usize::MAX));
        if order.is_empty() {
            return Ok(());
        }
        let mut keys = vec![Column::default(); self.top.fields.len()];
        for group in &order {
            keys.iter_mut().zip(self.counted.groups.values(*group)).for_each(|(column, value)| column.push(value));
        }
        let hits = order.iter().map(|group| self.counted.hits[*group].to_string()).collect();
        out(self.top.batch(keys, hits)).map(|_| ())
    }
}

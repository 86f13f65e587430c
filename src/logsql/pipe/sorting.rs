//! The work of `sort`, `first` and `last`: what they sort by, and all rows in order.

use std::cmp::Ordering;

use super::super::batch::Builder;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::number::{parse_f64, parse_i64, parse_ipv4};
use super::super::order::natural;
use super::super::pdqsort::{is_sorted, sort};
use super::super::plan::Work;
use super::super::text::push_json;
use super::super::time::parse_rfc3339;
use super::Batch;
use super::rows::send;
use super::topk::topk;

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub field: String,
    pub descending: bool,
}

/// What to do.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Empty for all fields.
    pub keys: Vec<Key>,
    pub descending: bool,
    pub offset: u64,
    /// 0 for no limit.
    pub limit: u64,
    pub partition: Vec<String>,
    /// The field for the place of each row.
    pub rank: Option<String>,
}

impl Plan {
    pub(super) fn work(&self) -> Work {
        match (self.limit, self.partition.is_empty()) {
            (0, _) => Work::AllRows,
            (limit, true) => Work::BestRows(limit.saturating_add(self.offset)),
            (limit, false) => Work::BestOfGroups(limit),
        }
    }

    pub(super) fn needs(&self, needs: &mut Needs) {
        if self.keys.is_empty() {
            *needs = Needs::All;
        }
        if let Some(rank) = &self.rank {
            needs.made(rank);
        }
        self.keys.iter().for_each(|key| needs.add(&key.field));
        needs.add_all(&self.partition);
    }

    fn compare(&self, a: &Sorted, b: &Sorted) -> Ordering {
        for (index, (x, y)) in a.keys.iter().zip(&b.keys).enumerate() {
            let order = x.compare(y);
            let descending = self.descending != self.keys.get(index).is_some_and(|key| key.descending);
            match if descending { order.reverse() } else { order } {
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        Ordering::Equal
    }
}

/// The stage; `text` tells the pipe where it refuses. `stored` says whether `_time` still is the time that rows are
/// stored with: the server makes a text of it where a pipe builds rows anew, and sorts that as any other.
pub(super) fn sorting<'p>(plan: &'p Plan, stored: bool, text: Box<dyn Fn() -> String + 'p>) -> Box<dyn Stage + 'p> {
    if plan.limit > 0 {
        return topk(plan, text);
    }
    Box::new(Sorting { plan, stored, text, batches: Vec::new(), rows: Vec::new() })
}

/// What whole rows are ordered by: their JSON text.
pub(super) fn row_text(batch: &Batch, row: usize, text: &mut String) {
    text.clear();
    for (name, column) in &batch.columns {
        push_json(name, text);
        text.push(':');
        push_json(column.get(row), text);
        text.push(',');
    }
}

/// A value with the numbers that it is compared by.
struct Value {
    text: String,
    time: Option<i64>,
    integer: i64,
    float: Option<f64>,
}

impl Value {
    fn new(text: String) -> Self {
        let integer = parse_i64(&text).or_else(|| parse_ipv4(&text).map(i64::from)).unwrap_or(0);
        let float = parse_f64(&text);
        Self { text, time: None, integer, float }
    }

    /// Times, integers and addresses other than zero, then floats, then text in natural order.
    fn compare(&self, other: &Self) -> Ordering {
        if let (Some(a), Some(b)) = (self.time, other.time) {
            return a.cmp(&b);
        }
        if self.integer != 0 && other.integer != 0 {
            return self.integer.cmp(&other.integer);
        }
        match (self.float, other.float) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => natural(&self.text, &other.text),
        }
    }
}

/// A row by its place and what it is sorted by.
struct Sorted {
    batch: usize,
    row: usize,
    keys: Vec<Value>,
}

struct Sorting<'p> {
    plan: &'p Plan,
    stored: bool,
    text: Box<dyn Fn() -> String + 'p>,
    batches: Vec<Batch>,
    rows: Vec<Sorted>,
}

impl Sorting<'_> {
    fn keys(&self, batch: &Batch, row: usize) -> Vec<Value> {
        if !self.plan.keys.is_empty() {
            let value = |key: &Key| {
                let text = batch.column(&key.field).get(row);
                let time = if self.stored && key.field == "_time" { parse_rfc3339(text) } else { None };
                Value { time, ..Value::new(text.to_owned()) }
            };
            return self.plan.keys.iter().map(value).collect();
        }
        let mut text = String::new();
        row_text(batch, row, &mut text);
        vec![Value { text, time: None, integer: 0, float: None }]
    }
}

impl Stage for Sorting<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        let mut kept = batch.size();
        for row in 0..batch.rows {
            let sorted = Sorted { batch: self.batches.len(), row, keys: self.keys(&batch, row) };
            kept += sorted.keys.iter().map(|key| key.text.len() + 48).sum::<usize>() + 48;
            self.rows.push(sorted);
        }
        self.batches.push(batch);
        run.keep(kept, &*self.text)?;
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let skip = usize::try_from(self.plan.offset).unwrap_or(usize::MAX);
        let plan = self.plan;
        run.check()?;
        let before = |a: &Sorted, b: &Sorted| plan.compare(a, b).is_lt();
        if !is_sorted(&self.rows, before) {
            sort(&mut self.rows, before);
        }
        let mut builder = Builder::default();
        for (place, sorted) in self.rows.iter().enumerate().skip(skip) {
            let Some(batch) = self.batches.get(sorted.batch) else { continue };
            let rank = plan.rank.as_ref().map(|name| (name.as_str(), (place + 1).to_string()));
            let rank_name = rank.as_ref().map(|(name, _)| *name);
            let is_key = |name: &str| plan.keys.iter().any(|key| key.field == name);
            let keys = plan.keys.iter().map(|key| (key.field.as_str(), batch.column(&key.field).get(sorted.row)));
            let others = batch.columns.iter().filter(|(name, _)| !is_key(name));
            let others = others.map(|(name, column)| (&**name, column.get(sorted.row)));
            let fields = keys.chain(others).filter(|(name, _)| Some(*name) != rank_name);
            builder.push(rank.iter().map(|(name, place)| (*name, place.as_str())).chain(fields));
        }
        send(builder, out).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn stored_times_are_sorted_as_times_and_times_in_rows_that_a_pipe_built_as_text() {
        let rows: &[&[(&str, &str)]] = &[
            &[("_time", "2024-05-01T10:00:00.25Z"), ("a", "x")],
            &[("_time", "2024-05-01T10:00:00Z"), ("a", "y")],
            &[("_time", "2024-05-01T10:00:00.123Z"), ("a", "z")],
        ];
        assert_eq!(run_rows("* | sort by (_time) | fields a", rows), ["a=y", "a=z", "a=x"]);
        assert_eq!(run_rows("* | len(a) n | sort by (_time desc) | fields a", rows), ["a=x", "a=z", "a=y"]);
        assert_eq!(run_rows("* | unpack_logfmt from a | sort by (_time) | fields a", rows), ["a=x", "a=z", "a=y"]);
    }
}

//! The work of `sort`, `first` and `last`: all rows in order, or the first of each partition.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::batch::Builder;
use super::super::exec::{Flow, Needs, Out, Run, Stage, Stop};
use super::super::number::{parse_f64, parse_i64, parse_ipv4};
use super::super::order::{compare, natural, sort};
use super::super::text::push_json;
use super::Batch;
use super::rows::send;

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
            let order = if self.limit > 0 { compare(&x.text, &y.text) } else { x.compare(y) };
            let descending = self.descending != self.keys.get(index).is_some_and(|key| key.descending);
            match if descending { order.reverse() } else { order } {
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        Ordering::Equal
    }
}

/// The stage; `text` tells the pipe where it refuses.
pub(super) fn sorting<'p>(plan: &'p Plan, text: Box<dyn Fn() -> String + 'p>) -> Box<dyn Stage + 'p> {
    Box::new(Sorting { plan, text, batches: Vec::new(), partitions: BTreeMap::new() })
}

/// A value with the numbers that it is compared by.
struct Value {
    text: String,
    integer: i64,
    float: Option<f64>,
}

impl Value {
    fn new(text: String) -> Self {
        let integer = parse_i64(&text).or_else(|| parse_ipv4(&text).map(i64::from)).unwrap_or(0);
        let float = parse_f64(&text);
        Self { text, integer, float }
    }

    /// Integers and addresses other than zero, then floats, then text in natural order.
    fn compare(&self, other: &Self) -> Ordering {
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
    text: Box<dyn Fn() -> String + 'p>,
    batches: Vec<Batch>,
    partitions: BTreeMap<Vec<String>, Vec<Sorted>>,
}

impl Sorting<'_> {
    fn keys(&self, batch: &Batch, row: usize) -> Vec<Value> {
        if !self.plan.keys.is_empty() {
            return self.plan.keys.iter().map(|key| Value::new(batch.column(&key.field).get(row).to_owned())).collect();
        }
        // The order of whole rows is that of their JSON text.
        let mut text = String::new();
        for (name, column) in &batch.columns {
            push_json(name, &mut text);
            text.push(':');
            push_json(column.get(row), &mut text);
            text.push(',');
        }
        vec![Value { text, integer: 0, float: None }]
    }

    /// Takes out the rows beyond the limit, when there are many of them, and the batches that no row is left of.
    fn prune(&mut self, wanted: usize) {
        let plan = self.plan;
        for rows in self.partitions.values_mut().filter(|rows| rows.len() > wanted.saturating_mul(2).max(1024)) {
            sort(rows, |a, b| plan.compare(a, b));
            rows.truncate(wanted);
        }
        let mut used = vec![false; self.batches.len()];
        self.partitions.values().flatten().for_each(|row| used[row.batch] = true);
        for (batch, used) in self.batches.iter_mut().zip(used) {
            if !used {
                *batch = Batch::default();
            }
        }
    }
}

impl Stage for Sorting<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        let wanted = usize::try_from(self.plan.limit.saturating_add(self.plan.offset)).unwrap_or(usize::MAX);
        let place = self.batches.len();
        let mut kept = if self.plan.limit == 0 { batch.size() } else { 0 };
        for row in 0..batch.rows {
            let partition = self.plan.partition.iter().map(|field| batch.column(field).get(row).to_owned()).collect();
            let sorted = Sorted { batch: place, row, keys: self.keys(&batch, row) };
            if self.plan.limit == 0 {
                kept += sorted.keys.iter().map(|key| key.text.len() + 48).sum::<usize>() + 48;
            }
            self.partitions.entry(partition).or_default().push(sorted);
        }
        self.batches.push(batch);
        run.keep(kept, &*self.text)?;
        if self.plan.limit > 0 {
            self.prune(wanted);
        }
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let skip = usize::try_from(self.plan.offset).unwrap_or(usize::MAX);
        let take =
            if self.plan.limit == 0 { usize::MAX } else { usize::try_from(self.plan.limit).unwrap_or(usize::MAX) };
        let mut builder = Builder::default();
        for rows in self.partitions.values_mut() {
            run.check()?;
            sort(rows, |a, b| self.plan.compare(a, b));
            for (place, sorted) in rows.iter().enumerate().skip(skip).take(take) {
                let Some(batch) = self.batches.get(sorted.batch) else { continue };
                let rank = self.plan.rank.as_ref().map(|name| (name.as_str(), (place + 1).to_string()));
                let rank_name = rank.as_ref().map(|(name, _)| *name);
                let is_key = |name: &str| self.plan.keys.iter().any(|key| key.field == name);
                let keys =
                    self.plan.keys.iter().map(|key| (key.field.as_str(), batch.column(&key.field).get(sorted.row)));
                let others = batch.columns.iter().filter(|(name, _)| !is_key(name));
                let others = others.map(|(name, column)| (&**name, column.get(sorted.row)));
                let fields = keys.chain(others).filter(|(name, _)| Some(*name) != rank_name);
                builder.push(rank.iter().map(|(name, place)| (*name, place.as_str())).chain(fields));
            }
        }
        send(builder, out).map(|_| ())
    }
}

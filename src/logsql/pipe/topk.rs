//! The first rows of each partition: `first`, `last` and `sort` with a limit. Keeps no more rows than are wanted, in a
//! heap per partition whose root is the row that goes next; ties come out in the order in which such a heap gives them.

use std::collections::BTreeMap;

use super::super::batch::{Builder, Name};
use super::super::exec::{Flow, Out, Run, Stage, Stop};
use super::super::order::less;
use super::Batch;
use super::rows::send;
use super::sorting::{Plan, row_text};

/// A row that is kept: the values of the keys, and all fields.
struct Kept {
    keys: Vec<String>,
    fields: Vec<(Name, String)>,
}

impl Kept {
    fn size(&self) -> usize {
        let fields = self.fields.iter().map(|(_, value)| value.len() + 48).sum::<usize>();
        fields + self.keys.iter().map(|key| key.len() + 24).sum::<usize>() + 48
    }
}

impl Plan {
    /// Whether the first key whose texts differ puts `a` strictly before `b`.
    fn before(&self, a: &[impl AsRef<str>], b: &[impl AsRef<str>]) -> bool {
        let pairs = a.iter().zip(b).map(|(a, b)| (a.as_ref(), b.as_ref()));
        match pairs.enumerate().find(|(_, (a, b))| a != b) {
            None => false,
            Some((index, (a, b))) => {
                let descending = self.descending != self.keys.get(index).is_some_and(|key| key.descending);
                if descending { less(b, a) } else { less(a, b) }
            }
        }
    }
}

/// Rows of one partition; the last in order is at the root.
#[derive(Default)]
struct Heap {
    rows: Vec<Kept>,
}

impl Heap {
    fn later(&self, plan: &Plan, a: usize, b: usize) -> bool {
        plan.before(&self.rows[b].keys, &self.rows[a].keys)
    }

    fn push(&mut self, plan: &Plan, row: Kept) {
        self.rows.push(row);
        let mut at = self.rows.len() - 1;
        while at > 0 {
            let parent = (at - 1) / 2;
            if !self.later(plan, at, parent) {
                break;
            }
            self.rows.swap(at, parent);
            at = parent;
        }
    }

    /// Moves the root down to its place among the first `length` rows.
    fn sink(&mut self, plan: &Plan, length: usize) {
        let mut at = 0;
        loop {
            let left = 2 * at + 1;
            if left >= length {
                return;
            }
            let right = left + 1;
            let child = if right < length && self.later(plan, right, left) { right } else { left };
            if !self.later(plan, child, at) {
                return;
            }
            self.rows.swap(at, child);
            at = child;
        }
    }

    /// The rows in order.
    fn sorted(mut self, plan: &Plan) -> Vec<Kept> {
        for last in (1..self.rows.len()).rev() {
            self.rows.swap(0, last);
            self.sink(plan, last);
        }
        self.rows
    }
}

/// The stage; `text` tells the pipe where it refuses.
pub(super) fn topk<'p>(plan: &'p Plan, text: Box<dyn Fn() -> String + 'p>) -> Box<dyn Stage + 'p> {
    Box::new(TopK { plan, text, partitions: BTreeMap::new() })
}

struct TopK<'p> {
    plan: &'p Plan,
    text: Box<dyn Fn() -> String + 'p>,
    /// Shorter values come first, as the server keeps them with their lengths in front.
    partitions: BTreeMap<Vec<(usize, String)>, Heap>,
}

impl Stage for TopK<'_> {
    fn push(&mut self, batch: Batch, run: &Run<'_>, _: Out<'_>) -> Result<Flow, Stop> {
        let plan = self.plan;
        let wanted = usize::try_from(plan.limit.saturating_add(plan.offset)).unwrap_or(usize::MAX);
        let columns: Vec<_> = plan.keys.iter().map(|key| &**batch.column(&key.field)).collect();
        let partition: Vec<_> = plan.partition.iter().map(|field| &**batch.column(field)).collect();
        let mut kept = 0;
        let mut whole = String::new();
        for row in 0..batch.rows {
            let place = partition.iter().map(|column| column.get(row)).map(|value| (value.len(), value.to_owned()));
            let heap = self.partitions.entry(place.collect()).or_default();
            let keys: Vec<&str> = if plan.keys.is_empty() {
                row_text(&batch, row, &mut whole);
                vec![&whole]
            } else {
                columns.iter().map(|column| column.get(row)).collect()
            };
            let full = heap.rows.len() >= wanted;
            if full && heap.rows.first().is_none_or(|last| !plan.before(&keys, &last.keys)) {
                continue;
            }
            let mut fields: Vec<(Name, String)> = plan
                .keys
                .iter()
                .zip(&columns)
                .map(|(key, column)| (Name::from(&*key.field), column.get(row).to_owned()))
                .collect();
            let others = batch.columns.iter().filter(|(name, _)| plan.keys.iter().all(|key| *key.field != **name));
            fields.extend(others.map(|(name, column)| (name.clone(), column.get(row).to_owned())));
            let new = Kept { keys: keys.into_iter().map(str::to_owned).collect(), fields };
            if full {
                heap.rows[0] = new;
                heap.sink(plan, heap.rows.len());
            } else {
                kept += new.size();
                heap.push(plan, new);
            }
        }
        run.keep(kept, &*self.text)?;
        Ok(Flow::More)
    }

    fn finish(&mut self, run: &Run<'_>, out: Out<'_>) -> Result<(), Stop> {
        let plan = self.plan;
        let skip = usize::try_from(plan.offset).unwrap_or(usize::MAX);
        let mut builder = Builder::default();
        for heap in std::mem::take(&mut self.partitions).into_values() {
            run.check()?;
            for (place, row) in heap.sorted(plan).into_iter().enumerate().skip(skip) {
                let rank = plan.rank.as_ref().map(|name| (name.as_str(), (place + 1).to_string()));
                let fields = row.fields.iter().map(|(name, value)| (&**name, value.as_str()));
                let fields = fields.filter(|(name, _)| plan.rank.as_deref() != Some(*name));
                builder.push(rank.iter().map(|(name, place)| (*name, place.as_str())).chain(fields));
            }
        }
        send(builder, out).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    const ROWS: &[&[(&str, &str)]] = &[
        &[("a", "3"), ("p", "long")],
        &[("a", "10"), ("p", "x")],
        &[("a", "2"), ("p", "long")],
        &[("a", "1"), ("p", "x")],
        &[("a", "2"), ("p", "x")],
    ];

    #[test]
    fn the_first_rows_of_each_partition_come_in_order() {
        assert_eq!(run_rows("* | sort by (a) limit 2 | fields a", ROWS), ["a=1", "a=2"]);
        assert_eq!(run_rows("* | sort by (a desc) offset 1 limit 2 | fields a", ROWS), ["a=3", "a=2"]);
        let partitions = ["a=1 n=1 p=x", "a=2 n=2 p=x", "a=2 n=1 p=long", "a=3 n=2 p=long"];
        assert_eq!(run_rows("* | first 2 by (a) partition by (p) rank as n", ROWS), partitions);
        assert_eq!(run_rows("* | last by (a)", ROWS), ["a=10 p=x"]);
    }
}

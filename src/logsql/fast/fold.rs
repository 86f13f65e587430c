//! Rows folded into groups on several threads: the filter, the groups and the functions of a `stats` (or `top`, `uniq`)
//! run where the rows are read, and what the threads kept is put together at the end. The answer is that of the plain
//! stages, in their order; what cannot give that is not planned, or refused at the first value that stands against it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::batch::Column;
use super::super::bucket::Bucket;
use super::super::exec::{Flow, Needs, Out, Run, Scan, Stop};
use super::super::filter::Test;
use super::check::Check;
use super::group::Grouping;
use super::keys::{Keys, parts};
use super::rows::{Rows, Take};
use super::state::{Keep, Members, Print, State, Tally};

/// What a pipe folds rows into.
pub(in super::super) struct Fold<'p> {
    /// The fields to group by.
    pub(in super::super) by: Vec<Cow<'p, Bucket>>,
    /// The functions, each with the rows that it takes.
    pub(in super::super) calls: Vec<(Tally, Option<Test>)>,
    /// Hands the groups on.
    pub(in super::super) end: End<'p>,
    /// Whether only these functions' highest (or lowest) results are looked at afterwards.
    pub(in super::super) best: Option<Best>,
    /// The pipe, for a refusal.
    pub(in super::super) text: Box<dyn Fn() -> String + Sync + 'p>,
}

/// Hands folded groups on.
pub(in super::super) type End<'p> = Box<dyn Fn(&Folded, &Run<'_>, Out<'_>) -> Result<(), Stop> + Sync + 'p>;

impl<'p> Fold<'p> {
    /// How many rows each combination of values has.
    pub(in super::super) fn of_hits(
        fields: &[String],
        best: Option<Best>,
        end: End<'p>,
        text: Box<dyn Fn() -> String + Sync + 'p>,
    ) -> Self {
        let by = fields.iter().map(|field| Cow::Owned(Bucket::plain(field))).collect();
        Self { by, calls: vec![(Tally { keep: Keep::Rows, print: Print::Count }, None)], end, best, text }
    }
}

/// Of all groups only those matter whose result is among the first so many.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Best {
    /// Which function's result.
    pub(in super::super) call: usize,
    /// Whether the greatest come first.
    pub(in super::super) descending: bool,
    /// How many.
    pub(in super::super) wanted: usize,
}

/// Groups with their results, put together from all threads.
pub(in super::super) struct Folded {
    width: usize,
    keys: Keys,
    /// The groups in the order in which they first came.
    order: Vec<u32>,
    states: Vec<State>,
    tallies: Vec<Tally>,
}

/// The parts that threads left behind.
struct Left {
    keys: Keys,
    /// The place of the first row of each group.
    first: Vec<u64>,
    states: Vec<State>,
}

/// What the takers of one fold share.
struct Shared {
    left: Mutex<Vec<Left>>,
    /// Set where a value came that cannot be folded.
    refused: AtomicBool,
    kept: AtomicUsize,
    limit: usize,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Went {
    /// The answer is given.
    Done,
    /// Nothing was given: the plain stages have to do it.
    Refused,
}

/// Runs a fold over an input, with the filter in front of it.
pub(in super::super) fn run(
    fold: &Fold<'_>,
    test: &Test,
    scan: Scan<'_>,
    run: &Run<'_>,
    out: Out<'_>,
) -> Result<Went, Stop> {
    let Some(names) = names(fold, test) else { return Ok(Went::Refused) };
    let shared = Shared {
        left: Mutex::default(),
        refused: AtomicBool::new(false),
        kept: AtomicUsize::new(0),
        limit: run.env.memory,
    };
    if Taker::new(fold, test, &names, &shared).is_none() {
        return Ok(Went::Refused);
    }
    let taker = || -> Box<dyn Take + '_> {
        Taker::new(fold, test, &names, &shared)
            .map_or_else(|| Box::new(Nothing) as Box<dyn Take>, |taker| Box::new(taker))
    };
    let scan = Scan { fields: Needs::Only(names.iter().cloned().collect()), ..scan };
    let Some(spread) = run.input.spread(&scan, &names, &taker) else { return Ok(Went::Refused) };
    spread?;
    if shared.refused.load(Ordering::Relaxed) {
        return Ok(Went::Refused);
    }
    if shared.kept.load(Ordering::Relaxed) > shared.limit {
        return Err(Stop::Memory { pipe: (fold.text)(), limit: shared.limit });
    }
    run.check()?;
    let left = shared.left.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Some(folded) = Folded::of(fold, left) else { return Ok(Went::Refused) };
    (fold.end)(&folded, run, out)?;
    Ok(Went::Done)
}

/// The fields that are read, each once; `None` where they are not known by name.
fn names(fold: &Fold<'_>, test: &Test) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    test.fields(&mut add);
    for (tally, condition) in &fold.calls {
        tally.fields()?.iter().for_each(|field| add(field));
        if let Some(condition) = condition {
            condition.fields(&mut add);
        }
    }
    fold.by.iter().for_each(|bucket| add(&bucket.field));
    Some(names)
}

/// Folds the rows of one thread.
struct Taker<'p> {
    shared: &'p Shared,
    filter: Check<'p>,
    grouping: Grouping<'p>,
    calls: Vec<(Option<Check<'p>>, State)>,
    /// What was counted to the ceiling.
    counted: usize,
    buffers: Buffers,
}

#[derive(Default)]
struct Buffers {
    selected: Vec<u32>,
    groups: Vec<u32>,
    some_rows: Vec<u32>,
    some_groups: Vec<u32>,
    keep: Vec<bool>,
}

impl<'p> Taker<'p> {
    fn new(fold: &'p Fold<'p>, test: &'p Test, names: &[String], shared: &'p Shared) -> Option<Self> {
        let calls = fold.calls.iter().map(|(tally, condition)| {
            let check = match condition {
                Some(condition) => Some(Check::new(condition, names)?),
                None => None,
            };
            Some((check, State::new(tally, names)?))
        });
        let mut taker = Self {
            shared,
            filter: Check::new(test, names)?,
            grouping: Grouping::new(&fold.by, names)?,
            calls: calls.collect::<Option<Vec<_>>>()?,
            counted: 0,
            buffers: Buffers::default(),
        };
        taker.grow();
        Some(taker)
    }

    fn grow(&mut self) {
        let groups = self.grouping.keys.len();
        self.calls.iter_mut().for_each(|(_, state)| state.grow(groups));
    }

    /// Counts what it keeps; whether all threads together are within the ceiling.
    fn count(&mut self) -> bool {
        let size = self.grouping.size() + self.calls.iter().map(|(_, state)| state.size()).sum::<usize>();
        let more = size.saturating_sub(self.counted);
        self.counted += more;
        self.shared.kept.fetch_add(more, Ordering::Relaxed) + more <= self.shared.limit
    }
}

impl Take for Taker<'_> {
    fn take(&mut self, place: u64, rows: &Rows<'_>) -> Flow {
        if self.shared.refused.load(Ordering::Relaxed) {
            return Flow::Enough;
        }
        let Buffers { selected, groups, some_rows, some_groups, keep } = &mut self.buffers;
        self.filter.select(rows, selected);
        if selected.is_empty() {
            return Flow::More;
        }
        self.grouping.assign(rows, selected, place, groups);
        let known = self.grouping.keys.len();
        for (condition, state) in &mut self.calls {
            state.grow(known);
            let members = match condition {
                None => Members { rows: selected, groups, place },
                Some(check) => {
                    keep.clear();
                    keep.resize(rows.count, true);
                    check.narrow(rows, keep);
                    some_rows.clear();
                    some_groups.clear();
                    for (row, group) in selected.iter().zip(groups.iter()).filter(|(row, _)| keep[**row as usize]) {
                        some_rows.push(*row);
                        some_groups.push(*group);
                    }
                    Members { rows: some_rows, groups: some_groups, place }
                }
            };
            if state.add(rows, &members).is_err() {
                self.shared.refused.store(true, Ordering::Relaxed);
                return Flow::Enough;
            }
        }
        if self.count() { Flow::More } else { Flow::Enough }
    }

    fn end(self: Box<Self>) {
        let states = self.calls.into_iter().map(|(_, state)| state).collect();
        let left = Left { keys: self.grouping.keys, first: self.grouping.first, states };
        self.shared.left.lock().unwrap_or_else(PoisonError::into_inner).push(left);
    }
}

/// Takes nothing.
struct Nothing;

impl Take for Nothing {
    fn take(&mut self, _: u64, _: &Rows<'_>) -> Flow {
        Flow::Enough
    }

    fn end(self: Box<Self>) {}
}

impl Folded {
    /// What the threads left, as one; `None` where their values do not go together.
    fn of(fold: &Fold<'_>, left: Vec<Left>) -> Option<Self> {
        let tallies: Vec<Tally> = fold.calls.iter().map(|(tally, _)| tally.clone()).collect();
        let (mut groupings, mut states): (Vec<_>, Vec<_>) =
            left.into_iter().map(|left| ((left.keys, left.first), left.states)).unzip();
        // The one with the most groups takes the others in.
        if let Some(largest) = (0..groupings.len()).max_by_key(|index| groupings[*index].0.len()) {
            groupings.swap(0, largest);
            states.swap(0, largest);
        }
        let mut groupings = groupings.into_iter();
        let (mut keys, mut first) = groupings.next().unwrap_or_default();
        if fold.by.is_empty() && keys.len() == 0 {
            keys.of(&[]);
            first.push(0);
        }
        let mut numbers: Vec<Vec<u32>> = vec![(0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).collect()];
        for (their_keys, their_first) in groupings {
            let theirs = keys.merge(&their_keys);
            first.resize(keys.len(), u64::MAX);
            theirs.iter().zip(&their_first).for_each(|(group, place)| {
                let first = &mut first[*group as usize];
                *first = (*first).min(*place);
            });
            numbers.push(theirs);
        }
        let groups = keys.len();
        let mut threads: Vec<_> = states.into_iter().map(Vec::into_iter).collect();
        let mut states = Vec::with_capacity(tallies.len());
        for tally in &tallies {
            let parts = threads
                .iter_mut()
                .zip(&numbers)
                .filter_map(|(states, numbers)| Some((states.next()?, numbers.as_slice())));
            let whole = State::merge(parts.collect(), groups).ok()?;
            let whole = match whole {
                Some(whole) => whole,
                None => {
                    let mut empty = State::new(tally, tally.fields()?)?;
                    empty.grow(groups);
                    empty
                }
            };
            states.push(whole);
        }
        let mut order: Vec<u32> = (0..u32::try_from(groups).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|group| first[*group as usize]);
        if let Some(best) = fold.best {
            keep_best(&mut order, &states[best.call], best);
        }
        Some(Self { width: fold.by.len(), keys, order, states, tallies })
    }

    /// The groups, in the order in which they first came.
    pub(in super::super) fn groups(&self) -> &[u32] {
        &self.order
    }

    /// The values of a group.
    pub(in super::super) fn values(&self, group: u32) -> Vec<&str> {
        let key = self.keys.bytes(group);
        if self.width == 1 { vec![std::str::from_utf8(key).unwrap_or_default()] } else { parts(key).collect() }
    }

    /// The values of some groups, a column for each field.
    pub(in super::super) fn keys(&self, groups: &[u32]) -> Vec<Column> {
        let mut columns = vec![Column::default(); self.width];
        for group in groups {
            columns.iter_mut().zip(self.values(*group)).for_each(|(column, value)| column.push(value));
        }
        columns
    }

    /// The results of one function for some groups.
    pub(in super::super) fn results(&self, call: usize, groups: &[u32]) -> Column {
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(groups.len()));
        for group in groups {
            self.states[call].print(*group, self.tallies[call].print, &mut text);
            ends.push(text.len());
        }
        Column::Each { text, ends }
    }

    /// The count that a function kept for a group.
    pub(in super::super) fn count(&self, call: usize, group: u32) -> u64 {
        self.states[call].count(group).unwrap_or(0)
    }
}

/// Leaves the groups that are among the first by a count when they come, and those as good as the last of them: the
/// others change nothing, neither what is kept in the end nor the order of what is equal.
fn keep_best(order: &mut Vec<u32>, state: &State, best: Best) {
    if order.iter().any(|group| state.count(*group).is_none()) {
        return;
    }
    let mut kept: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    order.retain(|group| {
        let count = state.count(*group).unwrap_or(0);
        let rank = if best.descending { count } else { u64::MAX - count };
        if kept.len() < best.wanted {
            kept.push(Reverse(rank));
            return true;
        }
        let is_good = kept.peek().is_some_and(|Reverse(last)| rank >= *last);
        if is_good {
            kept.pop();
            kept.push(Reverse(rank));
        }
        is_good
    });
}

//! What the stats functions keep that can be computed in parts on several threads and put together afterwards with
//! the very answer of one thread. Where that would not hold for the values at hand (a sum of fractions depends on its
//! order), the part is refused, and the query goes the plain way.

use super::super::number::{float_text, from_i64, parse_f64, parse_i64, parse_number};
use super::super::pipe::push_normal;
use super::super::time::{parse_rfc3339, rfc3339_text};
use super::distinct::Distinct;
use super::keys::{fingerprint, push_part};
use super::rows::{Cells, Rows};

/// How a stats function is computed in parts.
#[derive(Debug, Clone)]
pub(in super::super) struct Tally {
    /// What is kept for each group.
    pub(in super::super) keep: Keep,
    /// How the result is made of it.
    pub(in super::super) print: Print,
}

/// What is kept for each group.
#[derive(Debug, Clone)]
pub(in super::super) enum Keep {
    /// How many rows.
    Rows,
    /// How many rows in which any of the fields has a value.
    Filled(Vec<String>),
    /// How many rows in which none of the fields has a value.
    Empty(Vec<String>),
    /// The sum of the numbers in the fields, and how many there are.
    Sum(Vec<String>),
    /// The bytes of the values in the fields.
    Length(Vec<String>),
    /// The least value of a field.
    Least(String),
    /// The greatest value of a field.
    Greatest(String),
    /// The different values, or combinations of values.
    Different(Vec<String>),
    /// The different hashes of values, or of combinations.
    DifferentHashes(Vec<String>),
}

/// How a result is made.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Print {
    /// The count.
    Count,
    /// The count, at most so large.
    CountUpTo(u64),
    /// The count or sum for each of so many seconds.
    PerSecond(f64),
    /// The sum.
    Sum,
    /// The sum divided by the count.
    Mean,
    /// The value.
    Value,
}

impl Tally {
    /// A tally.
    pub(in super::super) const fn new(keep: Keep, print: Print) -> Option<Self> {
        Some(Self { keep, print })
    }

    /// The fields that it reads; `None` where they are not known by name.
    pub(super) fn fields(&self) -> Option<&[String]> {
        let fields = match &self.keep {
            Keep::Rows => &[],
            Keep::Least(field) | Keep::Greatest(field) => std::slice::from_ref(field),
            Keep::Filled(fields)
            | Keep::Empty(fields)
            | Keep::Sum(fields)
            | Keep::Length(fields)
            | Keep::Different(fields)
            | Keep::DifferentHashes(fields) => fields.as_slice(),
        };
        fields.iter().all(|field| !field.ends_with('*')).then_some(fields)
    }
}

/// The values at hand cannot be put together from parts.
#[derive(Debug)]
pub(super) struct Refused;

/// The rows that a state takes in, and the group of each.
pub(super) struct Members<'m> {
    pub rows: &'m [u32],
    pub groups: &'m [u32],
    /// The place of the first of all rows.
    pub place: u64,
}

/// A value that may be the least or the greatest.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Rank {
    /// Comes first.
    Empty,
    Number(f64),
    Time(i64),
}

#[derive(Debug, Clone)]
struct Best {
    rank: Rank,
    place: u64,
    /// Left empty for a time that is written as the language writes times.
    text: String,
}

/// The state of one function for all groups of one thread.
pub(super) struct State {
    columns: Vec<usize>,
    kind: Kind,
}

enum Kind {
    Rows(Vec<u64>),
    Filled(Vec<u64>),
    Empty(Vec<u64>),
    Length(Vec<u64>),
    Sum(Vec<Sums>),
    Best { greatest: bool, best: Vec<Option<Best>> },
    Different { pairs: Distinct, hash: fn(&[u8]) -> u128, counts: Vec<u64> },
}

/// The sums of one group: over plain numbers, and over numbers of all forms. Of several groups the former counts, as in the
/// plain way.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    plain: Sum,
    all: Sum,
}

/// A sum of whole numbers that floats hold exactly.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: i64,
    /// The sum of the numbers without their signs.
    size: u64,
    count: u64,
}

/// Up to here every whole number is a float of its own, and sums do not depend on their order.
const EXACT: u64 = 1 << 53;

impl State {
    /// A state over columns in the order of `names`.
    pub(super) fn new(tally: &Tally, names: &[String]) -> Option<Self> {
        let columns =
            tally.fields()?.iter().map(|field| names.iter().position(|name| name == field)).collect::<Option<_>>()?;
        let kind = match &tally.keep {
            Keep::Rows => Kind::Rows(Vec::new()),
            Keep::Filled(_) => Kind::Filled(Vec::new()),
            Keep::Empty(_) => Kind::Empty(Vec::new()),
            Keep::Length(_) => Kind::Length(Vec::new()),
            Keep::Sum(_) => Kind::Sum(Vec::new()),
            Keep::Least(_) => Kind::Best { greatest: false, best: Vec::new() },
            Keep::Greatest(_) => Kind::Best { greatest: true, best: Vec::new() },
            Keep::Different(_) => Kind::Different { pairs: Distinct::default(), hash: fingerprint, counts: Vec::new() },
            Keep::DifferentHashes(_) => {
                let hash = |bytes: &[u8]| u128::from(super::super::xxhash::hash64(bytes));
                Kind::Different { pairs: Distinct::default(), hash, counts: Vec::new() }
            }
        };
        Some(Self { columns, kind })
    }

    /// Makes room for so many groups.
    pub(super) fn grow(&mut self, groups: usize) {
        match &mut self.kind {
            Kind::Rows(counts) | Kind::Filled(counts) | Kind::Empty(counts) | Kind::Length(counts) => {
                counts.resize(groups, 0);
            }
            Kind::Sum(sums) => sums.resize(groups, Sums::default()),
            Kind::Best { best, .. } => best.resize(groups, None),
            Kind::Different { .. } => {}
        }
    }

    /// Bytes that it takes, roughly.
    pub(super) fn size(&self) -> usize {
        match &self.kind {
            Kind::Rows(counts) | Kind::Filled(counts) | Kind::Empty(counts) | Kind::Length(counts) => {
                counts.capacity() * size_of::<u64>()
            }
            Kind::Sum(sums) => sums.capacity() * size_of::<Sums>(),
            Kind::Best { best, .. } => best.capacity() * (size_of::<Option<Best>>() + 24),
            Kind::Different { pairs, .. } => pairs.size(),
        }
    }

    /// Takes rows in.
    pub(super) fn add(&mut self, rows: &Rows<'_>, members: &Members<'_>) -> Result<(), Refused> {
        let cells = |column: &usize| &rows.cells[*column];
        match &mut self.kind {
            Kind::Rows(counts) => members.groups.iter().for_each(|group| counts[*group as usize] += 1),
            Kind::Filled(counts) => count_filled(counts, true, rows, &self.columns, members),
            Kind::Empty(counts) => count_filled(counts, false, rows, &self.columns, members),
            Kind::Length(counts) => {
                for column in &self.columns {
                    cells(column).each(members.rows, |at, value| {
                        counts[members.groups[at] as usize] += value.len() as u64;
                    });
                }
            }
            Kind::Sum(sums) => {
                for column in &self.columns {
                    add_numbers(sums, cells(column), members)?;
                }
            }
            Kind::Best { greatest, best } => {
                for column in &self.columns {
                    add_best(best, *greatest, cells(column), members)?;
                }
            }
            Kind::Different { pairs, hash, .. } => add_values(pairs, *hash, rows, &self.columns, members),
        }
        Ok(())
    }

    /// Puts the states of all threads together. Each comes with the group's number for its own number.
    pub(super) fn merge(threads: Vec<(Self, &[u32])>, groups: usize) -> Result<Option<Self>, Refused> {
        let mut threads = threads.into_iter();
        let Some((mut whole, numbers)) = threads.next() else { return Ok(None) };
        if let Kind::Different { pairs, counts, .. } = &mut whole.kind {
            let mut all = vec![(std::mem::take(pairs), numbers.to_vec())];
            for (state, numbers) in threads {
                if let Kind::Different { pairs, .. } = state.kind {
                    all.push((pairs, numbers.to_vec()));
                }
            }
            *counts = Distinct::count(&all, groups);
            return Ok(Some(whole));
        }
        // The first thread's numbers are the whole's.
        whole.grow(groups);
        for (state, numbers) in threads {
            whole.kind.take_in(state.kind, numbers)?;
        }
        Ok(Some(whole))
    }

    /// The count of a group, where that is what is kept.
    pub(super) fn count(&self, group: u32) -> Option<u64> {
        match &self.kind {
            Kind::Rows(counts)
            | Kind::Filled(counts)
            | Kind::Empty(counts)
            | Kind::Length(counts)
            | Kind::Different { counts, .. } => counts.get(group as usize).copied(),
            Kind::Sum(_) | Kind::Best { .. } => None,
        }
    }

    /// Appends the result of a group.
    pub(super) fn print(&self, group: u32, print: Print, out: &mut String) {
        let text = match (&self.kind, print) {
            (Kind::Best { best, .. }, _) => match &best[group as usize] {
                Some(Best { rank: Rank::Time(nanos), text, .. }) if text.is_empty() => rfc3339_text(*nanos),
                Some(best) => best.text.clone(),
                None => String::new(),
            },
            (Kind::Sum(sums), print) => {
                let Sums { plain, all } = sums[group as usize];
                let Sum { sum, count, .. } = if sums.len() > 1 { plain } else { all };
                let total = if count == 0 { f64::NAN } else { from_i64(sum) };
                float_text(match print {
                    Print::Mean => from_i64(sum) / float(count),
                    Print::PerSecond(seconds) => total / seconds,
                    _ => total,
                })
            }
            (_, Print::PerSecond(seconds)) => float_text(float(self.count(group).unwrap_or(0)) / seconds),
            (_, Print::CountUpTo(limit)) => self.count(group).unwrap_or(0).min(limit).to_string(),
            _ => self.count(group).unwrap_or(0).to_string(),
        };
        out.push_str(&text);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

fn count_filled(counts: &mut [u64], filled: bool, rows: &Rows<'_>, columns: &[usize], members: &Members<'_>) {
    let mut any = vec![false; members.rows.len()];
    for column in columns {
        rows.cells[*column].each(members.rows, |at, value| any[at] |= !value.is_empty());
    }
    for (any, group) in any.iter().zip(members.groups) {
        counts[*group as usize] += u64::from(*any == filled);
    }
}

impl Sum {
    fn add(&mut self, number: i64) {
        self.sum += number;
        self.size += number.unsigned_abs();
        self.count += 1;
    }

    fn take_in(&mut self, other: Self) {
        self.sum += other.sum;
        self.size += other.size;
        self.count += other.count;
    }

    const fn is_exact(&self) -> bool {
        self.size <= EXACT
    }
}

fn add_numbers(sums: &mut [Sums], cells: &Cells<'_>, members: &Members<'_>) -> Result<(), Refused> {
    let mut sound = true;
    cells.each(members.rows, |at, value| match whole(value) {
        Ok(Some((number, is_plain))) => {
            let Sums { plain, all } = &mut sums[members.groups[at] as usize];
            if is_plain {
                plain.add(number);
            }
            all.add(number);
            sound &= all.is_exact();
        }
        Ok(None) => {}
        Err(Refused) => sound = false,
    });
    if sound { Ok(()) } else { Err(Refused) }
}

/// The whole number that a value is, and whether it is written plainly; `None` for what is no number at all, and refused
/// where it has a fraction or is too large to be exact.
fn whole(value: &str) -> Result<Option<(i64, bool)>, Refused> {
    let is_usual = matches!(value.as_bytes(), [b'0'] | [b'1'..=b'9', ..]) && value.len() <= 15;
    if is_usual && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Some((value.bytes().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), true)));
    }
    let plain = parse_f64(value);
    match plain.or_else(|| parse_number(value)) {
        None => Ok(None),
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        Some(number) if number.fract() == 0.0 && number.abs() <= float(EXACT) => {
            Ok(Some((number as i64, plain.is_some())))
        }
        Some(_) => Err(Refused),
    }
}

fn rank(value: &str) -> Result<Rank, Refused> {
    if value.is_empty() {
        return Ok(Rank::Empty);
    }
    if let Some(nanos) = parse_rfc3339(value) {
        return Ok(Rank::Time(nanos));
    }
    let number = parse_i64(value).map(from_i64).or_else(|| parse_number(value)).ok_or(Refused)?;
    if number.abs() < float(EXACT) { Ok(Rank::Number(number)) } else { Err(Refused) }
}

impl Best {
    /// Whether another one takes its place: a better one, or one as good that came before.
    fn gives_way(&self, greatest: bool, rank: Rank, place: u64) -> Result<bool, Refused> {
        match (self.rank, rank) {
            (Rank::Number(_), Rank::Time(_)) | (Rank::Time(_), Rank::Number(_)) => Err(Refused),
            (known, new) if known == new => Ok(place < self.place),
            (known, new) => Ok(if greatest { known < new } else { new < known }),
        }
    }
}

fn add_best(
    best: &mut [Option<Best>],
    greatest: bool,
    cells: &Cells<'_>,
    members: &Members<'_>,
) -> Result<(), Refused> {
    let mut sound = true;
    let mut see = |at: usize, rank: Result<Rank, Refused>, text: &str| {
        let place = members.place + u64::from(members.rows[at]);
        let slot = &mut best[members.groups[at] as usize];
        match (slot, rank) {
            (_, Err(Refused)) => sound = false,
            (slot @ None, Ok(rank)) => *slot = Some(Best { rank, place, text: text.to_owned() }),
            (Some(best), Ok(rank)) => match best.gives_way(greatest, rank, place) {
                Ok(true) => {
                    (best.rank, best.place) = (rank, place);
                    best.text.clear();
                    best.text.push_str(text);
                }
                Ok(false) => {}
                Err(Refused) => sound = false,
            },
        }
    };
    match cells {
        Cells::Times(times) => {
            members.rows.iter().enumerate().for_each(|(at, row)| see(at, Ok(Rank::Time(times[*row as usize])), ""));
        }
        cells => cells.each(members.rows, |at, value| see(at, rank(value), value)),
    }
    if sound { Ok(()) } else { Err(Refused) }
}

fn add_values(
    pairs: &mut Distinct,
    hash: fn(&[u8]) -> u128,
    rows: &Rows<'_>,
    columns: &[usize],
    members: &Members<'_>,
) {
    let mut key = Vec::new();
    if let [only] = columns {
        let mut normal = String::new();
        rows.cells[*only].each(members.rows, |at, value| {
            let value = if is_normal(value) {
                value
            } else {
                normal.clear();
                push_normal(value, &mut normal);
                &normal
            };
            if !value.is_empty() {
                pairs.add(members.groups[at], hash(value.as_bytes()));
            }
        });
        return;
    }
    for (row, group) in members.rows.iter().zip(members.groups) {
        key.clear();
        let mut filled = false;
        for column in columns {
            let value = rows.cells[*column].get(*row as usize);
            filled |= !value.is_empty();
            push_part(&value, &mut key);
        }
        if filled {
            pairs.add(*group, hash(&key));
        }
    }
}

/// Whether a value stands for itself alone: no number that could be written otherwise.
pub(super) fn is_normal(value: &str) -> bool {
    match value.as_bytes() {
        [b'0'..=b'9' | b'_', ..] => memchr::memchr(b'_', value.as_bytes()).is_none(),
        [b'-', ..] => value != "-0" && memchr::memchr(b'_', value.as_bytes()).is_none(),
        _ => true,
    }
}

impl Kind {
    /// Takes the state of another thread in, group by group.
    fn take_in(&mut self, other: Self, numbers: &[u32]) -> Result<(), Refused> {
        match (self, other) {
            (Self::Rows(counts), Self::Rows(more))
            | (Self::Filled(counts), Self::Filled(more))
            | (Self::Empty(counts), Self::Empty(more))
            | (Self::Length(counts), Self::Length(more)) => {
                more.iter().zip(numbers).for_each(|(more, group)| counts[*group as usize] += more);
            }
            (Self::Sum(sums), Self::Sum(more)) => {
                for (more, group) in more.iter().zip(numbers) {
                    let sum = &mut sums[*group as usize];
                    sum.plain.take_in(more.plain);
                    sum.all.take_in(more.all);
                    if !sum.all.is_exact() {
                        return Err(Refused);
                    }
                }
            }
            (Self::Best { greatest, best }, Self::Best { best: more, .. }) => {
                for (more, group) in more.into_iter().zip(numbers) {
                    let (slot, Some(more)) = (&mut best[*group as usize], more) else { continue };
                    let better = match slot {
                        None => true,
                        Some(best) => best.gives_way(*greatest, more.rank, more.place)?,
                    };
                    if better {
                        *slot = Some(more);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

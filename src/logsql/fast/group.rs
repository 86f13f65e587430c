//! Which group each row belongs to: the fields of a `by`, put into buckets where it says so.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::super::bucket::Bucket;
use super::super::pipe::push_normal;
use super::keys::{Keys, hash, push_part};
use super::rows::{Cells, Rows};
use super::state::is_normal;

/// The number of a group that was not looked up yet.
const UNKNOWN: u32 = u32::MAX;

/// The groups of one thread.
pub(super) struct Grouping<'p> {
    by: Vec<By<'p>>,
    /// The keys, and the place of the first row of each.
    pub(super) keys: Keys,
    pub(super) first: Vec<u64>,
    key: Vec<u8>,
    normal: String,
    hashes: Vec<u64>,
    /// The groups of numbered values.
    known: (u64, Vec<u32>),
}

/// A field to group by.
struct By<'p> {
    column: usize,
    bucket: &'p Bucket,
    buckets: Buckets,
}

/// The buckets that values fell into, numbered.
struct Buckets {
    list: u64,
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    codes: Vec<u32>,
}

impl<'p> Grouping<'p> {
    /// Groups by fields that are columns in the order of `names`. Without fields there is one group, even over nothing.
    pub(super) fn new(by: &'p [Cow<'p, Bucket>], names: &[String]) -> Option<Self> {
        let by: Option<Vec<By<'p>>> = by
            .iter()
            .enumerate()
            .map(|(index, bucket)| {
                let column = names.iter().position(|name| *name == bucket.field)?;
                // Lists of the scan's own begin at 0.
                let list = u64::MAX - index as u64;
                let buckets = Buckets { list, texts: Vec::new(), numbers: HashMap::new(), codes: Vec::new() };
                Some(By { column, bucket, buckets })
            })
            .collect();
        let mut grouping = Self {
            by: by?,
            keys: Keys::default(),
            first: Vec::new(),
            key: Vec::new(),
            normal: String::new(),
            hashes: Vec::new(),
            known: (UNKNOWN.into(), Vec::new()),
        };
        if grouping.by.is_empty() {
            grouping.keys.of(&[]);
            grouping.first.push(0);
        }
        Some(grouping)
    }

    /// The group of each of the rows, in their order.
    pub(super) fn assign(&mut self, rows: &Rows<'_>, selected: &[u32], place: u64, groups: &mut Vec<u32>) {
        groups.clear();
        if self.by.is_empty() {
            groups.resize(selected.len(), 0);
            return;
        }
        let by: Vec<Cells<'_>> = self.by.iter_mut().map(|part| part.cells(rows, selected)).collect();
        let (keys, first) = (&mut self.keys, &mut self.first);
        let mut note = |group: u32, row: u32| {
            if group as usize == first.len() {
                first.push(place + u64::from(row));
            }
            groups.push(group);
        };
        match by.as_slice() {
            [Cells::Codes { codes, texts, list }] => {
                let (known_list, known) = &mut self.known;
                if known_list != list {
                    (*known_list, *known) = (*list, Vec::new());
                }
                known.resize(texts.len(), UNKNOWN);
                for row in selected {
                    let code = codes[*row as usize] as usize;
                    if known[code] == UNKNOWN {
                        known[code] = group_of(keys, &texts[code], &mut self.normal);
                    }
                    note(known[code], *row);
                }
            }
            [Cells::Texts(values)] => {
                // All hashes first: then the processor looks several keys up at once.
                self.hashes.clear();
                self.hashes.extend(selected.iter().map(|row| hash(values[*row as usize].as_bytes())));
                for (row, hashed) in selected.iter().zip(&self.hashes) {
                    let value = &*values[*row as usize];
                    let group = if is_normal(value) {
                        keys.of_hashed(*hashed, value.as_bytes())
                    } else {
                        group_of(keys, value, &mut self.normal)
                    };
                    note(group, *row);
                }
            }
            [only] => only.each(selected, |at, value| note(group_of(keys, value, &mut self.normal), selected[at])),
            several => {
                for row in selected {
                    self.key.clear();
                    several.iter().for_each(|cells| push_part(&cells.get(*row as usize), &mut self.key));
                    note(keys.of(&self.key), *row);
                }
            }
        }
    }

    /// Bytes that it takes, roughly.
    pub(super) fn size(&self) -> usize {
        self.keys.size() + self.first.capacity() * size_of::<u64>()
    }
}

/// A single value is a number where it is one: `1_000` and `1000` are one group.
fn group_of(keys: &mut Keys, value: &str, normal: &mut String) -> u32 {
    if is_normal(value) {
        return keys.of(value.as_bytes());
    }
    normal.clear();
    push_normal(value, normal);
    keys.of(normal.as_bytes())
}

impl By<'_> {
    /// The column that is grouped by, with the bucket in place of each value.
    fn cells<'c>(&'c mut self, rows: &'c Rows<'_>, selected: &[u32]) -> Cells<'c> {
        let cells = &rows.cells[self.column];
        if self.bucket.is_plain() {
            return match cells {
                Cells::Same(value) => Cells::Same(Cow::Borrowed(value)),
                Cells::Texts(values) => Cells::Texts(Cow::Borrowed(values)),
                Cells::Codes { codes, texts, list } => Cells::Codes { codes: Cow::Borrowed(codes), texts, list: *list },
                Cells::Times(times) => Cells::Times(Cow::Borrowed(times)),
                Cells::Column(column) => Cells::Column(column),
            };
        }
        self.buckets.fill(self.bucket, cells, rows.count, selected);
        Cells::Codes { codes: Cow::Borrowed(&self.buckets.codes), texts: &self.buckets.texts, list: self.buckets.list }
    }
}

impl Buckets {
    /// Numbers the bucket of each selected row.
    fn fill(&mut self, bucket: &Bucket, cells: &Cells<'_>, count: usize, selected: &[u32]) {
        self.codes.clear();
        self.codes.resize(count, 0);
        if let Cells::Times(times) = cells {
            // Neighbours are of one bucket: where it begins and ends spares the text of the time.
            let mut known: Option<(std::ops::Range<i64>, u32)> = None;
            for row in selected {
                let time = times[*row as usize];
                let number = match &known {
                    Some((range, number)) if range.contains(&time) => *number,
                    _ => {
                        let (range, text) = bucket.of_time(time);
                        let number = self.number(text);
                        known = range.map(|range| (range, number));
                        number
                    }
                };
                self.codes[*row as usize] = number;
            }
            return;
        }
        let mut known: Option<(String, u32)> = None;
        cells.each(selected, |at, value| {
            let number = match &known {
                Some((text, number)) if text == value => *number,
                _ => {
                    let number = self.number(bucket.of(value));
                    known = Some((value.to_owned(), number));
                    number
                }
            };
            self.codes[selected[at] as usize] = number;
        });
    }

    fn number(&mut self, text: String) -> u32 {
        match self.numbers.get(text.as_str()) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
                let text: Box<str> = text.into();
                self.texts.push(text.clone());
                self.numbers.insert(text, number);
                number
            }
        }
    }
}

//! Reads lines into an index.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;

use super::chunk::{Chunk, Codes, List, Stored, UNTIMED};
use crate::logs::SourceError;
use crate::logs::files::Options;
use crate::logs::files::bytes::{Compression, Span};
use crate::logs::files::catalog::{Content, failed};
use crate::logs::files::columns::{CLIENT, Columns};
use crate::logs::files::formats::access::halves;
use crate::logs::files::formats::entry::{Entry, Field, Wanted};
use crate::logs::files::formats::text;
use crate::logs::files::lines::Blocks;
use crate::logs::files::scan::{Pass, TimeRange};
use crate::logsql::Name;

/// Lines of one chunk.
const ROWS: usize = if cfg!(test) { 1 << 10 } else { 1 << 15 };

/// Bytes of one chunk, where lines are long.
const BYTES: usize = 32 << 20;

/// So few lines at the end of a file are as fast read as looked up.
const WORTH_IT: usize = if cfg!(test) { 256 } else { 4_096 };

/// What a value in a list takes beside its bytes, which are there twice.
const LISTED: usize = 64;

/// A field with more values than this in its list has too few that repeat; the list ends there.
const MOST_LISTED: usize = if cfg!(test) { 1 << 9 } else { 1 << 16 };

/// A content with more names than this is not held in columns: a stranger may choose them.
const MOST_NAMES: usize = 256;

/// What all indexes together may take.
pub struct Budget {
    /// The ceiling in bytes.
    pub limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of so many bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0) }
    }

    /// Counts anew what is in use: files that are gone have given their memory back.
    pub fn settle(&self, used: usize) {
        self.used.store(used, Ordering::Relaxed);
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.limit
    }
}

/// What is known across the chunks of one content.
#[derive(Default)]
pub struct Builder {
    /// The values listed so far, by field; `None` for a field that is not listed any more.
    listed: HashMap<Name, Option<Listed>>,
}

struct Listed {
    list: Arc<List>,
    numbers: HashMap<Box<str>, u32>,
    /// Whether no chunk was finished with it yet.
    is_young: bool,
}

/// A chunk in the making.
struct Making<'b> {
    builder: &'b mut Builder,
    /// Whether path and query are not stored where they are the halves of the target.
    halved: bool,
    rows: usize,
    times: Vec<i64>,
    fields: Vec<(Name, Filling)>,
    places: HashMap<Name, usize>,
    odd: Vec<u32>,
    /// Bytes of the values.
    bytes: usize,
}

/// A column in the making; rows at its end may be missing.
enum Filling {
    Codes { codes: Vec<u32>, list: Arc<List>, new: Vec<Box<str>> },
    Texts { text: String, ends: Vec<u32> },
}

/// Reads the lines of a content that its index lacks, until all are there, the budget is used up, or `over` says so. The
/// last lines of a growing file are left until there are enough of them.
pub fn build(
    content: &Content,
    options: &Options,
    budget: &Budget,
    over: &dyn Fn() -> bool,
) -> Result<(), SourceError> {
    let index = &content.known.index;
    let mut builder = index.builder();
    let state = index.state().clone();
    let compressed = content.known.compression != Compression::None;
    if state.unfit || state.whole || state.covered >= content.length || budget.used() >= budget.limit {
        return Ok(());
    }
    let fail = |error| failed(&content.path, &error);
    let columns = Columns::new(&content.known.map, &options.trusted_proxies, &|name| name == CLIENT);
    let wanted = Wanted::all();
    // A compressed content can only be read from its beginning.
    let from = if compressed { 0 } else { state.covered };
    let span = Span::new(content.file.clone(), from, content.length);
    let mut blocks = Blocks::new(span.content(content.known.compression).map_err(fail)?, from);
    let mut pass = Pass::new(content, TimeRange { start: i64::MIN, end: i64::MAX }, &wanted).after(state.last);
    let mut last = state.last;
    let halved = content.is_halved();
    let mut making = Making::new(&mut builder, halved);
    let mut end = state.covered;
    while let Some(block) = blocks.next_block().map_err(fail)? {
        // Blocks begin at the same places whenever a content is read from its beginning.
        if block.offset < state.covered {
            continue;
        }
        if over() || (block.torn && !compressed) {
            break;
        }
        let flow = pass.block(&block, |entry, at| {
            last = entry.time.or(last);
            let time = if last.is_some() { at } else { UNTIMED };
            if making.push(entry, time, &columns) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        if flow.is_break() {
            index.change(|state| *state = super::State { unfit: true, ..super::State::default() });
            return Ok(());
        }
        end = block.offset + block.bytes.len() as u64;
        if making.rows >= ROWS || making.bytes >= BYTES {
            let (chunk, size) = making.finish();
            if !budget.take(size) {
                return Ok(());
            }
            index.change(|state| state.add(chunk, size, end, last));
            making = Making::new(&mut builder, halved);
        }
    }
    let (chunk, size) = making.finish();
    if chunk.rows >= WORTH_IT || compressed {
        if !budget.take(size) {
            return Ok(());
        }
        index.change(|state| {
            state.add(chunk, size, end, last);
            state.whole = compressed && !over();
        });
    }
    Ok(())
}

impl super::State {
    fn add(&mut self, chunk: Chunk, size: usize, end: u64, last: Option<i64>) {
        self.rows += chunk.rows as u64;
        self.size += size;
        self.covered = end;
        self.last = last;
        if chunk.rows > 0 {
            self.chunks.push(Arc::new(chunk));
        }
    }
}

impl<'b> Making<'b> {
    fn new(builder: &'b mut Builder, halved: bool) -> Self {
        Self {
            builder,
            halved,
            rows: 0,
            bytes: 0,
            times: Vec::with_capacity(ROWS),
            fields: Vec::new(),
            places: HashMap::new(),
            odd: Vec::new(),
        }
    }

    /// Adds a line; `false` where it cannot be held in columns.
    fn push(&mut self, entry: &Entry<'_>, time: i64, columns: &Columns<'_>) -> bool {
        // What calls itself `_time` and is no time would hide the line's own.
        if entry.names(Field::Time.name()) || self.fields.len() > MOST_NAMES {
            return false;
        }
        let whole =
            self.halved && halves(entry.field(Field::Uri)) == (entry.field(Field::Path), entry.field(Field::Query));
        if self.halved && !whole {
            self.odd.push(u32::try_from(self.rows).unwrap_or(u32::MAX));
        }
        for field in Field::ALL {
            let derived = whole && matches!(field, Field::Path | Field::Query);
            let value = entry.field(field);
            if !derived && !value.is_empty() && field != Field::Msg && !entry.names(field.name()) {
                self.set(field.name(), &text::lossless(value));
            }
        }
        for (name, value) in entry.others().filter(|(name, value)| !value.is_empty() && *name != Field::Msg.name()) {
            self.set(name, &text::lossless(value));
        }
        for (name, value) in columns.make(entry) {
            self.set(name, &value);
        }
        self.times.push(time);
        self.rows += 1;
        true
    }

    /// Sets the value of the row at hand; of a name that comes twice the first counts.
    fn set(&mut self, name: &str, value: &str) {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let name = Name::from(name);
                let listed = self.builder.listed.entry(name.clone()).or_insert_with(|| Some(Listed::default()));
                let filling = match listed {
                    Some(listed) => Filling::Codes { codes: Vec::new(), list: listed.list.clone(), new: Vec::new() },
                    None => Filling::Texts { text: String::new(), ends: Vec::new() },
                };
                self.places.insert(name.clone(), self.fields.len());
                self.fields.push((name, filling));
                self.fields.len() - 1
            }
        };
        self.bytes += value.len();
        let (name, filling) = &mut self.fields[place];
        match filling {
            Filling::Codes { codes, new, .. } => {
                let Some(Some(listed)) = self.builder.listed.get_mut(name) else { return };
                if codes.len() <= self.rows {
                    codes.resize(self.rows, listed.number("", new));
                    codes.push(listed.number(value, new));
                }
            }
            Filling::Texts { text, ends } => {
                if ends.len() <= self.rows {
                    ends.resize(self.rows, u32::try_from(text.len()).unwrap_or(u32::MAX));
                    text.push_str(value);
                    ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
                }
            }
        }
    }

    /// The chunk, and the bytes that it takes.
    fn finish(self) -> (Chunk, usize) {
        let (rows, builder) = (self.rows, self.builder);
        let mut size = 0;
        let mut columns = Vec::with_capacity(self.fields.len());
        for (name, filling) in self.fields {
            let stored = match filling {
                Filling::Codes { mut codes, list, mut new } => {
                    let listed = builder.listed.entry(name.clone()).or_default();
                    if let Some(known) = listed {
                        codes.resize(rows, known.number("", &mut new));
                        if known.numbers.len() > MOST_LISTED
                            || known.numbers.len() > rows.max(ROWS) / 2 && known.is_young
                        {
                            *listed = None;
                        } else {
                            known.is_young = false;
                        }
                    }
                    size += new.iter().map(|text| text.len() * 2 + LISTED).sum::<usize>();
                    list.extend(new);
                    Stored::Codes(Codes::new(codes), list)
                }
                Filling::Texts { mut text, mut ends } => {
                    ends.resize(rows, u32::try_from(text.len()).unwrap_or(u32::MAX));
                    text.shrink_to_fit();
                    Stored::Texts { text, ends }
                }
            };
            columns.push((name, stored));
        }
        let times = self.times;
        let of_lines = || times.iter().copied();
        let span = (of_lines().min().unwrap_or(i64::MAX), of_lines().max().unwrap_or(i64::MIN));
        let chunk = Chunk { rows, span, columns, odd: self.odd, times };
        size += chunk.size();
        (chunk, size)
    }
}

impl Default for Listed {
    fn default() -> Self {
        Self { list: Arc::default(), numbers: HashMap::new(), is_young: true }
    }
}

impl Listed {
    /// The number of a value; a new one is noted in `new` too.
    fn number(&mut self, value: &str, new: &mut Vec<Box<str>>) -> u32 {
        match self.numbers.get(value) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
                self.numbers.insert(value.into(), number);
                new.push(value.into());
                number
            }
        }
    }
}

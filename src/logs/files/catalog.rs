//! Which contents there are to read right now: the inputs expanded, each file opened once whatever its names, its
//! format settled and remembered, and the file that a path named before the last rotation kept within reach.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Options;
use super::batches::Batches;
use super::bytes::{Compression, Span};
use super::columns::Columns;
use super::formats::entry::{Entry, Wanted};
use super::formats::time::Context;
use super::formats::{Format, Kind};
use super::index::Index;
use super::ledger::Ledger;
use super::lines::Blocks;
use super::progress::Reading;
use super::rotation::{Identity, Mark};
use super::spool::Spool;
use crate::logs::{Doing, FieldMap, Progress, Row, SourceError};
use crate::logsql::Batch;

/// A format is settled once this many lines have been seen; before, it is looked at again as the file grows.
const SAMPLE_LINES: usize = 100;

/// More names than this are not looked through for the parts they play.
const MOST_NAMES: usize = 2_000;

/// A file that changed this recently may have a last line that is still being written.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// With more files than this, none is held open for the sake of rotation.
const MOST_HELD: usize = 64;

/// One content to read, as long as it was when it was listed.
#[derive(Clone)]
pub struct Content {
    /// As the person named it, for messages.
    pub path: PathBuf,
    /// The open file.
    pub file: Arc<File>,
    /// Which file it is.
    pub identity: Identity,
    /// How long it is.
    pub length: u64,
    /// What incomplete timestamps are completed with; its reference is the file's last change.
    pub context: Context,
    /// Whether it may be growing at this moment.
    pub fresh: bool,
    /// What is known of it across scans.
    pub known: Arc<Known>,
}

/// What is known of a file across scans.
pub struct Known {
    /// How it is compressed.
    pub compression: Compression,
    /// Its format.
    pub format: Format,
    /// Which of its fields play which part.
    pub map: FieldMap,
    /// The names of the fields that its first lines have.
    pub names: Vec<String>,
    /// The last time that its first lines carry; `None` where they carry none.
    pub latest: Option<i64>,
    /// The lines that did not parse.
    pub ledger: Mutex<Ledger>,
    /// Its lines in memory, as far as they are there.
    pub index: Index,
    /// Set once a scan has met lines too far out of order for the search by time.
    pub disordered: AtomicBool,
    /// Whether enough lines were seen, and how long the file was.
    settled: bool,
    length: u64,
    /// How long it was when it was last listed.
    longest: AtomicU64,
}

/// The inputs and what is known of them.
pub struct Catalog {
    options: Options,
    streams: Vec<(String, Arc<Spool>)>,
    state: Mutex<State>,
    reading: Reading,
}

#[derive(Default)]
struct State {
    known: HashMap<Identity, Arc<Known>>,
    /// What each path named when it was last looked at.
    held: HashMap<PathBuf, Held>,
    /// What a path named before, newest last; one for each path.
    before: HashMap<PathBuf, Held>,
    /// Lines that did not parse in files that are gone.
    past_unparsed: u64,
}

#[derive(Clone)]
struct Held {
    file: Arc<File>,
    identity: Identity,
    mark: Mark,
}

impl Catalog {
    /// Checks the inputs and starts to read the streams among them.
    pub fn open(options: Options) -> Result<Self, SourceError> {
        let mut streams = Vec::new();
        for input in &options.inputs {
            if let Some(spool) = stream(input)? {
                streams.push((input.clone(), spool));
            }
        }
        let catalog = Self { options, streams, state: Mutex::default(), reading: Reading::default() };
        for input in &catalog.options.inputs {
            if catalog.stream(input).is_none() {
                for path in expand(input)? {
                    open(&path)?;
                }
            }
        }
        Ok(catalog)
    }

    /// The options it was opened with.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// What is being read of them.
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// How much of the files is in memory, where any is on its way there; `of_bytes` is what there is in all.
    pub fn indexed(&self) -> Progress {
        let state = self.lock();
        let known = state.known.values().map(|known| (known.index.extent(), known.length()));
        known.fold(
            Progress { doing: Doing::Indexing, bytes: 0, of_bytes: 0, rows: 0 },
            |sum, ((bytes, rows), length)| Progress {
                bytes: sum.bytes + bytes,
                of_bytes: sum.of_bytes + length,
                rows: sum.rows + rows,
                ..sum
            },
        )
    }

    /// Bytes that the lines in memory take.
    pub fn index_size(&self) -> usize {
        self.lock().known.values().map(|known| known.index.size()).sum()
    }

    /// The streams among the inputs, by the name they were given under.
    pub fn streams(&self) -> impl Iterator<Item = (&str, &Arc<Spool>)> {
        self.streams.iter().map(|(name, spool)| (name.as_str(), spool))
    }

    fn stream(&self, input: &str) -> Option<&Arc<Spool>> {
        self.streams().find(|(name, _)| *name == input).map(|(_, spool)| spool)
    }

    /// The regular files that the inputs name now, each path once.
    pub fn paths(&self) -> Result<Vec<PathBuf>, SourceError> {
        let mut paths = Vec::new();
        for input in &self.options.inputs {
            if self.stream(input).is_none() {
                let found = match expand(input) {
                    // Between a rename and the new file's creation there is nothing under the name.
                    Err(SourceError::NoMatch { .. }) if self.was_there(Path::new(input)) => vec![PathBuf::from(input)],
                    other => other?,
                };
                paths.extend(found);
            }
        }
        let mut seen = std::collections::HashSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        Ok(paths)
    }

    fn was_there(&self, path: &Path) -> bool {
        self.lock().held.contains_key(path)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens everything there is to read now.
    pub fn list(&self) -> Result<Vec<Content>, SourceError> {
        let paths = self.paths()?;
        let mut state = self.lock();
        let mut contents: Vec<Content> = Vec::new();
        let mut add = |state: &mut State, path: &Path, file: Arc<File>, metadata: &Metadata, growing: Option<bool>| {
            let identity = Identity::of(metadata);
            if contents.iter().all(|content| content.identity != identity) {
                contents.push(self.content(state, path, file, metadata, growing)?);
            }
            Ok::<_, SourceError>(())
        };
        for (name, spool) in self.streams() {
            let metadata = spool.file().metadata().map_err(|error| failed(Path::new(name), &error))?;
            add(&mut state, Path::new(name), Arc::clone(spool.file()), &metadata, Some(!spool.ended()))?;
        }
        for path in &paths {
            match open(path) {
                Ok((file, metadata)) => {
                    if paths.len() <= MOST_HELD {
                        state.hold(path, &file, &metadata);
                    }
                    add(&mut state, path, file, &metadata, None)?;
                }
                Err(SourceError::NoMatch { .. }) => state.let_go(path),
                Err(error) => return Err(error),
            }
        }
        let before: Vec<_> = state.before.iter().map(|(path, held)| (path.clone(), Arc::clone(&held.file))).collect();
        for (path, file) in before {
            if let Ok(metadata) = file.metadata() {
                add(&mut state, &path, file, &metadata, None)?;
            }
        }
        state.forget_all_but(&contents);
        Ok(contents)
    }

    fn content(
        &self,
        state: &mut State,
        path: &Path,
        file: Arc<File>,
        metadata: &Metadata,
        growing: Option<bool>,
    ) -> Result<Content, SourceError> {
        let now = (self.options.now)();
        let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(now);
        let identity = Identity::of(metadata);
        let context = Context { zone: self.options.zone.clone(), reference: modified };
        let length = metadata.len();
        let known = match state.known.get(&identity) {
            Some(known) if known.length <= length && (known.settled || known.length == length) => Arc::clone(known),
            older => {
                let new = self.look(&file, length, &context).map_err(|error| failed(path, &error))?;
                // Counts and order stay valid while the file only grew and is still read the same way.
                match older {
                    Some(older) if older.length <= length && older.format == new.format => {
                        *new.lock_ledger() = std::mem::take(&mut *older.lock_ledger());
                    }
                    Some(older) => state.past_unparsed += older.lock_ledger().count(),
                    None => {}
                }
                let new = Arc::new(new);
                state.known.insert(identity, Arc::clone(&new));
                new
            }
        };
        known.longest.fetch_max(length, Ordering::Relaxed);
        let fresh = growing.unwrap_or_else(|| now.duration_since(modified) < FRESH);
        Ok(Content { path: path.to_owned(), file, identity, length, context, fresh, known })
    }

    /// Looks at the first lines.
    fn look(&self, file: &Arc<File>, length: u64, context: &Context) -> io::Result<Known> {
        let mut first = [0; 4];
        let read = super::bytes::fill(&mut Span::new(Arc::clone(file), 0, length), &mut first)?;
        let compression = Compression::of(&first[..read]);
        let mut blocks = Blocks::new(Span::new(Arc::clone(file), 0, length).content(compression)?, 0);
        // A compressed file that breaks off in its first block is reported by the scan, with what came before.
        let block = blocks.next_block().unwrap_or(None);
        let lines: Vec<&[u8]> = block.iter().flat_map(super::lines::Block::lines).map(|(_, line)| line).collect();
        let lines = &lines[..lines.len().min(SAMPLE_LINES)];
        let format = Format::of(lines, self.options.format, context);
        let sample = Sample::of(format, lines, context);
        // Access lines have their names from here, not from the operator's table for other logs.
        let map = match format.kind() {
            Kind::Access => FieldMap::canonical(),
            _ => FieldMap::recognise(&sample.names, &sample.rows, &self.options.fields),
        };
        Ok(Known {
            compression,
            format,
            map,
            names: sample.names,
            latest: sample.latest,
            ledger: Mutex::default(),
            index: Index::default(),
            disordered: AtomicBool::new(false),
            settled: lines.len() >= SAMPLE_LINES,
            length,
            longest: AtomicU64::new(length),
        })
    }

    /// Lines that did not parse in files that are gone by now.
    pub fn past_unparsed(&self) -> u64 {
        self.lock().past_unparsed
    }
}

impl Content {
    /// Whether the lines' path and query are the halves of their target, whatever else they hold.
    pub fn is_halved(&self) -> bool {
        self.known.format.kind() == Kind::Access
    }
}

impl State {
    /// Notes what a path names; what it named before stays within reach for the windows that reach back to it.
    fn hold(&mut self, path: &Path, file: &Arc<File>, metadata: &Metadata) {
        let identity = Identity::of(metadata);
        if let Some(held) = self.held.get(path).cloned() {
            if held.identity != identity {
                self.before.insert(path.to_owned(), held);
            } else if metadata.len() < held.mark.at || !held.mark.holds(file) {
                if let Some((copy, metadata)) = held.mark.find_copy(path) {
                    let identity = Identity::of(&metadata);
                    self.before.insert(path.to_owned(), Held { file: copy, identity, mark: held.mark });
                }
                if let Some(known) = self.known.remove(&identity) {
                    self.past_unparsed += known.lock_ledger().count();
                }
            }
        }
        if let Ok(mark) = Mark::set(file, metadata.len()) {
            self.held.insert(path.to_owned(), Held { file: Arc::clone(file), identity, mark });
        }
    }

    /// The path names nothing at the moment.
    fn let_go(&mut self, path: &Path) {
        if let Some(held) = self.held.get(path) {
            self.before.insert(path.to_owned(), held.clone());
        }
    }

    fn forget_all_but(&mut self, contents: &[Content]) {
        let mut past = 0;
        self.known.retain(|identity, known| {
            let there = contents.iter().any(|content| content.identity == *identity);
            if !there {
                past += known.lock_ledger().count();
            }
            there
        });
        self.past_unparsed += past;
    }
}

impl Known {
    /// The ledger, whoever panicked while holding it.
    pub fn lock_ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long it was when it was last listed.
    pub fn length(&self) -> u64 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Whether a search by time can be trusted.
    pub fn is_ordered(&self) -> bool {
        self.latest.is_some() && !self.disordered.load(Ordering::Relaxed)
    }
}

/// What the first lines tell beside the format.
#[derive(Default)]
struct Sample {
    names: Vec<String>,
    rows: Vec<Row>,
    latest: Option<i64>,
}

impl Sample {
    fn of(format: Format, lines: &[&[u8]], context: &Context) -> Self {
        let mut sample = Self::default();
        let (all, columns, mut entry) = (Wanted::all(), Columns::default(), Entry::default());
        let mut batches = Batches::new(&all, &columns);
        for line in lines {
            if format.parse(line, context, &all, &mut entry) {
                sample.latest = sample.latest.max(entry.time);
                sample.rows.extend(batches.push(&entry, 0).iter().flat_map(Batch::to_rows));
            }
        }
        sample.rows.extend(batches.take().iter().flat_map(Batch::to_rows));
        for (name, _) in sample.rows.iter().flat_map(Row::iter) {
            if sample.names.len() < MOST_NAMES && !sample.names.iter().any(|known| known == name) {
                sample.names.push(name.to_owned());
            }
        }
        sample
    }
}

/// An input that is read as it arrives: `-`, a FIFO, a character device, a socket's pipe.
fn stream(input: &str) -> Result<Option<Arc<Spool>>, SourceError> {
    let path = PathBuf::from(input);
    let started = if input == "-" {
        Spool::start(|| Ok(io::stdin()))
    } else {
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.file_type().is_fifo() || metadata.file_type().is_char_device() => {
                let path = path.clone();
                Spool::start(move || File::open(path))
            }
            _ => return Ok(None),
        }
    };
    started.map(Some).map_err(|error| failed(&path, &error))
}

/// The paths an input stands for: itself where it exists, else what it matches as a pattern. Directories that a
/// pattern matches are passed over.
fn expand(input: &str) -> Result<Vec<PathBuf>, SourceError> {
    let path = PathBuf::from(input);
    if std::fs::symlink_metadata(&path).is_ok() {
        return Ok(vec![path]);
    }
    let matches: Vec<PathBuf> = glob::glob(input)
        .map(|found| found.filter_map(Result::ok).filter(|path| path.is_file()).collect())
        .unwrap_or_default();
    if matches.is_empty() { Err(SourceError::NoMatch { pattern: input.to_owned() }) } else { Ok(matches) }
}

/// Opens a regular file.
pub fn open(path: &Path) -> Result<(Arc<File>, Metadata), SourceError> {
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    let metadata = file.metadata().map_err(|error| failed(path, &error))?;
    if metadata.is_dir() {
        return Err(SourceError::Directory { path: path.to_owned() });
    }
    Ok((Arc::new(file), metadata))
}

/// What to say of a file that cannot be read.
pub fn failed(path: &Path, error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NoMatch { pattern: path.display().to_string() },
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            SourceError::Damaged { path: path.to_owned(), cause: error.to_string() }
        }
        _ => SourceError::File { path: path.to_owned(), cause: error.to_string() },
    }
}

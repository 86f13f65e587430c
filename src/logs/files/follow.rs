//! Follows growing files through rotation without losing or doubling a line. One [`Follower::step`] looks at the
//! files once; whoever drives it decides when, so that nothing here waits or reads a clock.
//!
//! A file that was renamed goes on being read under its identity, since servers write to it until they are told to
//! reopen. A file that was copied and cut to nothing starts over, after what only the copy holds has been read from
//! there. A last line without its end waits for the rest, across such a cut too. One thing is beyond this: lines of a
//! file of which nothing was read yet, copied away before the first look, since nothing tells that copy from others.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::bytes::{Compression, Span};
use super::catalog::{Catalog, Content, Known, failed};
use super::formats::time::Context;
use super::lines::{Blocks, MAX_LINE};
use super::rotation::{Identity, Mark};
use crate::logs::SourceError;

/// A file that no input names any more and that has not grown for this many steps is let go.
const QUIET_STEPS: u32 = 2_400;

/// What to do with a line: the file it came from, with its format, and its bytes without the line end.
pub type Sink<'a> = dyn FnMut(&Arc<Known>, &Context, &[u8]) + 'a;

/// Files and streams that are followed.
pub struct Follower {
    catalog: Arc<Catalog>,
    tails: Vec<Tail>,
}

/// One file that is followed.
struct Tail {
    path: PathBuf,
    file: Arc<File>,
    identity: Identity,
    known: Arc<Known>,
    context: Context,
    /// The end of the last whole line that was handed on.
    mark: Mark,
    /// The start of a line whose rest comes at the mark: what a copy held when its file was cut.
    carry: Vec<u8>,
    /// A copy in the making of a file that is followed: nothing in it is new until that file is cut.
    copy_of: Option<Identity>,
    /// How long it has not grown while no input named it.
    quiet: u32,
}

impl Follower {
    /// Starts after the last whole line of each file that is there now. Streams are followed from their beginning.
    pub fn start(catalog: Arc<Catalog>) -> Result<Self, SourceError> {
        let streams: HashSet<PathBuf> = catalog.streams().map(|(name, _)| PathBuf::from(name)).collect();
        let mut tails = Vec::new();
        for content in catalog.list()? {
            let whole = if streams.contains(&content.path) { Ok(0) } else { end_of_last_line(&content) };
            let mark = whole.and_then(|at| Mark::set(&content.file, at));
            tails.push(Tail::new(&content, mark.map_err(|error| failed(&content.path, &error))?));
        }
        Ok(Self { catalog, tails })
    }

    /// Looks once and hands on every line that has become whole since.
    pub fn step(&mut self, sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let contents = self.catalog.list()?;
        for content in &contents {
            if let Some(tail) = self.tails.iter_mut().find(|tail| tail.identity == content.identity) {
                tail.path.clone_from(&content.path);
                tail.known = Arc::clone(&content.known);
                tail.context = content.context.clone();
            }
        }
        for index in 0..self.tails.len() {
            self.advance(index, &contents, sink)?;
        }
        for content in &contents {
            if self.tails.iter().all(|tail| tail.identity != content.identity) {
                self.begin(content, sink)?;
            }
        }
        self.let_go(&contents, sink);
        Ok(())
    }

    /// Reads what a file has gained.
    fn advance(&mut self, index: usize, contents: &[Content], sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let tail = &self.tails[index];
        if tail.copy_of.is_some() {
            return Ok(());
        }
        let fail = |path: &PathBuf, error: &io::Error| failed(path, error);
        let length = match contents.iter().find(|content| content.identity == tail.identity) {
            Some(content) => content.length,
            None => tail.file.metadata().map_err(|error| fail(&tail.path, &error))?.len(),
        };
        if length < tail.mark.at || !tail.mark.holds(&tail.file) {
            self.finish_from_copy(index, contents, sink)?;
        }
        let tail = &mut self.tails[index];
        let before = tail.mark.at;
        tail.read(length, sink).map_err(|error| fail(&tail.path, &error))?;
        let grew = tail.mark.at > before;
        let named = contents.iter().any(|content| content.identity == tail.identity);
        tail.quiet = if grew || named { 0 } else { tail.quiet + 1 };
        Ok(())
    }

    /// A file was cut: what its copy holds beyond the mark is handed on, and the file starts over.
    fn finish_from_copy(&mut self, index: usize, contents: &[Content], sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let (identity, mark) = (self.tails[index].identity, self.tails[index].mark.clone());
        let listed = contents
            .iter()
            .filter(|content| content.identity != identity && mark.at > 0 && content.length >= mark.at)
            .find(|content| mark.holds(&content.file))
            .and_then(|content| Some((Arc::clone(&content.file), content.file.metadata().ok()?)));
        let mut carry = Vec::new();
        if let Some((file, metadata)) = listed.or_else(|| mark.find_copy(&self.tails[index].path)) {
            carry = self.read_copy(index, file, &metadata, mark, sink)?;
        }
        let tail = &mut self.tails[index];
        tail.mark = Mark::start();
        tail.carry = carry;
        Ok(())
    }

    /// Reads the copy from the mark on, and counts it as read to its end from now on; gives its torn last line.
    fn read_copy(
        &mut self,
        index: usize,
        file: Arc<File>,
        metadata: &Metadata,
        mark: Mark,
        sink: &mut Sink<'_>,
    ) -> Result<Vec<u8>, SourceError> {
        let original = &self.tails[index];
        let path = original.path.clone();
        let fail = |error: io::Error| failed(&path, &error);
        let mut copy = Tail {
            path: path.clone(),
            file,
            identity: Identity::of(metadata),
            known: Arc::clone(&original.known),
            context: original.context.clone(),
            mark,
            carry: original.carry.clone(),
            copy_of: None,
            quiet: 0,
        };
        copy.read(metadata.len(), sink).map_err(fail)?;
        let mut torn = std::mem::take(&mut copy.carry);
        torn.extend(between(&copy.file, copy.mark.at, metadata.len()).map_err(fail)?);
        copy.mark = Mark::set(&copy.file, metadata.len()).map_err(fail)?;
        match self.tails.iter_mut().find(|tail| tail.identity == copy.identity) {
            Some(known) => *known = copy,
            None => self.tails.push(copy),
        }
        Ok(torn)
    }

    /// A file that was not there before: new, or a copy that somebody is making of one that is followed.
    fn begin(&mut self, content: &Content, sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let fail = |error| failed(&content.path, &error);
        let end = Mark::set(&content.file, content.length).map_err(fail)?;
        let original = self.tails.iter().find(|tail| content.length > 0 && end.holds(&tail.file));
        let mut tail = match original {
            Some(original) => Tail { copy_of: Some(original.identity), ..Tail::new(content, end) },
            None => Tail::new(content, Mark::start()),
        };
        if tail.copy_of.is_none() {
            tail.read(content.length, sink).map_err(fail)?;
        }
        self.tails.push(tail);
        Ok(())
    }

    /// Forgets files that are gone and silent; their last line will not get its end any more.
    fn let_go(&mut self, contents: &[Content], sink: &mut Sink<'_>) {
        self.tails.retain(|tail| {
            let named = contents.iter().any(|content| content.identity == tail.identity);
            let keep = named || tail.quiet < QUIET_STEPS;
            if !keep {
                let mut line = tail.carry.clone();
                line.extend(between(&tail.file, tail.mark.at, u64::MAX).unwrap_or_default());
                if !line.is_empty() {
                    sink(&tail.known, &tail.context, &line);
                }
            }
            keep
        });
    }
}

impl Tail {
    fn new(content: &Content, mark: Mark) -> Self {
        Self {
            path: content.path.clone(),
            file: Arc::clone(&content.file),
            identity: content.identity,
            known: Arc::clone(&content.known),
            context: content.context.clone(),
            mark,
            carry: Vec::new(),
            copy_of: None,
            quiet: 0,
        }
    }

    /// Hands on the whole lines between the mark and `length`. A compressed file is no live log and is passed over.
    fn read(&mut self, length: u64, sink: &mut Sink<'_>) -> io::Result<()> {
        if length <= self.mark.at {
            return Ok(());
        }
        if self.known.compression != Compression::None {
            self.mark = Mark::set(&self.file, length)?;
            return Ok(());
        }
        let span = Span::new(Arc::clone(&self.file), self.mark.at, length);
        let mut blocks = Blocks::new(Box::new(span), self.mark.at);
        let mut read_to = self.mark.at;
        while let Some(block) = blocks.next_block()?.filter(|block| !block.torn) {
            read_to = block.offset + block.bytes.len() as u64;
            for (_, line) in block.lines() {
                if !self.carry.is_empty() {
                    let whole = [std::mem::take(&mut self.carry).as_slice(), line].concat();
                    sink(&self.known, &self.context, &whole);
                } else if !line.is_empty() {
                    sink(&self.known, &self.context, line);
                }
            }
        }
        if read_to > self.mark.at {
            self.mark = Mark::set(&self.file, read_to)?;
        }
        Ok(())
    }
}

/// The bytes of a range, at most one line's worth.
fn between(file: &Arc<File>, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut span = Span::new(Arc::clone(file), from, to);
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(MAX_LINE).min(MAX_LINE)];
    let read = super::bytes::fill(&mut span, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// The offset after the last line end; 0 where there is none within a line's length.
fn end_of_last_line(content: &Content) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut end = content.length;
    let lowest = content.length.saturating_sub(MAX_LINE as u64);
    while end > lowest {
        let start = end.saturating_sub(buffer.len() as u64);
        let piece = &mut buffer[..usize::try_from(end - start).unwrap_or_default()];
        content.file.read_exact_at(piece, start)?;
        if let Some(last) = memchr::memrchr(b'\n', piece) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::Options;
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::path::Path;

    struct Bench {
        directory: tempfile::TempDir,
        follower: Follower,
    }

    impl Bench {
        fn new(inputs: &[&str], files: &[(&str, &str)]) -> Self {
            let directory = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(directory.path().join(name), text).unwrap();
            }
            let inputs = inputs.iter().map(|input| directory.path().join(input).display().to_string()).collect();
            let catalog = Catalog::open(Options { inputs, ..Options::default() }).unwrap();
            let follower = Follower::start(Arc::new(catalog)).unwrap();
            Self { directory, follower }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        fn append(&self, name: &str, text: &str) {
            append(&mut OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap(), text);
        }

        fn rename(&self, from: &str, to: &str) {
            std::fs::rename(self.path(from), self.path(to)).unwrap();
        }

        fn copy_truncate(&self, from: &str, to: &str) {
            std::fs::copy(self.path(from), self.path(to)).unwrap();
            truncate(&self.path(from));
        }

        fn step(&mut self) -> Vec<String> {
            let mut lines = Vec::new();
            self.follower.step(&mut |_, _, line| lines.push(String::from_utf8(line.to_vec()).unwrap())).unwrap();
            lines
        }
    }

    fn append(file: &mut File, text: &str) {
        file.write_all(text.as_bytes()).unwrap();
    }

    fn identity(file: &File) -> Identity {
        Identity::of(&file.metadata().unwrap())
    }

    fn truncate(path: &Path) {
        OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn whole_lines_come_once_and_a_torn_one_waits() {
        let mut bench = Bench::new(&["a.log"], &[("a.log", "old\nto")]);
        assert_eq!(bench.step(), NOTHING);
        bench.append("a.log", "rn\nnew");
        assert_eq!(bench.step(), ["torn"]);
        assert_eq!(bench.step(), NOTHING);
        bench.append("a.log", "er\r\n\nlast\n");
        assert_eq!(bench.step(), ["newer", "last"]);
    }

    #[test]
    fn a_rename_loses_nothing_on_either_side() {
        let mut bench = Bench::new(&["a.log"], &[("a.log", "1\n")]);
        let mut server = OpenOptions::new().append(true).open(bench.path("a.log")).unwrap();
        append(&mut server, "2\n");
        bench.rename("a.log", "a.log.1");
        // Between the two there is no file under the name, and the server still writes to the old one.
        append(&mut server, "3\n4");
        assert_eq!(bench.step(), ["2", "3"]);
        append(&mut server, "4\n");
        bench.append("a.log", "5\n");
        assert_eq!(bench.step(), ["44", "5"]);
        append(&mut server, "late\n");
        bench.append("a.log", "6\n");
        assert_eq!(bench.step(), ["late", "6"]);
        bench.rename("a.log.1", "a.log.2");
        bench.rename("a.log", "a.log.1");
        bench.append("a.log", "7\n");
        assert_eq!(bench.step(), ["7"]);
        assert_eq!(bench.step(), NOTHING);
    }

    #[test]
    fn copy_and_truncate_finds_what_only_the_copy_has() {
        let mut bench = Bench::new(&["a.log"], &[("a.log", "1\n")]);
        bench.append("a.log", "2\n");
        assert_eq!(bench.step(), ["2"]);
        bench.append("a.log", "3\n4\n");
        bench.copy_truncate("a.log", "a.log.1");
        bench.append("a.log", "5\n");
        assert_eq!(bench.step(), ["3", "4", "5"]);
        assert_eq!(bench.step(), NOTHING);
        // Grown beyond the old length before anybody looked.
        bench.append("a.log", "6\n");
        bench.rename("a.log.1", "a.log.2");
        bench.copy_truncate("a.log", "a.log.1");
        bench.append("a.log", "a much longer line than before\n");
        assert_eq!(bench.step(), ["6", "a much longer line than before"]);
    }

    #[test]
    fn a_line_torn_by_the_cut_is_put_together() {
        let mut bench = Bench::new(&["a.log"], &[("a.log", "1\n")]);
        bench.append("a.log", "2\nhal");
        bench.copy_truncate("a.log", "a.log.1");
        bench.append("a.log", "ves\n3\n");
        assert_eq!(bench.step(), ["2", "halves", "3"]);
    }

    #[test]
    fn a_cut_without_a_copy_starts_over() {
        let mut bench = Bench::new(&["a.log"], &[("a.log", "1\n2\n")]);
        truncate(&bench.path("a.log"));
        assert_eq!(bench.step(), NOTHING);
        bench.append("a.log", "3\n");
        assert_eq!(bench.step(), ["3"]);
    }

    #[test]
    fn a_pattern_sees_new_files_and_is_not_fooled_by_copies() {
        let mut bench = Bench::new(&["*.log*"], &[("a.log", "1\n")]);
        bench.append("b.log", "new\n");
        assert_eq!(bench.step(), ["new"]);
        bench.append("a.log", "2\n");
        // A copy in the making, seen before the cut.
        std::fs::write(bench.path("a.log.1"), "1\n").unwrap();
        assert_eq!(bench.step(), ["2"]);
        std::fs::write(bench.path("a.log.1"), "1\n2\n").unwrap();
        assert_eq!(bench.step(), NOTHING);
        bench.append("a.log", "3\n");
        bench.append("a.log.1", "3\n");
        truncate(&bench.path("a.log"));
        bench.append("a.log", "4\n");
        assert_eq!(bench.step(), ["3", "4"]);
        // A rename under the pattern is the same file.
        bench.rename("a.log.1", "a.log.2");
        bench.rename("a.log", "a.log.1");
        bench.append("a.log", "5\n");
        assert_eq!(bench.step(), ["5"]);
        assert_eq!(bench.step(), NOTHING);
    }

    #[test]
    fn a_file_that_was_compressed_away_is_not_read_again() {
        let mut bench = Bench::new(&["*.log*"], &[("a.log", "1\n")]);
        bench.append("a.log", "2\n");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"1\n2\n").unwrap();
        std::fs::write(bench.path("a.log.1.gz"), encoder.finish().unwrap()).unwrap();
        assert_eq!(bench.step(), ["2"]);
    }

    #[test]
    fn any_order_of_writes_rotations_and_looks_gives_every_line_once() {
        use rand::{RngExt as _, SeedableRng as _};
        for seed in 0..60 {
            let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut bench = Bench::new(&["a.log"], &[("a.log", "")]);
            let mut server = OpenOptions::new().append(true).open(bench.path("a.log")).unwrap();
            let (mut written, mut read) = (Vec::new(), Vec::new());
            for turn in 0..80 {
                match random.random_range(0..12) {
                    0 => {
                        bench.rename("a.log", &format!("a.log.{turn}"));
                        // Some servers go on writing for a while before they reopen.
                        for late in 0..random.random_range(0..3) {
                            let line = format!("late {turn} {late}");
                            append(&mut server, &format!("{line}\n"));
                            written.push(line);
                        }
                        server = OpenOptions::new().append(true).create(true).open(bench.path("a.log")).unwrap();
                        read.extend(bench.step());
                    }
                    // Something of the file was read: see the module's words on what is beyond it.
                    1 if bench.follower.tails.iter().any(|tail| {
                        tail.mark.at > 0 && tail.path == bench.path("a.log") && tail.identity == identity(&server)
                    }) =>
                    {
                        bench.copy_truncate("a.log", &format!("a.log.{turn}"));
                        read.extend(bench.step());
                    }
                    2..5 => read.extend(bench.step()),
                    _ => {
                        let line = format!("line {turn} of {seed}");
                        let (one, two) = line.split_at(random.random_range(0..=line.len()));
                        append(&mut server, one);
                        if random.random_bool(0.3) {
                            read.extend(bench.step());
                        }
                        append(&mut server, &format!("{two}\n"));
                        written.push(line);
                    }
                }
            }
            read.extend(bench.step());
            assert_eq!(read, written, "seed {seed}");
        }
    }
}

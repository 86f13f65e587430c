//! Standard input and FIFOs: read while they arrive into an unlinked temporary file, which can be scanned again and
//! again and vanishes with the process.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What has arrived so far.
pub struct Spool {
    file: Arc<File>,
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Clone, Default)]
struct Progress {
    length: u64,
    ended: bool,
    failure: Option<String>,
}

/// How often a waiting scan looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

impl Spool {
    /// Starts to read in a thread of its own; `open` runs there, since opening a FIFO waits for its writer.
    pub fn start<R: Read>(open: impl FnOnce() -> io::Result<R> + Send + 'static) -> io::Result<Arc<Self>> {
        let spool = Arc::new(Self {
            file: Arc::new(tempfile::tempfile()?),
            progress: Mutex::default(),
            changed: Condvar::new(),
        });
        let filling = Arc::clone(&spool);
        std::thread::Builder::new().name("spool".to_owned()).spawn(move || {
            let failure = open().and_then(|input| filling.fill(input)).err().map(|error| error.to_string());
            let mut progress = filling.lock();
            progress.ended = true;
            progress.failure = failure;
            filling.changed.notify_all();
        })?;
        Ok(spool)
    }

    fn fill(&self, mut input: impl Read) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 17];
        let mut length = 0;
        loop {
            let read = match input.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.file.write_all_at(&buffer[..read], length)?;
            length += read as u64;
            self.lock().length = length;
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file that holds what has arrived.
    pub const fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// How many bytes have arrived.
    pub fn length(&self) -> u64 {
        self.lock().length
    }

    /// Whether nothing more will come.
    pub fn ended(&self) -> bool {
        self.lock().ended
    }

    /// Why reading ended early.
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    /// Blocks until nothing more will come, or until `cancelled` says so.
    pub fn wait_for_end(&self, cancelled: &dyn Fn() -> bool) {
        let mut progress = self.lock();
        while !progress.ended && !cancelled() {
            progress = self.changed.wait_timeout(progress, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_arrives_can_be_read_at_once_and_again() {
        let (input, mut output) = io::pipe().unwrap();
        let spool = Spool::start(move || Ok(input)).unwrap();
        output.write_all(b"one\n").unwrap();
        let mut progress = spool.lock();
        while progress.length < 4 {
            progress = spool.changed.wait(progress).unwrap();
        }
        drop(progress);
        assert!(!spool.ended());
        output.write_all(b"two\n").unwrap();
        drop(output);
        spool.wait_for_end(&|| false);
        assert_eq!((spool.length(), spool.failure()), (8, None));
        let mut content = [0; 8];
        for _ in 0..2 {
            spool.file().read_exact_at(&mut content, 0).unwrap();
            assert_eq!(&content, b"one\ntwo\n");
        }
    }

    #[test]
    fn an_input_that_cannot_be_opened_says_so() {
        let spool = Spool::start(|| File::open("/nonexistent/fifo")).unwrap();
        spool.wait_for_end(&|| false);
        assert!(spool.failure().is_some_and(|failure| failure.contains("No such file")));
    }

    #[test]
    fn waiting_ends_when_it_is_cancelled() {
        let (input, _output) = io::pipe().unwrap();
        let spool = Spool::start(move || Ok(input)).unwrap();
        spool.wait_for_end(&|| true);
        assert!(!spool.ended());
    }
}

//! How far the reading of files has come, counted by the threads that read.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::logs::{Doing, Progress};

/// What is being read.
#[derive(Debug, Default)]
pub struct Reading {
    questions: AtomicU64,
    bytes: AtomicU64,
    of_bytes: AtomicU64,
    rows: AtomicU64,
}

/// A question that is being answered; ends when it is dropped.
pub struct Question<'r>(&'r Reading);

impl Reading {
    /// A question begins for which so many bytes will be read.
    pub fn begin(&self, of_bytes: u64) -> Question<'_> {
        if self.questions.fetch_add(1, Ordering::SeqCst) == 0 {
            self.bytes.store(0, Ordering::Relaxed);
            self.of_bytes.store(0, Ordering::Relaxed);
            self.rows.store(0, Ordering::Relaxed);
        }
        self.of_bytes.fetch_add(of_bytes, Ordering::Relaxed);
        Question(self)
    }

    /// Counts what was read.
    pub fn count(&self, bytes: u64, rows: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// How far it has come; `None` where nothing is being read.
    pub fn progress(&self) -> Option<Progress> {
        (self.questions.load(Ordering::SeqCst) > 0).then(|| Progress {
            doing: Doing::Reading,
            bytes: self.bytes.load(Ordering::Relaxed),
            of_bytes: self.of_bytes.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
        })
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.questions.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_there_while_a_question_is() {
        let reading = Reading::default();
        assert_eq!(reading.progress(), None);
        let one = reading.begin(1_000);
        reading.count(250, 5);
        let progress = reading.progress().unwrap();
        assert_eq!((progress.share(), progress.estimated_rows()), (0.25, 20));
        let other = reading.begin(1_000);
        drop(one);
        assert_eq!(reading.progress().map(|progress| progress.of_bytes), Some(2_000));
        drop(other);
        assert_eq!((reading.progress(), reading.begin(10).0.progress().map(|progress| progress.rows)), (None, Some(0)));
    }
}

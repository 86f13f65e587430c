//! The lines of a file as columns in memory, so that a second question does not read the file again. Values that repeat
//! are stored once and numbered. Lines come in as the file grows, chunk by chunk, and what is there answers already;
//! what is not is read from the file. Holds no line that is still being written, and no more than it is allowed to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

mod build;
mod chunk;
mod serve;

pub use build::{Budget, build};
pub use chunk::Chunk;
pub use serve::{Chunks, Wish, serve};

use build::Builder;

/// The index of one file.
#[derive(Default)]
pub struct Index {
    state: RwLock<State>,
    /// Whoever builds has this.
    builder: Mutex<Builder>,
}

/// What is there.
#[derive(Default, Clone)]
struct State {
    chunks: Vec<Arc<Chunk>>,
    /// Up to here, in bytes of the content, its lines are there.
    covered: u64,
    /// The time of the last line there that had one.
    last: Option<i64>,
    /// Lines there.
    rows: u64,
    /// Bytes that they take in memory.
    size: usize,
    /// Of a compressed content, whether it is all there; it cannot be read from the middle.
    whole: bool,
    /// Something in it cannot be held in columns.
    unfit: bool,
}

impl Index {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn builder(&self) -> MutexGuard<'_, Builder> {
        self.builder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that it takes in memory.
    pub fn size(&self) -> usize {
        self.state().size
    }

    /// How many bytes of the content and how many lines are there.
    pub fn extent(&self) -> (u64, u64) {
        let state = self.state();
        (state.covered, state.rows)
    }
}

#[cfg(test)]
mod tests;

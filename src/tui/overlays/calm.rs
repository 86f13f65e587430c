//! The calm that a confirmation needs: keys that were on their way when the form opened, and keys that come faster than
//! a person types (a paste in a terminal that does not mark it), confirm nothing.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;

use crate::tui::app::Shared;

/// After opening, keys other than Esc are not heeded for so long, in milliseconds.
const OPENING: i64 = 300;
/// A key that confirms has to come so long after the one before, in milliseconds.
const PAUSE: i64 = 120;

/// When the form opened and when the last keys came.
#[derive(Debug, Clone, Copy)]
pub struct Calm {
    opened: Timestamp,
    last: Timestamp,
    /// Milliseconds between the last key and the one before.
    gap: i64,
}

impl Calm {
    /// The form opens.
    pub const fn new(now: Timestamp) -> Self {
        Self { opened: now, last: now, gap: 0 }
    }

    /// Notes a key. Says whether it counts at all.
    pub fn heeds(&mut self, key: &KeyEvent, shared: &Shared) -> bool {
        let now = shared.now.as_millisecond();
        self.gap = now - self.last.as_millisecond();
        self.last = shared.now;
        // A clock that was set back must not lock the form: then the gap is negative and only a pause helps.
        key.code == KeyCode::Esc || now - self.opened.as_millisecond() >= OPENING
    }

    /// Whether the key at hand came by itself.
    pub const fn is_deliberate(&self) -> bool {
        self.gap >= PAUSE
    }
}

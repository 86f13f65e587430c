//! What a cycle saw and did: for machines as JSON, for people as a table.

use jiff::Timestamp;
use serde::Serialize;

use crate::logs::Window;
use crate::text::Lang;

/// One unattended cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// When it began.
    pub started: Timestamp,
    /// The range it looked at.
    pub window: Window,
}

impl Report {
    /// The report as a table for people.
    pub fn table(&self, _lang: Lang) -> String {
        String::new()
    }
}

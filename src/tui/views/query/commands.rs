//! The commands of the Query view.

use crate::tui::commands::Command;

/// The table.
pub const COMMANDS: &[Command] = &[];

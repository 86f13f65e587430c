//! The console: state and a pure update, effects run as tasks, views that draw only what is in sight. Nothing outside names ratatui.

pub mod picture;
pub mod theme;

//! The console: state and a pure update, effects run as tasks, views that draw only what is in sight.
//!
//! The way of a key: terminal → `app::App::update` → the top layer's `keymap::Context` → the one table of
//! `commands` → a method of the state that changes it and returns `effect::Effect`s → `runtime` runs them as
//! tasks → their `effect::Reply`s come back through the same `update`. Nothing in `update` waits, reads a clock or
//! touches a file; the instant comes in with the event and lies in `app::Shared::now`.
//!
//! # How a view plugs in
//!
//! A view, panel or overlay is a struct that implements `pane::Pane`:
//!
//! - `context()` names the key context that is on top while it has the focus. Contexts are declared in
//!   `keymap::Context`; one that takes text gets every key that no command of the table claims through `text()`.
//! - what keys do is declared in the table only: `views/<name>/commands.rs` holds `pub(super) const COMMANDS: &[Command]`
//!   (`commands::Command`: id, keys by context, label, section, rank in the footer, whether enabled and why not,
//!   what it does), listed in `commands::ROOMS`. `run` gets `&mut App` and calls the view's own method with
//!   `&mut app.shared`.
//! - every such method returns `Vec<Effect>`. `Effect::start(Slot, Request)` begins a task in a slot: **one task a
//!   slot; starting there replaces the one before, whose future is dropped, which cancels it down to the server**.
//!   `Effect::Cancel(Slot)` drops it. Replies of a replaced or cancelled task never arrive: the runtime numbers the
//!   generations of a slot and throws late ones away. `Effect::after` begins it only after a pause, for work that
//!   follows typing.
//! - a request is plain data (`effect::Request`); the async function that carries it out (`views/<name>/work.rs`)
//!   gets `work::Services` (engine, clock, actor) and a `work::Sink` through which it may send replies while it
//!   works (progress, batches). The last reply is its return value.
//! - `draw(frame, area, &Paint)` draws with the roles of `theme::Theme` only; field values go through
//!   [`crate::text::width`] (which makes hostile text visible) and tables through `widgets::table`.
//! - `tick` is called four times a second while something is shown or runs; it returns effects like any other method
//!   and sets `shared.dirty` only where what is on screen changes.
//!
//! Bans and lifts are `effect::Effect::Act`: never in a slot, so that nothing replaces or cancels them, and the
//! console waits for them before it leaves.

pub(crate) mod app;
pub(crate) mod chrome;
pub(crate) mod clipboard;
pub(crate) mod commands;
pub(crate) mod effect;
pub(crate) mod keymap;
pub(crate) mod labels;
pub(crate) mod overlays;
pub(crate) mod pane;
pub mod picture;
pub(crate) mod runtime;
pub mod stage;
pub(crate) mod terminal;
pub mod theme;
pub(crate) mod views;
pub(crate) mod widgets;
pub(crate) mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::engine::{Clock, SystemClock};
use crate::journal::Actor;
use crate::text::Lang;

pub use commands::markdown as keys_markdown;
pub use runtime::run;

/// The table of commands as a page of documentation.
pub fn keys(lang: Lang) -> String {
    commands::markdown(lang)
}

/// How the console is to be, by the settings.
#[derive(Clone)]
pub struct TuiOptions {
    /// The language.
    pub lang: Lang,
    /// A theme's name, or `auto` for one that fits the terminal's colours.
    pub theme: String,
    /// Colours the terminal has; `None` finds it out from the environment.
    pub depth: Option<theme::Depth>,
    /// Themes of the user's own: a folder of `.toml` files. It need not exist.
    pub themes_dir: Option<PathBuf>,
    /// Queries of the user's own: a folder of `.logsql` files. It is made when the first one is saved.
    pub queries_dir: Option<PathBuf>,
    /// The length of the window at the start.
    pub window: Duration,
    /// The window ends here instead of now: for recorded logs.
    pub window_end: Option<Timestamp>,
    /// How often the console looks again.
    pub refresh: Duration,
    /// Whether the mouse is taken from the terminal.
    pub mouse: bool,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Who sits there, for the journal.
    pub actor: Actor,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Default for TuiOptions {
    fn default() -> Self {
        Self {
            lang: Lang::En,
            theme: "auto".to_owned(),
            depth: None,
            themes_dir: None,
            queries_dir: None,
            window: Duration::from_secs(300),
            window_end: None,
            refresh: Duration::from_secs(10),
            mouse: true,
            zone: TimeZone::system(),
            actor: Actor::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// The person left.
    Quit,
    /// Ctrl+C: exit code 130.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or the terminal went away.
    HungUp,
}

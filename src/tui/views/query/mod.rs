//! The Query view: a LogsQL editor over a table of results.

use ratatui::Frame;
use ratatui::layout::Rect;

pub mod commands;
pub mod work;

use crate::tui::app::Shared;
use crate::tui::effect::Effect;
use crate::tui::keymap::Context;
use crate::tui::pane::{Paint, Pane};

/// The view's own task slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The query that runs.
    Run,
}

/// The view's own requests.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {}

/// The view's own replies.
#[derive(Debug)]
pub enum Reply {}

/// The view.
#[derive(Default)]
pub struct QueryView {}

impl QueryView {
    /// The view at the start.
    pub fn new(_shared: &Shared) -> Self {
        Self {}
    }

    /// It comes to the front.
    pub fn shown(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// The window was changed.
    pub fn window_changed(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// Runs the query.
    pub fn run(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes a reply.
    pub fn reply(&mut self, reply: Reply, _shared: &mut Shared) -> Vec<Effect> {
        match reply {}
    }
}

impl Pane for QueryView {
    fn context(&self) -> Context {
        Context::QueryResults
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        crate::tui::widgets::frame::pane(frame.buffer_mut(), area, paint, "", "");
    }
}

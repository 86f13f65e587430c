//! What every view, panel and overlay is to the app: something that takes keys in a context of its own and draws
//! itself. A pane never reads a clock and never waits.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::app::Shared;
use super::effect::Effect;
use super::keymap::Context;
use super::theme::Role;
use crate::text::Lang;

/// A step through a list or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the start.
    First,
    /// To the end.
    Last,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
}

/// Text on its way into a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A key that no command claims.
    Key(KeyEvent),
    /// Pasted text: never a command, never a confirmation.
    Paste(String),
}

/// What the mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// The left button went down.
    Press(Position),
    /// The wheel, three lines up or down.
    Scroll(Position, Step),
}

/// How much is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The cell under the cursor.
    Cell,
    /// The whole row, or the whole panel.
    Row,
}

/// A view, panel or overlay.
pub trait Pane {
    /// The key context on top while it has the focus.
    fn context(&self) -> Context;

    /// Moves the selection or scrolls.
    fn step(&mut self, _step: Step, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes text; called only where [`Context::takes_text`], but for pasted text always.
    fn text(&mut self, _typed: &Typed, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes the mouse. Positions are the screen's.
    fn pointer(&mut self, _pointer: Pointer, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// Four times a second, [`Shared::now`] being the time. Sets [`Shared::dirty`] where what is shown changes.
    fn tick(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    /// The text to copy, where there is one.
    fn copied(&self, _extent: Extent, _shared: &Shared) -> Option<String> {
        None
    }

    /// Draws itself; may note the height it got, for paging and the mouse.
    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>);
}

/// What drawing needs to know.
#[derive(Clone, Copy)]
pub struct Paint<'a> {
    /// The state that all panes share.
    pub shared: &'a Shared,
    /// Whether the pane has the keyboard.
    pub focused: bool,
}

impl Paint<'_> {
    /// The style of a role in the theme.
    pub fn style(&self, role: Role) -> Style {
        self.shared.theme.style(role)
    }

    /// The language.
    pub const fn lang(&self) -> Lang {
        self.shared.lang
    }

    /// The role of the frame around the pane.
    pub const fn border(&self) -> Role {
        if self.focused { Role::BorderFocused } else { Role::Border }
    }
}

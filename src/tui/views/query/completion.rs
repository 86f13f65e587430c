//! The popup that offers what could stand at the cursor: constructs of the language, the source's own fields and their
//! values. What is offered is [`language`]'s to say; this keeps the list and where one is in it.

use std::borrow::Cow;
use std::ops::Range;

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::hint;
use super::language::{self, Item, Vocabulary};
use crate::logs::ValueHits;
use crate::text::Lang;
use crate::text::width::{Align, cut, fit, width};
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

/// At most so many lines are shown at once.
const LINES: usize = 8;

/// What is offered.
#[derive(Debug, Default)]
pub struct Completion {
    vocabulary: Vocabulary,
    items: Vec<Item>,
    selected: usize,
    /// Whether the person has moved through the list: then the selection stays on its item.
    moved: bool,
}

impl Completion {
    /// Whether something is offered.
    pub const fn is_open(&self) -> bool {
        !self.items.is_empty()
    }

    /// Offers nothing.
    pub fn close(&mut self) {
        self.items.clear();
        self.selected = 0;
        self.moved = false;
    }

    /// Whether the source has a field of that name.
    pub fn knows(&self, field: &str) -> bool {
        self.vocabulary.knows(field)
    }

    /// Takes in the names of the source's fields.
    pub fn set_names(&mut self, names: Vec<ValueHits>) {
        self.vocabulary.set_names(names);
    }

    /// Takes in the values of a field.
    pub fn set_values(&mut self, field: String, values: Vec<ValueHits>) {
        self.vocabulary.set_values(field, values);
    }

    /// Looks what could stand at the cursor; unasked only where a word has been begun. Gives back the field whose
    /// values are not known yet.
    pub fn offer(&mut self, text: &str, cursor: usize, asked: bool, lang: Lang) -> Option<String> {
        let before = self.selected_label().filter(|_| self.moved);
        let offered = language::complete(text, cursor, &self.vocabulary, lang);
        let begun = asked || self.is_open() || language::has_begun(text, cursor);
        self.items = if begun { offered.items } else { Vec::new() };
        self.selected =
            before.and_then(|label| self.items.iter().position(|item| item.label == label)).unwrap_or_default();
        offered.wanted
    }

    fn selected_label(&self) -> Option<String> {
        self.items.get(self.selected).map(|item| item.label.clone())
    }

    /// Whether a key moves through the list.
    pub fn heeds(&mut self, typed: &Typed) -> bool {
        let Typed::Key(key) = typed else { return false };
        if !self.is_open() {
            return false;
        }
        let last = self.items.len() - 1;
        match key.code {
            KeyCode::Up => self.selected = self.selected.checked_sub(1).unwrap_or(last),
            KeyCode::Down => self.selected = if self.selected == last { 0 } else { self.selected + 1 },
            _ => return false,
        }
        self.moved = true;
        true
    }

    /// Takes the selected item: which bytes it stands for, and what is put there.
    pub fn take(&mut self) -> Option<(Range<usize>, String)> {
        let taken = self.items.get(self.selected).map(|item| (item.range.clone(), item.text.clone()));
        self.close();
        taken
    }

    /// Draws it below the cursor, or above where there is no room.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, cursor: Position, paint: &Paint<'_>) {
        if !self.is_open() {
            return;
        }
        let lines = self.items.len().min(LINES);
        let first = self.selected.saturating_sub(lines - 1).min(self.items.len() - lines);
        let shown = &self.items[first..first + lines];
        // Over all items, so that the popup does not change its shape while one moves through them.
        let widest = |text: fn(&Item) -> &str| self.items.iter().map(|item| width(text(item))).max().unwrap_or(0);
        let label = widest(|item| &item.label).min(40);
        let about = widest(|item| &item.about).min(60);
        let room = usize::from(area.width);
        let wide = (label + 2 + if about > 0 { about + 2 } else { 0 }).min(room);
        let foot = usize::from(self.items.iter().any(|item| item.form.is_some()));
        let size = (u16::try_from(wide).unwrap_or(area.width), u16::try_from(lines + foot).unwrap_or(1));
        let place = hint::ground(frame, area, cursor, size, paint);
        let buffer = frame.buffer_mut();
        for ((number, item), y) in shown.iter().enumerate().zip(place.top()..place.bottom()) {
            let row = Rect { y, height: 1, ..place };
            let parts = [
                (Cow::Owned(format!(" {} ", fit(&item.label, label, Align::Left))), item.role),
                (cut(&item.about, wide.saturating_sub(label + 2)), Role::Muted),
            ];
            frame::line(buffer, row, &parts, paint);
            let selected = first + number == self.selected;
            buffer.set_style(row, paint.style(if selected { Role::Selection } else { Role::Status }).patch_ground());
        }
        let form = self.items.get(self.selected).and_then(|item| item.form);
        if let (Some(form), true) = (form, usize::from(place.height) == lines + foot) {
            let row = Rect { y: place.bottom() - 1, height: 1, ..place };
            frame::line(buffer, row, &[(Cow::Borrowed(" "), Role::Text), (Cow::Borrowed(form), Role::Strong)], paint);
            buffer.set_style(row, paint.style(Role::Status).patch_ground());
        }
    }
}

/// Only what lies behind the text of a style, so that the pieces keep their own colours.
pub(super) trait PatchGround {
    fn patch_ground(self) -> Self;
}

impl PatchGround for ratatui::style::Style {
    fn patch_ground(mut self) -> Self {
        self.fg = None;
        self
    }
}

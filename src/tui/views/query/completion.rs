//! The popup that offers what could stand at the cursor: constructs of the language, the source's own fields and their
//! values. What is offered is [`language`]'s to say; this keeps the list and where one is in it.

use std::borrow::Cow;
use std::ops::Range;

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget as _};

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
    }

    /// Whether the source has a field of that name.
    pub fn knows(&self, field: &str) -> bool {
        self.vocabulary.knows(field)
    }

    /// Takes in the names of the source's fields.
    pub fn set_names(&mut self, names: Vec<ValueHits>) {
        self.vocabulary.set_names(names.into_iter().map(|name| name.value));
    }

    /// Takes in the values of a field.
    pub fn set_values(&mut self, field: String, values: Vec<ValueHits>) {
        self.vocabulary.set_values(field, values.into_iter().map(|value| value.value));
    }

    /// Looks what could stand at the cursor; unasked only where a word has been begun. Gives back the field whose
    /// values are not known yet.
    pub fn offer(&mut self, text: &str, cursor: usize, asked: bool, lang: Lang) -> Option<String> {
        let before = self.selected_label();
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
        let widest = |text: fn(&Item) -> &str| shown.iter().map(|item| width(text(item))).max().unwrap_or(0);
        let label = widest(|item| &item.label).min(40);
        let about = widest(|item| &item.about).min(60);
        let room = usize::from(area.width);
        let wide = (label + 2 + if about > 0 { about + 2 } else { 0 }).min(room);
        let place =
            beside(area, cursor, (u16::try_from(wide).unwrap_or(area.width), u16::try_from(lines).unwrap_or(1)));
        let buffer = frame.buffer_mut();
        Clear.render(place, buffer);
        buffer.set_style(place, paint.style(Role::Status));
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
    }
}

/// Only what lies behind the text of a style, so that the pieces keep their own colours.
trait PatchGround {
    fn patch_ground(self) -> Self;
}

impl PatchGround for ratatui::style::Style {
    fn patch_ground(mut self) -> Self {
        self.fg = None;
        self
    }
}

/// A place of a size below a position, above it where there is no room below, inside an area.
fn beside(area: Rect, at: Position, (wide, high): (u16, u16)) -> Rect {
    let below = area.bottom().saturating_sub(at.y + 1);
    let above = at.y.saturating_sub(area.y);
    let (y, high) = if below >= high || below >= above {
        (at.y + 1, high.min(below))
    } else {
        (at.y - high.min(above), high.min(above))
    };
    let x = at.x.min(area.right().saturating_sub(wide)).max(area.x);
    Rect { x, y, width: wide.min(area.width), height: high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_popup_stays_inside_and_off_the_line_of_the_cursor(x in 0_u16..80, y in 0_u16..24, wide in 1_u16..120, high in 1_u16..12) {
            let area = Rect::new(0, 2, 80, 20);
            let at = Position { x, y: y.clamp(2, 21) };
            let place = beside(area, at, (wide, high));
            prop_assert!(place.is_empty() || area.union(place) == area, "{:?}", place);
            prop_assert!(!(place.top()..place.bottom()).contains(&at.y));
        }
    }
}

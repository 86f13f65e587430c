//! The filter of a table: words that all have to be somewhere in a row, whatever their case.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::input::Input;
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;

/// A filter, perhaps being edited.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    input: Input,
    editing: bool,
    words: Vec<String>,
}

impl Filter {
    /// Begins to edit it.
    pub const fn open(&mut self) {
        self.editing = true;
    }

    /// Ends editing; the filter stays.
    pub const fn keep(&mut self) {
        self.editing = false;
    }

    /// Ends editing; everything is shown again.
    pub fn drop_it(&mut self) {
        *self = Self::default();
    }

    /// Whether it takes the keys.
    pub const fn is_editing(&self) -> bool {
        self.editing
    }

    /// Whether it holds anything or takes the keys.
    pub fn is_on(&self) -> bool {
        self.editing || !self.words.is_empty()
    }

    /// Takes text. Says whether other rows pass now.
    pub fn take(&mut self, typed: &Typed) -> bool {
        let changed = self.input.take(typed);
        if changed {
            self.words = self.input.text().split_whitespace().map(str::to_lowercase).collect();
        }
        changed
    }

    /// Whether a row passes.
    pub fn passes(&self, row: &str) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let row = row.to_lowercase();
        self.words.iter().all(|word| row.contains(word))
    }

    /// Draws the line in which it is edited.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        if area.width < 3 {
            return;
        }
        buffer.set_string(area.x, area.y, "/", paint.style(Role::Key));
        let rest = Rect { x: area.x + 1, width: area.width - 1, ..area };
        self.input.draw(buffer, rest, &Paint { focused: paint.focused && self.editing, ..*paint }, Role::Match);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_be_there_in_any_case() {
        let mut filter = Filter::default();
        assert!(filter.passes("anything"));
        assert!(filter.take(&Typed::Paste("BANNED 203.0".to_owned())));
        assert!(filter.passes("203.0.113.9 banned"));
        assert!(!filter.passes("203.0.113.9"));
        filter.drop_it();
        assert!(filter.passes("203.0.113.9"));
    }
}

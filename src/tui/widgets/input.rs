//! One line of text input: cursor by what a person calls a character, words, and a view that scrolls with the cursor.
//! Control characters never get in; a pasted line break becomes a space.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text::escape::is_dangerous;
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;

/// The longest text a line takes, in characters: more than any name, filter or reason needs.
const LONGEST: usize = 1000;

/// A line being edited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Byte position of the cursor, always between two characters.
    cursor: usize,
}

impl Input {
    /// A line that holds `text`, the cursor at its end.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text: String = text.as_ref().chars().filter(|c| !is_dangerous(*c)).take(LONGEST).collect();
        Self { cursor: text.len(), text }
    }

    /// What it holds.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a key or a paste. Says whether the text has changed.
    pub fn take(&mut self, typed: &Typed) -> bool {
        let before = self.text.clone();
        match typed {
            Typed::Paste(text) => self.insert(&text.split(['\r', '\n']).collect::<Vec<_>>().join(" ")),
            Typed::Key(key) => self.key(key),
        }
        self.text != before
    }

    fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let clean: String = text.chars().filter(|c| !is_dangerous(*c)).take(room).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    fn key(&mut self, key: &KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Char('u') if control => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char('k') if control => self.text.truncate(self.cursor),
            KeyCode::Char('w') if control => self.remove_from(self.word_before()),
            KeyCode::Char(_) if control || key.modifiers.contains(KeyModifiers::ALT) => {}
            KeyCode::Char(character) => self.insert(character.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if control => self.remove_from(self.word_before()),
            KeyCode::Backspace => self.remove_from(self.before()),
            KeyCode::Delete => {
                self.text.drain(self.cursor..self.after());
            }
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => {}
        }
    }

    fn remove_from(&mut self, from: usize) {
        self.text.drain(from..self.cursor);
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |character| self.cursor + character.len())
    }

    fn word_before(&self) -> usize {
        self.text[..self.cursor].unicode_word_indices().next_back().map_or(0, |(at, _)| at)
    }

    /// Draws the line; with the focus, the cursor too. A text that is too long shows the part around the cursor.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>, role: Role) {
        if area.is_empty() {
            return;
        }
        let room = usize::from(area.width) - 1;
        let mut from = 0;
        while self.text[from..self.cursor].width() > room {
            from += self.text[from..].graphemes(true).next().map_or(1, str::len);
        }
        let mut shown = String::new();
        for character in self.text[from..].graphemes(true) {
            if shown.width() + character.width() > usize::from(area.width) {
                break;
            }
            shown.push_str(character);
        }
        buffer.set_string(area.x, area.y, &shown, paint.style(role));
        if paint.focused {
            let x = area.x + u16::try_from(self.text[from..self.cursor].width()).unwrap_or(0);
            if x < area.right() {
                buffer.set_style(Rect { x, width: 1, height: 1, ..area }, paint.style(Role::Cursor));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(input: &mut Input, code: KeyCode) {
        input.take(&Typed::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    fn control(input: &mut Input, character: char) {
        input.take(&Typed::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL)));
    }

    #[test]
    fn the_cursor_moves_by_whole_characters() {
        let mut input = Input::new("a서e\u{301}");
        press(&mut input, KeyCode::Left);
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text(), "ae\u{301}");
        press(&mut input, KeyCode::Delete);
        assert_eq!(input.text(), "a");
        press(&mut input, KeyCode::Right);
        press(&mut input, KeyCode::Char('울'));
        assert_eq!(input.text(), "a울");
    }

    #[test]
    fn words_and_halves_can_be_removed() {
        let mut input = Input::new("login brute force");
        control(&mut input, 'w');
        assert_eq!(input.text(), "login brute ");
        control(&mut input, 'a');
        control(&mut input, 'k');
        assert_eq!(input.text(), "");
        control(&mut input, 'w');
        assert_eq!(input.text(), "");
    }

    #[test]
    fn pasted_lines_become_one_and_controls_stay_out() {
        let mut input = Input::default();
        assert!(input.take(&Typed::Paste("a\r\nb\u{1b}[2J\u{202e}".to_owned())));
        assert_eq!(input.text(), "a  b[2J");
        assert!(!input.take(&Typed::Paste("\u{7}".to_owned())));
        input.take(&Typed::Paste("x".repeat(5000)));
        assert_eq!(input.text().chars().count(), LONGEST);
    }
}

//! The editor: several lines of LogsQL, coloured, with the parser's diagnostics under their spans, matching brackets
//! and a line that says what is wrong where the cursor is. Knows the text only; what it means is [`language`]'s.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_textarea::{CursorMove, Input, TextArea, WrapMode};

use super::language::{self, Diagnostic};
use crate::logsql::{self, Edit};
use crate::text::escape;
use crate::text::width::width;
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;

/// A LogsQL text under the hands of a person.
#[derive(Debug, Clone)]
pub struct Editor {
    area: TextArea<'static>,
    /// Whether the query goes to a server, which may hold more than a file.
    server: bool,
    /// The text with what the parser says about it, made anew after every change.
    read: Reading,
    /// Where it was drawn last.
    place: Rect,
}

/// A text and what it means.
#[derive(Debug, Clone, Default)]
struct Reading {
    text: String,
    /// Where each line begins.
    starts: Vec<usize>,
    roles: Vec<(Range<usize>, Role)>,
    diagnostics: Vec<Diagnostic>,
}

impl Reading {
    fn of(text: String, server: bool) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { roles: language::roles(&text), diagnostics: language::diagnostics(&text, server), starts, text }
    }

    /// The byte of a place given in characters.
    fn byte(&self, row: usize, column: usize) -> usize {
        let start = self.starts.get(row).copied().unwrap_or(self.text.len());
        let rest = &self.text[start..];
        let line = rest.split('\n').next().unwrap_or_default();
        start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    }

    /// The place in characters of a byte.
    fn place(&self, byte: usize) -> (usize, usize) {
        let row = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts.get(row).copied().unwrap_or_default();
        (row, self.text.get(start..byte).map_or(0, |line| line.chars().count()))
    }

    fn role(&self, byte: usize) -> Role {
        let after = self.roles.partition_point(|(range, _)| range.end <= byte);
        self.roles.get(after).filter(|(range, _)| range.contains(&byte)).map_or(Role::Text, |(_, role)| *role)
    }

    fn is_wrong(&self, byte: usize) -> bool {
        // A diagnostic about a place between two characters marks the one after it.
        self.diagnostics
            .iter()
            .any(|found| found.span.contains(&byte) || (found.span.is_empty() && found.span.start == byte))
    }
}

impl Editor {
    /// An editor that holds a text, the cursor behind it.
    pub fn new(text: &str, server: bool) -> Self {
        let text = harmless_lines(text);
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_max_histories(200);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area, server, read: Reading::of(text, server), place: Rect::ZERO }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.read.text
    }

    /// The byte before which the cursor stands.
    pub fn cursor(&self) -> usize {
        let cursor = self.area.cursor();
        self.read.byte(cursor.0, cursor.1)
    }

    /// What is wrong, the errors first.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.read.diagnostics
    }

    /// What is wrong where the cursor stands, else the first thing that is wrong anywhere.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        let cursor = self.cursor();
        let here = |found: &&Diagnostic| found.span.start <= cursor && cursor <= found.span.end;
        self.read.diagnostics.iter().find(here).or_else(|| self.read.diagnostics.first())
    }

    /// Takes a key or pasted text; says whether the text has changed.
    pub fn take(&mut self, typed: &Typed) -> bool {
        let changed = match typed {
            Typed::Paste(text) => self.area.insert_str(harmless_lines(text)),
            // An indent in a query is two spaces; a real tab would be shown as an escape.
            Typed::Key(key) if key.code == KeyCode::Tab => self.area.insert_str("  "),
            Typed::Key(key) => match harmless(key) {
                Ok(input) => self.area.input(input),
                Err(text) => self.area.insert_str(text),
            },
        };
        self.refresh();
        changed
    }

    /// Undoes (or does again) the last change.
    pub fn undo(&mut self, again: bool) {
        if again {
            self.area.redo()
        } else {
            self.area.undo()
        };
        self.refresh();
    }

    /// Puts another text in place of the whole one; it can be undone.
    pub fn replace_all(&mut self, text: &str) {
        self.replace(0..self.read.text.len(), text);
    }

    /// Puts a text in place of a range of bytes, the cursor behind it; it can be undone.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        let Some(old) = self.read.text.get(range.clone()).map(|old| old.chars().count()) else { return };
        self.jump(range.start);
        self.area.delete_str(old);
        self.area.insert_str(harmless_lines(text));
        self.refresh();
    }

    /// Makes edits, which can be undone as one; the cursor stays where it was in the text around them.
    pub fn apply(&mut self, edits: &[Edit]) {
        let cursor = self.cursor();
        let before = edits.iter().filter(|edit| edit.range.end <= cursor);
        let (grown, shrunk) =
            before.fold((0, 0), |(grown, shrunk), edit| (grown + edit.text.len(), shrunk + edit.range.len()));
        let text = logsql::edited(&self.read.text, edits);
        self.replace_all(&text);
        let place = (cursor + grown).saturating_sub(shrunk).min(self.read.text.len());
        self.jump((0..=place).rev().find(|at| self.read.text.is_char_boundary(*at)).unwrap_or(0));
    }

    /// Puts the cursor before a byte.
    pub fn jump(&mut self, byte: usize) {
        let (row, column) = self.read.place(byte);
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area.cancel_selection();
        self.area.move_cursor(CursorMove::Jump(short(row), short(column)));
    }

    /// Puts the cursor where the mouse was pressed; `false` where that is elsewhere.
    pub fn press(&mut self, position: Position) -> bool {
        if !self.place.contains(position) {
            return false;
        }
        let data = self.data_at(position);
        self.jump(self.read.byte(data.0, data.1));
        true
    }

    fn data_at(&self, position: Position) -> (usize, usize) {
        let (top, left) = self.area.scroll_offset();
        let row = usize::from(position.y - self.place.y) + usize::from(top);
        let column = usize::from(position.x - self.place.x) + usize::from(left);
        let data = self.area.screen_to_data(row, column);
        (data.0, data.1)
    }

    fn refresh(&mut self) {
        let text = self.area.lines().join("\n");
        if text != self.read.text {
            self.read = Reading::of(text, self.server);
        }
    }

    /// About how many lines of the screen it takes when so many cells are across; where words wrap it can be more.
    pub fn height(&self, cells: usize) -> usize {
        self.area.lines().iter().map(|line| width(line).div_ceil(cells.max(1)).max(1)).sum()
    }

    /// Where the cursor was drawn last, for a popup beside it.
    pub fn cursor_position(&self) -> Position {
        let (top, left) = self.area.scroll_offset();
        let cursor = self.area.screen_cursor();
        let offset = |at: usize, from: u16| u16::try_from(at).unwrap_or(u16::MAX).saturating_sub(from);
        Position {
            x: self.place.x.saturating_add(offset(cursor.col, left)),
            y: self.place.y.saturating_add(offset(cursor.row, top)),
        }
    }

    /// Draws it: the text area first, then the colours over the characters that are in sight.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.place = area;
        let text = paint.style(Role::Text);
        self.area.set_style(text);
        self.area.set_cursor_line_style(Style::default());
        self.area.set_selection_style(paint.style(Role::Selection));
        self.area.set_cursor_style(if paint.focused { paint.style(Role::Cursor) } else { Style::default() });
        frame.render_widget(&self.area, area);
        let brackets = language::brackets(&self.read.text, self.cursor());
        for position in area.positions() {
            let Some(cell) = frame.buffer_mut().cell_mut(position).filter(|cell| cell.symbol() != " ") else {
                continue;
            };
            let (row, column) = self.data_at(position);
            let byte = self.read.byte(row, column);
            let role = if self.read.is_wrong(byte) { Role::SyntaxInvalid } else { self.read.role(byte) };
            let mut style = paint.style(role);
            if paint.focused && brackets.is_some_and(|(one, other)| byte == one || byte == other) {
                style = style.patch(paint.style(Role::Match));
            }
            // The ground is the text area's: it knows cursor and selection.
            style.bg = None;
            cell.set_style(style);
        }
    }
}

/// A text that can stand in the editor: line breaks kept, tabs as spaces, everything hostile visible.
fn harmless_lines(text: &str) -> String {
    let plain = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    escape::visible_lines(&plain).into_owned()
}

/// A key as the text area takes it; `Err` is the visible form of a character that must not reach a screen.
fn harmless(key: &KeyEvent) -> Result<Input, String> {
    match key.code {
        KeyCode::Char(character) if escape::is_dangerous(character) => {
            Err(escape::visible(&character.to_string()).into_owned())
        }
        _ => Ok(Input::from(*key)),
    }
}

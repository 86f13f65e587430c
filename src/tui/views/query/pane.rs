//! The view on the screen and under the hands: what it draws, which keys it takes as text, what the mouse does.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use super::answer::Pressed;
use super::forms::Overlay;
use super::range::Range;
use super::{Focus, QueryView, language};
use crate::logs::Row;
use crate::logsql;
use crate::text::width::{cut, width};
use crate::text::{Say as _, escape};
use crate::tui::app::Shared;
use crate::tui::commands;
use crate::tui::effect::Effect;
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

impl QueryView {
    fn draw_editor(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let zone = &paint.shared.basics.zone;
        let note = match self.range {
            Range::Last(_) => say::last(paint.lang(), &self.range.label(zone)),
            Range::Between(_) => self.range.label(zone),
        };
        let inner = frame::pane(frame.buffer_mut(), area, paint, "LogsQL", &note);
        self.editor.draw(frame, inner, paint);
        if paint.focused {
            self.draw_signature(frame, area, paint);
        }
    }

    /// The form of what is being written, in the lower edge of the frame, so that nothing moves where it comes and goes.
    fn draw_signature(&self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let Some(signature) = logsql::signature(self.editor.text(), self.editor.cursor()) else { return };
        let room = usize::from(area.width.saturating_sub(6));
        let parts = language::marked_form(&signature, room);
        let edge =
            Rect { x: area.x + 2, y: area.bottom().saturating_sub(1), width: area.width.saturating_sub(4), height: 1 };
        frame::line(frame.buffer_mut(), edge, &parts, paint);
    }

    /// What is wrong with the text where the cursor stands, and the key that mends it.
    fn draw_diagnostic(&self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let Some(found) = self.editor.diagnostic() else { return };
        let lang = paint.lang();
        let more = self.editor.diagnostics().len() - 1;
        let role = if language::is_error(found) { Role::Error } else { Role::Warning };
        let mut after = Vec::new();
        if more > 0 {
            after.push((Cow::Owned(format!("  (+{more})")), Role::Muted));
        }
        let fix = self.fix().map(|fix| fix.say(lang));
        // What the key does says what the hint would.
        let words = if fix.is_some() { found.problem.say(lang) } else { found.say(lang) };
        if let (Some(fix), Some(key)) = (fix, commands::key_of("query.fix", Context::QueryEditor)) {
            after.push((Cow::Owned(format!("  {key} ")), Role::Key));
            after.push((Cow::Owned(escape::visible(&fix).into_owned()), Role::Text));
        }
        let taken: usize = after.iter().map(|(text, _)| width(text)).sum();
        let room = usize::from(area.width).saturating_sub(taken + 3).max(usize::from(area.width) / 3);
        let mut parts = vec![(Cow::Borrowed(" ▲ "), role), (Cow::Owned(cut(&words, room).into_owned()), role)];
        parts.extend(after);
        frame::line(frame.buffer_mut(), area, &parts, paint);
    }

    fn draw_results(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let in_row = self.focus == Focus::Row;
        let (table, row) = if !self.row.is_open() {
            (area, Rect::ZERO)
        } else if paint.shared.is_wide() {
            let [table, row] = Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(area);
            (table, row)
        } else {
            (Rect::ZERO, area)
        };
        self.table = table;
        let focused = paint.focused && self.focus == Focus::Results;
        self.answer.draw(frame.buffer_mut(), table, &Paint { focused, ..*paint });
        if !row.is_empty() {
            let place = self.answer.place();
            self.row.draw(frame, row, place, &Paint { focused: paint.focused && in_row, ..*paint });
        }
    }
}

impl Pane for QueryView {
    fn context(&self) -> Context {
        match (&self.overlay, self.focus) {
            (Some(Overlay::Shelf(_)), _) => Context::QueryLibrary,
            (Some(Overlay::Save(_)), _) => Context::QueryName,
            (Some(Overlay::Range(_)), _) => Context::QueryRange,
            (Some(Overlay::Rename(_)), _) => Context::QueryRename,
            (None, Focus::Editor) => Context::QueryEditor,
            (None, Focus::Results) => Context::QueryResults,
            (None, Focus::Row) => Context::QueryRow,
        }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        match (&mut self.overlay, self.focus) {
            (Some(Overlay::Shelf(shelf)), _) => shelf.step(step),
            (Some(Overlay::Range(picker)), _) => picker.step(step),
            (Some(Overlay::Save(_) | Overlay::Rename(_)), _) => {}
            (None, Focus::Row) => match step {
                Step::Left => return self.other_row(Step::Up),
                Step::Right => return self.other_row(Step::Down),
                other => self.row.step(other),
            },
            (None, Focus::Results) => self.answer.step(step),
            (None, Focus::Editor) => {}
        }
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        match &mut self.overlay {
            Some(Overlay::Shelf(shelf)) => shelf.take(typed),
            Some(Overlay::Save(form)) => form.take(typed),
            Some(Overlay::Range(picker)) => picker.take(typed),
            Some(Overlay::Rename(naming)) => naming.take(typed),
            None if self.focus == Focus::Editor => {
                self.hint = None;
                if self.completion.heeds(typed) {
                    return Vec::new();
                }
                let wanted = if self.editor.take(typed) {
                    self.completion.offer(self.editor.text(), self.editor.cursor(), false, shared.lang)
                } else {
                    self.completion.close();
                    None
                };
                return self.values_of(wanted, shared);
            }
            None => {}
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        match (pointer, &mut self.overlay) {
            (Pointer::Scroll(_, step), _) => return self.step(step, shared),
            (Pointer::Press(position), Some(Overlay::Shelf(shelf))) => {
                if shelf.press(position) {
                    return self.confirm(false, shared);
                }
            }
            (Pointer::Press(position), Some(Overlay::Range(picker))) => {
                if picker.press(position) {
                    return self.confirm(false, shared);
                }
            }
            (Pointer::Press(_), Some(Overlay::Save(_) | Overlay::Rename(_))) => {}
            (Pointer::Press(position), None) => {
                self.completion.close();
                self.hint = None;
                if self.editor.press(position) {
                    self.focus = Focus::Editor;
                } else if self.table.contains(position) {
                    self.focus = Focus::Results;
                    match self.answer.press(position) {
                        Some(Pressed::RowAgain) => return self.open_row(),
                        Some(Pressed::Heading(field)) => return self.sort_by(field),
                        Some(Pressed::Row) | None => {}
                    }
                } else if self.row.is_open() {
                    self.focus = Focus::Row;
                }
            }
        }
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        // The elapsed time of a running query changes.
        shared.dirty |= self.is_running();
        self.look_at_progress()
    }

    fn copied(&self, extent: Extent, _shared: &Shared) -> Option<String> {
        if self.focus == Focus::Editor {
            return Some(self.editor.text().to_owned());
        }
        match extent {
            Extent::Cell if self.focus == Focus::Results => self.answer.cell().map(|(_, value)| value.to_owned()),
            _ => self.answer.selected().and_then(|row: &Row| serde_json::to_string(row).ok()),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let across = usize::from(area.width.saturating_sub(2));
        let lines = u16::try_from(self.editor.height(across)).unwrap_or(u16::MAX);
        let height = lines.saturating_add(2).clamp(5, (area.height * 2 / 5).max(5));
        let parts = [Constraint::Length(height), Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)];
        let [editor, diagnostic, summary, results] = Layout::vertical(parts).areas(area);
        let below = Paint { focused: paint.focused && self.overlay.is_none(), ..*paint };
        let in_editor = Paint { focused: below.focused && self.focus == Focus::Editor, ..below };
        self.draw_editor(frame, editor, &in_editor);
        self.draw_diagnostic(frame, diagnostic, paint);
        let mut words = vec![(Cow::Borrowed(" "), Role::Text)];
        words.extend(self.answer.summary(self.progress.as_ref(), paint.shared.now, paint.lang()));
        frame::line(frame.buffer_mut(), summary, &words, paint);
        self.draw_results(frame, results, &below);
        if in_editor.focused {
            let cursor = self.editor.cursor_position();
            self.completion.draw(frame, area, cursor, &in_editor);
            if let Some(hint) = &self.hint {
                hint.draw(frame, area, cursor, &in_editor);
            }
        }
        let cursor = self.editor.cursor_position();
        match &mut self.overlay {
            Some(Overlay::Shelf(shelf)) => shelf.draw(frame, area, paint),
            Some(Overlay::Save(form)) => form.draw(frame, area, paint),
            Some(Overlay::Range(picker)) => picker.draw(frame, area, paint),
            Some(Overlay::Rename(naming)) => naming.draw(frame, area, cursor, paint),
            None => {}
        }
    }
}

mod say {
    crate::text::sentences! {
        last(length: &str) { en: "the last {length}", ko: "최근 {length}" }
    }
}

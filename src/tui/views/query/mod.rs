//! The Query view: an editor for LogsQL above the table of its answer, one row in detail, the list of queries to open,
//! a form to save one, a time range. It keeps the state and says what is to be read; the reading is [`work`]'s, what
//! the text means is [`language`]'s, and no row is looked at that is not in sight.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use self::answer::{Answer, Pressed};
use self::completion::Completion;
use self::editor::Editor;
use self::picker::Picker;
use self::range::Range;
use self::row::RowPanel;
use self::rows::Sorting;
use self::save::SaveForm;
use self::shelf::Shelf;
use crate::journal::QueryRecord;
use crate::library::LibraryError;
use crate::logs::{Row, Window};
use crate::text::Say as _;
use crate::tui::app::Shared;
use crate::tui::effect::{self, Effect};
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

mod answer;
pub mod commands;
mod completion;
mod detail;
mod editor;
mod language;
mod message;
mod picker;
mod range;
mod refine;
mod row;
mod rows;
mod save;
mod shelf;
#[cfg(test)]
mod tests;
pub mod work;

pub use message::{Reply, Request, Slot};

/// What stands in the editor at the start.
const AT_FIRST: &str = "*\n| sort by (_time desc)\n| limit 100";

/// The part of the view that has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Editor,
    Results,
    Row,
}

/// What lies over the view.
#[derive(Debug)]
enum Overlay {
    Shelf(Shelf),
    Save(SaveForm),
    Range(Picker),
}

/// The Query view.
#[derive(Debug)]
pub struct QueryView {
    editor: Editor,
    range: Range,
    /// Whether the range is the console's window; until a person chooses another.
    follows: bool,
    focus: Focus,
    overlay: Option<Overlay>,
    completion: Completion,
    answer: Answer,
    row: RowPanel,
    /// Where the table was drawn last.
    table: Rect,
}

impl QueryView {
    /// The view before anything was run.
    pub fn new(shared: &Shared) -> Self {
        Self {
            editor: Editor::new(AT_FIRST),
            range: Range::Last(shared.window),
            follows: true,
            focus: Focus::Editor,
            overlay: None,
            completion: Completion::default(),
            answer: Answer::default(),
            row: RowPanel::default(),
            table: Rect::ZERO,
        }
    }

    /// It comes to the front: the names of the source's fields are looked up for completion.
    pub fn shown(&mut self, shared: &mut Shared) -> Vec<Effect> {
        vec![start(Slot::Names, Request::Names(self.window(shared)))]
    }

    /// The console's window was changed.
    pub fn window_changed(&mut self, shared: &mut Shared) -> Vec<Effect> {
        if self.follows {
            self.range = Range::Last(shared.window);
        }
        Vec::new()
    }

    /// Puts a query into the editor and runs it: how another view shows the rows behind its numbers.
    pub fn open(&mut self, text: &str, window: Window, shared: &mut Shared) -> Vec<Effect> {
        self.editor.replace_all(&language::tidy(text).unwrap_or_else(|| text.to_owned()));
        self.editor.jump(0);
        self.range = Range::Between(window);
        self.follows = false;
        self.focus = Focus::Results;
        self.run(shared)
    }

    /// The range at this moment.
    fn window(&self, shared: &Shared) -> Window {
        self.range.window(shared.window_end.unwrap_or(shared.now))
    }

    /// Whether there is something to run.
    pub fn can_run(&self) -> bool {
        !self.editor.text().trim().is_empty()
    }

    /// Whether a query is running.
    pub const fn is_running(&self) -> bool {
        self.answer.is_running()
    }

    /// Runs what stands in the editor. Our parser advises only: what it does not understand is run all the same, and
    /// the source decides.
    pub fn run(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let (text, window) = (self.editor.text().trim().to_owned(), self.window(shared));
        self.completion.close();
        self.close_row();
        self.answer = Answer::awaited(text.clone(), shared.now);
        vec![effect_cancel(Slot::Order), start(Slot::Run, Request::Run { text, window })]
    }

    /// Stops the running query. What has come stays, marked as partial, and the query goes into the history.
    pub fn cancel(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let Some(started) = self.answer.started.filter(|_| self.answer.is_running()) else { return Vec::new() };
        let took = shared.since(started);
        self.answer.ended = Some((message::Ending::Cancelled, took));
        let note = QueryRecord {
            text: self.answer.text.clone(),
            at: started,
            took,
            rows: u64::try_from(self.answer.rows().len()).unwrap_or(u64::MAX),
            error: Some(say::cancelled(shared.lang).to_owned()),
        };
        let mut effects = vec![effect_cancel(Slot::Run), start(Slot::Note, Request::Note(note))];
        effects.extend(self.order());
        effects
    }

    /// Asks for the rows in the order that is wanted; where nobody has asked for one and the query gives none, the
    /// newest first.
    fn order(&mut self) -> Option<Effect> {
        let sorting = match self.answer.sorting() {
            Some(sorting) => sorting.clone(),
            None if refine::is_ordered(&self.answer.text) => return None,
            None => {
                let newest = Sorting { field: "_time".into(), descending: true };
                self.answer.rows().get(0).filter(|row| !row.get("_time").is_empty())?;
                self.answer.sort_at_first(newest)?
            }
        };
        Some(start(Slot::Order, Request::Order { rows: self.answer.rows().clone(), sorting }))
    }

    /// Sorts by the column under the cursor.
    pub fn sort(&mut self) -> Vec<Effect> {
        let Some(field) = self.answer.column_name() else { return Vec::new() };
        self.sort_by(field)
    }

    fn sort_by(&mut self, field: Arc<str>) -> Vec<Effect> {
        match self.answer.sort_by(field) {
            Some(sorting) => vec![start(Slot::Order, Request::Order { rows: self.answer.rows().clone(), sorting })],
            None => vec![effect_cancel(Slot::Order)],
        }
    }

    /// Whether a row is under the cursor.
    pub fn has_rows(&self) -> bool {
        !self.answer.rows().is_empty()
    }

    /// Opens the row under the cursor.
    pub fn open_row(&mut self) -> Vec<Effect> {
        let Some(row) = self.answer.selected().cloned() else { return Vec::new() };
        self.focus = Focus::Row;
        self.row = RowPanel::awaited();
        vec![start(Slot::Detail, Request::Detail(row))]
    }

    /// Closes the row.
    pub fn close_row(&mut self) {
        self.row = RowPanel::default();
        if self.focus == Focus::Row {
            self.focus = Focus::Results;
        }
    }

    /// Opens the row above or below.
    pub fn other_row(&mut self, step: Step) -> Vec<Effect> {
        self.answer.step(step);
        self.open_row()
    }

    /// Adds a filter for the cell under the cursor, and runs the query again.
    pub fn refine(&mut self, exclude: bool, shared: &mut Shared) -> Vec<Effect> {
        let Some((field, value)) = self.answer.cell() else { return Vec::new() };
        let refined = refine::refined(self.editor.text(), &field, value, exclude, self.completion.knows(&field));
        self.editor.replace_all(&refined);
        self.run(shared)
    }

    /// Goes to the other part of the view; where a completion is offered, takes it.
    pub fn switch(&mut self, shared: &mut Shared) -> Vec<Effect> {
        if self.focus == Focus::Editor && self.completion.is_open() {
            return self.accept(shared);
        }
        self.focus = match self.focus {
            Focus::Editor if self.row.is_open() => Focus::Row,
            Focus::Editor => Focus::Results,
            Focus::Results | Focus::Row => Focus::Editor,
        };
        Vec::new()
    }

    /// Leaves the editor step by step: the completion, then the running query, then the editor itself.
    pub fn leave(&mut self, shared: &mut Shared) -> Vec<Effect> {
        if self.completion.is_open() {
            self.completion.close();
        } else if self.is_running() {
            return self.cancel(shared);
        } else {
            return self.switch(shared);
        }
        Vec::new()
    }

    /// Goes to the editor.
    pub fn edit(&mut self) {
        self.focus = Focus::Editor;
    }

    /// Offers what could stand at the cursor.
    pub fn complete(&mut self, shared: &Shared) -> Vec<Effect> {
        let wanted = self.completion.offer(self.editor.text(), self.editor.cursor(), true, shared.lang);
        self.values_of(wanted, shared)
    }

    fn values_of(&self, field: Option<String>, shared: &Shared) -> Vec<Effect> {
        let window = self.window(shared);
        field
            .map(|field| {
                let request = Request::Values { field, window };
                Effect::after(TYPING, effect::Slot::Query(Slot::Values), effect::Request::Query(request))
            })
            .into_iter()
            .collect()
    }

    fn accept(&mut self, shared: &Shared) -> Vec<Effect> {
        if let Some((range, text)) = self.completion.take() {
            self.editor.replace(range, &text);
        }
        // After a field and its colon its values come next.
        let wanted = self.completion.offer(self.editor.text(), self.editor.cursor(), false, shared.lang);
        self.values_of(wanted, shared)
    }

    /// Writes the query in the form of `logsql fmt`.
    pub fn tidy(&mut self, shared: &mut Shared) {
        match language::tidy(self.editor.text()) {
            Some(text) => self.editor.replace_all(&text),
            None => shared.inform(say::cannot_tidy(shared.lang)),
        }
    }

    /// Undoes (or does again) the last change.
    pub fn undo(&mut self, again: bool) {
        self.editor.undo(again);
        self.completion.close();
    }

    /// Opens the list of queries.
    pub fn open_shelf(&mut self) -> Vec<Effect> {
        self.overlay = Some(Overlay::Shelf(Shelf::default()));
        vec![start(Slot::Shelf, Request::Shelf)]
    }

    /// Opens the form to save the query.
    pub fn open_save(&mut self) {
        self.overlay = Some(Overlay::Save(SaveForm::default()));
    }

    /// Opens the choice of the time range.
    pub fn open_range(&mut self, shared: &Shared) {
        self.overlay = Some(Overlay::Range(Picker::new(self.range, &shared.basics.zone)));
    }

    /// Closes what lies over the view.
    pub fn close_overlay(&mut self) {
        self.overlay = None;
    }

    /// Does what the overlay is for: opens, saves, takes the range. `replace` is the save form's second key.
    pub fn confirm(&mut self, replace: bool, shared: &mut Shared) -> Vec<Effect> {
        match &mut self.overlay {
            Some(Overlay::Shelf(shelf)) => {
                let Some(text) = shelf.chosen().map(str::to_owned) else { return Vec::new() };
                self.overlay = None;
                self.focus = Focus::Editor;
                self.editor.replace_all(&text);
                self.editor.jump(0);
                Vec::new()
            }
            Some(Overlay::Save(form)) => {
                if replace && !form.can_replace() {
                    return Vec::new();
                }
                vec![start(Slot::Save, form.request(self.editor.text(), replace))]
            }
            Some(Overlay::Range(picker)) => {
                let now = shared.window_end.unwrap_or(shared.now);
                let Some(range) = picker.chosen(now, &shared.basics.zone) else { return Vec::new() };
                self.range = range;
                self.follows = false;
                self.overlay = None;
                if self.answer.started.is_some() { self.run(shared) } else { Vec::new() }
            }
            None => Vec::new(),
        }
    }

    /// Goes to the other field of the save form.
    pub fn next_field(&mut self) {
        if let Some(Overlay::Save(form)) = &mut self.overlay {
            form.next_field();
        }
    }

    /// Takes a reply to one of this view's requests.
    pub fn reply(&mut self, reply: Reply, shared: &mut Shared) -> Vec<Effect> {
        match reply {
            Reply::Batch { rows, columns } => self.answer.extend(rows, &columns),
            Reply::Ended { ending, took } => {
                self.answer.ended = Some((ending, took));
                return self.order().into_iter().collect();
            }
            Reply::Ordered { sorting, order } => self.answer.put_in_order(&sorting, order),
            Reply::Detail(lines) => self.row.fill(lines),
            Reply::Shelf { listing, history } => {
                if let Some(Overlay::Shelf(shelf)) = &mut self.overlay {
                    shelf.fill(&listing, history.map_err(|error| error.to_string()), shared);
                }
            }
            Reply::Saved(saved) => self.saved(saved, shared),
            Reply::Noted(noted) => {
                if let Err(error) = noted {
                    shared.fail(error.to_string());
                }
            }
            // Completion goes on without what the source cannot tell; the query itself will say what is wrong.
            Reply::Names(names) => self.completion.set_names(names.unwrap_or_default()),
            Reply::Values { field, values } => {
                self.completion.set_values(field, values.unwrap_or_default());
                if self.focus == Focus::Editor {
                    self.completion.offer(self.editor.text(), self.editor.cursor(), false, shared.lang);
                }
            }
        }
        Vec::new()
    }

    fn saved(&mut self, saved: Result<crate::library::SavedQuery, LibraryError>, shared: &mut Shared) {
        match saved {
            Ok(query) => {
                self.overlay = None;
                let file = query.file.map(|file| file.display().to_string()).unwrap_or_default();
                shared.inform(say::saved(shared.lang, &file));
            }
            Err(error) => {
                let exists = matches!(error, LibraryError::Exists { .. });
                if let Some(Overlay::Save(form)) = &mut self.overlay {
                    form.failed(error.say(shared.lang), exists);
                }
            }
        }
    }

    /// A task of this view broke: nothing of it runs any more.
    pub fn broken(&mut self, slot: Slot, now: Timestamp) {
        if let (Slot::Run, Some(started)) = (slot, self.answer.started.filter(|_| self.answer.is_running())) {
            self.answer.ended = Some((message::Ending::Cancelled, work::since(started, now)));
        }
    }

    fn draw_editor(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let zone = &paint.shared.basics.zone;
        let note = match self.range {
            Range::Last(_) => say::last(paint.lang(), &self.range.label(zone)),
            Range::Between(_) => self.range.label(zone),
        };
        let inner = frame::pane(frame.buffer_mut(), area, paint, "LogsQL", &note);
        self.editor.draw(frame, inner, paint);
    }

    /// What is wrong with the text where the cursor stands.
    fn draw_diagnostic(&self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let Some(found) = self.editor.diagnostic() else { return };
        let more = self.editor.diagnostics().len() - 1;
        let role = if language::is_error(found) { Role::Error } else { Role::Warning };
        let mut parts = vec![(Cow::Borrowed(" ▲ "), role), (Cow::Owned(found.say(paint.lang())), role)];
        if more > 0 {
            parts.push((Cow::Owned(format!("  (+{more})")), Role::Muted));
        }
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

/// So long after the last key the source is asked for values.
const TYPING: std::time::Duration = std::time::Duration::from_millis(150);

fn start(slot: Slot, request: Request) -> Effect {
    Effect::start(effect::Slot::Query(slot), effect::Request::Query(request))
}

const fn effect_cancel(slot: Slot) -> Effect {
    Effect::Cancel(effect::Slot::Query(slot))
}

impl Pane for QueryView {
    fn context(&self) -> Context {
        match (&self.overlay, self.focus) {
            (Some(Overlay::Shelf(_)), _) => Context::QueryLibrary,
            (Some(Overlay::Save(_)), _) => Context::QueryName,
            (Some(Overlay::Range(_)), _) => Context::QueryRange,
            (None, Focus::Editor) => Context::QueryEditor,
            (None, Focus::Results) => Context::QueryResults,
            (None, Focus::Row) => Context::QueryRow,
        }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        match (&mut self.overlay, self.focus) {
            (Some(Overlay::Shelf(shelf)), _) => shelf.step(step),
            (Some(Overlay::Range(picker)), _) => picker.step(step),
            (Some(Overlay::Save(_)), _) => {}
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
            None if self.focus == Focus::Editor => {
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
            (Pointer::Press(_), Some(Overlay::Save(_))) => {}
            (Pointer::Press(position), None) => {
                self.completion.close();
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
        Vec::new()
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
        words.extend(self.answer.summary(paint.shared.now, paint.lang()));
        frame::line(frame.buffer_mut(), summary, &words, paint);
        self.draw_results(frame, results, &below);
        if in_editor.focused {
            self.completion.draw(frame, area, self.editor.cursor_position(), &in_editor);
        }
        match &mut self.overlay {
            Some(Overlay::Shelf(shelf)) => shelf.draw(frame, area, paint),
            Some(Overlay::Save(form)) => form.draw(frame, area, paint),
            Some(Overlay::Range(picker)) => picker.draw(frame, area, paint),
            None => {}
        }
    }
}

mod say {
    crate::text::words! {
        cancelled { en: "cancelled", ko: "취소됨" }
        cannot_tidy { en: "mend the query first: what is wrong with it stands below the editor", ko: "먼저 쿼리를 고치세요. 문제는 편집기 아래에 있습니다" }
    }
    crate::text::sentences! {
        last(length: &str) { en: "the last {length}", ko: "최근 {length}" }
        saved(file: &str) { en: "saved as {file}", ko: "저장함: {file}" }
    }
}

//! The Query view: an editor for LogsQL above the table of its answer, one row in detail, the list of queries to open,
//! a form to save one, a time range. It keeps the state and says what is to be read; the reading is [`work`]'s, what
//! the text means is [`language`]'s, and no row is looked at that is not in sight.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::Rect;

use self::answer::Answer;
use self::completion::Completion;
use self::editor::Editor;
use self::forms::Overlay;
use self::range::Range;
use self::row::RowPanel;
use self::rows::Sorting;
use crate::journal::QueryRecord;
use crate::logs::{Progress, Window};
use crate::tui::app::Shared;
use crate::tui::effect::{self, Effect};
use crate::tui::pane::Step;

mod answer;
pub mod commands;
mod completion;
mod detail;
mod editor;
mod forms;
mod hint;
mod language;
mod message;
mod naming;
mod pane;
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
mod writing;

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
    /// What stands under the cursor, where the person has asked.
    hint: Option<hint::Hint>,
    /// The names that the source has for the fields of the queries that ship, as `from, to`.
    renames: Vec<(String, String)>,
    answer: Answer,
    /// How far the source has come with what takes long.
    progress: Option<Progress>,
    /// Whether to ask for that once more: behind an answer the source may make the next one faster.
    watches: bool,
    row: RowPanel,
    /// Where the table was drawn last.
    table: Rect,
}

impl QueryView {
    /// The view before anything was run.
    pub fn new(shared: &Shared) -> Self {
        Self {
            editor: Editor::new(AT_FIRST, shared.basics.source.kind == "victorialogs"),
            range: Range::Last(shared.window),
            follows: true,
            focus: Focus::Editor,
            overlay: None,
            completion: Completion::default(),
            hint: None,
            renames: Vec::new(),
            answer: Answer::default(),
            progress: None,
            watches: false,
            row: RowPanel::default(),
            table: Rect::ZERO,
        }
    }

    /// It comes to the front: the names of the source's fields are looked up, for completion and for the queries that
    /// ship.
    pub fn shown(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let window = self.window(shared);
        vec![start(Slot::Names, Request::Names(window)), start(Slot::Fields, Request::Fields(window))]
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
        self.hint = None;
        self.watches = true;
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
        if self.hint.take().is_some() {
            return Vec::new();
        }
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
            Reply::Progress(progress) => {
                shared.dirty |= self.progress != progress;
                self.progress = progress;
            }
            Reply::Fields(map) => self.renames = map.map(|map| map.renames()).unwrap_or_default(),
            Reply::Values { field, values } => {
                self.completion.set_values(field, values.unwrap_or_default());
                if self.focus == Focus::Editor {
                    self.completion.offer(self.editor.text(), self.editor.cursor(), false, shared.lang);
                }
            }
        }
        Vec::new()
    }

    /// Asks how far the source has come, where it is at something that takes long.
    fn look_at_progress(&mut self) -> Vec<Effect> {
        let once_more = !self.is_running() && std::mem::take(&mut self.watches);
        let goes_on = self.is_running() || self.progress.is_some() || once_more;
        goes_on.then(|| start(Slot::Progress, Request::Progress)).into_iter().collect()
    }

    /// A task of this view broke: nothing of it runs any more.
    pub fn broken(&mut self, slot: Slot, now: Timestamp) {
        if let (Slot::Run, Some(started)) = (slot, self.answer.started.filter(|_| self.answer.is_running())) {
            self.answer.ended = Some((message::Ending::Cancelled, work::since(started, now)));
        }
    }
}

fn start(slot: Slot, request: Request) -> Effect {
    Effect::start(effect::Slot::Query(slot), effect::Request::Query(request))
}

const fn effect_cancel(slot: Slot) -> Effect {
    Effect::Cancel(effect::Slot::Query(slot))
}

mod say {
    crate::text::words! {
        cancelled { en: "cancelled", ko: "취소됨" }
    }
}

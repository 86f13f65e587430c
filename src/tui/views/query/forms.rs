//! What lies over the view: the list of queries, the form to save one, the time range, the line for another name.

use super::message::{Request, Slot};
use super::naming::Naming;
use super::picker::Picker;
use super::save::SaveForm;
use super::shelf::Shelf;
use super::{Focus, QueryView, start};
use crate::library::{LibraryError, SavedQuery};
use crate::logsql;
use crate::text::{Say as _, escape};
use crate::tui::app::Shared;
use crate::tui::effect::Effect;

/// What lies over the view.
#[derive(Debug)]
pub(super) enum Overlay {
    Shelf(Shelf),
    Save(SaveForm),
    Range(Picker),
    Rename(Naming),
}

impl QueryView {
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
                let Some((text, ships)) = shelf.chosen().map(|(text, ships)| (text.to_owned(), ships)) else {
                    return Vec::new();
                };
                self.overlay = None;
                self.focus = Focus::Editor;
                let text = if ships { self.in_own_names(&text, shared) } else { text };
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
            Some(Overlay::Rename(naming)) => {
                let renamed = naming.edits(self.editor.text());
                if let Some(edits) = renamed {
                    self.overlay = None;
                    self.apply(&edits);
                }
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// A query that ships, with the fields called as the source calls them; says so where that changes something.
    fn in_own_names(&self, text: &str, shared: &mut Shared) -> String {
        let renamed = logsql::for_source(text, &self.renames);
        if !renamed.names.is_empty() {
            let names: Vec<String> =
                renamed.names.iter().map(|(from, to)| format!("{from} → {}", escape::visible(to))).collect();
            shared.inform(say::own_names(shared.lang, &names.join(", ")));
        }
        renamed.text
    }

    /// Opens the line in which the field under the cursor gets another name.
    pub fn open_rename(&mut self, shared: &mut Shared) {
        self.completion.close();
        self.hint = None;
        match Naming::at(self.editor.text(), self.editor.cursor()) {
            Some(naming) => self.overlay = Some(Overlay::Rename(naming)),
            None => shared.inform(logsql::Refusal::NoField.say(shared.lang)),
        }
    }

    /// Goes to the other field of the save form.
    pub fn next_field(&mut self) {
        if let Some(Overlay::Save(form)) = &mut self.overlay {
            form.next_field();
        }
    }

    pub(super) fn saved(&mut self, saved: Result<SavedQuery, LibraryError>, shared: &mut Shared) {
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
}

mod say {
    crate::text::sentences! {
        saved(file: &str) { en: "saved as {file}", ko: "저장함: {file}" }
        own_names(names: &str) {
            en: "rewritten for this source: {names}",
            ko: "이 소스의 필드 이름으로 바꿨습니다: {names}",
        }
    }
}

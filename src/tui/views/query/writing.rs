//! What a person does in the editor besides typing: completing, asking what stands here, mending, renaming, tidying up.

use super::hint::Hint;
use super::message::{Request, Slot};
use super::{QueryView, language};
use crate::logsql;
use crate::text::Say as _;
use crate::tui::app::Shared;
use crate::tui::effect::{self, Effect};

/// So long after the last key the source is asked for values.
const TYPING: std::time::Duration = std::time::Duration::from_millis(150);

impl QueryView {
    /// Offers what could stand at the cursor.
    pub fn complete(&mut self, shared: &Shared) -> Vec<Effect> {
        self.hint = None;
        let wanted = self.completion.offer(self.editor.text(), self.editor.cursor(), true, shared.lang);
        self.values_of(wanted, shared)
    }

    pub(super) fn values_of(&self, field: Option<String>, shared: &Shared) -> Vec<Effect> {
        let window = self.window(shared);
        field
            .map(|field| {
                let request = Request::Values { field, window };
                Effect::after(TYPING, effect::Slot::Query(Slot::Values), effect::Request::Query(request))
            })
            .into_iter()
            .collect()
    }

    pub(super) fn accept(&mut self, shared: &Shared) -> Vec<Effect> {
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

    /// Shows what stands under the cursor, or hides it again.
    pub fn hover(&mut self, shared: &mut Shared) {
        if self.hint.take().is_some() {
            return;
        }
        self.completion.close();
        self.hint = Hint::at(self.editor.text(), self.editor.cursor());
        if self.hint.is_none() {
            shared.inform(say::nothing_here(shared.lang));
        }
    }

    /// Whether what is wrong at the cursor can be mended with a key.
    pub fn can_fix(&self) -> bool {
        self.fix().is_some()
    }

    /// What would mend it.
    pub(super) fn fix(&self) -> Option<logsql::Fix> {
        logsql::fix(self.editor.text(), self.editor.diagnostic()?)
    }

    /// Mends it.
    pub fn apply_fix(&mut self, shared: &mut Shared) {
        if let Some(fix) = self.fix() {
            self.apply(&fix.edits);
            shared.inform(say::mended(shared.lang, &fix.say(shared.lang)));
        }
    }

    /// Makes edits and keeps the cursor where it was in the text around them.
    pub(super) fn apply(&mut self, edits: &[logsql::Edit]) {
        self.completion.close();
        self.hint = None;
        self.editor.apply(edits);
    }
}

mod say {
    crate::text::words! {
        cannot_tidy { en: "mend the query first: what is wrong with it stands below the editor", ko: "먼저 쿼리를 고치세요. 문제는 편집기 아래에 있습니다" }
        nothing_here { en: "there is nothing to say about this place", ko: "여기에는 설명할 것이 없습니다" }
    }
    crate::text::sentences! {
        mended(what: &str) { en: "done: {what}", ko: "적용함: {what}" }
    }
}

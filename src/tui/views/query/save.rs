//! The form in which a query gets a name and is saved as one's own. An older one of that name is replaced by a key of
//! its own only.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::message::Request;
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::input::Input;

/// The form.
#[derive(Debug, Default)]
pub struct SaveForm {
    name: Input,
    description: Input,
    in_description: bool,
    /// Why the last attempt failed.
    failure: Option<String>,
    /// Whether it failed because one of that name is there.
    exists: bool,
}

impl SaveForm {
    /// Types into the field that has the cursor.
    pub fn take(&mut self, typed: &Typed) {
        let field = if self.in_description { &mut self.description } else { &mut self.name };
        if field.take(typed) {
            self.failure = None;
            self.exists = false;
        }
    }

    /// Goes to the other field.
    pub const fn next_field(&mut self) {
        self.in_description = !self.in_description;
    }

    /// Whether one of that name is there, so that replacing it can be asked for.
    pub const fn can_replace(&self) -> bool {
        self.exists
    }

    /// What is to be done.
    pub fn request(&self, text: &str, replace: bool) -> Request {
        Request::Save {
            name: self.name.text().to_owned(),
            description: self.description.text().to_owned(),
            text: text.to_owned(),
            replace,
        }
    }

    /// Says why it could not be saved.
    pub fn failed(&mut self, why: String, exists: bool) {
        self.failure = Some(why);
        self.exists = exists;
    }

    /// Draws it over the view.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let buffer = frame.buffer_mut();
        let place = frame::centred(buffer, area, (76, 7), paint);
        let inner = frame::pane(buffer, place, paint, say::title(lang), "");
        let mut rows = (inner.top()..inner.bottom()).map(|y| Rect { y, height: 1, ..inner });
        for (label, field, focused) in [
            (say::name(lang), &self.name, !self.in_description),
            (say::description(lang), &self.description, self.in_description),
        ] {
            let Some(row) = rows.next() else { return };
            let role = if focused { Role::Key } else { Role::Muted };
            let after = frame::line(buffer, row, &[(Cow::Borrowed(label), role), (Cow::Borrowed(" "), role)], paint);
            let place = Rect { x: after, width: row.right().saturating_sub(after), ..row };
            field.draw(buffer, place, &Paint { focused: focused && paint.focused, ..*paint }, Role::Text);
        }
        for line in crate::text::width::wrap(self.failure.as_deref().unwrap_or_default(), usize::from(inner.width)) {
            let Some(row) = rows.next() else { return };
            frame::line(buffer, row, &[(Cow::Owned(line), Role::Error)], paint);
        }
    }
}

mod say {
    crate::text::words! {
        title { en: "Save as your own", ko: "내 쿼리로 저장" }
        name { en: "name       ", ko: "이름" }
        description { en: "what it shows", ko: "설명" }
    }
}

//! The line in which the field under the cursor gets another name, everywhere in the query.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::hint;
use crate::logsql::{self, Edit, Meaning, Refusal};
use crate::text::width::{width, wrap};
use crate::text::{Say as _, escape};
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::input::Input;

/// The line.
#[derive(Debug)]
pub struct Naming {
    /// The byte of the query at which the field stands.
    place: usize,
    from: String,
    /// How many places mean the field.
    places: usize,
    input: Input,
    refusal: Option<Refusal>,
}

impl Naming {
    /// For the field at a byte of the text; `None` where none stands there.
    pub fn at(text: &str, place: usize) -> Option<Self> {
        let from = logsql::field_at(text, place)?;
        let places = match logsql::hover(text, place).map(|found| found.meaning) {
            Some(Meaning::Field { places, .. }) => places,
            _ => 1,
        };
        Some(Self { place, input: Input::new(&from), from, places, refusal: None })
    }

    /// Types into it.
    pub fn take(&mut self, typed: &Typed) {
        if self.input.take(typed) {
            self.refusal = None;
        }
    }

    /// The edits that give the field the name that was typed; a refusal is shown.
    pub fn edits(&mut self, text: &str) -> Option<Vec<Edit>> {
        if self.input.text() == self.from {
            return Some(Vec::new());
        }
        match logsql::rename(text, self.place, self.input.text()) {
            Ok(edits) => Some(edits),
            Err(refusal) => {
                self.refusal = Some(refusal);
                None
            }
        }
    }

    /// Draws it beside the cursor.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, cursor: Position, paint: &Paint<'_>) {
        let lang = paint.lang();
        let title = say::title(lang, &escape::visible(&self.from), self.places);
        let wide = u16::try_from(width(&title) + 2).unwrap_or(area.width).max(44).min(area.width);
        let cells = usize::from(wide.saturating_sub(2));
        let why = self.refusal.as_ref().map(|refusal| wrap(&refusal.say(lang), cells)).unwrap_or_default();
        let high = u16::try_from(2 + why.len()).unwrap_or(2);
        let place = hint::ground(frame, area, cursor, (wide, high), paint);
        let buffer = frame.buffer_mut();
        let mut rows = (place.top()..place.bottom()).map(|y| Rect {
            x: place.x + 1,
            y,
            width: place.width.saturating_sub(2),
            height: 1,
        });
        if let Some(row) = rows.next() {
            frame::line(buffer, row, &[(Cow::Owned(title), Role::Muted)], paint);
        }
        if let Some(row) = rows.next() {
            let after = frame::line(buffer, row, &[(Cow::Borrowed("› "), Role::Key)], paint);
            self.input.draw(
                buffer,
                Rect { x: after, width: row.right().saturating_sub(after), ..row },
                paint,
                Role::Text,
            );
        }
        for (line, row) in why.into_iter().zip(rows) {
            frame::line(buffer, row, &[(Cow::Owned(line), Role::Error)], paint);
        }
    }
}

mod say {
    crate::text::sentences! {
        title(name: &str, places: usize) { en: "another name for {name} ({places}×)", ko: "{name}의 새 이름 ({places}곳)" }
    }
}

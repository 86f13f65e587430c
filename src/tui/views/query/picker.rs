//! The time range of the query: one of those offered, or one that is typed.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::range::{OFFERED, Range, RangeError};
use crate::text::Say as _;
use crate::tui::pane::{Paint, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::input::Input;

/// The list with its field.
#[derive(Debug)]
pub struct Picker {
    input: Input,
    /// The offered range that is selected; `None` while something is typed.
    selected: Option<usize>,
    failure: Option<RangeError>,
    list: Rect,
}

impl Picker {
    /// With the present range selected, or in the field where it is none of those offered.
    pub fn new(range: Range, zone: &TimeZone) -> Self {
        let selected = OFFERED.iter().position(|offered| Range::Last(*offered) == range);
        let text = if selected.is_none() { range.label(zone) } else { String::new() };
        Self { input: Input::new(text), selected, failure: None, list: Rect::ZERO }
    }

    /// Types into the field.
    pub fn take(&mut self, typed: &Typed) {
        if self.input.take(typed) {
            self.selected = None;
            self.failure = None;
        }
    }

    /// Moves through the list.
    pub fn step(&mut self, step: Step) {
        let last = OFFERED.len() - 1;
        let at = self.selected;
        self.selected = Some(match step {
            Step::Up => at.map_or(last, |at| at.saturating_sub(1)),
            Step::Down => at.map_or(0, |at| (at + 1).min(last)),
            Step::PageUp | Step::First => 0,
            Step::PageDown | Step::Last => last,
            Step::Left | Step::Right => return,
        });
    }

    /// Selects what the mouse was pressed on; `true` where it was selected already.
    pub fn press(&mut self, position: Position) -> bool {
        let line = usize::from(position.y.saturating_sub(self.list.y));
        if !self.list.contains(position) || line >= OFFERED.len() {
            return false;
        }
        self.selected.replace(line) == Some(line)
    }

    /// The range that is meant; a text that is none stays and says why.
    pub fn chosen(&mut self, now: Timestamp, zone: &TimeZone) -> Option<Range> {
        if let Some(offered) = self.selected.and_then(|selected| OFFERED.get(selected)) {
            return Some(Range::Last(*offered));
        }
        match Range::parse(self.input.text(), now, zone) {
            Ok(range) => Some(range),
            Err(why) => {
                self.failure = Some(why);
                None
            }
        }
    }

    /// Draws it over the view.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let buffer = frame.buffer_mut();
        let offered = u16::try_from(OFFERED.len()).unwrap_or(8);
        let place = frame::centred(buffer, area, (64, offered + 6), paint);
        let inner = frame::pane(buffer, place, paint, say::title(lang), "");
        let typing = self.selected.is_none();
        let mut rows = (inner.top()..inner.bottom()).map(|y| Rect { y, height: 1, ..inner });
        let Some(row) = rows.next() else { return };
        let after = frame::line(buffer, row, &[(Cow::Borrowed("› "), Role::Key)], paint);
        let field = Rect { x: after, width: row.right().saturating_sub(after), ..row };
        self.input.draw(buffer, field, &Paint { focused: typing && paint.focused, ..*paint }, Role::Text);
        if self.input.text().is_empty() && field.width > 2 {
            let hint = Rect { x: field.x + 1, width: field.width - 1, ..field };
            frame::line(buffer, hint, &[(Cow::Borrowed(say::hint(lang)), Role::Muted)], paint);
        }
        self.list = Rect { y: row.y + 1, height: offered.min(inner.bottom().saturating_sub(row.y + 1)), ..inner };
        for (number, length) in OFFERED.iter().enumerate() {
            let Some(row) = rows.next() else { return };
            let selected = self.selected == Some(number);
            let words = say::last(lang, &crate::config::duration::show(*length));
            let mark = if selected { "▸ " } else { "  " };
            frame::line(buffer, row, &[(Cow::Borrowed(mark), Role::Strong), (Cow::Owned(words), Role::Text)], paint);
            if selected {
                buffer.set_style(row, paint.style(Role::Selection));
            }
        }
        let failure = self.failure.as_ref().map(|why| why.say(lang)).unwrap_or_default();
        for line in crate::text::width::wrap(&failure, usize::from(inner.width)) {
            let Some(row) = rows.next() else { return };
            frame::line(buffer, row, &[(Cow::Owned(line), Role::Error)], paint);
        }
    }
}

mod say {
    crate::text::words! {
        title { en: "Time range", ko: "시간 범위" }
        hint { en: "15m · today · 09:00..09:30 · 2026-03-02..now", ko: "15m · 오늘 · 09:00..09:30 · 2026-03-02..지금" }
    }
    crate::text::sentences! {
        last(length: &str) { en: "the last {length}", ko: "최근 {length}" }
    }
}

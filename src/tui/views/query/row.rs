//! One row in detail, as coloured JSON that can be scrolled. Lines that are too long are wrapped, so that nothing of a
//! value is out of reach.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar as _;

use super::detail::Line;
use crate::text::number::count;
use crate::tui::pane::{Paint, Step};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

/// The panel.
#[derive(Debug, Default)]
pub struct RowPanel {
    /// `None` while closed.
    lines: Option<Vec<Line>>,
    offset: usize,
    height: usize,
}

impl RowPanel {
    /// Open, with its row on the way.
    pub fn awaited() -> Self {
        Self { lines: Some(Vec::new()), ..Self::default() }
    }

    /// Whether it is open.
    pub const fn is_open(&self) -> bool {
        self.lines.is_some()
    }

    /// Takes in the row, if the panel is still open.
    pub fn fill(&mut self, lines: Vec<Line>) {
        if self.is_open() {
            self.lines = Some(lines);
        }
    }

    /// Scrolls.
    pub const fn step(&mut self, step: Step) {
        match step {
            Step::Up => self.offset = self.offset.saturating_sub(1),
            Step::Down => self.offset = self.offset.saturating_add(1),
            Step::PageUp => self.offset = self.offset.saturating_sub(self.height),
            Step::PageDown => self.offset = self.offset.saturating_add(self.height),
            Step::First => self.offset = 0,
            Step::Last => self.offset = usize::MAX,
            Step::Left | Step::Right => {}
        }
    }

    /// Draws it; `place` is the row's number and how many there are.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, place: (usize, usize), paint: &Paint<'_>) {
        let lang = paint.lang();
        let number = |number: usize| count(u64::try_from(number).unwrap_or(u64::MAX));
        let note = say::of(lang, &number(place.0), &number(place.1));
        let inner = frame::pane(frame.buffer_mut(), area, paint, say::title(lang), &note);
        self.height = usize::from(inner.height);
        let wrapped = wrapped(self.lines.as_deref().unwrap_or_default(), usize::from(inner.width));
        self.offset = self.offset.min(wrapped.len().saturating_sub(self.height.max(1)));
        for (line, y) in wrapped.iter().skip(self.offset).zip(inner.top()..inner.bottom()) {
            let parts: Vec<_> = line.iter().map(|(role, text)| (Cow::Borrowed(text.as_str()), *role)).collect();
            frame::line(frame.buffer_mut(), Rect { y, height: 1, ..inner }, &parts, paint);
        }
    }
}

/// The lines broken where the width ends; what is broken goes on under its indent.
fn wrapped(lines: &[Line], cells: usize) -> Vec<Line> {
    const INDENT: usize = 4;
    let cells = cells.max(INDENT * 2);
    let mut out: Vec<Line> = Vec::new();
    for line in lines {
        let mut present: Line = Vec::new();
        let mut taken = 0;
        for (role, text) in line {
            let mut piece = String::new();
            for character in text.chars() {
                let wide = character.width().unwrap_or(0);
                if taken + wide > cells {
                    present.push((*role, std::mem::take(&mut piece)));
                    out.push(std::mem::take(&mut present));
                    present.push((Role::Text, " ".repeat(INDENT)));
                    taken = INDENT;
                }
                piece.push(character);
                taken += wide;
            }
            present.push((*role, piece));
        }
        out.push(present);
    }
    out
}

mod say {
    crate::text::words! {
        title { en: "Row", ko: "행" }
    }
    crate::text::sentences! {
        of(number: &str, all: &str) { en: "{number} of {all}", ko: "{all}개 중 {number}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width::width;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wrapping_keeps_every_character_and_fits(texts in prop::collection::vec("[a-z가-힣\"]{0,60}", 1..4), cells in 8_usize..40) {
            let line: Line = texts.iter().map(|text| (Role::SyntaxValue, text.clone())).collect();
            let wrapped = wrapped(&[line], cells);
            for line in &wrapped {
                prop_assert!(line.iter().map(|(_, text)| width(text)).sum::<usize>() <= cells);
            }
            let kept: String = wrapped.iter().flatten().filter(|(role, _)| *role == Role::SyntaxValue).map(|(_, text)| text.as_str()).collect();
            prop_assert_eq!(kept, texts.concat());
        }
    }
}

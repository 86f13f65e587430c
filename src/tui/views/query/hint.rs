//! A small window beside the cursor that says what stands there: a construct with its forms, a keyword, where a field
//! comes from.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget as _};

use super::completion::PatchGround as _;
use super::language;
use crate::logsql::{self, Hover};
use crate::text::escape;
use crate::text::width::{width, wrap};
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::widgets::frame::{self, Parts};

/// It is never wider.
const WIDEST: u16 = 72;

/// What stands at a place.
#[derive(Debug)]
pub struct Hint {
    hover: Hover,
}

impl Hint {
    /// What stands at a byte of the text.
    pub fn at(text: &str, place: usize) -> Option<Self> {
        logsql::hover(text, place).map(|hover| Self { hover })
    }

    /// Draws it below the cursor, or above where there is no room.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, cursor: Position, paint: &Paint<'_>) {
        let lang = paint.lang();
        let most = area.width.min(WIDEST);
        let lines = self.lines(usize::from(most.saturating_sub(2)), paint);
        let title = escape::visible(&self.hover.title()).into_owned();
        let kind = self.hover.kind(lang);
        let heading = width(&title) + width(kind) + 8;
        let widest =
            lines.iter().map(|line| line.iter().map(|(text, _)| width(text)).sum::<usize>()).max().unwrap_or(0);
        let wide = u16::try_from(widest.max(heading) + 2).unwrap_or(most).min(most);
        let size = (wide, u16::try_from(lines.len() + 2).unwrap_or(3));
        let place = ground(frame, area, cursor, size, paint);
        let buffer = frame.buffer_mut();
        let inner = frame::pane(buffer, place, paint, &title, kind);
        for (line, y) in lines.iter().zip(inner.top()..inner.bottom()) {
            frame::line(buffer, Rect { y, height: 1, ..inner }, line, paint);
        }
        buffer.set_style(place, paint.style(Role::Status).patch_ground());
    }

    fn lines(&self, cells: usize, paint: &Paint<'_>) -> Vec<Parts<'static>> {
        let lang = paint.lang();
        let about = wrap(&self.hover.about(lang), cells);
        let mut lines: Vec<Parts<'static>> =
            about.into_iter().map(|line| vec![(Cow::Owned(line), Role::Text)]).collect();
        if let Some(doc) = self.hover.doc() {
            for form in doc.forms().into_iter().take(3) {
                lines.extend(wrap(form, cells).into_iter().map(|line| vec![(Cow::Owned(line), Role::SyntaxFunction)]));
            }
            lines.extend(language::coloured(doc.example));
        }
        lines
    }
}

/// Empties a place beside a position and gives it the ground of popups.
pub fn ground(frame: &mut Frame<'_>, area: Rect, at: Position, size: (u16, u16), paint: &Paint<'_>) -> Rect {
    let place = beside(area, at, size);
    let buffer = frame.buffer_mut();
    Clear.render(place, buffer);
    buffer.set_style(place, paint.style(Role::Status));
    place
}

/// A place of a size below a position, above it where there is no room below, inside an area.
fn beside(area: Rect, at: Position, (wide, high): (u16, u16)) -> Rect {
    let below = area.bottom().saturating_sub(at.y + 1);
    let above = at.y.saturating_sub(area.y);
    let (y, high) = if below >= high || below >= above {
        (at.y + 1, high.min(below))
    } else {
        (at.y - high.min(above), high.min(above))
    };
    let x = at.x.min(area.right().saturating_sub(wide)).max(area.x);
    Rect { x, y, width: wide.min(area.width), height: high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_popup_stays_inside_and_off_the_line_of_the_cursor(x in 0_u16..80, y in 0_u16..24, wide in 1_u16..120, high in 1_u16..12) {
            let area = Rect::new(0, 2, 80, 20);
            let at = Position { x, y: y.clamp(2, 21) };
            let place = beside(area, at, (wide, high));
            prop_assert!(place.is_empty() || area.union(place) == area, "{:?}", place);
            prop_assert!(!(place.top()..place.bottom()).contains(&at.y));
        }
    }
}

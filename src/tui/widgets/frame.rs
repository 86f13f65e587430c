//! Frames around panes, with a title left and a note right, boxes in the middle of the screen, and single lines.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use crate::text::width::{cut, width};
use crate::tui::pane::Paint;
use crate::tui::theme::Role;

/// Draws a frame and gives the area inside.
pub fn pane(buffer: &mut Buffer, area: Rect, paint: &Paint<'_>, title: &str, note: &str) -> Rect {
    framed(buffer, area, paint, paint.border(), title, note)
}

/// Draws a frame in a role of its own and gives the area inside. The note gives way to the title.
pub fn framed(buffer: &mut Buffer, area: Rect, paint: &Paint<'_>, border: Role, title: &str, note: &str) -> Rect {
    let room = usize::from(area.width).saturating_sub(4);
    let title = cut(title, room);
    let left = room.saturating_sub(width(&title) + 3);
    let mut block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(paint.style(border))
        .title_top(Line::from(Span::styled(spaced(&title), paint.style(Role::Title))));
    if !note.is_empty() && left >= 6 {
        let note = Span::styled(spaced(&cut(note, left)), paint.style(Role::Muted));
        block = block.title_top(Line::from(note).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text} ") }
}

/// A box of at most this size in the middle of an area, emptied and given the theme's ground.
pub fn centred(buffer: &mut Buffer, area: Rect, size: (u16, u16), paint: &Paint<'_>) -> Rect {
    let (wide, high) = (size.0.min(area.width), size.1.min(area.height));
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    Clear.render(place, buffer);
    buffer.set_style(place, paint.style(Role::Text));
    place
}

/// Pieces of a line, each in its role.
pub type Parts<'a> = Vec<(Cow<'a, str>, Role)>;

/// Writes one line of pieces, cut at the end of the area, and gives the column after the last.
pub fn line(buffer: &mut Buffer, area: Rect, parts: &[(Cow<'_, str>, Role)], paint: &Paint<'_>) -> u16 {
    let mut x = area.x;
    for (text, role) in parts {
        let room = usize::from(area.right().saturating_sub(x));
        if room == 0 || area.height == 0 {
            break;
        }
        let shown = cut(text, room);
        buffer.set_string(x, area.y, &shown, paint.style(*role));
        x += u16::try_from(width(&shown)).unwrap_or(0);
    }
    x
}

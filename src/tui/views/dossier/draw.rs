//! How the panel looks: a frame, and of its lines those in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Dossier;
use super::sections::PanelLine;
use crate::text::number::clock;
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::views::suspects::warn;
use crate::tui::widgets::{frame, strips};

crate::text::words! {
    title { en: "Dossier", ko: "조서" }
    reading { en: "reading…", ko: "읽는 중…" }
    judging { en: "judging", ko: "판정 중" }
}

impl Dossier {
    pub(super) fn draw_panel(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let note = match self.since() {
            Some(since) => format!("{} {}", judging(lang), clock(paint.shared.since(since))),
            None if self.loading => reading(lang).to_owned(),
            None => String::new(),
        };
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buffer);
        buffer.set_style(area, paint.style(Role::Text));
        let inner = frame::pane(buffer, area, paint, &format!("{} {}", title(lang), self.client), &note);
        let mut inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        if let Some(failed) = &self.failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
        }
        let lines = self.content_lines(paint.shared, usize::from(inner.width));
        self.scroll.fit(lines.len(), inner.height);
        for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(self.scroll.offset)) {
            let row = Rect { y, height: 1, ..inner };
            match line {
                PanelLine::Text(_) => {
                    frame::line(buffer, row, &line.parts(), paint);
                }
                PanelLine::Bars(values, top) => strips::bars(buffer, row, values, *top, paint, Role::Gate),
            }
        }
        self.scroll.mark(buffer, area, paint);
    }
}

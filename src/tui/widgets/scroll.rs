//! A place in lines that do not fit: what a help text and a dossier are read with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::pane::{Paint, Pointer, Step};
use crate::tui::theme::Role;

/// Lines a turn of the wheel goes.
const WHEEL: usize = 3;

/// Which part of some lines is in sight.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scroll {
    /// The first line in sight.
    pub offset: usize,
    lines: usize,
    page: usize,
}

impl Scroll {
    /// Notes how many lines there are and how many fit, and stays within them.
    pub fn fit(&mut self, lines: usize, page: u16) {
        (self.lines, self.page) = (lines, usize::from(page).max(1));
        self.offset = self.offset.min(self.last());
    }

    /// Goes a step.
    pub fn step(&mut self, step: Step) {
        self.offset = match step {
            Step::Up => self.offset.saturating_sub(1),
            Step::Down => self.offset + 1,
            Step::PageUp => self.offset.saturating_sub(self.page),
            Step::PageDown => self.offset + self.page,
            Step::First => 0,
            Step::Last => self.last(),
            Step::Left | Step::Right => self.offset,
        }
        .min(self.last());
    }

    /// Goes as the wheel is turned; presses do nothing.
    pub fn pointer(&mut self, pointer: Pointer) {
        if let Pointer::Scroll(_, step) = pointer {
            (0..WHEEL).for_each(|_| self.step(step));
        }
    }

    /// Whether lines before those in sight are hidden, and lines after them.
    pub fn hides(&self) -> (bool, bool) {
        (self.offset > 0, self.offset + self.page < self.lines)
    }

    /// Marks on a frame, beside its right corners where no note lies, that there is more above or below.
    pub fn mark(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let x = area.right().saturating_sub(2);
        let (above, below) = self.hides();
        if above {
            buffer.set_string(x, area.y, "↑", paint.style(Role::Key));
        }
        if below {
            buffer.set_string(x, area.bottom().saturating_sub(1), "↓", paint.style(Role::Key));
        }
    }

    fn last(&self) -> usize {
        self.lines.saturating_sub(self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_its_lines() {
        let mut scroll = Scroll::default();
        scroll.fit(25, 10);
        let mut after = |steps: &[Step]| {
            steps.iter().for_each(|step| scroll.step(*step));
            scroll.offset
        };
        assert_eq!(after(&[Step::Up]), 0);
        assert_eq!(after(&[Step::PageDown, Step::Down]), 11);
        assert_eq!(after(&[Step::PageDown]), 15);
        assert_eq!(after(&[Step::Last, Step::Right]), 15);
        assert_eq!(after(&[Step::PageUp]), 5);
        scroll.fit(12, 10);
        assert_eq!(scroll.offset, 2);
        scroll.fit(3, 10);
        assert_eq!(scroll.offset, 0);
    }
}

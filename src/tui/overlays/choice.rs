//! A short list to choose from: the window, the theme. A theme is shown while it is chosen.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::config::duration;
use crate::text::Lang;
use crate::text::width::{Align, fit};
use crate::tui::app::Shared;
use crate::tui::app::commands::WINDOWS;
use crate::tui::effect::Effect;
use crate::tui::keymap::Context;
use crate::tui::pane::{Paint, Pane, Pointer, Step};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

crate::text::words! {
    window_title { en: "Window", ko: "구간" }
    theme_title { en: "Theme", ko: "테마" }
}

/// What is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A length of window.
    Window(Duration),
    /// A theme, by name.
    Theme(String),
}

/// The list.
pub struct Choice {
    title: fn(Lang) -> &'static str,
    items: Vec<(String, Answer)>,
    selected: usize,
    /// The answer that was in force, to go back to.
    before: Answer,
    area: Rect,
}

impl Choice {
    /// Chooses the length of the window.
    pub fn window(shared: &Shared) -> Self {
        let items = WINDOWS.iter().map(|seconds| Duration::from_secs(*seconds));
        let items = items.map(|length| (duration::show(length), Answer::Window(length))).collect();
        Self::new(window_title, items, Answer::Window(shared.window))
    }

    /// Chooses the theme.
    pub fn theme(shared: &Shared) -> Self {
        let items = shared.basics.themes.iter();
        let items =
            items.map(|theme| (theme.name(shared.lang).to_owned(), Answer::Theme(theme.slug.clone()))).collect();
        Self::new(theme_title, items, Answer::Theme(shared.theme.slug.clone()))
    }

    fn new(title: fn(Lang) -> &'static str, items: Vec<(String, Answer)>, before: Answer) -> Self {
        let selected = items.iter().position(|(_, answer)| *answer == before).unwrap_or(0);
        Self { title, items, selected, before, area: Rect::ZERO }
    }

    /// The answer under the cursor.
    pub fn answer(&self) -> Option<Answer> {
        self.items.get(self.selected).map(|(_, answer)| answer.clone())
    }

    /// Closed without an answer: a theme that was only looked at is taken back.
    pub fn closed(&self, shared: &mut Shared) {
        if let Answer::Theme(slug) = &self.before {
            shared.set_theme(slug);
        }
    }

    fn look(&self, shared: &mut Shared) {
        if let Some(Answer::Theme(slug)) = self.answer() {
            shared.set_theme(&slug);
        }
    }
}

impl Pane for Choice {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        let last = self.items.len().saturating_sub(1);
        self.selected = match step {
            Step::Up => self.selected.saturating_sub(1),
            Step::Down => (self.selected + 1).min(last),
            Step::First | Step::PageUp => 0,
            Step::Last | Step::PageDown => last,
            Step::Left | Step::Right => self.selected,
        };
        self.look(shared);
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        match pointer {
            Pointer::Scroll(_, step) => return self.step(step, shared),
            Pointer::Press(place) if self.area.contains(place) => {
                let row = usize::from(place.y - self.area.y);
                if row < self.items.len() {
                    self.selected = row;
                    self.look(shared);
                }
            }
            Pointer::Press(_) => {}
        }
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let buffer = frame.buffer_mut();
        let wide = self.items.iter().map(|(label, _)| crate::text::width::width(label)).max().unwrap_or(0);
        let size = (u16::try_from(wide).unwrap_or(0).max(14) + 6, u16::try_from(self.items.len()).unwrap_or(0) + 2);
        let place = frame::centred(buffer, area, size, paint);
        let inner = frame::pane(buffer, place, paint, (self.title)(paint.lang()), "");
        self.area = inner;
        for (y, (index, (label, _))) in (inner.top()..inner.bottom()).zip(self.items.iter().enumerate()) {
            let (mark, role) = if index == self.selected { (" ▸ ", Role::Selection) } else { ("   ", Role::Text) };
            let text = fit(&format!("{mark}{label}"), usize::from(inner.width), Align::Left);
            buffer.set_string(inner.x, y, text, paint.style(role));
        }
    }
}

//! The palette: every command that can be reached from where one is, found by a few letters; a command that cannot be
//! run now says why.

use std::borrow::Cow;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::width::{Align, fit, width};
use crate::tui::app::{App, Shared};
use crate::tui::commands::{self, Command, Words};
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Context};
use crate::tui::pane::{Paint, Pane, Pointer, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::input::Input;

crate::text::words! {
    title { en: "All commands", ko: "모든 명령" }
    nothing { en: "no command matches", ko: "맞는 명령이 없습니다" }
}

/// A command as the palette lists it.
struct Item {
    command: &'static Command,
    key: String,
    why_not: Option<Words>,
}

/// The palette.
pub struct Palette {
    input: Input,
    items: Vec<Item>,
    /// Indices of the items that match, best first.
    found: Vec<usize>,
    selected: usize,
    offset: usize,
    page: usize,
}

impl Palette {
    /// All that can be reached from where the app is.
    pub fn new(app: &App) -> Self {
        let context = app.context();
        let items: Vec<Item> = commands::reachable(context)
            .into_iter()
            .filter(|command| command.id != "console.palette")
            .map(|command| Item {
                command,
                key: keymap::shown(command, context).map(|chord| chord.to_string()).unwrap_or_default(),
                why_not: (command.enabled)(app).err(),
            })
            .collect();
        let found = (0..items.len()).collect();
        Self { input: Input::default(), items, found, selected: 0, offset: 0, page: 1 }
    }

    /// The command under the cursor.
    pub fn chosen(&self) -> Option<&'static Command> {
        self.found.get(self.selected).map(|index| self.items[*index].command)
    }

    fn search(&mut self) {
        let pattern = Pattern::parse(self.input.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let text = format!(
                "{} {} {}",
                (item.command.label)(crate::text::Lang::En),
                (item.command.label)(crate::text::Lang::Ko),
                item.command.id
            );
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
                scored.push((score, index));
            }
        }
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.found = scored.into_iter().map(|(_, index)| index).collect();
        (self.selected, self.offset) = (0, 0);
    }
}

impl Pane for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        let last = self.found.len().saturating_sub(1);
        self.selected = match step {
            Step::Up => self.selected.saturating_sub(1),
            Step::Down => (self.selected + 1).min(last),
            Step::PageUp => self.selected.saturating_sub(self.page),
            Step::PageDown => (self.selected + self.page).min(last),
            Step::First => 0,
            Step::Last => last,
            Step::Left | Step::Right => self.selected,
        };
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, _shared: &mut Shared) -> Vec<Effect> {
        if self.input.take(typed) {
            self.search();
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        match pointer {
            Pointer::Scroll(_, step) => self.step(step, shared),
            Pointer::Press(_) => Vec::new(),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let buffer = frame.buffer_mut();
        let high = u16::try_from(self.items.len()).unwrap_or(u16::MAX).saturating_add(3);
        let place = frame::centred(buffer, area, (66, high.min(area.height.saturating_sub(4))), paint);
        let inner = frame::pane(buffer, place, paint, title(paint.lang()), "");
        if inner.height < 2 {
            return;
        }
        buffer.set_string(inner.x + 1, inner.y, ":", paint.style(Role::Key));
        let line = Rect { x: inner.x + 3, width: inner.width.saturating_sub(4), height: 1, ..inner };
        self.input.draw(buffer, line, paint, Role::Strong);
        let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        self.page = usize::from(list.height).max(1);
        self.offset = self.offset.min(self.selected).max((self.selected + 1).saturating_sub(self.page));
        if self.found.is_empty() {
            let row = Rect { x: list.x + 3, width: list.width.saturating_sub(4), height: 1, ..list };
            frame::line(buffer, row, &[(Cow::Borrowed(nothing(paint.lang())), Role::Muted)], paint);
        }
        for (y, at) in (list.top()..list.bottom()).zip(self.offset..self.found.len()) {
            let item = &self.items[self.found[at]];
            let row = Rect { x: list.x + 1, y, width: list.width.saturating_sub(2), height: 1 };
            draw_item(buffer, row, item, at == self.selected, paint);
        }
    }
}

fn draw_item(buffer: &mut ratatui::buffer::Buffer, row: Rect, item: &Item, selected: bool, paint: &Paint<'_>) {
    let mark = if selected { "▸ " } else { "  " };
    let label = (item.command.label)(paint.lang());
    let role = if item.why_not.is_some() { Role::Muted } else { Role::Text };
    let why = item.why_not.map(|why| format!("  ({})", why(paint.lang()))).unwrap_or_default();
    let room = usize::from(row.width).saturating_sub(width(&item.key) + 3);
    let text = fit(&format!("{mark}{label}{why}"), room, Align::Left);
    frame::line(buffer, row, &[(Cow::Owned(text), role), (Cow::Owned(format!(" {}", item.key)), Role::Key)], paint);
    if selected {
        buffer.set_style(row, paint.style(Role::Selection));
    }
}

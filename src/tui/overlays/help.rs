//! The help: every command with its keys out of the command table, those that hold where one was first.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::Lang;
use crate::text::width::{Align, fit};
use crate::tui::app::Shared;
use crate::tui::commands::{self, Command, Section};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Chord, Context, shown};
use crate::tui::pane::{Paint, Pane, Pointer, Step};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;

crate::text::words! {
    title { en: "Help", ko: "도움말" }
    here { en: "Here", ko: "이 화면" }
    leave { en: "Esc closes", ko: "Esc 닫기" }
}

/// The help.
pub struct Help {
    context: Context,
    offset: usize,
    page: usize,
    lines: usize,
}

/// A line of the help.
enum HelpLine {
    Heading(&'static str),
    Entry(String, &'static str),
    Gap,
}

impl Help {
    /// Help for where one is.
    pub const fn new(context: Context) -> Self {
        Self { context, offset: 0, page: 1, lines: 0 }
    }

    fn lines(&self, lang: Lang) -> Vec<HelpLine> {
        let mut lines = vec![HelpLine::Heading(here(lang))];
        let here: Vec<_> = commands::reachable(self.context)
            .into_iter()
            .filter(|command| command.keys.iter().any(|(context, _)| *context == self.context))
            .collect();
        lines.extend(here.iter().map(|command| entry(command, Some(self.context), lang)));
        for section in Section::ALL {
            let rest = commands::all().filter(|command| command.section == *section);
            let rest: Vec<_> = rest.filter(|command| !here.iter().any(|shown| shown.id == command.id)).collect();
            if rest.is_empty() {
                continue;
            }
            lines.push(HelpLine::Gap);
            lines.push(HelpLine::Heading(section.label(lang)));
            lines.extend(rest.iter().map(|command| entry(command, None, lang)));
        }
        lines
    }
}

/// A command with its keys: those of a context, or all.
fn entry(command: &Command, context: Option<Context>, lang: Lang) -> HelpLine {
    let mut keys: Vec<String> = Vec::new();
    for (bound, text) in command.keys {
        let here = context.is_none_or(|context| context.chain().any(|place| place == *bound));
        if let Some(chord) = Chord::parse(text).filter(|_| here)
            && !keys.contains(&chord.to_string())
        {
            keys.push(chord.to_string());
        }
    }
    if let Some(first) = context.and_then(|context| shown(command, context)) {
        keys.sort_by_key(|key| *key != first.to_string());
    }
    HelpLine::Entry(keys.join(" "), (command.label)(lang))
}

/// Cells of the keys.
const KEYS: usize = 22;

impl Pane for Help {
    fn context(&self) -> Context {
        Context::Help
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        let last = self.lines.saturating_sub(self.page);
        self.offset = match step {
            Step::Up => self.offset.saturating_sub(1),
            Step::Down => self.offset + 1,
            Step::PageUp => self.offset.saturating_sub(self.page),
            Step::PageDown => self.offset + self.page,
            Step::First => 0,
            Step::Last => last,
            Step::Left | Step::Right => self.offset,
        }
        .min(last);
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        if let Pointer::Scroll(_, step) = pointer {
            (0..3).for_each(|_| drop(self.step(step, shared)));
        }
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lines = self.lines(paint.lang());
        self.lines = lines.len();
        let buffer = frame.buffer_mut();
        let high = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height.saturating_sub(2));
        let place = frame::centred(buffer, area, (66, high), paint);
        let inner = frame::pane(buffer, place, paint, title(paint.lang()), leave(paint.lang()));
        self.page = usize::from(inner.height).max(1);
        self.offset = self.offset.min(self.lines.saturating_sub(self.page));
        for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(self.offset)) {
            let row = Rect { x: inner.x + 1, y, width: inner.width.saturating_sub(2), height: 1 };
            let parts = match line {
                HelpLine::Gap => Vec::new(),
                HelpLine::Heading(words) => vec![(Cow::Borrowed(*words), Role::Title)],
                HelpLine::Entry(keys, label) => vec![
                    (Cow::Owned(fit(keys, KEYS, Align::Left)), Role::Key),
                    (Cow::Owned(format!(" {label}")), Role::Text),
                ],
            };
            frame::line(buffer, row, &parts, paint);
        }
    }
}

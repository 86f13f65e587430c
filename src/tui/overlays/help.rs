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
use crate::tui::widgets::scroll::Scroll;

crate::text::words! {
    title { en: "Help", ko: "도움말" }
    here { en: "Here", ko: "이 화면" }
    leave { en: "Esc closes", ko: "Esc 닫기" }
}

/// The help.
pub struct Help {
    context: Context,
    scroll: Scroll,
}

/// A line of the help.
enum HelpLine {
    Heading(&'static str),
    Entry(String, &'static str),
    Gap,
}

impl Help {
    /// Help for where one is.
    pub fn new(context: Context) -> Self {
        Self { context, scroll: Scroll::default() }
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
        self.scroll.step(step);
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, _shared: &mut Shared) -> Vec<Effect> {
        self.scroll.pointer(pointer);
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lines = self.lines(paint.lang());
        let buffer = frame.buffer_mut();
        let high = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height.saturating_sub(2));
        let place = frame::centred(buffer, area, (66, high), paint);
        let inner = frame::pane(buffer, place, paint, title(paint.lang()), leave(paint.lang()));
        self.scroll.fit(lines.len(), inner.height);
        for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(self.scroll.offset)) {
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

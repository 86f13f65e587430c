//! The lift form: which decisions would be lifted, one by one by their id. The safe answer has the focus.

use std::borrow::Cow;

use ipnet::IpNet;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::calm::Calm;
use crate::enforce::ActiveDecision;
use crate::text::number::clock;
use crate::text::width::wrap;
use crate::tui::app::Shared;
use crate::tui::chrome;
use crate::tui::commands::Words;
use crate::tui::effect::{Act, Effect};
use crate::tui::keymap::Context;
use crate::tui::pane::{Paint, Pane, Step};
use crate::tui::theme::Role;
use crate::tui::widgets::frame::{self, Parts};

crate::text::words! {
    title { en: "Unban", ko: "차단 해제" }
    lift_really { en: "lift it for real", ko: "실제로 해제" }
    lift_rehearsed { en: "rehearse the lifting", ko: "해제 예행" }
    choose { en: "↑↓ which one", ko: "↑↓ 선택" }
    not_ours { en: "It was not made by gatewatch: whoever made it may make it again.", ko: "gatewatch가 만든 것이 아니므로 다시 만들어질 수 있습니다." }
    wide { en: "It is a range: everybody in it is let in again.", ko: "대역 차단입니다. 그 안의 모두가 다시 들어올 수 있습니다." }
    cancel { en: " Cancel ", ko: " 취소 " }
    sending { en: "sending…", ko: "보내는 중…" }
    nothing { en: "nothing is selected", ko: "선택한 것이 없습니다" }
    sending_already { en: "it is being sent", ko: "보내는 중입니다" }
    needs_pause { en: "that came too fast for a person; press it once more", ko: "너무 빨리 입력되었습니다. 다시 한 번 누르세요" }
    left { en: "left", ko: "남음" }
}

/// The form.
pub struct LiftForm {
    decisions: Vec<ActiveDecision>,
    selected: usize,
    /// Against bursts of keys.
    pub calm: Calm,
    sending: Option<ActiveDecision>,
    failed: Option<String>,
}

impl LiftForm {
    /// The form for these decisions.
    pub const fn new(decisions: Vec<ActiveDecision>, shared: &Shared) -> Self {
        Self { decisions, selected: 0, calm: Calm::new(shared.now), sending: None, failed: None }
    }

    /// Lifts the decision that is selected.
    pub fn confirm(&mut self) -> Result<Act, Words> {
        if self.sending.is_some() {
            return Err(sending_already);
        }
        if !self.calm.is_deliberate() {
            return Err(needs_pause);
        }
        let decision = self.decisions.get(self.selected).ok_or(nothing as Words)?.clone();
        self.sending = Some(decision.clone());
        self.failed = None;
        Ok(Act::Lift(Box::new(decision)))
    }

    /// Whether it waits for an act on this target.
    pub fn waits_for(&self, target: Option<IpNet>) -> bool {
        self.sending.as_ref().is_some_and(|decision| decision.target == target)
    }

    /// The act failed.
    pub fn failed(&mut self, words: &str) {
        self.sending = None;
        self.failed = Some(words.to_owned());
    }

    fn lines(&self, paint: &Paint<'_>) -> Vec<Parts<'static>> {
        let lang = paint.lang();
        let mut lines: Vec<Parts<'static>> = Vec::new();
        let one = |text: String, role: Role| vec![(Cow::Owned(text), role)];
        for (index, decision) in self.decisions.iter().enumerate() {
            let on = index == self.selected && self.decisions.len() > 1;
            let mark = if on { "▸ " } else { "  " };
            let time = clock(paint.shared.until(decision.until));
            lines.push(vec![
                (Cow::Owned(format!("{mark}{}", decision.value)), if on { Role::Selection } else { Role::Strong }),
                (Cow::Owned(format!("  {} · {time} {} · #{}", decision.kind, left(lang), decision.id)), Role::Text),
            ]);
            lines
                .push(one(format!("    {} · {} {}", decision.origin, decision.scenario, decision.reason), Role::Muted));
        }
        if self.decisions.len() > 1 {
            lines.push(one(format!("  {}", choose(lang)), Role::Muted));
        }
        lines.push(Vec::new());
        let Some(decision) = self.decisions.get(self.selected) else { return lines };
        let mut warn = |words: &str, role: Role| {
            lines.extend(wrap(words, usize::from(SIZE.0) - 6).into_iter().map(|line| one(format!("  {line}"), role)));
        };
        if decision.target.is_some_and(|target| target.prefix_len() < target.max_prefix_len()) {
            warn(wide(lang), Role::Warning);
        }
        if !decision.scenario.starts_with("gatewatch/") {
            warn(not_ours(lang), Role::Warning);
        }
        if let Some(failed) = &self.failed {
            warn(failed, Role::Error);
        }
        if self.sending.is_some() {
            warn(sending(lang), Role::Warning);
        }
        lines
    }
}

/// The width of the form, and its height without lines.
const SIZE: (u16, u16) = (72, 7);

impl Pane for LiftForm {
    fn context(&self) -> Context {
        Context::Lift
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        let last = self.decisions.len().saturating_sub(1);
        self.selected = match step {
            Step::Up => self.selected.saturating_sub(1),
            Step::Down => (self.selected + 1).min(last),
            _ => self.selected,
        };
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let live = paint.shared.basics.live;
        let lines = self.lines(paint);
        let buffer = frame.buffer_mut();
        let high = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(SIZE.1);
        let place = frame::centred(buffer, area, (SIZE.0, high), paint);
        let border = if live { Role::Danger } else { Role::BorderFocused };
        let inner = frame::framed(buffer, place, paint, border, title(lang), "");
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let (word, _, role) = chrome::mode(paint.shared);
        let mode: Parts<'_> = vec![
            (Cow::Owned(format!(" {word} ")), role),
            (Cow::Owned(format!(" {}", chrome::whither(paint.shared))), Role::Text),
        ];
        frame::line(buffer, Rect { height: 1, ..inner }, &mode, paint);
        let bottom = inner.bottom().saturating_sub(1);
        for (y, line) in (inner.y + 2..bottom).zip(&lines) {
            frame::line(buffer, Rect { y, height: 1, ..inner }, line, paint);
        }
        let words = if live { lift_really(lang) } else { lift_rehearsed(lang) };
        let buttons: Parts<'_> = vec![
            (Cow::Owned(format!("▸[{}]", cancel(lang))), Role::Selection),
            (Cow::Borrowed("     "), Role::Text),
            (Cow::Borrowed("U"), Role::Key),
            (Cow::Owned(format!(" {words}")), if live { Role::Danger } else { Role::Text }),
        ];
        frame::line(buffer, Rect { y: bottom, height: 1, ..inner }, &buttons, paint);
    }
}

//! What stands between a form and an act: the safe answer has the focus, keys that come in a burst confirm nothing, a
//! range is typed once more and never pasted, and a plan that is older than a minute does not count. Shared by the
//! forms that ban one and many.

use std::borrow::Cow;

use crossterm::event::KeyEvent;
use ipnet::IpNet;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::calm::Calm;
use crate::config::value;
use crate::policy::{Plan, Ruling};
use crate::tui::app::Shared;
use crate::tui::chrome;
use crate::tui::commands::Words;
use crate::tui::pane::{Paint, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame::{self, Parts};
use crate::tui::widgets::input::Input;

crate::text::words! {
    needs_pause { en: "that came too fast for a person; press it once more", ko: "너무 빨리 입력되었습니다. 다시 한 번 누르세요" }
    type_it { en: "type the range first", ko: "먼저 대역을 직접 입력하세요" }
    cancel { en: " Cancel ", ko: " 취소 " }
    ban_really { en: "ban for real", ko: "실제로 차단" }
    ban_rehearsed { en: "rehearse the ban", ko: "차단 예행" }
}

/// The guard of a form.
#[derive(Debug)]
pub struct Guard {
    calm: Calm,
    /// The field in which a range is typed once more.
    pub again: Input,
}

impl Guard {
    /// The form opens.
    pub fn new(now: Timestamp) -> Self {
        Self { calm: Calm::new(now), again: Input::default() }
    }

    /// Notes a key. Says whether it counts at all.
    pub fn heeds(&mut self, key: &KeyEvent, shared: &Shared) -> bool {
        self.calm.heeds(key, shared)
    }

    /// Takes text into the field; a paste is not typing.
    pub fn take(&mut self, typed: &Typed) {
        if !matches!(typed, Typed::Paste(_)) {
            self.again.take(typed);
        }
    }

    /// Whether the range that is asked for was typed; nothing has to be where none is.
    pub fn is_typed(&self, range: Option<IpNet>) -> bool {
        range.is_none() || value::network(self.again.text().trim()) == range
    }

    /// Whether what is ready may be carried out by the key at hand.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, range: Option<IpNet>) -> Result<(), Words> {
        if !self.is_typed(range) {
            return Err(type_it);
        }
        if self.calm.is_deliberate() { Ok(()) } else { Err(needs_pause) }
    }
}

/// The range of a target, which has to be typed; `None` for a single address.
pub fn range_of(target: IpNet) -> Option<IpNet> {
    (target.prefix_len() < target.max_prefix_len()).then_some(target)
}

/// The plan of a ruling, where it is fresh.
pub fn fresh(ruling: &Ruling, now: Timestamp) -> Option<&Plan> {
    ruling.plan().filter(|plan| plan.is_fresh(now))
}

/// Whether a ruling's plan has grown too old and has to be made again.
pub fn is_stale(ruling: &Ruling, now: Timestamp) -> bool {
    ruling.plan().is_some_and(|plan| !plan.is_fresh(now))
}

/// The line that says whether it is real, and where it goes.
pub fn draw_mode(buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
    let (word, _, role) = chrome::mode(paint.shared);
    let parts: Parts<'_> = vec![
        (Cow::Owned(format!(" {word} ")), role),
        (Cow::Owned(format!(" {}", chrome::whither(paint.shared))), Role::Text),
    ];
    frame::line(buffer, area, &parts, paint);
}

/// The answers of a form.
pub struct Buttons {
    /// The safe one; `None` where it calls off what has not begun.
    pub leave: Option<Words>,
    /// Whether it has the focus.
    pub on: bool,
    /// The one that acts; `None` where nothing is left to do.
    pub act: Option<Acts>,
}

/// The answer that acts.
#[derive(Debug, Clone, Copy)]
pub struct Acts {
    /// Whether it may be given now.
    pub ready: bool,
    /// On how many targets, where there can be several.
    pub many: Option<usize>,
}

/// The answers: the safe one with the focus or without, and the key that acts.
pub fn draw_buttons(buffer: &mut Buffer, area: Rect, buttons: &Buttons, paint: &Paint<'_>) {
    let lang = paint.lang();
    let live = paint.shared.basics.live;
    let leave = buttons.leave.map_or_else(|| cancel(lang), |leave| leave(lang));
    let (leave, role) = match buttons.on {
        true => (format!("▸[{leave}]"), Role::Selection),
        false => (format!(" [{leave}]"), Role::Text),
    };
    let mut parts: Parts<'_> = vec![(Cow::Owned(leave), role)];
    if let Some(act) = buttons.act {
        let words = if live { ban_really(lang) } else { ban_rehearsed(lang) };
        let many = act.many.map_or_else(String::new, |many| format!(" ({many})"));
        let (key, role) = match (act.ready, live) {
            (false, _) => (Role::Muted, Role::Muted),
            (true, true) => (Role::Key, Role::Danger),
            (true, false) => (Role::Key, Role::Text),
        };
        parts.push((Cow::Borrowed("     "), Role::Text));
        parts.push((Cow::Borrowed("B"), key));
        parts.push((Cow::Owned(format!(" {words}{many}")), role));
    }
    frame::line(buffer, area, &parts, paint);
}

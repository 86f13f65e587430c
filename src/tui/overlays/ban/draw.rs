//! How the ban form looks.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{BanForm, Focus, wrong_duration, wrong_remedy, wrong_target};
use crate::engine::Impact;
use crate::engine::impact::Stopped;
use crate::policy::Ruling;
use crate::text::number::count;
use crate::text::width::{Align, fit, wrap};
use crate::text::{Lang, Say as _};
use crate::tui::app::Shared;
use crate::tui::overlays::guard::{Acts, Buttons, draw_buttons, draw_mode};
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::widgets::frame::{self, Parts};
use crate::tui::widgets::input::Input;
use crate::tui::widgets::request;

crate::text::words! {
    title { en: "Ban", ko: "차단" }
    target { en: "target", ko: "대상" }
    kind { en: "type", ko: "유형" }
    time { en: "duration", ko: "기간" }
    reason { en: "reason", ko: "사유" }
    again { en: "type it", ko: "다시 입력" }
    again_hint { en: "a range: type it once more", ko: "대역입니다. 한 번 더 입력하세요" }
    presets { en: "↑↓ others", ko: "↑↓ 다른 값" }
    last_hour { en: "In the last hour it would have stopped", ko: "지난 한 시간이었다면 막았을 것" }
    computing { en: "counting what it would have stopped…", ko: "영향을 세는 중…" }
    nobody_else { en: "no other client", ko: "다른 클라이언트 없음" }
    refused { en: "The policy refuses:", ko: "정책이 거부합니다:" }
    sending { en: "sending…", ko: "보내는 중…" }
    unknown_impact { en: "what it would have stopped is not known:", ko: "영향을 알 수 없습니다:" }
}

crate::text::sentences! {
    until(time: &str) { en: "until {time}", ko: "{time}까지" }
    would_stop(rows: &str, all: &str) { en: "{rows} of {all} requests", ko: "요청 {all}건 중 {rows}건" }
    would_hit(hit: &str, all: &str) { en: "{hit} of {all} clients", ko: "클라이언트 {all}개 중 {hit}개" }
    beside(many: &str) { en: "{many} other clients are hit with it:", ko: "다른 클라이언트 {many}개도 함께 막힙니다:" }
    client(address: &str, requests: &str) { en: "{address}  {requests} requests", ko: "{address}  요청 {requests}건" }
}

/// Cells of the names of the fields.
const NAMES: u16 = 12;
/// The size of the form.
const SIZE: (u16, u16) = (76, 22);

impl BanForm {
    pub(super) fn draw_form(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let place = frame::centred(buffer, area, SIZE, paint);
        let live = paint.shared.basics.live;
        let border = if live { Role::Danger } else { Role::BorderFocused };
        let name = format!("{} {}", title(lang), self.target.text());
        let inner = frame::framed(buffer, place, paint, border, &name, "");
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let mut y = inner.y;
        let mut row = |high: u16| {
            let place = Rect { y, height: high.min(inner.bottom().saturating_sub(y)), ..inner };
            y = (y + high).min(inner.bottom());
            place
        };
        draw_mode(buffer, row(2), paint);
        for (focus, label, input) in self.fields(lang) {
            self.draw_field(buffer, row(1), (focus, label, input), paint);
        }
        row(1);
        let buttons = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        let rest = Rect { y, height: buttons.y.saturating_sub(y + 1), ..inner };
        self.draw_outlook(buffer, rest, paint);
        let on = self.focus == Focus::Cancel;
        let typed = self.guard.is_typed(self.range());
        let ready = self.shown_plan().is_some() && typed && self.sending.is_none() && on;
        let answers = Buttons { leave: None, on, act: Some(Acts { ready, many: None }) };
        draw_buttons(buffer, buttons, &answers, paint);
    }

    fn fields(&self, lang: Lang) -> Vec<(Focus, &'static str, &Input)> {
        let mut fields = vec![
            (Focus::Target, target(lang), &self.target),
            (Focus::Remedy, kind(lang), &self.remedy),
            (Focus::Duration, time(lang), &self.duration),
            (Focus::Reason, reason(lang), &self.reason),
        ];
        if self.range().is_some() {
            fields.push((Focus::Again, again(lang), &self.guard.again));
        }
        fields
    }

    fn draw_field(&self, buffer: &mut Buffer, area: Rect, field: (Focus, &str, &Input), paint: &Paint<'_>) {
        let (focus, label, input) = field;
        let on = focus == self.focus && paint.focused;
        let mark = if on { "▸ " } else { "  " };
        let name = fit(&format!("{mark}{label}"), usize::from(NAMES), Align::Left);
        let end = frame::line(buffer, area, &[(Cow::Owned(name), if on { Role::Key } else { Role::Muted })], paint);
        let (note, role) = self.note(focus, on, paint.shared);
        let wide = u16::try_from(crate::text::width::width(&note)).unwrap_or(0).min(area.width / 2);
        let value = Rect { x: end, width: area.right().saturating_sub(end + wide + 1), ..area };
        input.draw(buffer, value, &Paint { focused: on, ..*paint }, Role::Strong);
        let place = Rect { x: area.right() - wide, width: wide, ..area };
        frame::line(buffer, place, &[(Cow::Owned(note), role)], paint);
    }

    /// What stands right of a field: what is wrong with it, what it means, how it is changed.
    fn note(&self, focus: Focus, on: bool, shared: &Shared) -> (String, Role) {
        let lang = shared.lang;
        let wrong = |words: &str| (words.to_owned(), Role::Error);
        match focus {
            Focus::Target if self.written_target().is_none() => wrong(wrong_target(lang)),
            Focus::Remedy if self.written_remedy().is_none() => wrong(wrong_remedy(lang)),
            Focus::Remedy if on => (presets(lang).to_owned(), Role::Muted),
            Focus::Duration => match self.written_duration() {
                None => wrong(wrong_duration(lang)),
                Some(_) if on => (presets(lang).to_owned(), Role::Muted),
                Some(length) => {
                    let end = shared.now.checked_add(jiff::SignedDuration::try_from(length).unwrap_or_default());
                    (end.map(|end| until(lang, &shared.date_and_time(end))).unwrap_or_default(), Role::Muted)
                }
            },
            Focus::Again if !self.guard.is_typed(self.range()) => (again_hint(lang).to_owned(), Role::Warning),
            Focus::Again => ("✓".to_owned(), Role::Ok),
            _ => (String::new(), Role::Muted),
        }
    }

    /// What it would have stopped, what the policy says, what went wrong.
    fn draw_outlook(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let wide = usize::from(area.width);
        let mut lines: Vec<Parts<'static>> = Vec::new();
        let mut say = |words: &str, role: Role| lines.extend(wrap(words, wide).into_iter().map(|line| one(line, role)));
        if let Some(failed) = &self.failed {
            say(failed, Role::Error);
        }
        if self.sending.is_some() {
            say(sending(lang), Role::Warning);
        }
        match &self.prepared {
            None if self.planning => say(computing(lang), Role::Muted),
            None => {}
            Some(prepared) => {
                if let Ruling::Ignore(refusals) = &prepared.ruling {
                    say(refused(lang), Role::Danger);
                    for refusal in refusals {
                        say(&format!("✗ {}", refusal.say(lang)), Role::Error);
                    }
                }
                match &prepared.impact {
                    Ok(impact) => lines.extend(impact_lines(impact, &prepared.stopped, paint.shared)),
                    Err(error) => {
                        say(unknown_impact(lang), Role::Warning);
                        say(&error.say(lang), Role::Muted);
                    }
                }
            }
        }
        for (y, line) in (area.top()..area.bottom()).zip(&lines) {
            frame::line(buffer, Rect { y, height: 1, ..area }, line, paint);
        }
    }
}

/// A line of one piece.
fn one(text: String, role: Role) -> Parts<'static> {
    vec![(Cow::Owned(text), role)]
}

/// What a ban would have stopped: how many requests and clients; of a single address its newest requests, of a range
/// the clients in it.
fn impact_lines(impact: &Impact, stopped: &Stopped, shared: &Shared) -> Vec<Parts<'static>> {
    let lang = shared.lang;
    let rows = would_stop(lang, &count(impact.rows), &count(impact.rows_total));
    let clients = would_hit(lang, &count(impact.clients), &count(impact.clients_total));
    let mut lines = vec![one(last_hour(lang).to_owned(), Role::Title), one(format!("  {rows}, {clients}"), Role::Text)];
    if impact.target.prefix_len() == impact.target.max_prefix_len() {
        lines.extend(stopped.rows.iter().map(|row| {
            let mut line = one("  ".to_owned(), Role::Text);
            line.extend(request::parts(row, &stopped.fields, shared));
            line
        }));
        return lines;
    }
    lines.push(match impact.clients {
        0 | 1 => one(format!("  {}", nobody_else(lang)), Role::Ok),
        many => one(format!("  {}", beside(lang, &count(many - 1))), Role::Warning),
    });
    lines.extend(impact.sample.iter().map(|stats| {
        one(format!("  · {}", client(lang, &stats.client.to_string(), &count(stats.requests))), Role::Muted)
    }));
    lines
}

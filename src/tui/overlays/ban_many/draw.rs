//! How the form that bans many looks.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{BanMany, Fate, Item, MOST};
use crate::config::duration;
use crate::config::value::show_network;
use crate::policy::Ruling;
use crate::text::number::{count, percent};
use crate::text::width::{Align, fit};
use crate::text::{Lang, Say as _};
use crate::tui::commands::Words;
use crate::tui::labels;
use crate::tui::overlays::guard::{Acts, Buttons, draw_buttons, draw_mode, range_of};
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::views::suspects::warn;
use crate::tui::widgets::frame;
use crate::tui::widgets::table::{Cell, Column, Table, probability};

crate::text::words! {
    title { en: "Ban a cohort", ko: "집단 차단" }
    target { en: "target", ko: "대상" }
    score { en: "score", ko: "점수" }
    stops { en: "last hour", ko: "지난 1시간" }
    outcome { en: "what happens", ko: "처리" }
    not_chosen { en: "not chosen", ko: "선택 안 함" }
    covered { en: "in a chosen range", ko: "선택한 대역에 포함" }
    agreed { en: "the policy agrees", ko: "정책이 허용함" }
    planning { en: "counting…", ko: "세는 중…" }
    sending { en: "sending…", ko: "보내는 중…" }
    done_live { en: "banned", ko: "차단됨" }
    done_rehearsed { en: "rehearsed", ko: "예행함" }
    stop { en: " Stop ", ko: " 중지 " }
    close { en: " Close ", ko: " 닫기 " }
    again { en: "type the range", ko: "대역 입력" }
    again_hint { en: "Tab, then type it once more", ko: "Tab 후 한 번 더 입력" }
}

crate::text::sentences! {
    innocent(share: &str) { en: "~{share} innocent", ko: "무고 약 {share}" }
    requests(rows: &str) { en: "{rows} reqs", ko: "요청 {rows}" }
    with_clients(rows: &str, clients: &str) { en: "{rows} reqs, {clients} clients", ko: "요청 {rows}, 주소 {clients}" }
    what(remedy: &str, time: &str, targets: usize) {
        en: "{targets} targets, {remedy} for {time}",
        ko: "대상 {targets}개, {remedy} {time}",
    }
    reach(rows: &str, rows_total: &str, clients: &str, clients_total: &str) {
        en: "in the last hour: {rows} of {rows_total} requests, {clients} of {clients_total} clients",
        ko: "지난 1시간: 요청 {rows_total}건 중 {rows}건, 주소 {clients_total}개 중 {clients}개",
    }
    left_out(many: usize, most: usize) {
        en: "{many} more are left out: one form takes {most}",
        ko: "{many}개는 빠졌습니다. 한 번에 {most}개까지 다룹니다",
    }
    ended(done: usize, failed: usize) { en: "done {done}, failed {failed}", ko: "완료 {done}, 실패 {failed}" }
}

/// The most that the form takes of the screen.
const SIZE: (u16, u16) = (110, 36);

impl BanMany {
    pub(super) fn draw_form(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        let size = (SIZE.0.min(area.width), rows.saturating_add(10).clamp(14, SIZE.1.min(area.height)));
        let place = frame::centred(buffer, area, size, paint);
        let border = if paint.shared.basics.live { Role::Danger } else { Role::BorderFocused };
        let inner = frame::framed(buffer, place, paint, border, &format!("{}: {}", title(lang), self.title), "");
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let line = |y: u16| Rect { y, height: 1, ..inner };
        draw_mode(buffer, line(inner.y), paint);
        let mut bottom = inner.bottom().saturating_sub(1);
        let ready = self.confirmable(paint.shared.now).is_ok() && self.guard.is_typed(self.range());
        let act = (!self.began).then(|| Acts { ready, many: Some(self.plans(paint.shared.now).len()) });
        let leave = match (self.began, self.in_flight) {
            (false, _) => None,
            (true, Some(_)) => Some(stop as Words),
            (true, None) => Some(close as Words),
        };
        draw_buttons(buffer, line(bottom), &Buttons { leave, on: !self.typing, act }, paint);
        bottom -= 1;
        for (text, role) in self.summary(paint) {
            bottom -= 1;
            frame::line(buffer, line(bottom), &[(Cow::Owned(text), role)], paint);
        }
        if self.range().is_some() && !self.began {
            bottom -= 1;
            self.draw_again(buffer, line(bottom), paint);
        }
        let mut list = Rect { y: inner.y + 2, height: bottom.saturating_sub(inner.y + 2), ..inner };
        if let Some(error) = self.prepared.as_ref().and_then(|prepared| prepared.unknown.as_ref()) {
            let taken = warn(buffer, list, &error.say(lang), paint);
            list = Rect { y: list.y + taken, height: list.height - taken, ..list };
        }
        self.draw_list(buffer, list, paint);
    }

    fn draw_list(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let columns = [
            Column::words("", 3, 3, 0),
            Column::words(target(lang), 15, 28, 0),
            Column::words(score(lang), 14, 16, 2),
            Column::words(stops(lang), 12, 26, 1),
            Column::words(outcome(lang), 20, 60, 0),
        ];
        let table = Table { columns: &columns, rows: self.items.len(), sort: None };
        let mut state = std::mem::take(&mut self.table);
        let paint = Paint { focused: paint.focused && !self.typing, ..*paint };
        table.draw(buffer, area, &mut state, &paint, |row, column| match self.items.get(row) {
            Some(item) => self.cell(item, column, &paint),
            None => Cell::default(),
        });
        self.table = state;
    }

    fn cell(&self, item: &Item, column: usize, paint: &Paint<'_>) -> Cell<'static> {
        let lang = paint.lang();
        let will = self.effective().any(|one| one.target == item.target);
        let plain = if will { Role::Text } else { Role::Muted };
        match column {
            0 => Cell::new(if item.chosen { "[x]" } else { "[ ]" }, if will { Role::Strong } else { Role::Muted }),
            1 => Cell::new(show_network(&item.target), if will { Role::Strong } else { Role::Muted }),
            2 => match (item.innocent, item.score) {
                (Some(share), _) => {
                    let too_many = share > paint.shared.basics.max_innocent_share;
                    let role = if too_many { Role::Danger } else { Role::Warning };
                    Cell::new(innocent(lang, &percent(share)), role)
                }
                (None, Some(score)) => Cell::new(probability(score), plain),
                (None, None) => Cell::default(),
            },
            3 => match self.prepared.iter().flat_map(|prepared| &prepared.each).find(|one| one.target == item.target) {
                Some(one) if range_of(item.target).is_some() => {
                    Cell::new(with_clients(lang, &count(one.rows), &count(one.clients)), Role::Warning)
                }
                Some(one) => Cell::new(requests(lang, &count(one.rows)), plain),
                None => Cell::default(),
            },
            _ => self.outcome(item, will, paint.shared.basics.live, lang),
        }
    }

    fn outcome(&self, item: &Item, will: bool, live: bool, lang: Lang) -> Cell<'static> {
        match &item.fate {
            Fate::Sending => return Cell::new(sending(lang), Role::Warning),
            Fate::Done if live => return Cell::new(format!("✓ {}", done_live(lang)), Role::Ok),
            Fate::Done => return Cell::new(format!("✓ {}", done_rehearsed(lang)), Role::Ok),
            Fate::Failed(words) => return Cell::new(format!("✗ {words}"), Role::Error),
            Fate::Open => {}
        }
        if !will {
            return Cell::new(if item.chosen { covered(lang) } else { not_chosen(lang) }, Role::Muted);
        }
        match self.ruling(item.target) {
            None => Cell::new(planning(lang), Role::Muted),
            Some(Ruling::Ignore(refusals)) => {
                let words: Vec<String> = refusals.iter().map(|refusal| refusal.say(lang)).collect();
                Cell::new(format!("✗ {}", words.join("; ")), Role::Error)
            }
            Some(Ruling::Ask(_) | Ruling::Act(_)) => Cell::new(agreed(lang), Role::Ok),
        }
    }

    /// The lines above the answers, from the lowest up.
    fn summary(&self, paint: &Paint<'_>) -> Vec<(String, Role)> {
        let lang = paint.lang();
        let mut lines = Vec::new();
        if self.began {
            let done = self.items.iter().filter(|item| item.fate == Fate::Done).count();
            let failed = self.items.iter().filter(|item| matches!(item.fate, Fate::Failed(_))).count();
            lines.push((ended(lang, done, failed), if failed > 0 { Role::Error } else { Role::Ok }));
            return lines;
        }
        if let Some(prepared) = self.prepared.as_ref().filter(|prepared| prepared.unknown.is_none()) {
            let planned = || prepared.each.iter().filter(|one| one.ruling.plan().is_some());
            let (rows, clients) = (planned().map(|one| one.rows).sum(), planned().map(|one| one.clients).sum());
            let (all_rows, all_clients) = (count(prepared.rows_total), count(prepared.clients_total));
            lines.push((reach(lang, &count(rows), &all_rows, &count(clients), &all_clients), Role::Text));
        }
        let remedy = labels::remedy(lang, &self.remedy);
        lines.push((what(lang, &remedy, &duration::show(self.duration), self.effective().count()), Role::Strong));
        if self.left_out > 0 {
            lines.push((left_out(lang, self.left_out, MOST), Role::Warning));
        }
        lines
    }

    fn draw_again(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let Some(range) = self.range() else { return };
        let mark = if self.typing { "▸ " } else { "  " };
        let name = format!("{mark}{} {} ", again(lang), show_network(&range));
        let wide = crate::text::width::width(&name);
        let parts = [(Cow::Owned(fit(&name, wide, Align::Left)), if self.typing { Role::Key } else { Role::Warning })];
        let end = frame::line(buffer, area, &parts, paint);
        let rest = Rect { x: end, width: area.right().saturating_sub(end), ..area };
        if self.typing {
            self.guard.again.draw(buffer, rest, paint, Role::Strong);
        } else {
            let (words, role) =
                if self.guard.is_typed(Some(range)) { ("✓", Role::Ok) } else { (again_hint(lang), Role::Muted) };
            frame::line(buffer, rest, &[(Cow::Borrowed(words), role)], paint);
        }
    }
}

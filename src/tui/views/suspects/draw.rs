//! How the gate table and the histogram look.

use std::borrow::Cow;
use std::time::Duration;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Suspects;
use super::columns::Column;
use crate::config::duration;
use crate::engine::Scope;
use crate::text::Lang;
use crate::text::number::{age, count};
use crate::text::width::{width, wrap};
use crate::tui::app::Shared;
use crate::tui::labels;
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::strips;
use crate::tui::widgets::table::Table;

crate::text::words! {
    title { en: "Suspects", ko: "용의자" }
    title_all { en: "Clients", ko: "클라이언트" }
    requests { en: "Requests", ko: "요청" }
    peak { en: "peak", ko: "최대" }
    paused { en: "PAUSED", ko: "멈춤" }
    again_every { en: "tried again every", ko: "다시 시도:" }
    cut_short { en: "cut", ko: "일부" }
    calm { en: "Nobody passes a gate or is suspected in this window.", ko: "이 구간에는 게이트를 넘거나 의심되는 주소가 없습니다." }
    calm_hint { en: "a shows every client, w another window", ko: "a: 모든 클라이언트, w: 다른 구간" }
    nobody { en: "No requests in this window.", ko: "이 구간에는 요청이 없습니다." }
    nothing_passes { en: "No row passes the filter.", ko: "필터에 맞는 행이 없습니다." }
}

crate::text::sentences! {
    totals(requests: &str, clients: &str) {
        en: "{requests} requests, {clients} clients",
        ko: "요청 {requests}건, 클라이언트 {clients}개",
    }
    column(step: &str) { en: "a column is {step}", ko: "한 칸 {step}" }
    updated(age: &str, every: &str) { en: "{age} ago · every {every}", ko: "{age} 전 · {every}마다" }
    just_now(every: &str) { en: "now · every {every}", ko: "방금 · {every}마다" }
    age_only(age: &str) { en: "{age} ago", ko: "{age} 전" }
    failed_since(age: &str) { en: "shown: {age} ago", ko: "표시: {age} 전" }
}

/// Columns of the histogram's bars.
pub fn plot_width(shared: &Shared) -> u16 {
    let inner = Rect { width: shared.size.width.saturating_sub(shared.beside + 2), height: 1, ..Rect::ZERO };
    strips::plot(inner).width
}

/// The heights that the histogram takes of a body: a row for each class, three on a tall screen.
const fn histogram_height(body: u16) -> u16 {
    match body {
        0..=17 => 0,
        18..=33 => 6,
        _ => 14,
    }
}

impl Suspects {
    pub(super) fn draw_view(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let high = histogram_height(area.height);
        let above = Rect { height: high, ..area };
        let below = Rect { y: area.y + high, height: area.height - high, ..area };
        if high > 0 {
            self.draw_histogram(frame.buffer_mut(), above, &Paint { focused: false, ..*paint });
        }
        self.draw_table(frame.buffer_mut(), below, paint);
    }

    fn draw_histogram(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let title = match self.survey() {
            Some(survey) => format!(
                "{} {} · {}",
                requests(lang),
                duration::show(survey.window.length()),
                totals(lang, &count(survey.totals.requests), &count(survey.totals.clients))
            ),
            None => requests(lang).to_owned(),
        };
        let note = self.histogram.step.map(|step| column(lang, &duration::show(step))).unwrap_or_default();
        let inner = frame::pane(buffer, area, paint, &title, &note);
        if let Some(failed) = &self.histogram.failed {
            warn(buffer, inner, failed, paint);
            return;
        }
        strips::draw(buffer, inner, &self.histogram.strips, peak(lang), paint);
        self.draw_axis(buffer, inner, area.bottom() - 1, paint);
    }

    /// Times on the lower frame: under the first bar, in the middle, under the last.
    fn draw_axis(&self, buffer: &mut Buffer, inner: Rect, y: u16, paint: &Paint<'_>) {
        let plot = strips::plot(inner);
        let buckets = self.histogram.strips.first().map_or(0, |strip| strip.values.len());
        let shown = buckets.min(usize::from(plot.width));
        if shown < 12 {
            return;
        }
        let short = self.histogram.step.is_some_and(|step| step < Duration::from_secs(60));
        for place in [0, shown / 2, shown - 1] {
            let Some(at) = self.histogram.bucket_start(buckets - shown + place) else { continue };
            let time = paint.shared.time_of_day(at);
            let time = format!(" {} ", if short { &time[..] } else { &time[..5] });
            let wide = u16::try_from(width(&time)).unwrap_or(0);
            let x = plot.x + u16::try_from(place).unwrap_or(0);
            let x = x.saturating_sub(if place == 0 { 1 } else { wide / 2 }).min(plot.right().saturating_sub(wide));
            buffer.set_string(x, y, time, paint.style(Role::Muted));
        }
    }

    fn draw_table(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (title, note) = (self.title(paint.lang()), self.note(paint.shared));
        let mut inner = frame::pane(buffer, area, paint, &title, &note);
        if let Some(failed) = &self.failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
        }
        if self.list.filter.is_on() && inner.height > 1 {
            let line = Rect { y: inner.bottom() - 1, height: 1, ..inner };
            self.list.filter.draw(buffer, line, paint);
            inner.height -= 1;
        }
        if let Some(gap) = self.survey.as_ref().and_then(|survey| survey.gaps.first()) {
            let taken = warn(buffer, inner, gap, paint);
            inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
        }
        let Some(survey) = &self.survey else {
            if self.failed.is_none() {
                centre(buffer, inner, &[(labels::reading(paint.lang()), Role::Muted)], paint);
            }
            return;
        };
        let longest = survey.clients.iter().map(|suspect| width(&suspect.stats.client.to_string())).max();
        let columns = Column::shapes(paint.lang(), longest.and_then(|cells| u16::try_from(cells).ok()).unwrap_or(0));
        let table = Table { columns: &columns, rows: self.list.len(), sort: self.list.sorted_by(Column::ALL) };
        // The table notes where it is drawn while the order is read.
        let mut state = std::mem::take(&mut self.list.table);
        table.draw(buffer, inner, &mut state, paint, |row, column| {
            match self.list.at(row).and_then(|index| survey.clients.get(index)) {
                Some(suspect) => Column::ALL[column].cell(suspect, paint.shared, usize::from(columns[column].width)),
                None => Default::default(),
            }
        });
        self.list.table = state;
        if self.list.len() == 0 {
            let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            centre(buffer, below, &self.emptiness(paint.lang()), paint);
        }
    }

    fn emptiness(&self, lang: Lang) -> Vec<(&'static str, Role)> {
        let Some(survey) = &self.survey else { return Vec::new() };
        if !survey.clients.is_empty() {
            vec![(nothing_passes(lang), Role::Muted)]
        } else if survey.totals.requests == 0 {
            vec![(nobody(lang), Role::Muted)]
        } else {
            vec![(calm(lang), Role::Ok), (calm_hint(lang), Role::Muted)]
        }
    }

    fn title(&self, lang: Lang) -> String {
        let name = if self.scope == Scope::All { title_all(lang) } else { title(lang) };
        let Some(survey) = &self.survey else { return name.to_owned() };
        let all = survey.clients.len();
        let mut title =
            if self.list.len() == all { format!("{name} {all}") } else { format!("{name} {}/{all}", self.list.len()) };
        if survey.cut {
            title.push_str(&format!(" ({})", cut_short(lang)));
        }
        title
    }

    fn note(&self, shared: &Shared) -> String {
        let lang = shared.lang;
        let age = self.came.map(|at| age(shared.since(at), lang));
        if self.paused {
            let age = age.map(|age| format!(" · {}", age_only(lang, &age))).unwrap_or_default();
            return format!("{}{age}", paused(lang));
        }
        let every = duration::show(shared.basics.refresh);
        match (self.came, age) {
            (Some(_), Some(age)) if self.failed.is_some() => failed_since(lang, &age),
            (Some(at), _) if shared.since(at) < Duration::from_secs(2) => just_now(lang, &every),
            (Some(_), Some(age)) => updated(lang, &age, &every),
            _ if self.failed.is_some() && !self.loading => format!("{} {every}", again_every(lang)),
            _ => labels::reading(lang).to_owned(),
        }
    }
}

/// Shows a failure where it belongs, in at most three lines; gives how many.
pub(in crate::tui) fn warn(buffer: &mut Buffer, area: Rect, message: &str, paint: &Paint<'_>) -> u16 {
    let lines = wrap(message, usize::from(area.width.saturating_sub(3)));
    let mut taken = 0;
    for (y, line) in (area.top()..area.bottom()).zip(lines.iter().take(3)) {
        let mark = if taken == 0 { " ✗ " } else { "   " };
        frame::line(
            buffer,
            Rect { y, height: 1, ..area },
            &[(Cow::Borrowed(mark), Role::Error), (Cow::Borrowed(line.as_str()), Role::Error)],
            paint,
        );
        taken += 1;
    }
    taken
}

/// Lines in the middle of an area.
pub(in crate::tui) fn centre(buffer: &mut Buffer, area: Rect, lines: &[(&str, Role)], paint: &Paint<'_>) {
    let many = u16::try_from(lines.len()).unwrap_or(0);
    let first = area.y + area.height.saturating_sub(many) / 2;
    for (y, (line, role)) in (first..area.bottom()).zip(lines) {
        let wide = u16::try_from(width(line)).unwrap_or(0).min(area.width);
        let place = Rect { x: area.x + (area.width - wide) / 2, y, width: wide, height: 1 };
        frame::line(buffer, place, &[(Cow::Borrowed(line), *role)], paint);
    }
}

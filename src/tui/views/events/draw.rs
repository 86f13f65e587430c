//! How the events look: the list above; below it the series' chart, and beside or under it who explains the event.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Column, Culprit, Events, WhoColumn, is_here};
use crate::detect::baseline::event::{State, Whole};
use crate::detect::baseline::series::Point;
use crate::detect::baseline::{Event, Reading, Severity};
use crate::engine::events::Chart;
use crate::text::escape::visible;
use crate::text::number::{age, count, percent};
use crate::text::width::{cut, width, wrap};
use crate::tui::app::Shared;
use crate::tui::labels;
use crate::tui::pane::Paint;
use crate::tui::theme::Role;
use crate::tui::views::suspects::{centre, warn};
use crate::tui::widgets::frame;
use crate::tui::widgets::strips;
use crate::tui::widgets::table::{self, Cell, Table};

crate::text::words! {
    title { en: "Events", ko: "이벤트" }
    state { en: "state", ko: "상태" }
    severity { en: "severity", ko: "심각도" }
    series { en: "series", ko: "시계열" }
    source { en: "source", ko: "소스" }
    opened { en: "since", ko: "시작" }
    found { en: "found", ko: "내용" }
    who { en: "clients", ko: "클라이언트" }
    client { en: "client", ko: "주소" }
    share { en: "share", ko: "비중" }
    before { en: "before", ko: "이전" }
    now { en: "now", ko: "지금" }
    who_title { en: "Who explains it", ko: "원인" }
    watching { en: "looking at the series…", ko: "시계열 확인 중…" }
    calm { en: "Every series is within what its rules allow.", ko: "모든 시계열이 규칙의 범위 안에 있습니다." }
    calm_hint { en: "requests, errors, response times, bytes and host metrics are watched here", ko: "요청, 오류, 응답 시간, 바이트, 호스트 지표를 감시합니다" }
    nothing_passes { en: "No row passes the filter.", ko: "필터에 맞는 행이 없습니다." }
    no_points { en: "the source has no points of this series in this range", ko: "이 범위에는 이 시계열의 값이 없습니다" }
    nobody { en: "clients have no part in this series", ko: "클라이언트와 관련 없는 시계열입니다" }
    elsewhere { en: "This event is of another source. Its series cannot be read here.", ko: "다른 소스의 이벤트라 여기서는 시계열을 읽을 수 없습니다." }
    nobody_alone { en: "no client alone explains it", ko: "한 클라이언트의 탓이 아님" }
    limit { en: "allowed", ko: "허용" }
    usual { en: "usual", ko: "평소" }
}

crate::text::sentences! {
    of_source(source: &str) { en: "source: {source}", ko: "소스: {source}" }
    lasted(from: &str, to: &str) { en: "out from {from} to {to}", ko: "{from} – {to} 동안 범위를 벗어남" }
    asked_by(query: &str) { en: "query: {query}", ko: "쿼리: {query}" }
    of_value(share: &str) { en: "{share} of the value", ko: "값의 {share}" }
    of_change(share: &str) { en: "{share} of the change", ko: "변화의 {share}" }
    looked(age: &str) { en: "looked at {age} ago", ko: "{age} 전 확인" }
    acknowledged_by(by: &str) { en: "acknowledged by {by}", ko: "{by} 확인" }
    resolved_by(by: &str) { en: "resolved by {by}", ko: "{by} 해소" }
}

/// From so many columns on, who explains it stands beside the chart.
const WIDE: u16 = 100;
/// Cells of the scale on the left of the chart: the values alone, or with the words for them.
const SCALE: (u16, u16) = (11, 20);
/// From so many columns on there is room for the words.
const ROOMY: u16 = 66;

impl Events {
    pub(super) fn draw_view(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let rows = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
        let high = rows.saturating_add(3).clamp(6, (area.height * 2 / 5).max(6)).min(area.height);
        let above = Rect { height: high, ..area };
        let below = Rect { y: area.y + high, height: area.height - high, ..area };
        self.draw_list(buffer, above, &Paint { focused: paint.focused && !self.in_who, ..*paint });
        if below.height < 4 {
            return;
        }
        let who_high = u16::try_from(self.culprits().len()).unwrap_or(u16::MAX).saturating_add(3).min(below.height / 2);
        let (chart, who) = if below.width >= WIDE {
            let wide = (below.width * 2 / 5).min(60);
            (Rect { width: below.width - wide, ..below }, Rect { x: below.right() - wide, width: wide, ..below })
        } else {
            let who_high = who_high.max(4);
            (
                Rect { height: below.height - who_high, ..below },
                Rect { y: below.bottom() - who_high, height: who_high, ..below },
            )
        };
        self.draw_chart(buffer, chart, &Paint { focused: false, ..*paint });
        self.draw_who(buffer, who, &Paint { focused: paint.focused && self.in_who, ..*paint });
    }

    fn draw_list(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (shared, lang) = (paint.shared, paint.lang());
        let name = format!("{} {}/{}", title(lang), self.unresolved(), self.events.len());
        let note = match self.watched {
            _ if self.watching => watching(lang).to_owned(),
            Some(at) => looked(lang, &age(shared.since(at), lang)),
            None => String::new(),
        };
        let mut inner = frame::pane(buffer, area, paint, &name, &note);
        if let Some(failed) = &self.failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height.saturating_sub(taken), ..inner };
        }
        if self.list.filter.is_on() && inner.height > 1 {
            self.list.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        if self.list.len() == 0 {
            let lines: &[(&str, Role)] = match (self.events.is_empty(), self.read.is_some() && !self.watching) {
                (false, _) => &[(nothing_passes(lang), Role::Muted)],
                (true, true) => &[(calm(lang), Role::Ok), (calm_hint(lang), Role::Muted)],
                (true, false) => &[(labels::reading(lang), Role::Muted)],
            };
            centre(buffer, inner, lines, paint);
            return;
        }
        let columns = [
            table::Column::words(state(lang), 8, 14, 0),
            table::Column::words(severity(lang), 8, 9, 2),
            table::Column::words(series(lang), 16, 32, 0),
            table::Column::words(opened(lang), 8, 16, 3),
            table::Column::words(found(lang), 20, 60, 0),
            table::Column::words(who(lang), 22, 60, 1),
            table::Column::words(source(lang), 10, 30, 4),
        ];
        let table = Table { columns: &columns, rows: self.list.len(), sort: self.list.sorted_by(Column::ALL) };
        let mut shown = std::mem::take(&mut self.list.table);
        table.draw(buffer, inner, &mut shown, paint, |row, column| {
            match self.list.at(row).and_then(|index| self.events.get(index)) {
                Some(event) => cell(Column::ALL[column], event, shared),
                None => Cell::default(),
            }
        });
        self.list.table = shown;
    }

    fn draw_chart(&self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (shared, lang) = (paint.shared, paint.lang());
        let Some(event) = self.current() else {
            frame::pane(buffer, area, paint, "", "");
            return;
        };
        let baselines = &shared.basics.baselines;
        let name = format!("{} · {}", event.title(baselines, lang), visible(&event.source));
        let note = match (&event.resolved, &event.acknowledged) {
            (Some((_, by)), _) => resolved_by(lang, &visible(by)),
            (None, Some((_, by))) => acknowledged_by(lang, &visible(by)),
            (None, None) => event.rule.clone(),
        };
        let mut inner = frame::pane(buffer, area, paint, &name, &note);
        if inner.height > 5 {
            // The list has room for the beginning of it only.
            let found = vec![(Cow::Owned(event.found(baselines, lang)), Role::Strong)];
            let line = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), height: 1, ..inner };
            frame::line(buffer, line, &found, paint);
            inner = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        }
        if !is_here(event, shared) {
            draw_elsewhere(buffer, inner, event, paint);
            return;
        }
        let chart = match &self.chart {
            Some((id, Ok(chart))) if *id == event.id => chart,
            Some((id, Err(failed))) if *id == event.id => {
                warn(buffer, inner, failed, paint);
                return;
            }
            _ => {
                centre(buffer, inner, &[(labels::reading(lang), Role::Muted)], paint);
                return;
            }
        };
        if chart.points.is_empty() {
            centre(buffer, inner, &[(no_points(lang), Role::Muted)], paint);
            return;
        }
        draw_plot(buffer, inner, area.bottom() - 1, chart, event, paint);
    }

    fn draw_who(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (shared, lang) = (paint.shared, paint.lang());
        let note = self.current().map_or_else(String::new, |event| {
            match (event.finding.culprits.is_empty(), event.finding.of) {
                (true, _) => String::new(),
                (false, Whole::Value) => of_value(lang, &percent(event.finding.explained)),
                (false, Whole::Change) => of_change(lang, &percent(event.finding.explained)),
            }
        });
        let mut inner = frame::pane(buffer, area, paint, who_title(lang), &note);
        if self.who.filter.is_on() && inner.height > 1 {
            self.who.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        let Some(event) = self.current().cloned() else { return };
        if event.finding.culprits.is_empty() {
            let why = if event.finding.clients_query.is_empty() { nobody(lang) } else { nobody_alone(lang) };
            centre(buffer, inner, &[(why, Role::Muted)], paint);
            return;
        }
        let columns = [
            table::Column::words(client(lang), 15, 39, 0),
            table::Column::number(share(lang), 6, 0),
            table::Column::number(before(lang), 10, 2),
            table::Column::number(now(lang), 10, 1),
        ];
        let table = Table { columns: &columns, rows: self.who.len(), sort: self.who.sorted_by(WhoColumn::ALL) };
        let mut shown = std::mem::take(&mut self.who.table);
        table.draw(buffer, inner, &mut shown, paint, |row, column| {
            match self.who.at(row).and_then(|index| event.finding.culprits.get(index)) {
                Some(culprit) => who_cell(WhoColumn::ALL[column], culprit, &event, shared),
                None => Cell::default(),
            }
        });
        self.who.table = shown;
    }
}

/// What is known of an event of another source, in the place of its chart.
fn draw_elsewhere(buffer: &mut Buffer, inner: Rect, event: &Event, paint: &Paint<'_>) {
    let (lang, shared) = (paint.lang(), paint.shared);
    // Who wrote the journal before sources were told apart left only the short name.
    let identity = if event.origin.is_empty() { &event.source } else { event.source_identity() };
    let (from, to) = (shared.date_and_time(event.opened), shared.date_and_time(event.seen));
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let said = [
        (elsewhere(lang).to_owned(), Role::Warning),
        (of_source(lang, &visible(identity)), Role::Text),
        (lasted(lang, &from, &to), Role::Text),
        (asked_by(lang, &visible(&event.finding.query)), Role::Muted),
    ];
    let lines = said.iter().flat_map(|(text, role)| {
        wrap(text, usize::from(inner.width)).into_iter().map(|line| (Cow::Owned::<str>(line), *role))
    });
    for (y, part) in (inner.top()..inner.bottom()).zip(lines) {
        frame::line(buffer, Rect { y, height: 1, ..inner }, &[part], paint);
    }
}

/// Points that fit into so many columns: where there are more, each column has the highest of its share of them.
pub(super) fn fitted(points: &[Point], columns: usize) -> Vec<Point> {
    let count = columns.min(points.len());
    let share = |column: usize| &points[column * points.len() / count..(column + 1) * points.len() / count];
    let highest = |few: &[Point]| {
        let value = few.iter().map(|point| point.value).fold(f64::NEG_INFINITY, f64::max);
        Point { at: few[0].at, value }
    };
    (0..count).map(|column| highest(share(column))).collect()
}

/// The points as bars, the edges of what is allowed and what is usual as lines across, the scale on the left, times
/// below.
fn draw_plot(buffer: &mut Buffer, inner: Rect, axis: u16, chart: &Chart, event: &Event, paint: &Paint<'_>) {
    let scale = if inner.width >= ROOMY { SCALE.1 } else { SCALE.0.min(inner.width / 3) };
    let plot = Rect { x: inner.x + scale, width: inner.width - scale, ..inner };
    if plot.width < 8 || plot.height < 2 {
        return;
    }
    let reading = &event.finding.reading;
    let highest = chart.points.iter().map(|point| point.value).fold(0.0, f64::max);
    let top = [reading.high.unwrap_or(0.0), reading.point.value, highest].into_iter().fold(0.0, f64::max) * 1.05;
    if top <= 0.0 {
        return;
    }
    let shown = &fitted(&chart.points, usize::from(plot.width));
    let each = (usize::from(plot.width) / shown.len()).clamp(1, 4);
    // A thousand parts of the height are finer than any screen.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let part = |value: f64| (value.max(0.0) / top * 1000.0).round() as u64;
    for (is_out, role) in [(false, Role::Class2xx), (true, Role::Danger)] {
        let values: Vec<u64> = shown
            .iter()
            .flat_map(|point| {
                std::iter::repeat_n(if is_outside(reading, point) == is_out { part(point.value) } else { 0 }, each)
            })
            .collect();
        strips::bars(buffer, plot, &values, 1000, paint, role);
    }
    let lang = paint.lang();
    let usual_line = (reading.high != Some(reading.expected)).then_some((reading.expected, usual(lang), Role::Muted));
    let edges = [
        reading.high.map(|value| (value, limit(lang), Role::Warning)),
        reading.low.map(|value| (value, limit(lang), Role::Warning)),
        usual_line,
    ];
    let mut taken = vec![plot.bottom() - 1];
    for (value, word, role) in edges.into_iter().flatten() {
        let y = row_of(plot, value / top);
        draw_line(buffer, plot, y, paint, role);
        if !taken.contains(&y) {
            taken.push(y);
            let text = event.value(value, &paint.shared.basics.baselines);
            put_scale(buffer, Rect { width: scale, y, ..inner }, &text, word, paint, role);
        }
    }
    put_scale(buffer, Rect { width: scale, y: plot.bottom() - 1, ..inner }, "0", "", paint, Role::Muted);
    if !taken.contains(&plot.y) {
        let text = event.value(top, &paint.shared.basics.baselines);
        put_scale(buffer, Rect { width: scale, ..inner }, &text, "", paint, Role::Muted);
    }
    draw_times(buffer, plot, axis, shown, each, paint);
}

fn is_outside(reading: &Reading, point: &Point) -> bool {
    let beyond =
        reading.high.is_some_and(|high| point.value > high) || reading.low.is_some_and(|low| point.value < low);
    beyond || (reading.high.is_none() && reading.low.is_none() && point.at >= reading.since)
}

/// The row at a share of the height.
fn row_of(plot: Rect, share: f64) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the height of a screen")]
    let up = (share.clamp(0.0, 1.0) * f64::from(plot.height)) as u16;
    plot.bottom() - 1 - up.min(plot.height - 1)
}

/// A line across the plot wherever no bar is.
fn draw_line(buffer: &mut Buffer, plot: Rect, y: u16, paint: &Paint<'_>, role: Role) {
    for x in plot.left()..plot.right() {
        let cell = &mut buffer[(x, y)];
        if cell.symbol() == " " {
            cell.set_symbol("┄").set_style(paint.style(role));
        }
    }
}

/// A value on the scale with the word for it, where there is room.
fn put_scale(buffer: &mut Buffer, place: Rect, text: &str, word: &str, paint: &Paint<'_>, role: Role) {
    let room = usize::from(place.width).saturating_sub(1);
    let both = if word.is_empty() { text.to_owned() } else { format!("{word} {text}") };
    let text = if width(&both) <= room { both } else { cut(text, room).into_owned() };
    let x = place.x + place.width.saturating_sub(1).saturating_sub(u16::try_from(width(&text)).unwrap_or(0));
    buffer.set_string(x, place.y, text, paint.style(role));
}

/// Times on the lower frame: under the first, the middle and the last bar.
fn draw_times(buffer: &mut Buffer, plot: Rect, y: u16, shown: &[Point], each: usize, paint: &Paint<'_>) {
    if shown.len() * each < 24 {
        return;
    }
    for index in [0, shown.len() / 2, shown.len() - 1] {
        let time = format!(" {} ", paint.shared.time_in_chart(shown[index].at));
        let wide = u16::try_from(width(&time)).unwrap_or(0);
        let x = plot.x + u16::try_from(index * each).unwrap_or(0);
        let x = x.saturating_sub(if index == 0 { 1 } else { wide / 2 }).min(plot.right().saturating_sub(wide));
        buffer.set_string(x, y, time, paint.style(Role::Muted));
    }
}

/// One cell of the list.
pub(super) fn cell(column: Column, event: &Event, shared: &Shared) -> Cell<'static> {
    let (lang, baselines) = (shared.lang, &shared.basics.baselines);
    let is_over = event.state == State::Resolved;
    let role = |role: Role| if is_over { Role::Muted } else { role };
    match column {
        Column::State => {
            let (mark, colour) = match event.state {
                State::Open => ("●", Role::Danger),
                State::Acknowledged => ("◐", Role::Warning),
                State::Resolved => ("○", Role::Muted),
            };
            Cell::new(format!("{mark} {}", event.state.label(lang)), colour)
        }
        Column::Severity => {
            let colour = match event.severity {
                Severity::Critical => Role::Danger,
                Severity::Warning => Role::Warning,
                Severity::Info => Role::Text,
            };
            Cell::new(event.severity.label(lang), role(colour))
        }
        Column::Series => Cell::new(event.title(baselines, lang), role(Role::Strong)),
        Column::Source => Cell::new(visible(&event.source).into_owned(), Role::Muted),
        Column::Opened => Cell::new(shared.date_and_time(event.opened), role(Role::Text)),
        Column::Found => Cell::new(event.found(baselines, lang), role(Role::Text)),
        Column::Who => Cell::new(event.who(lang), role(Role::Text)),
    }
}

fn who_cell(column: WhoColumn, culprit: &Culprit, event: &Event, shared: &Shared) -> Cell<'static> {
    let baselines = &shared.basics.baselines;
    match column {
        WhoColumn::Client => match shared.decision_for(culprit.client) {
            Some(_) => Cell {
                parts: vec![
                    (Cow::Owned(culprit.client.to_string()), Role::Strong),
                    (Cow::Borrowed(" ■"), Role::Danger),
                ],
            },
            None => Cell::new(culprit.client.to_string(), Role::Strong),
        },
        WhoColumn::Share => Cell::new(percent(culprit.share), Role::Gate),
        WhoColumn::Before => Cell::new(amount(culprit.before, event, baselines), Role::Muted),
        WhoColumn::Now => Cell::new(amount(culprit.now, event, baselines), Role::Text),
    }
}

/// A client's part: bytes as bytes, everything else as a number.
fn amount(value: f64, event: &Event, baselines: &crate::detect::baseline::Baselines) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let whole = value.max(0.0).round() as u64;
    match baselines.series(&event.series).map(|series| series.unit.as_str()) {
        Some("B/min") => crate::text::number::bytes(whole),
        Some("ms") if value < 1000.0 => format!("{value:.1} s"),
        Some("ms") => format!("{} s", count(whole)),
        _ => count(whole),
    }
}

/// The cells of an event as one text: for the filter and the clipboard.
pub(super) fn text(event: &Event, shared: &Shared) -> String {
    Column::ALL.iter().map(|column| cell(*column, event, shared).text()).collect::<Vec<_>>().join("\t")
}

//! The answer to the query that was run last: its rows as they come, their order, where the cursor is, and the line
//! that says how it went. A failure in the middle leaves what came before it, marked as partial.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::message::{Ending, Failure};
use super::rows::{self, Columns, MOST, Rows, Sorting};
use super::work::since;
use crate::logs::{Doing, Progress, Row};
use crate::text::number::{bytes, count};
use crate::text::width::Align;
use crate::text::{Lang, Say as _};
use crate::tui::pane::{Paint, Step};
use crate::tui::theme::Role;
use crate::tui::widgets::frame::{self, Parts};
use crate::tui::widgets::table::{Cell, Column, Hit, Table, TableState};

/// Cells between columns and before the first, as the table draws them.
const GAP: usize = 1;
const GUTTER: usize = 2;

/// An answer, whole or on its way.
#[derive(Debug, Default)]
pub struct Answer {
    /// The LogsQL that was run.
    pub text: String,
    /// When it was started; `None` while nothing was run.
    pub started: Option<Timestamp>,
    /// How it ended and how long it took; `None` while it runs.
    pub ended: Option<(Ending, Duration)>,
    rows: Rows,
    columns: Columns,
    order: Option<Vec<u32>>,
    sorting: Option<Sorting>,
    state: TableState,
    /// The column under the cursor, of all.
    column: usize,
    /// The first column in sight.
    first: usize,
}

impl Answer {
    /// An answer that is awaited.
    pub fn awaited(text: String, now: Timestamp) -> Self {
        Self { text, started: Some(now), ..Self::default() }
    }

    /// Whether it is on its way.
    pub const fn is_running(&self) -> bool {
        self.started.is_some() && self.ended.is_none()
    }

    /// The rows.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Adds rows that have come. They are shown behind the others, an order holds once it is made anew.
    pub fn extend(&mut self, rows: Arc<Vec<Row>>, columns: &Columns) {
        let under_cursor = self.column_name();
        self.rows.push(rows);
        self.columns.merge(columns);
        self.order = None;
        self.go_to_column(under_cursor.as_deref());
    }

    /// The row on a line of the table.
    fn row(&self, line: usize) -> Option<&Row> {
        match &self.order {
            Some(order) => self.rows.get(usize::try_from(*order.get(line)?).ok()?),
            None => self.rows.get(line),
        }
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&Row> {
        self.row(self.state.selected)
    }

    /// The number of the line under the cursor, from 1, and how many there are.
    pub const fn place(&self) -> (usize, usize) {
        (self.state.selected + 1, self.rows.len())
    }

    /// The field and the value under the cursor.
    pub fn cell(&self) -> Option<(Arc<str>, &str)> {
        let name = self.column_name()?;
        let value = self.selected()?.get(&name);
        Some((name, value))
    }

    /// The field of the column under the cursor.
    pub fn column_name(&self) -> Option<Arc<str>> {
        self.columns.shown().get(self.column).map(|column| Arc::clone(&column.name))
    }

    fn go_to_column(&mut self, name: Option<&str>) {
        let shown = self.columns.shown();
        if let Some(place) = name.and_then(|name| shown.iter().position(|column| &*column.name == name)) {
            self.column = place;
        }
    }

    /// By what it is sorted, or will be once the order is there.
    pub const fn sorting(&self) -> Option<&Sorting> {
        self.sorting.as_ref()
    }

    /// Asks for an order: upwards by a column, downwards the second time, as it came the third. Gives back what has to
    /// be worked out.
    pub fn sort_by(&mut self, field: Arc<str>) -> Option<Sorting> {
        self.sorting = match self.sorting.take() {
            Some(Sorting { field: before, descending }) if before == field => {
                (!descending).then_some(Sorting { field, descending: true })
            }
            _ => Some(Sorting { field, descending: false }),
        };
        if self.sorting.is_none() {
            self.order = None;
        }
        self.sorting.clone()
    }

    /// Sorts by a field from the start, where nobody has asked for another order.
    pub fn sort_at_first(&mut self, sorting: Sorting) -> Option<Sorting> {
        if self.sorting.is_none() {
            self.sorting = Some(sorting);
        }
        self.sorting.clone()
    }

    /// Takes in an order, if it is still the one that is wanted and tells the place of every row.
    pub fn put_in_order(&mut self, sorting: &Sorting, order: Vec<u32>) {
        if self.sorting.as_ref() == Some(sorting) && order.len() == self.rows.len() {
            self.order = Some(order);
        }
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step) {
        let last = self.columns.shown().len().saturating_sub(1);
        match step {
            Step::Left => self.column = self.column.saturating_sub(1),
            Step::Right => self.column = (self.column + 1).min(last),
            other => self.state.step(other, self.rows.len()),
        }
    }

    /// What lies under the mouse: a row is selected; the name of a heading is given back.
    pub fn press(&mut self, position: Position) -> Option<Pressed> {
        match self.state.at(position, self.rows.len())? {
            Hit::Row(line, column) => {
                let again = self.state.selected == line;
                self.state.selected = line;
                if let Some(column) = column {
                    self.column = self.first + column;
                }
                Some(if again { Pressed::RowAgain } else { Pressed::Row })
            }
            Hit::Heading(column) => {
                self.column = self.first + column;
                self.column_name().map(Pressed::Heading)
            }
        }
    }

    /// The line that says how it went.
    pub fn summary(&self, progress: Option<&Progress>, now: Timestamp, lang: Lang) -> Parts<'static> {
        let rows = rows_in_words(self.rows.len(), lang);
        let mut parts: Parts<'static> = Vec::new();
        let mut add = |text: String, role| parts.push((Cow::Owned(text), role));
        match (&self.started, &self.ended) {
            (None, _) => add(say::nothing_run(lang).to_owned(), Role::Muted),
            (Some(started), None) => {
                let elapsed = since(*started, now);
                add(format!("{} ", spinner(elapsed)), Role::Strong);
                add(say::running(lang, &seconds(elapsed), &rows), Role::Strong);
                if let Some(progress) = progress {
                    add(format!(" · {}", how_far(progress, lang)), Role::Muted);
                }
            }
            (Some(_), Some((ending, took))) => {
                let role = if *ending == Ending::Whole { Role::Ok } else { Role::Warning };
                add(format!("{rows} · {}", seconds(*took)), role);
                match ending {
                    Ending::Whole => {}
                    Ending::Capped => add(format!(" · {}", say::capped(lang, &count(MOST as u64))), Role::Warning),
                    Ending::Cancelled => add(format!(" · {}", say::cancelled(lang)), Role::Warning),
                    Ending::Failed(Failure(error)) => {
                        let partial = if self.rows.is_empty() { say::failed(lang) } else { say::partial(lang) };
                        add(format!(" · {partial}: "), Role::Error);
                        add(error.say(lang), Role::Error);
                    }
                }
                if let Some(Sorting { field, descending }) = &self.sorting {
                    add(format!(" · {} {}", field, if *descending { "▼" } else { "▲" }), Role::Muted);
                }
                if let Some(progress) = progress {
                    add(format!(" · {}", how_far(progress, lang)), Role::Muted);
                }
            }
        }
        parts
    }

    /// Draws the table: the columns that are in sight, the rows that are in sight.
    pub fn draw(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let shown = self.columns.shown();
        let cells_of =
            |column: &&rows::Column| if &*column.name == "_time" { column.width.min(TIME) } else { column.width };
        let widths: Vec<usize> = shown.iter().map(|column| cells_of(column) + SORT_MARK).collect();
        let cells = usize::from(area.width).saturating_sub(GUTTER);
        self.column = self.column.min(shown.len().saturating_sub(1));
        self.first = rows::scrolled(&widths, self.first.min(self.column), self.column, cells, GAP);
        let in_sight = rows::in_sight(&widths, self.first, cells, GAP);
        let last = in_sight.last().map(|(number, _)| *number);
        let columns: Vec<Column> = in_sight
            .iter()
            .map(|(number, given)| {
                let width = u16::try_from(*given).unwrap_or(u16::MAX);
                Column {
                    title: Cow::Owned(shown[*number].name.to_string()),
                    width,
                    // The last one takes what is left, so that a message is read as far as the screen goes.
                    most: if Some(*number) == last && !shown[*number].numeric { u16::MAX } else { width },
                    align: if shown[*number].numeric { Align::Right } else { Align::Left },
                    rank: 0,
                }
            })
            .collect();
        let names: Vec<Arc<str>> = in_sight.iter().map(|(number, _)| Arc::clone(&shown[*number].name)).collect();
        let sort = self.sorting.as_ref().and_then(|sorting| {
            names.iter().position(|name| *name == sorting.field).map(|place| (place, sorting.descending))
        });
        let table = Table { columns: &columns, rows: self.rows.len(), sort };
        let mut state = std::mem::take(&mut self.state);
        state.column = self.column - self.first;
        table.draw(buffer, area, &mut state, paint, |line, column| {
            let value = self.row(line).map_or("", |row| row.get(&names[column]));
            Cell::new(in_zone(&names[column], value, paint), role_of(&names[column], value))
        });
        self.state = state;
        let hidden = (self.first, shown.len().saturating_sub(self.first + in_sight.len()));
        draw_hidden(buffer, area, hidden, paint);
    }
}

/// `1 row`, `2 rows`.
pub fn rows_in_words(rows: usize, lang: Lang) -> String {
    if rows == 1 { say::row(lang).to_owned() } else { say::rows(lang, &count(u64::try_from(rows).unwrap_or(u64::MAX))) }
}

/// How far the source has come: the share of the bytes, and how many rows there will be.
fn how_far(progress: &Progress, lang: Lang) -> String {
    let share = format!("{:.0}%", progress.share() * 100.0);
    let of = bytes(progress.of_bytes);
    match progress.doing {
        Doing::Reading => say::reading(lang, &share, &of, &count(progress.estimated_rows())),
        Doing::Indexing => say::indexing(lang, &share, &of, &count(progress.rows)),
    }
}

/// Cells of a time as it is shown.
const TIME: usize = "03-02 09:06:00.250".len();

/// A row's time in the zone of the screen; anything else as it is. What is copied stays as the source gave it.
fn in_zone<'v>(name: &str, value: &'v str, paint: &Paint<'_>) -> Cow<'v, str> {
    let instant = if name == "_time" { value.parse::<Timestamp>().ok() } else { None };
    instant.map_or(Cow::Borrowed(value), |instant| {
        let zoned = instant.to_zoned(paint.shared.basics.zone.clone());
        Cow::Owned(zoned.strftime("%m-%d %H:%M:%S.%3f").to_string())
    })
}

/// Room for the arrow of the order beside a column's name.
const SORT_MARK: usize = 1;

/// What the mouse was pressed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// A row that is selected now.
    Row,
    /// The row that was selected before.
    RowAgain,
    /// The heading of a column.
    Heading(Arc<str>),
}

/// Says at the right end of the heading how many columns are left and right of those in sight.
fn draw_hidden(buffer: &mut Buffer, area: Rect, (left, right): (usize, usize), paint: &Paint<'_>) {
    let mut note = String::new();
    if left > 0 {
        note.push_str(&format!("◂{left}"));
    }
    if right > 0 {
        note.push_str(&format!("{right}▸"));
    }
    let wide = u16::try_from(note.chars().count()).unwrap_or(0);
    if wide > 0 && area.width > wide + 10 && area.height > 0 {
        let place = Rect { x: area.right() - wide - 1, width: wide + 1, height: 1, ..area };
        frame::line(buffer, place, &[(Cow::Owned(format!(" {note}")), Role::Key)], paint);
    }
}

/// Status codes in the colour of their class; the rest as text.
fn role_of(name: &str, value: &str) -> Role {
    match (name, value.as_bytes()) {
        ("_time", _) => Role::Muted,
        ("status", b"499") => Role::Class499,
        ("status", [b'2', _, _]) => Role::Class2xx,
        ("status", [b'3', _, _]) => Role::Class3xx,
        ("status", [b'4', _, _]) => Role::Class4xx,
        ("status", [b'5', _, _]) => Role::Class5xx,
        _ => Role::Text,
    }
}

/// A sign that turns while something runs.
fn spinner(elapsed: Duration) -> char {
    const TURNS: [char; 4] = ['◐', '◓', '◑', '◒'];
    TURNS[usize::try_from(elapsed.as_millis() / 250).unwrap_or(0) % TURNS.len()]
}

/// Seconds with as many decimals as tell something.
fn seconds(time: Duration) -> String {
    if time.as_secs() >= 10 { format!("{:.0}s", time.as_secs_f64()) } else { format!("{:.2}s", time.as_secs_f64()) }
}

mod say {
    crate::text::words! {
        nothing_run { en: "nothing run yet", ko: "아직 실행 안 함" }
        cancelled { en: "cancelled", ko: "취소됨" }
        failed { en: "failed", ko: "실패" }
        row { en: "1 row", ko: "1행" }
        partial { en: "PARTIAL", ko: "일부만" }
    }
    crate::text::sentences! {
        rows(count: &str) { en: "{count} rows", ko: "{count}행" }
        reading(share: &str, of: &str, rows: &str) { en: "{share} of {of}, about {rows} rows", ko: "{of} 중 {share}, 약 {rows}행" }
        indexing(share: &str, of: &str, rows: &str) {
            en: "indexing {share} of {of}, {rows} rows",
            ko: "색인 중: {of} 중 {share}, {rows}행",
        }
        running(elapsed: &str, rows: &str) { en: "running {elapsed} · {rows} so far", ko: "실행 중 {elapsed} · 지금까지 {rows}" }
        capped(most: &str) {
            en: "cut at {most} rows: add `| limit` or a narrower filter",
            ko: "{most}행에서 잘림: `| limit`이나 더 좁은 조건을 추가하세요",
        }
    }
}

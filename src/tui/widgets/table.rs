//! A table of which only the rows in sight are asked for and drawn. Columns give way by rank where the screen is
//! narrow; numbers stand right; cells are cut with `…`.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use crate::text::width::{Align, cut, fit, width};
use crate::tui::pane::{Paint, Step};
use crate::tui::theme::Role;

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub title: Cow<'static, str>,
    /// Cells it needs.
    pub width: u16,
    /// Cells it takes where there is room.
    pub most: u16,
    /// The side its text stands on.
    pub align: Align,
    /// The order in which columns give way: the highest first, 0 never.
    pub rank: u8,
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<Cow<'static, str>>, width: u16, most: u16, rank: u8) -> Self {
        Self { title: title.into(), width, most, align: Align::Left, rank }
    }

    /// A column of numbers.
    pub fn number(title: impl Into<Cow<'static, str>>, width: u16, rank: u8) -> Self {
        Self { title: title.into(), width, most: width, align: Align::Right, rank }
    }
}

/// A cell: pieces of text, each in its role. Texts are made visible when drawn.
#[derive(Debug, Clone, Default)]
pub struct Cell<'a> {
    /// The pieces from left to right.
    pub parts: Vec<(Cow<'a, str>, Role)>,
}

impl<'a> Cell<'a> {
    /// A cell of one piece.
    pub fn new(text: impl Into<Cow<'a, str>>, role: Role) -> Self {
        Self { parts: vec![(text.into(), role)] }
    }

    /// The text without roles.
    pub fn text(&self) -> String {
        self.parts.iter().map(|(text, _)| text.as_ref()).collect()
    }
}

/// A probability as a whole percentage that is never rounded up to certainty.
pub fn probability(value: f64) -> String {
    let percent = (value * 100.0).clamp(0.0, 100.0);
    if (99.0..100.0).contains(&percent) { ">99%".to_owned() } else { format!("{percent:.0}%") }
}

/// Where one is in a table.
#[derive(Debug, Clone, Default)]
pub struct TableState {
    /// The selected row.
    pub selected: usize,
    /// The first row in sight.
    pub offset: usize,
    /// The column under the cursor.
    pub column: usize,
    /// Rows that fit, as last drawn.
    page: usize,
    /// Where the rows are, as last drawn.
    area: Rect,
    /// Which columns were drawn, and from where to where.
    spans: Vec<(usize, u16, u16)>,
}

impl TableState {
    /// Moves the selection among `rows` rows, or the cursor among the columns in sight.
    pub fn step(&mut self, step: Step, rows: usize) {
        let page = self.page.max(1);
        let last = rows.saturating_sub(1);
        match step {
            Step::Up => self.selected = self.selected.saturating_sub(1),
            Step::Down => self.selected = (self.selected + 1).min(last),
            Step::PageUp => self.selected = self.selected.saturating_sub(page),
            Step::PageDown => self.selected = (self.selected + page).min(last),
            Step::First => self.selected = 0,
            Step::Last => self.selected = last,
            Step::Left | Step::Right => self.step_column(step == Step::Right),
        }
        self.keep_in_sight(rows);
    }

    fn step_column(&mut self, right: bool) {
        let at = self.spans.iter().position(|(index, ..)| *index == self.column).unwrap_or(0);
        let at = if right { (at + 1).min(self.spans.len().saturating_sub(1)) } else { at.saturating_sub(1) };
        if let Some((index, ..)) = self.spans.get(at) {
            self.column = *index;
        }
    }

    /// Scrolls so that the selected row is in sight.
    pub fn keep_in_sight(&mut self, rows: usize) {
        let page = self.page.max(1);
        self.selected = self.selected.min(rows.saturating_sub(1));
        self.offset = self.offset.min(self.selected).max((self.selected + 1).saturating_sub(page));
        self.offset = self.offset.min(rows.saturating_sub(page));
    }

    /// Selects a row of a new order such that it stays on the same line of the screen where it can.
    pub fn follow(&mut self, row: usize, rows: usize) {
        let line = self.selected.saturating_sub(self.offset);
        self.selected = row;
        self.offset = row.saturating_sub(line);
        self.keep_in_sight(rows);
    }

    /// The row, or the column's heading, at a place on the screen.
    pub fn at(&self, place: Position, rows: usize) -> Option<Hit> {
        let column = self.spans.iter().find(|(_, from, to)| (*from..*to).contains(&place.x)).map(|(index, ..)| *index);
        if self.area.contains(place) {
            let row = self.offset + usize::from(place.y - self.area.y);
            return (row < rows).then_some(Hit::Row(row, column));
        }
        let heading = place.y.checked_add(1) == Some(self.area.y);
        column.filter(|_| heading).map(Hit::Heading)
    }
}

/// What lies at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A row, and the column where there is one.
    Row(usize, Option<usize>),
    /// A column's heading.
    Heading(usize),
}

/// What a table shows.
pub struct Table<'a> {
    /// The columns.
    pub columns: &'a [Column],
    /// How many rows there are.
    pub rows: usize,
    /// The column sorted by, and whether downwards.
    pub sort: Option<(usize, bool)>,
}

/// Cells before the first column: the mark of the selected row.
const GUTTER: u16 = 2;
/// Cells between columns.
const GAP: u16 = 1;

impl Table<'_> {
    /// Draws the head and the rows in sight; `cell` is asked for those alone.
    pub fn draw<'c>(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        state: &mut TableState,
        paint: &Paint<'_>,
        cell: impl Fn(usize, usize) -> Cell<'c>,
    ) {
        if area.height == 0 || area.width <= GUTTER {
            return;
        }
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        state.page = usize::from(body.height);
        state.area = body;
        state.spans.clear();
        let mut x = area.x + GUTTER;
        for (index, wide) in fit_columns(self.columns, area.width - GUTTER) {
            state.spans.push((index, x, x + wide));
            x += wide + GAP;
        }
        if !state.spans.iter().any(|(index, ..)| *index == state.column) {
            state.column = state.spans.first().map_or(0, |(index, ..)| *index);
        }
        state.keep_in_sight(self.rows);
        self.draw_head(buffer, area, state, paint);
        for line in 0..body.height {
            let row = state.offset + usize::from(line);
            if row >= self.rows {
                break;
            }
            let place = Rect { y: body.y + line, height: 1, ..body };
            for (index, from, to) in &state.spans {
                let span = Rect { x: *from, width: to - from, ..place };
                draw_cell(buffer, span, &cell(row, *index), self.columns[*index].align, paint);
            }
            if row == state.selected {
                buffer.set_string(area.x, place.y, "▸", paint.style(Role::Strong));
                if paint.focused {
                    buffer.set_style(place, paint.style(Role::Selection));
                }
            }
        }
    }

    fn draw_head(&self, buffer: &mut Buffer, area: Rect, state: &TableState, paint: &Paint<'_>) {
        let header = paint.style(Role::Header);
        for (index, from, to) in &state.spans {
            let column = &self.columns[*index];
            let mark = match self.sort {
                Some((by, true)) if by == *index => "▼",
                Some((by, false)) if by == *index => "▲",
                _ => "",
            };
            let wide = usize::from(to - from);
            let title = cut(&column.title, wide.saturating_sub(mark.width()));
            let text = match column.align {
                Align::Left => fit(&format!("{title}{mark}"), wide, Align::Left),
                Align::Right => fit(&format!("{mark}{title}"), wide, Align::Right),
            };
            let under_cursor = *index == state.column && paint.focused;
            let style = if under_cursor {
                header.patch(paint.style(Role::Strong)).add_modifier(Modifier::UNDERLINED)
            } else {
                header
            };
            buffer.set_string(*from, area.y, text, style);
        }
    }
}

fn draw_cell(buffer: &mut Buffer, area: Rect, cell: &Cell<'_>, align: Align, paint: &Paint<'_>) {
    let whole: usize = cell.parts.iter().map(|(text, _)| width(text)).sum();
    let mut left = usize::from(area.width);
    let mut x = area.x;
    if align == Align::Right {
        x += u16::try_from(left.saturating_sub(whole)).unwrap_or(0);
    }
    let mut rest = whole;
    for (text, role) in &cell.parts {
        // What does not fit ends in `…`, even where the cut falls between two pieces.
        let wide = width(text);
        rest -= wide.min(rest);
        let shown = if rest > 0 && wide >= left {
            cut(&format!("{text}…"), left).into_owned()
        } else {
            cut(text, left).into_owned()
        };
        buffer.set_string(x, area.y, &shown, paint.style(*role));
        let taken = shown.width().min(left);
        x += u16::try_from(taken).unwrap_or(0);
        left -= taken;
        if left == 0 {
            break;
        }
    }
}

/// The columns that fit, each with the cells it gets. Columns of the highest rank give way first; what is left over
/// goes to the columns that take more, from the left.
fn fit_columns(columns: &[Column], width: u16) -> Vec<(usize, u16)> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let needed = |kept: &[usize]| -> u32 {
        let cells: u32 = kept.iter().map(|index| u32::from(columns[*index].width + GAP)).sum();
        cells.saturating_sub(GAP.into())
    };
    while needed(&kept) > u32::from(width) && kept.len() > 1 {
        let Some(at) = (0..kept.len()).max_by_key(|at| columns[kept[*at]].rank) else { break };
        kept.remove(at);
    }
    let mut spare = u32::from(width).saturating_sub(needed(&kept));
    kept.into_iter()
        .map(|index| {
            let column = &columns[index];
            let more = spare.min(u32::from(column.most.saturating_sub(column.width)));
            spare -= more;
            (index, (column.width + u16::try_from(more).unwrap_or(0)).min(width))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![Column::words("client", 10, 20, 0), Column::number("requests", 8, 1), Column::words("gates", 12, 60, 2)]
    }

    #[test]
    fn narrow_screens_lose_the_columns_of_high_rank() {
        let shown = |width| fit_columns(&columns(), width).iter().map(|(index, _)| *index).collect::<Vec<_>>();
        assert_eq!(shown(80), [0, 1, 2]);
        assert_eq!(shown(20), [0, 1]);
        assert_eq!(shown(12), [0]);
        assert_eq!(shown(3), [0]);
    }

    #[test]
    fn what_is_left_over_goes_to_the_columns_that_take_it() {
        assert_eq!(fit_columns(&columns(), 60), [(0, 20), (1, 8), (2, 30)]);
        assert_eq!(fit_columns(&columns(), 3), [(0, 3)]);
    }

    #[test]
    fn the_selection_stays_on_its_line_when_the_order_changes() {
        let mut state = TableState { page: 10, offset: 20, selected: 25, ..TableState::default() };
        state.follow(60, 100);
        assert_eq!((state.selected, state.offset), (60, 55));
        state.follow(2, 100);
        assert_eq!((state.selected, state.offset), (2, 0));
        state.follow(99, 100);
        assert_eq!((state.selected, state.offset), (99, 90));
        state.follow(0, 0);
        assert_eq!((state.selected, state.offset), (0, 0));
    }
}

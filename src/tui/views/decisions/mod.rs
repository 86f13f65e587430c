//! The decisions in force, each with the time it still has. Lists what the LAPI says; lifts nothing itself.

use std::borrow::Cow;
use std::cmp::Ordering;

use ratatui::Frame;
use ratatui::layout::Rect;

pub mod commands;

use crate::config::duration;
use crate::enforce::ActiveDecision;
use crate::text::Lang;
use crate::text::escape::visible;
use crate::text::number::{age, clock};
use crate::tui::app::Shared;
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::labels;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::views::suspects::{centre, warn};
use crate::tui::widgets::filter::Filter;
use crate::tui::widgets::frame;
use crate::tui::widgets::table::{self, Cell, Hit, Table, TableState};

crate::text::words! {
    title { en: "Decisions in force", ko: "적용 중인 차단" }
    target { en: "target", ko: "대상" }
    kind { en: "type", ko: "유형" }
    left { en: "left", ko: "남음" }
    origin { en: "origin", ko: "출처" }
    why { en: "reason", ko: "사유" }
    scope { en: "scope", ko: "범위" }
    id { en: "id", ko: "번호" }
    simulated { en: "simulated", ko: "모의" }
    nothing { en: "Nothing is banned.", ko: "적용 중인 차단이 없습니다." }
    nothing_passes { en: "No row passes the filter.", ko: "필터에 맞는 행이 없습니다." }
}

crate::text::sentences! {
    updated(age: &str, every: &str) { en: "{age} ago · every {every}", ko: "{age} 전 · {every}마다" }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Target,
    Kind,
    Left,
    Origin,
    Why,
    Scope,
    Id,
}

impl Column {
    const ALL: &'static [Self] =
        &[Self::Target, Self::Kind, Self::Left, Self::Origin, Self::Why, Self::Scope, Self::Id];

    fn shape(self, lang: Lang) -> table::Column {
        match self {
            Self::Target => table::Column::words(target(lang), 18, 43, 0),
            Self::Kind => table::Column::words(kind(lang), 8, 16, 1),
            Self::Left => table::Column::number(left(lang), 9, 0),
            Self::Origin => table::Column::words(origin(lang), 10, 14, 3),
            Self::Why => table::Column::words(why(lang), 20, 90, 2),
            Self::Scope => table::Column::words(scope(lang), 6, 8, 4),
            Self::Id => table::Column::number(id(lang), 6, 5),
        }
    }

    fn cell<'a>(self, decision: &ActiveDecision, shared: &Shared) -> Cell<'a> {
        let own = |text: &str, role| Cell::new(visible(text).into_owned(), role);
        match self {
            Self::Target => own(&decision.value, Role::Strong),
            Self::Kind if decision.simulated => {
                let mark = format!(" ({})", simulated(shared.lang));
                Cell {
                    parts: vec![
                        (Cow::Owned(visible(&decision.kind).into_owned()), Role::Muted),
                        (Cow::Owned(mark), Role::Muted),
                    ],
                }
            }
            Self::Kind => own(&decision.kind, Role::Danger),
            Self::Left => Cell::new(clock(shared.until(decision.until)), Role::Text),
            Self::Origin => own(&decision.origin, Role::Text),
            Self::Why if decision.reason.is_empty() => own(&decision.scenario, Role::Text),
            Self::Why if decision.scenario.is_empty() => own(&decision.reason, Role::Text),
            Self::Why => own(&format!("{} · {}", decision.scenario, decision.reason), Role::Text),
            Self::Scope => own(&decision.scope, Role::Muted),
            Self::Id => Cell::new(decision.id.to_string(), Role::Muted),
        }
    }

    fn compare(self, one: &ActiveDecision, other: &ActiveDecision) -> Ordering {
        match self {
            Self::Target => one.target.cmp(&other.target).then_with(|| one.value.cmp(&other.value)),
            Self::Kind => one.kind.cmp(&other.kind),
            Self::Left => one.until.cmp(&other.until),
            Self::Origin => one.origin.cmp(&other.origin),
            Self::Why => (&one.scenario, &one.reason).cmp(&(&other.scenario, &other.reason)),
            Self::Scope => one.scope.cmp(&other.scope),
            Self::Id => one.id.cmp(&other.id),
        }
    }
}

/// The view.
pub struct Decisions {
    /// The filter.
    pub filter: Filter,
    sort: (Column, bool),
    order: Vec<usize>,
    table: TableState,
    selected: Option<u64>,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            sort: (Column::Left, true),
            order: Vec::new(),
            table: TableState::default(),
            selected: None,
        }
    }
}

impl Decisions {
    /// Reads the list again.
    pub fn refresh(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        vec![Effect::start(Slot::Decisions, Request::Decisions)]
    }

    /// The list may be another: puts it in order and keeps the selection on its decision.
    pub fn listed(&mut self, shared: &Shared) {
        let list = &shared.decisions;
        let text = |decision: &ActiveDecision| {
            Column::ALL.iter().map(|column| column.cell(decision, shared).text()).collect::<Vec<_>>().join(" ")
        };
        let mut order: Vec<usize> = (0..list.len()).filter(|index| self.filter.passes(&text(&list[*index]))).collect();
        let (column, down) = self.sort;
        order.sort_by(|one, other| {
            let by = column.compare(&list[*one], &list[*other]);
            (if down { by.reverse() } else { by }).then(list[*other].id.cmp(&list[*one].id))
        });
        self.order = order;
        let at = self.selected.and_then(|id| self.order.iter().position(|index| list[*index].id == id));
        match at {
            Some(row) => self.table.follow(row, self.order.len()),
            None => {
                self.table.keep_in_sight(self.order.len());
                self.note_selection(shared);
            }
        }
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        let column = Column::ALL.get(self.table.column).copied().unwrap_or(Column::Target);
        let down = if self.sort.0 == column { !self.sort.1 } else { matches!(column, Column::Left | Column::Id) };
        self.sort = (column, down);
        self.listed(shared);
    }

    /// The decision that is selected.
    pub fn current<'a>(&self, shared: &'a Shared) -> Option<&'a ActiveDecision> {
        shared.decisions.get(*self.order.get(self.table.selected)?)
    }

    fn note_selection(&mut self, shared: &Shared) {
        self.selected = self.current(shared).map(|decision| decision.id);
    }
}

impl Pane for Decisions {
    fn context(&self) -> Context {
        if self.filter.is_editing() { Context::Filter } else { Context::Decisions }
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        self.table.step(step, self.order.len());
        self.note_selection(shared);
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.filter.is_editing() && self.filter.take(typed) {
            self.listed(shared);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        match pointer {
            Pointer::Scroll(_, step) => (0..3).for_each(|_| self.table.step(step, self.order.len())),
            Pointer::Press(place) => match self.table.at(place, self.order.len()) {
                Some(Hit::Row(row, column)) => {
                    self.table.selected = row;
                    self.table.column = column.unwrap_or(self.table.column);
                }
                Some(Hit::Heading(column)) => {
                    self.table.column = column;
                    self.sort(shared);
                }
                None => {}
            },
        }
        self.note_selection(shared);
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        // Every second each countdown is another, and those that have ended are gone.
        shared.dirty |= !shared.decisions.is_empty();
        self.listed(shared);
        Vec::new()
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        let decision = self.current(shared)?;
        match extent {
            Extent::Cell => Column::ALL.get(self.table.column).map(|column| column.cell(decision, shared).text()),
            Extent::Row => {
                let cells = Column::ALL.iter().map(|column| column.cell(decision, shared).text());
                Some(cells.collect::<Vec<_>>().join("\t"))
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let (shared, lang) = (paint.shared, paint.lang());
        let buffer = frame.buffer_mut();
        let all = shared.decisions.len();
        let name = title(lang);
        let title = if self.order.len() == all {
            format!("{name} {all}")
        } else {
            format!("{name} {}/{all}", self.order.len())
        };
        let note = match shared.decisions_at {
            Some(at) => updated(lang, &age(shared.since(at), lang), &duration::show(shared.basics.refresh)),
            None => labels::reading(lang).to_owned(),
        };
        let mut inner = frame::pane(buffer, area, paint, &title, &note);
        if let Some(failed) = &shared.decisions_failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
        }
        if self.filter.is_on() && inner.height > 1 {
            self.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        let columns: Vec<_> = Column::ALL.iter().map(|column| column.shape(lang)).collect();
        let table = Table {
            columns: &columns,
            rows: self.order.len(),
            sort: Column::ALL.iter().position(|column| *column == self.sort.0).map(|at| (at, self.sort.1)),
        };
        let order = &self.order;
        table.draw(buffer, inner, &mut self.table, paint, |row, column| {
            match order.get(row).and_then(|index| shared.decisions.get(*index)) {
                Some(decision) => Column::ALL[column].cell(decision, shared),
                None => Cell::default(),
            }
        });
        if self.order.is_empty() && shared.decisions_at.is_some() && shared.decisions_failed.is_none() {
            let words = if all == 0 { nothing(lang) } else { nothing_passes(lang) };
            let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            centre(buffer, below, &[(words, Role::Muted)], paint);
        }
    }
}

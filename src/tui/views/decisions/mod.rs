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
use crate::tui::widgets::frame;
use crate::tui::widgets::listing::Listing;
use crate::tui::widgets::table::{self, Cell, Table};

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
pub enum Column {
    /// Whom.
    Target,
    /// What.
    Kind,
    /// How long still.
    Left,
    /// Whose.
    Origin,
    /// Why.
    Why,
    /// An address, a range, a country, …
    Scope,
    /// Its number.
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
    /// The decisions as they are shown.
    pub list: Listing<Column, u64>,
}

impl Default for Decisions {
    fn default() -> Self {
        Self { list: Listing::new(Column::Left, true) }
    }
}

impl Decisions {
    /// Reads the list again.
    pub fn refresh(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        vec![Effect::start(Slot::Decisions, Request::Decisions)]
    }

    /// The list may be another: puts it in order and keeps the selection on its decision.
    pub fn listed(&mut self, shared: &Shared) {
        let all = &shared.decisions;
        let text = |decision: &ActiveDecision| {
            Column::ALL.iter().map(|column| column.cell(decision, shared).text()).collect::<Vec<_>>().join(" ")
        };
        self.list.arrange(
            all.len(),
            |filter, index| filter.passes(&text(&all[index])),
            |column, one, other| column.compare(&all[one], &all[other]),
            |one, other| all[other].id.cmp(&all[one].id),
            |index| all[index].id,
        );
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        self.list.turn(Column::ALL, |column| matches!(column, Column::Left | Column::Id));
        self.listed(shared);
    }

    /// The decision that is selected.
    pub fn current<'a>(&self, shared: &'a Shared) -> Option<&'a ActiveDecision> {
        shared.decisions.get(self.list.current()?)
    }
}

/// What tells decisions apart.
fn key(shared: &Shared) -> impl Fn(usize) -> u64 {
    |index| shared.decisions.get(index).map_or(0, |decision| decision.id)
}

impl Pane for Decisions {
    fn context(&self) -> Context {
        if self.list.filter.is_editing() { Context::Filter } else { Context::Decisions }
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        self.list.step(step, key(shared));
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.list.filter.is_editing() && self.list.filter.take(typed) {
            self.listed(shared);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        if self.list.pointer(pointer, key(shared)) {
            self.sort(shared);
        }
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
            Extent::Cell => Column::ALL.get(self.list.table.column).map(|column| column.cell(decision, shared).text()),
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
        let title =
            if self.list.len() == all { format!("{name} {all}") } else { format!("{name} {}/{all}", self.list.len()) };
        let note = match shared.decisions_at {
            Some(at) => updated(lang, &age(shared.since(at), lang), &duration::show(shared.basics.refresh)),
            None => labels::reading(lang).to_owned(),
        };
        let mut inner = frame::pane(buffer, area, paint, &title, &note);
        if let Some(failed) = &shared.decisions_failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
        }
        if self.list.filter.is_on() && inner.height > 1 {
            self.list.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        let columns: Vec<_> = Column::ALL.iter().map(|column| column.shape(lang)).collect();
        let table = Table { columns: &columns, rows: self.list.len(), sort: self.list.sorted_by(Column::ALL) };
        // The table notes where it is drawn while the order is read.
        let mut state = std::mem::take(&mut self.list.table);
        table.draw(buffer, inner, &mut state, paint, |row, column| {
            match self.list.at(row).and_then(|index| shared.decisions.get(index)) {
                Some(decision) => Column::ALL[column].cell(decision, shared),
                None => Cell::default(),
            }
        });
        self.list.table = state;
        if self.list.len() == 0 && shared.decisions_at.is_some() && shared.decisions_failed.is_none() {
            let words = if all == 0 { nothing(lang) } else { nothing_passes(lang) };
            let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            centre(buffer, below, &[(words, Role::Muted)], paint);
        }
    }
}

//! The gate table over a histogram of the window. Refreshed on an interval and on demand; the selection stays on its
//! client and on its line of the screen whatever the order does. Reads nothing itself and bans nobody.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

pub mod columns;
pub mod commands;
mod draw;
pub(in crate::tui) use draw::{centre, warn};
mod histogram;

use columns::Column;

use crate::detect::{Survey, Suspect};
use crate::engine::Scope;
use crate::logs::{HitSeries, SourceError, Window};
use crate::text::Say as _;
use crate::tui::app::Shared;
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::widgets::filter::Filter;
use crate::tui::widgets::table::{Hit, TableState};

use histogram::Histogram;

/// At most so many clients have their newest verdict looked up.
const LOOKED_UP: usize = 200;

/// The view.
pub struct Suspects {
    survey: Option<Survey>,
    failed: Option<String>,
    loading: bool,
    histogram: Histogram,
    /// When the table was last asked for.
    asked: Option<Timestamp>,
    /// When it last came.
    came: Option<Timestamp>,
    /// Whether the interval is stopped.
    pub paused: bool,
    /// Which clients are asked for.
    pub scope: Scope,
    /// The filter.
    pub filter: Filter,
    sort: (Column, bool),
    /// Indices of the survey's clients, in the order shown.
    order: Vec<usize>,
    table: TableState,
    selected: Option<IpAddr>,
}

impl Default for Suspects {
    fn default() -> Self {
        Self {
            survey: None,
            failed: None,
            loading: false,
            histogram: Histogram::default(),
            asked: None,
            came: None,
            paused: false,
            scope: Scope::Passing,
            filter: Filter::default(),
            sort: (Column::Gates, true),
            order: Vec::new(),
            table: TableState::default(),
            selected: None,
        }
    }
}

impl Suspects {
    /// Reads table, histogram and decisions again.
    pub fn refresh(&mut self, shared: &mut Shared) -> Vec<Effect> {
        self.asked = Some(shared.now);
        self.loading = true;
        let window = shared.range();
        let mut effects = vec![Effect::start(Slot::Survey, Request::Survey { window, scope: self.scope })];
        effects.push(self.ask_histogram(shared));
        effects.push(Effect::start(Slot::Decisions, Request::Decisions));
        effects
    }

    fn ask_histogram(&self, shared: &Shared) -> Effect {
        let window = shared.range();
        let step = histogram::step(window.length(), draw::plot_width(shared));
        Effect::start(Slot::Histogram, Request::Histogram { window, step })
    }

    /// The screen has another size: the histogram may want other buckets.
    pub fn resized(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let step = histogram::step(shared.window, draw::plot_width(shared));
        if self.histogram.step == Some(step) { Vec::new() } else { vec![self.ask_histogram(shared)] }
    }

    /// The table has come, or not. What was there before stays in sight where it failed.
    pub fn surveyed(&mut self, survey: Result<Survey, SourceError>, shared: &mut Shared) -> Vec<Effect> {
        self.loading = false;
        match survey {
            Ok(survey) => {
                self.came = Some(shared.now);
                self.failed = None;
                let targets: Vec<_> = survey.clients.iter().take(LOOKED_UP).map(|suspect| suspect.target).collect();
                self.survey = Some(survey);
                self.resort(shared);
                if targets.is_empty() {
                    return Vec::new();
                }
                vec![Effect::start(Slot::Verdicts, Request::Verdicts(targets))]
            }
            Err(error) => {
                self.failed = Some(error.say(shared.lang));
                Vec::new()
            }
        }
    }

    /// The histogram has come, or not.
    pub fn counted(
        &mut self,
        window: Window,
        step: Duration,
        series: Result<Vec<HitSeries>, SourceError>,
        shared: &Shared,
    ) {
        self.histogram.take(window, step, series, shared.lang);
    }

    /// Puts the rows in order again and keeps the selection on its client.
    pub fn resort(&mut self, shared: &Shared) {
        let Some(survey) = &self.survey else { return };
        let passes = |suspect: &Suspect| self.filter.passes(&columns::searched(suspect, shared));
        let mut order: Vec<usize> = (0..survey.clients.len()).filter(|index| passes(&survey.clients[*index])).collect();
        let (column, down) = self.sort;
        order.sort_by(|one, other| {
            let (one, other) = (&survey.clients[*one], &survey.clients[*other]);
            let by = column.compare(one, other, shared);
            // Equal rows keep one order, whatever the direction: nothing jumps.
            (if down { by.reverse() } else { by }).then_with(|| one.stats.client.cmp(&other.stats.client))
        });
        self.order = order;
        let at = self
            .selected
            .and_then(|client| self.order.iter().position(|index| survey.clients[*index].stats.client == client));
        match at {
            Some(row) => self.table.follow(row, self.order.len()),
            None => {
                self.table.keep_in_sight(self.order.len());
                self.selected = self.current().map(|suspect| suspect.stats.client);
            }
        }
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        let column = Column::ALL.get(self.table.column).copied().unwrap_or(Column::Client);
        let down = if self.sort.0 == column { !self.sort.1 } else { column.begins_downwards() };
        self.sort = (column, down);
        self.resort(shared);
    }

    /// The client that is selected.
    pub fn current(&self) -> Option<&Suspect> {
        let index = self.order.get(self.table.selected)?;
        self.survey.as_ref()?.clients.get(*index)
    }

    /// The totals of the window as last read.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    fn note_selection(&mut self) {
        self.selected = self.current().map(|suspect| suspect.stats.client);
    }
}

impl Pane for Suspects {
    fn context(&self) -> Context {
        if self.filter.is_editing() { Context::Filter } else { Context::Suspects }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        self.table.step(step, self.order.len());
        self.note_selection();
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.filter.is_editing() && self.filter.take(typed) {
            self.resort(shared);
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
        self.note_selection();
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        // The age of what is shown, and of the last request of each client, changes every second.
        shared.dirty |= self.survey.is_some() || self.loading;
        let due = self.asked.is_none_or(|at| shared.since(at) >= shared.basics.refresh);
        if self.paused || self.loading || !due {
            return Vec::new();
        }
        self.refresh(shared)
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        let suspect = self.current()?;
        let text = |column: Column| column.cell(suspect, shared, usize::MAX).text().trim().to_owned();
        match extent {
            Extent::Cell => Column::ALL.get(self.table.column).copied().map(text),
            Extent::Row => Some(Column::ALL.iter().map(|column| text(*column)).collect::<Vec<_>>().join("\t")),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_view(frame, area, paint);
    }
}

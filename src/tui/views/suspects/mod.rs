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
use crate::tui::widgets::listing::Listing;

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
    /// The survey's clients as they are shown.
    pub list: Listing<Column, IpAddr>,
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
            list: Listing::new(Column::Score, true),
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
        let clients = &survey.clients;
        self.list.arrange(
            clients.len(),
            |filter, index| filter.passes(&columns::searched(&clients[index], shared)),
            |column, one, other| column.compare(&clients[one], &clients[other], shared),
            |one, other| clients[one].stats.client.cmp(&clients[other].stats.client),
            |index| clients[index].stats.client,
        );
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        self.list.turn(Column::ALL, Column::begins_downwards);
        self.resort(shared);
    }

    /// The client that is selected.
    pub fn current(&self) -> Option<&Suspect> {
        self.survey.as_ref()?.clients.get(self.list.current()?)
    }

    /// The totals of the window as last read.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }
}

/// What tells the clients of a survey apart.
fn key(survey: Option<&Survey>) -> impl Fn(usize) -> IpAddr {
    move |index| {
        let nobody = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        survey.and_then(|survey| survey.clients.get(index)).map_or(nobody, |suspect| suspect.stats.client)
    }
}

impl Pane for Suspects {
    fn context(&self) -> Context {
        if self.list.filter.is_editing() { Context::Filter } else { Context::Suspects }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        self.list.step(step, key(self.survey.as_ref()));
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.list.filter.is_editing() && self.list.filter.take(typed) {
            self.resort(shared);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        if self.list.pointer(pointer, key(self.survey.as_ref())) {
            self.sort(shared);
        }
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
            Extent::Cell => Column::ALL.get(self.list.table.column).copied().map(text),
            Extent::Row => Some(Column::ALL.iter().map(|column| text(*column)).collect::<Vec<_>>().join("\t")),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_view(frame, area, paint);
    }
}

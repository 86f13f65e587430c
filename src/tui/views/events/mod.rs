//! The events of watched series: a list, and of the one that is selected its chart with what the rule allows, and the
//! clients that explain it. Acknowledges and resolves; bans nobody itself.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

pub mod commands;
mod draw;

use crate::detect::baseline::event::State;
use crate::detect::baseline::{Culprit, Event};
use crate::engine::events::Chart;
use crate::journal::JournalError;
use crate::logs::SourceError;
use crate::text::Say as _;
use crate::tui::app::Shared;
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::widgets::filter::Filter;
use crate::tui::widgets::listing::Listing;

/// Series are looked at again after so many seconds while the view is in front.
const WATCH_EVERY: i64 = 60;

/// A column of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Open, acknowledged, resolved.
    State,
    /// How much it matters.
    Severity,
    /// Which series.
    Series,
    /// Since when.
    Opened,
    /// What was found.
    Found,
    /// Who explains it.
    Who,
    /// Whose series.
    Source,
}

impl Column {
    /// All, from left to right.
    const ALL: &'static [Self] =
        &[Self::State, Self::Severity, Self::Series, Self::Opened, Self::Found, Self::Who, Self::Source];
}

/// A column of the clients that explain an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoColumn {
    /// The address.
    Client,
    /// Its share of the change.
    Share,
    /// What it had before.
    Before,
    /// What it has now.
    Now,
}

impl WhoColumn {
    /// All, from left to right.
    const ALL: &'static [Self] = &[Self::Client, Self::Share, Self::Before, Self::Now];
}

/// The view.
pub struct Events {
    list: Listing<Column, i64>,
    who: Listing<WhoColumn, IpAddr>,
    /// Whether the clients have the keys.
    pub in_who: bool,
    /// Of which event the clients are.
    who_of: Option<i64>,
    events: Vec<Event>,
    /// When the journal was last read.
    read: Option<Timestamp>,
    /// When the series were last looked at, and whether that is still going on.
    watched: Option<Timestamp>,
    watching: bool,
    failed: Option<String>,
    /// The chart of an event, by its number.
    chart: Option<(i64, Result<Chart, String>)>,
    asked: Option<i64>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            list: Listing::new(Column::State, false),
            who: Listing::new(WhoColumn::Share, true),
            in_who: false,
            who_of: None,
            events: Vec::new(),
            read: None,
            watched: None,
            watching: false,
            failed: None,
            chart: None,
            asked: None,
        }
    }
}

impl Events {
    /// The view comes to the front: what the journal has is shown at once, while the series are looked at.
    pub fn shown(&mut self, shared: &Shared) -> Vec<Effect> {
        let mut effects = vec![Effect::start(Slot::Event, Request::Events)];
        if self.watched.is_none_or(|at| shared.now.as_second() - at.as_second() >= WATCH_EVERY) {
            effects.extend(self.watch(shared));
        }
        effects
    }

    /// Looks at the series now.
    pub fn watch(&mut self, shared: &Shared) -> Vec<Effect> {
        self.watched = Some(shared.now);
        self.watching = true;
        self.asked = None;
        vec![Effect::start(Slot::Events, Request::WatchSeries(shared.range()))]
    }

    /// Looks again where it is time; only called while the view is in front.
    pub fn tick_in_front(&mut self, shared: &Shared) -> Vec<Effect> {
        let is_time = self.watched.is_none_or(|at| shared.now.as_second() - at.as_second() >= WATCH_EVERY);
        if is_time && !self.watching { self.watch(shared) } else { Vec::new() }
    }

    /// The journal's events came; `failures` are those of the series, where they were looked at.
    pub fn listed(
        &mut self,
        events: Result<Vec<Event>, JournalError>,
        failures: Option<Vec<String>>,
        shared: &Shared,
    ) -> Vec<Effect> {
        self.read = Some(shared.now);
        if let Some(failures) = failures {
            self.watching = false;
            self.failed = failures.into_iter().next();
        }
        match events {
            Ok(events) => self.events = events,
            Err(error) => self.failed = Some(error.say(shared.lang)),
        }
        self.arrange(shared);
        self.ask_chart(shared)
    }

    /// A chart came; one that nobody waits for any more is dropped.
    pub fn charted(&mut self, id: i64, chart: Result<Chart, SourceError>, shared: &Shared) {
        if self.asked == Some(id) {
            self.chart = Some((id, chart.map_err(|error| error.say(shared.lang))));
        }
    }

    /// Acknowledges or resolves the selected event.
    pub fn settle(&self, resolve: bool) -> Vec<Effect> {
        match self.current() {
            Some(event) => vec![Effect::start(Slot::Event, Request::SettleEvent { id: event.id, resolve })],
            None => Vec::new(),
        }
    }

    /// The event that is selected.
    pub fn current(&self) -> Option<&Event> {
        self.events.get(self.list.current()?)
    }

    /// The client that is selected.
    pub fn current_client(&self) -> Option<IpAddr> {
        Some(self.culprits().get(self.who.current()?)?.client)
    }

    fn culprits(&self) -> &[Culprit] {
        self.current().map_or(&[], |event| &event.finding.culprits)
    }

    /// How many are not resolved.
    pub fn unresolved(&self) -> usize {
        self.events.iter().filter(|event| event.state != State::Resolved).count()
    }

    /// Puts the events and the clients in order and keeps the selections.
    pub fn arrange(&mut self, shared: &Shared) {
        let all = &self.events;
        self.list.arrange(
            all.len(),
            |filter, index| filter.passes(&draw::text(&all[index], shared)),
            |column, one, other| compare(column, &all[one], &all[other]),
            |one, other| all[other].opened.cmp(&all[one].opened).then(all[other].id.cmp(&all[one].id)),
            |index| all[index].id,
        );
        self.arrange_who();
    }

    fn arrange_who(&mut self) {
        let of = self.current().map(|event| event.id);
        if of != self.who_of {
            self.who_of = of;
            self.who.restart();
        }
        let culprits = self.current().map(|event| event.finding.culprits.clone()).unwrap_or_default();
        self.who.arrange(
            culprits.len(),
            |filter, index| filter.passes(&culprits[index].client.to_string()),
            |column, one, other| compare_who(column, &culprits[one], &culprits[other]),
            |one, other| culprits[one].client.cmp(&culprits[other].client),
            |index| culprits[index].client,
        );
        self.in_who &= !culprits.is_empty();
    }

    /// Asks for the chart of the selected event, where it is another one than before and of the source that is read.
    fn ask_chart(&mut self, shared: &Shared) -> Vec<Effect> {
        let Some(event) = self.current() else { return Vec::new() };
        if !is_here(event, shared) {
            self.asked = None;
            return vec![Effect::Cancel(Slot::Chart)];
        }
        if self.asked == Some(event.id) {
            return Vec::new();
        }
        let (id, request) = (event.id, Request::Chart(Box::new(event.clone()), shared.range()));
        self.asked = Some(id);
        vec![Effect::start(Slot::Chart, request)]
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        if self.in_who {
            self.who.turn(WhoColumn::ALL, |column| column != WhoColumn::Client);
        } else {
            self.list.turn(Column::ALL, |column| column == Column::Opened);
        }
        self.arrange(shared);
    }

    /// The filter of the list that has the keys.
    pub const fn filter(&self) -> &Filter {
        if self.in_who { &self.who.filter } else { &self.list.filter }
    }

    /// The same, to be changed.
    pub const fn filter_mut(&mut self) -> &mut Filter {
        if self.in_who { &mut self.who.filter } else { &mut self.list.filter }
    }
}

/// Whether an event is of the source that the console reads: the series of another one cannot be drawn.
fn is_here(event: &Event, shared: &Shared) -> bool {
    event.is_of(&shared.basics.source.identity)
}

fn compare(column: Column, one: &Event, other: &Event) -> Ordering {
    match column {
        Column::State => one.state.cmp(&other.state).then(other.severity.cmp(&one.severity)),
        Column::Severity => one.severity.cmp(&other.severity),
        Column::Series => one.series.cmp(&other.series),
        Column::Source => one.source.cmp(&other.source),
        Column::Opened => one.opened.cmp(&other.opened),
        Column::Found => one.finding.reading.score.total_cmp(&other.finding.reading.score),
        Column::Who => one.finding.explained.total_cmp(&other.finding.explained),
    }
}

fn compare_who(column: WhoColumn, one: &Culprit, other: &Culprit) -> Ordering {
    match column {
        WhoColumn::Client => one.client.cmp(&other.client),
        WhoColumn::Share => one.share.total_cmp(&other.share),
        WhoColumn::Before => one.before.total_cmp(&other.before),
        WhoColumn::Now => one.now.total_cmp(&other.now),
    }
}

impl Pane for Events {
    fn context(&self) -> Context {
        match self.filter().is_editing() {
            true => Context::Filter,
            false if self.in_who => Context::Culprits,
            false => Context::Events,
        }
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        if self.in_who {
            let clients: Vec<IpAddr> = self.culprits().iter().map(|one| one.client).collect();
            self.who.step(step, |index| clients[index]);
            return Vec::new();
        }
        let events = &self.events;
        self.list.step(step, |index| events[index].id);
        self.arrange_who();
        self.ask_chart(shared)
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.filter().is_editing() && self.filter_mut().take(typed) {
            self.arrange(shared);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        let (Pointer::Press(place) | Pointer::Scroll(place, _)) = pointer;
        let is_below = self.who.table.at(place, self.who.len()).is_some();
        if is_below != self.list.table.at(place, self.list.len()).is_some() {
            self.in_who = is_below;
        }
        let heading = if self.in_who {
            let clients: Vec<IpAddr> = self.culprits().iter().map(|one| one.client).collect();
            self.who.pointer(pointer, |index| clients[index])
        } else {
            let events = &self.events;
            self.list.pointer(pointer, |index| events[index].id)
        };
        if heading {
            self.sort(shared);
        }
        self.arrange_who();
        self.ask_chart(shared)
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        match extent {
            Extent::Cell if self.in_who => self.current_client().map(|client| client.to_string()),
            Extent::Cell => {
                let column = *Column::ALL.get(self.list.table.column)?;
                Some(draw::cell(column, self.current()?, shared).text())
            }
            Extent::Row => self.current().map(|event| draw::text(event, shared)),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_view(frame.buffer_mut(), area, paint);
    }
}

#[cfg(test)]
mod tests;

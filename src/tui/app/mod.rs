//! The state of the console and its one update: an event comes in, the state changes, effects go out. Pure: the time
//! comes with the event, nothing waits, nothing is read or sent here. What a view does with its events is the view's.

use crossterm::event::{Event as TerminalEvent, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Position, Rect, Size};

pub mod commands;
mod replies;
mod shared;
#[cfg(test)]
mod tests;

pub use shared::{Basics, Shared};

use super::chrome;
use super::commands::Command;
use super::effect::{Effect, Reply, Request, Slot};
use super::keymap::{self, Context};
use super::overlays::Overlay;
use super::pane::{Paint, Pane, Pointer, Step, Typed};
use super::views::{ViewId, cohorts, costs, decisions, dossier, events, query, suspects};
use super::{ExitReason, labels};

/// What the update is given.
#[derive(Debug)]
pub enum Event {
    /// From the terminal.
    Terminal(TerminalEvent),
    /// Four times a second.
    Tick,
    /// A task says something.
    Reply(Reply),
    /// The process was told to end.
    End(ExitReason),
}

/// The console.
pub struct App {
    /// What all views know.
    pub shared: Shared,
    /// The view in front.
    pub view: ViewId,
    /// The gate table.
    pub suspects: suspects::Suspects,
    /// The query view.
    pub query: query::QueryView,
    /// The decisions.
    pub decisions: decisions::Decisions,
    /// The cohorts.
    pub cohorts: cohorts::Cohorts,
    /// The events.
    pub events: events::Events,
    /// The table by cost, which can stand in the place of the gate table.
    pub costs: costs::CostTable,
    /// The panel beside or over the view; `None` while closed.
    pub dossier: Option<dossier::Dossier>,
    /// Whether the panel has the keyboard.
    pub in_dossier: bool,
    /// Forms and lists on top, the last one uppermost.
    pub overlays: Vec<Overlay>,
    /// Why it is to end; `None` while it goes on.
    pub exit: Option<ExitReason>,
    /// When servers were last asked how they are.
    asked: Option<Timestamp>,
}

/// How often servers are asked how they are, in seconds.
const HEALTH_EVERY: i64 = 30;

impl App {
    /// The console at its start, and what is to be read first.
    pub fn new(basics: Basics, now: Timestamp, size: Size) -> (Self, Vec<Effect>) {
        let mut shared = Shared::new(basics, now, size);
        let mut suspects = suspects::Suspects::default();
        let mut effects = suspects.refresh(&mut shared);
        effects.push(Effect::start(Slot::Health, Request::Health));
        let query = query::QueryView::new(&shared);
        let app = Self {
            shared,
            view: ViewId::Suspects,
            suspects,
            query,
            decisions: decisions::Decisions::default(),
            cohorts: cohorts::Cohorts::default(),
            events: events::Events::default(),
            costs: costs::CostTable::default(),
            dossier: None,
            in_dossier: false,
            overlays: Vec::new(),
            exit: None,
            asked: Some(now),
        };
        (app, effects)
    }

    /// Takes an event that happened at `now`.
    pub fn update(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        self.shared.now = now;
        match event {
            Event::Tick => self.tick(),
            Event::End(reason) => {
                self.exit = Some(reason);
                Vec::new()
            }
            Event::Reply(reply) => {
                self.shared.dirty = true;
                self.reply(reply)
            }
            Event::Terminal(event) => {
                self.shared.dirty = true;
                self.terminal(event)
            }
        }
    }

    fn terminal(&mut self, event: TerminalEvent) -> Vec<Effect> {
        match event {
            TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => self.key(&key),
            TerminalEvent::Paste(text) => self.with_top(|pane, shared| pane.text(&Typed::Paste(text), shared)),
            TerminalEvent::Mouse(mouse) => self.mouse(mouse),
            TerminalEvent::Resize(width, height) => {
                self.shared.size = Size { width, height };
                self.rearranged()
            }
            _ => Vec::new(),
        }
    }

    fn key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let context = self.context();
        if let Some(overlay) = self.overlays.last_mut()
            && !overlay.heeds(key, &mut self.shared)
        {
            return Vec::new();
        }
        match keymap::find(key, context) {
            Some(command) => self.run(command),
            None if context.takes_text() => self.with_top(|pane, shared| pane.text(&Typed::Key(*key), shared)),
            None => Vec::new(),
        }
    }

    /// Runs a command, or says why it cannot be run now.
    pub fn run(&mut self, command: &Command) -> Vec<Effect> {
        match (command.enabled)(self) {
            Ok(()) => (command.run)(self),
            Err(why) => {
                self.shared.inform(why(self.shared.lang));
                Vec::new()
            }
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        let place = Position { x: mouse.column, y: mouse.row };
        let pointer = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Pointer::Press(place),
            MouseEventKind::ScrollUp => Pointer::Scroll(place, Step::Up),
            MouseEventKind::ScrollDown => Pointer::Scroll(place, Step::Down),
            _ => return Vec::new(),
        };
        if self.overlays.is_empty() {
            if let Pointer::Press(place) = pointer
                && let Some(view) = chrome::tab_at(place, &self.shared)
            {
                return self.show(view);
            }
            if self.dossier.is_some() {
                let Position { x, y } = place;
                self.in_dossier = self.panel_area(self.body()).is_some_and(|area| area.contains(Position { x, y }));
            }
        }
        self.with_top(|pane, shared| pane.pointer(pointer, shared))
    }

    fn tick(&mut self) -> Vec<Effect> {
        let now = self.shared.now;
        self.shared.tick();
        let mut effects = self.suspects.tick(&mut self.shared);
        effects.extend(self.query.tick(&mut self.shared));
        effects.extend(self.decisions.tick(&mut self.shared));
        if self.view == ViewId::Events {
            effects.extend(self.events.tick_in_front(&self.shared));
        }
        if let Some(dossier) = &mut self.dossier {
            effects.extend(dossier.tick(&mut self.shared));
        }
        for overlay in &mut self.overlays {
            effects.extend(overlay.pane_mut().tick(&mut self.shared));
        }
        if self.asked.is_none_or(|at| now.as_second() - at.as_second() >= HEALTH_EVERY) {
            self.asked = Some(now);
            effects.push(Effect::start(Slot::Health, Request::Health));
        }
        effects
    }

    /// The context of the top layer.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(overlay) => overlay.pane().context(),
            None => self.base_context(),
        }
    }

    /// The context below all overlays.
    pub fn base_context(&self) -> Context {
        match &self.dossier {
            Some(dossier) if self.in_dossier => dossier.context(),
            _ => match self.view {
                ViewId::Suspects if self.costs.on => self.costs.context(),
                ViewId::Suspects => self.suspects.context(),
                ViewId::Query => self.query.context(),
                ViewId::Decisions => self.decisions.context(),
                ViewId::Cohorts => self.cohorts.context(),
                ViewId::Events => self.events.context(),
            },
        }
    }

    /// Calls the pane of the top layer.
    pub fn with_top<R>(&mut self, call: impl FnOnce(&mut dyn Pane, &mut Shared) -> R) -> R {
        if let Some(overlay) = self.overlays.last_mut() {
            return call(overlay.pane_mut(), &mut self.shared);
        }
        if let Some(dossier) = self.dossier.as_mut().filter(|_| self.in_dossier) {
            return call(dossier, &mut self.shared);
        }
        match self.view {
            ViewId::Suspects if self.costs.on => call(&mut self.costs, &mut self.shared),
            ViewId::Suspects => call(&mut self.suspects, &mut self.shared),
            ViewId::Query => call(&mut self.query, &mut self.shared),
            ViewId::Decisions => call(&mut self.decisions, &mut self.shared),
            ViewId::Cohorts => call(&mut self.cohorts, &mut self.shared),
            ViewId::Events => call(&mut self.events, &mut self.shared),
        }
    }

    /// Brings a view to the front. A panel that would cover it is closed.
    pub fn show(&mut self, view: ViewId) -> Vec<Effect> {
        let mut effects = if self.shared.is_wide() { Vec::new() } else { self.close_dossier() };
        self.view = view;
        self.in_dossier = false;
        effects.extend(match view {
            ViewId::Suspects | ViewId::Cohorts => Vec::new(),
            ViewId::Events => self.events.shown(&self.shared),
            ViewId::Query => self.query.shown(&mut self.shared),
            ViewId::Decisions => self.decisions.refresh(&mut self.shared),
        });
        effects
    }

    /// Closes the uppermost layer: an overlay, or the panel.
    pub fn close_top(&mut self) -> Vec<Effect> {
        match self.overlays.pop() {
            Some(overlay) => overlay.closed(&mut self.shared),
            None => self.close_dossier(),
        }
    }

    /// Closes the panel; a judge that is at work is stopped.
    pub fn close_dossier(&mut self) -> Vec<Effect> {
        self.in_dossier = false;
        match self.dossier.take() {
            Some(_) => {
                let mut effects: Vec<Effect> = [Slot::Dossier, Slot::Judge].map(Effect::Cancel).into();
                effects.extend(self.rearranged());
                effects
            }
            None => Vec::new(),
        }
    }

    /// The screen or the panel has changed, and so the room of the view.
    pub fn rearranged(&mut self) -> Vec<Effect> {
        let beside = self.dossier.is_some() && self.shared.is_wide();
        // A panel that covers the view has the keys.
        self.in_dossier |= self.dossier.is_some() && !beside;
        self.shared.beside = if beside { Shared::panel_width(self.shared.size.width) } else { 0 };
        self.suspects.resized(&mut self.shared)
    }

    /// Where views are drawn.
    fn body(&self) -> Rect {
        chrome::body(Rect::from((Position::ORIGIN, self.shared.size)))
    }

    /// Where the panel is drawn: beside the view where there is room, else over it.
    fn panel_area(&self, body: Rect) -> Option<Rect> {
        self.dossier.as_ref()?;
        if !self.shared.is_wide() {
            return Some(body);
        }
        let width = Shared::panel_width(body.width);
        Some(Rect { x: body.right() - width, width, ..body })
    }

    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let Self { shared, overlays, .. } = self;
        frame.buffer_mut().set_style(area, shared.theme.style(super::theme::Role::Text));
        if chrome::is_too_small(area) {
            chrome::too_small(frame, area, shared);
            return;
        }
        let on_top = overlays.is_empty();
        self.draw_base(frame, on_top);
        chrome::draw(frame, self);
        let Self { shared, overlays, .. } = self;
        let last = overlays.len().saturating_sub(1);
        // Status line and keys stay in sight.
        let above = chrome::above(area);
        for (index, overlay) in overlays.iter_mut().enumerate() {
            overlay.pane_mut().draw(frame, above, &Paint { shared, focused: index == last });
        }
    }

    fn draw_base(&mut self, frame: &mut Frame<'_>, on_top: bool) {
        let body = self.body();
        let panel = self.panel_area(body);
        let beside = match panel {
            Some(panel) => Rect { width: body.width - panel.width, ..body },
            None => body,
        };
        let in_dossier = self.in_dossier;
        let paint = Paint { shared: &self.shared, focused: on_top && !in_dossier };
        if !beside.is_empty() {
            match self.view {
                ViewId::Suspects if self.costs.on => self.costs.draw(frame, beside, &paint),
                ViewId::Suspects => self.suspects.draw(frame, beside, &paint),
                ViewId::Query => self.query.draw(frame, beside, &paint),
                ViewId::Decisions => self.decisions.draw(frame, beside, &paint),
                ViewId::Cohorts => self.cohorts.draw(frame, beside, &paint),
                ViewId::Events => self.events.draw(frame, beside, &paint),
            }
        }
        if let (Some(dossier), Some(panel)) = (&mut self.dossier, panel) {
            dossier.draw(frame, panel, &Paint { shared: &self.shared, focused: on_top && in_dossier });
        }
    }

    /// Says that a task broke.
    fn broken(&mut self, message: &str) {
        let words = labels::broken(self.shared.lang, message);
        self.shared.fail(words);
    }
}

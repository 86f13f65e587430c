//! The dossier of one suspect, beside the view or over it: numbers against gates, timeline, paths, agents, statuses,
//! rows, decisions, former verdicts, and the judge's answer as it comes. Asks for all of it; decides nothing.

use std::net::IpAddr;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

pub mod commands;
mod draw;
mod judge;
mod sections;

use crate::detect::Suspect;
use crate::judge::{self as judging, JudgeError, JudgeProgress, Verdict};
use crate::logs::{SourceError, Window};
use crate::text::Say as _;
use crate::tui::app::{App, Shared};
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step};
use crate::tui::widgets::scroll::Scroll;

use judge::Judging;

/// The panel.
pub struct Dossier {
    client: IpAddr,
    known: Option<Box<Suspect>>,
    window: Window,
    content: Option<Box<judging::Dossier>>,
    failed: Option<String>,
    loading: bool,
    judging: Judging,
    /// The judge is to be asked as soon as the dossier is there.
    explain_next: bool,
    scroll: Scroll,
}

impl Dossier {
    /// The panel of a client, and what it needs to be read.
    fn open(client: IpAddr, known: Option<Suspect>, shared: &Shared) -> (Self, Vec<Effect>) {
        let mut panel = Self {
            client,
            known: known.map(Box::new),
            window: shared.range(),
            content: None,
            failed: None,
            loading: true,
            judging: Judging::Idle,
            explain_next: false,
            scroll: Scroll::default(),
        };
        let effects = panel.reload(shared);
        (panel, effects)
    }

    /// Whose it is.
    pub const fn client(&self) -> IpAddr {
        self.client
    }

    /// The LogsQL that shows its rows again, with the range.
    pub fn rows_query(&self) -> Option<(&str, Window)> {
        let content = self.content.as_ref()?;
        let rows = content.evidence.iter().find(|evidence| evidence.kind == "rows" && !evidence.query.is_empty())?;
        Some((&rows.query, content.window))
    }

    /// Its numbers, where they are known.
    pub fn suspect(&self) -> Option<&Suspect> {
        self.content.as_ref().map(|content| &content.suspect).or(self.known.as_deref())
    }

    /// Reads it again over the window of this moment.
    pub fn reload(&mut self, shared: &Shared) -> Vec<Effect> {
        self.window = shared.range();
        self.known = self.known.take().filter(|_| self.content.is_none());
        let known = self.known.clone();
        self.ask(known, shared)
    }

    /// Reads it again over the window that is shown, because its evidence is sentences in the language of before.
    pub fn retold(&mut self, shared: &Shared) -> Vec<Effect> {
        let known = self.suspect().cloned().map(Box::new);
        self.ask(known, shared)
    }

    fn ask(&mut self, known: Option<Box<Suspect>>, shared: &Shared) -> Vec<Effect> {
        self.loading = true;
        let (client, window, lang) = (self.client, self.window, shared.lang);
        vec![Effect::start(Slot::Dossier, Request::Dossier { client, known, window, lang })]
    }

    /// It has come, or not.
    pub fn read(&mut self, dossier: Result<Box<judging::Dossier>, SourceError>, shared: &Shared) -> Vec<Effect> {
        self.loading = false;
        match dossier {
            Ok(dossier) => {
                self.failed = None;
                self.content = Some(dossier);
                if std::mem::take(&mut self.explain_next) { self.explain(shared) } else { Vec::new() }
            }
            Err(error) => {
                self.failed = Some(error.say(shared.lang));
                self.explain_next = false;
                Vec::new()
            }
        }
    }

    /// Asks the judge, as soon as there is something to judge.
    pub fn explain(&mut self, shared: &Shared) -> Vec<Effect> {
        match &self.content {
            Some(content) => {
                self.judging = Judging::begin(shared.now);
                self.scroll.offset = 0;
                vec![Effect::start(Slot::Judge, Request::Judge(content.clone(), shared.lang))]
            }
            None => {
                self.explain_next = true;
                Vec::new()
            }
        }
    }

    /// Stops the judge.
    pub fn cancel(&mut self) -> Vec<Effect> {
        self.explain_next = false;
        self.judging = Judging::Cancelled;
        vec![Effect::Cancel(Slot::Judge)]
    }

    /// Whether the judge is at work or about to be.
    pub const fn is_judging(&self) -> bool {
        self.explain_next || self.judging.is_running()
    }

    /// The judge says how far it is.
    pub fn judging(&mut self, progress: JudgeProgress) {
        self.judging.hear(progress);
    }

    /// The judge is done.
    pub fn judged(&mut self, verdict: Result<Box<Verdict>, JudgeError>, shared: &Shared) {
        self.judging = match verdict {
            Ok(verdict) => Judging::Done(verdict),
            Err(error) => Judging::Failed(error.say(shared.lang)),
        };
    }

    /// When the judge was asked, while it is at work.
    const fn since(&self) -> Option<Timestamp> {
        self.judging.since()
    }
}

impl App {
    /// Opens the dossier of the client that is selected in the gate table.
    pub(in crate::tui) fn open_selected(&mut self) -> Vec<Effect> {
        let Some(suspect) = self.suspects.current().cloned() else { return Vec::new() };
        self.open_dossier(suspect.stats.client, Some(suspect), false)
    }

    /// Opens it and asks the judge.
    pub(in crate::tui) fn explain_selected(&mut self) -> Vec<Effect> {
        let Some(suspect) = self.suspects.current().cloned() else { return Vec::new() };
        self.open_dossier(suspect.stats.client, Some(suspect), true)
    }

    /// Opens the dossier of a client. One that is open already is only brought up, and asked for the judge.
    pub(in crate::tui) fn open_dossier(
        &mut self,
        client: IpAddr,
        known: Option<Suspect>,
        explain: bool,
    ) -> Vec<Effect> {
        self.in_dossier = true;
        let mut effects = Vec::new();
        if self.dossier.as_ref().is_none_or(|panel| panel.client != client) {
            let (panel, reading) = Dossier::open(client, known, &self.shared);
            self.dossier = Some(panel);
            effects.extend(self.rearranged());
            effects.push(Effect::Cancel(Slot::Judge));
            effects.extend(reading);
        }
        if explain && let Some(panel) = &mut self.dossier {
            effects.extend(panel.explain(&self.shared));
        }
        effects
    }
}

impl Pane for Dossier {
    fn context(&self) -> Context {
        Context::Dossier
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        self.scroll.step(step);
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, _shared: &mut Shared) -> Vec<Effect> {
        self.scroll.pointer(pointer);
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        // The seconds that the judge takes are shown.
        shared.dirty |= self.is_judging() || self.loading;
        Vec::new()
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        match extent {
            Extent::Cell => Some(self.client.to_string()),
            Extent::Row => {
                let lines = self.content_lines(shared, COPIED_WIDTH);
                Some(lines.iter().map(|line| line.text()).collect::<Vec<_>>().join("\n"))
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_panel(frame.buffer_mut(), area, paint);
    }
}

/// Columns of a dossier that is copied as text.
const COPIED_WIDTH: usize = 100;

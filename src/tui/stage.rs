//! The console without a terminal: keys go in, a screen comes out. The pictures of the documentation and the tests of
//! whole views are made with it, over the simulated shop, with the real file source, journal, policy and rehearsal, and
//! with a clock of its own, so that the same keys always give the same screen.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use color_eyre::eyre::{self, OptionExt as _};
use crossterm::event::Event as TerminalEvent;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::app::{App, Event};
use super::keymap::Chord;
use super::runtime::{self, Tasks};
use super::work::Services;
use super::{TuiOptions, picture};
use crate::detect::baseline::Baselines;
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::{Clock, Engine, EngineSettings};
use crate::journal::{Actor, Journal};
use crate::judge::offline::Offline;
use crate::logs::files::{self, FileSource};
use crate::sim::populations::lab;
use crate::sim::{Plan, Traffic, write};
use crate::text::Lang;
use crate::tui::theme::Depth;

/// 2026-03-02 09:00 UTC: when the shop's log begins.
const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
/// How long it is.
const LENGTH: SignedDuration = SignedDuration::from_mins(6);
/// How much earlier the log begins where fleets take part.
const LONGER: SignedDuration = SignedDuration::from_mins(12);
/// Which fleets take part.
const FLEETS: &[&str] = &["stuffing-fleet", "subnet-scrape", "xmlrpc-botnet"];
/// How long it is quiet before the attackers come.
const QUIET: SignedDuration = SignedDuration::from_mins(2);

/// The instant at which the clock of a stage begins: the end of the log.
pub fn now() -> Timestamp {
    START + LENGTH
}

/// A clock that moves by a second with every key that is pressed, and else stands still: a hand is never quicker, and
/// forms that wait for a calm hand can be tried.
#[derive(Debug, Default)]
struct Steps(AtomicI64);

impl Steps {
    fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// How a stage is to be.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// Where log, journal and own queries are put.
    pub folder: &'a Path,
    /// The language.
    pub lang: Lang,
    /// The theme.
    pub theme: &'a str,
    /// The colours.
    pub depth: Depth,
    /// Columns and lines.
    pub size: (u16, u16),
    /// Whether fleets take part whose members each stay under every threshold, and innocents that are like them.
    pub fleets: bool,
}

/// A console at work on the simulated shop.
pub struct Stage {
    clock: Arc<Steps>,
    app: App,
    tasks: Tasks,
    terminal: Terminal<TestBackend>,
}

impl Stage {
    /// Opens the console on the shop's log and waits until everything is read.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be written.
    pub async fn open(setting: &Setting<'_>) -> eyre::Result<Self> {
        let engine = engine(setting)?;
        let clock = Arc::new(Steps::default());
        let options = TuiOptions {
            lang: setting.lang,
            theme: setting.theme.to_owned(),
            depth: Some(setting.depth),
            queries_dir: Some(setting.folder.join("queries")),
            zone: zone(setting.lang),
            actor: Actor { user: "operator".to_owned(), from: "198.18.250.1".to_owned() },
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            window: Duration::from_secs(if setting.fleets { 3600 } else { 300 }),
            ..TuiOptions::default()
        };
        let (basics, _) = runtime::basics(&engine, &options).await;
        let services =
            Services { engine, clock: options.clock, actor: options.actor, queries_dir: options.queries_dir };
        let terminal = Terminal::new(TestBackend::new(setting.size.0, setting.size.1))?;
        let mut tasks = Tasks::new(services);
        let (app, effects) = App::new(basics, now(), setting.size.into());
        tasks.apply(effects);
        let mut stage = Self { clock, app, tasks, terminal };
        stage.settle().await;
        stage.screen()?;
        Ok(stage)
    }

    /// What all views of it know, on a screen of another size: for a view that is tried alone.
    #[cfg(test)]
    pub fn shared(&self, size: ratatui::layout::Size) -> super::app::Shared {
        super::app::Shared::new(self.app.shared.basics.clone(), now(), size)
    }

    /// Presses keys, written as in the table of commands and separated by blanks (`2 ctrl+r down enter`), and waits
    /// after each until everything has settled.
    ///
    /// # Errors
    ///
    /// Where a word is no key.
    pub async fn press(&mut self, keys: &str) -> eyre::Result<()> {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).ok_or_eyre("no such key")?;
            self.clock.step();
            self.event(Event::Terminal(TerminalEvent::Key(chord.event())));
            self.settle().await;
            // As on a terminal, what was drawn last decides how far a page is.
            self.screen()?;
        }
        Ok(())
    }

    /// Types a text, key by key.
    pub async fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            let code = if character == '\n' {
                crossterm::event::KeyCode::Enter
            } else {
                crossterm::event::KeyCode::Char(character)
            };
            self.event(Event::Terminal(TerminalEvent::Key(code.into())));
        }
        self.settle().await;
    }

    /// Pastes a text.
    pub async fn paste(&mut self, text: &str) {
        self.event(Event::Terminal(TerminalEvent::Paste(text.to_owned())));
        self.settle().await;
    }

    fn event(&mut self, event: Event) {
        let effects = self.app.update(event, self.clock.now());
        // What is left are effects on a terminal, and there is none.
        drop(self.tasks.apply(effects));
    }

    /// Waits until no task is at work.
    pub async fn settle(&mut self) {
        while self.tasks.in_flight() > 0 {
            let reply = self.tasks.next().await;
            self.event(Event::Reply(reply));
        }
    }

    /// The screen.
    ///
    /// # Errors
    ///
    /// None that can happen in memory.
    pub fn screen(&mut self) -> eyre::Result<&Buffer> {
        let Self { app, terminal, .. } = self;
        terminal.draw(|frame| app.draw(frame))?;
        Ok(self.terminal.backend().buffer())
    }

    /// The screen as lines of text.
    ///
    /// # Errors
    ///
    /// As [`Self::screen`].
    pub fn text(&mut self) -> eyre::Result<String> {
        Ok(picture::text(self.screen()?))
    }

    /// The screen as an SVG picture.
    ///
    /// # Errors
    ///
    /// As [`Self::screen`].
    pub fn svg(&mut self, title: &str) -> eyre::Result<String> {
        self.screen()?;
        Ok(picture::svg(self.terminal.backend().buffer(), &self.app.shared.theme, title))
    }
}

fn zone(lang: Lang) -> TimeZone {
    match lang {
        Lang::En => TimeZone::UTC,
        Lang::Ko => TimeZone::fixed(jiff::tz::offset(9)),
    }
}

/// The parts of an investigation of the shop's log.
fn engine(setting: &Setting<'_>) -> eyre::Result<Engine> {
    let log = setting.folder.join("shop.access.log");
    write_log(&log, setting.fleets)?;
    let source = FileSource::open(files::Options {
        inputs: vec![log.display().to_string()],
        zone: TimeZone::UTC,
        now,
        ..files::Options::default()
    })?;
    let journal = Arc::new(Journal::open(setting.folder.join("journal.db"))?);
    Ok(Engine {
        recollection: Arc::default(),
        source: Arc::new(source),
        judge: Arc::new(Offline),
        enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
        journal,
        settings: Arc::new(EngineSettings {
            lang: setting.lang,
            baselines: Arc::new(Baselines::shipped().clone()),
            ..EngineSettings::default()
        }),
    })
}

fn write_log(path: &Path, fleets: bool) -> io::Result<()> {
    let mut plan = Plan::new(2026, START).until(now()).attacks_from(START + QUIET);
    if fleets {
        // A fleet takes its time.
        plan = Plan::new(2026, START - LONGER).until(now());
        plan.populations.extend(lab::ATTACKERS.iter().filter(|population| FLEETS.contains(&population.name)));
        plan.populations.extend(lab::INNOCENTS);
    }
    let mut out = BufWriter::new(File::create(path)?);
    Traffic::new(&plan).try_for_each(|request| write::line(&mut out, write::Format::Timed, &request))?;
    out.flush()
}

//! The console under test, with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::{App, Event};
use super::surveys::{net, survey};
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::{Clock, Engine, EngineSettings};
use crate::journal::{Actor, Journal, Outcome};
use crate::judge::offline::Offline;
use crate::logs::HitSeries;
use crate::logs::files::{self, FileSource};
use crate::text::Lang;
use crate::tui::effect::Reply;
use crate::tui::keymap::Chord;
use crate::tui::runtime::{self, Tasks};
use crate::tui::theme::Depth;
use crate::tui::work::Services;
use crate::tui::{TuiOptions, picture};

/// 2026-03-02 09:06:00 UTC.
const START: i64 = 1_772_442_360_000;

/// A clock that is moved by hand; milliseconds.
pub(super) struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// The console under test.
pub(super) struct Bench {
    pub(super) app: App,
    pub(super) tasks: Tasks,
    pub(super) screen: Terminal<TestBackend>,
    pub(super) clock: Arc<Hands>,
    pub(super) journal: Arc<Journal>,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(super) async fn open(size: (u16, u16), lang: Lang) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("access.log");
        std::fs::write(&log, "").unwrap();
        let journal = Arc::new(Journal::open(folder.path().join("journal.db")).unwrap());
        let inputs = vec![log.to_string_lossy().into_owned()];
        let engine = Engine {
            recollection: Arc::default(),
            source: Arc::new(FileSource::open(files::Options { inputs, ..files::Options::default() }).unwrap()),
            judge: Arc::new(Offline),
            enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
            journal: Arc::clone(&journal),
            settings: Arc::new(EngineSettings { lang, ..EngineSettings::default() }),
        };
        let clock = Arc::new(Hands(AtomicI64::new(START)));
        let options = TuiOptions {
            lang,
            depth: Some(Depth::True),
            zone: TimeZone::UTC,
            actor: Actor { user: "operator".to_owned(), from: "198.18.250.1".to_owned() },
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ..TuiOptions::default()
        };
        let (mut basics, _) = runtime::basics(&engine, &options).await;
        basics.source.label = "access.log".to_owned();
        let services = Services { engine, clock: options.clock, actor: options.actor, queries_dir: None };
        let mut tasks = Tasks::new(services);
        let (app, effects) = App::new(basics, clock.now(), size.into());
        tasks.apply(effects);
        let screen = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let mut bench = Self { app, tasks, screen, clock, journal, _folder: folder };
        bench.settle().await;
        bench.app.shared.notice = None;
        bench
    }

    /// Gives an event to the console as it is at this moment.
    pub(super) fn event(&mut self, event: Event) {
        let effects = self.app.update(event, self.clock.now());
        drop(self.tasks.apply(effects));
    }

    pub(super) fn reply(&mut self, reply: Reply) {
        self.event(Event::Reply(reply));
    }

    /// Waits until nothing is at work.
    pub(super) async fn settle(&mut self) {
        while self.tasks.in_flight() > 0 {
            let reply = self.tasks.next().await;
            self.reply(reply);
        }
    }

    pub(super) fn pass(&mut self, milliseconds: i64) {
        self.clock.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Presses keys as a person does: half a second apart, each having its effect before the next.
    pub(super) async fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.pass(500);
            self.event(Event::Terminal(TerminalEvent::Key(Chord::parse(key).unwrap().event())));
            self.settle().await;
        }
    }

    /// Keys that come all at once.
    pub(super) async fn rush(&mut self, keys: &str) {
        for key in keys.chars() {
            let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
            self.event(Event::Terminal(TerminalEvent::Key(key)));
        }
        self.settle().await;
    }

    pub(super) async fn paste(&mut self, text: &str) {
        self.event(Event::Terminal(TerminalEvent::Paste(text.to_owned())));
        self.settle().await;
    }

    pub(super) fn shown(&mut self) -> String {
        let Self { app, screen, .. } = self;
        screen.draw(|frame| app.draw(frame)).unwrap();
        picture::text(self.screen.backend().buffer())
    }

    /// The acts in the journal on an address.
    pub(super) fn acts(&self, target: &str) -> Vec<Option<Outcome>> {
        let intents = self.journal.intents_of(net(target), 10).unwrap();
        intents.into_iter().map(|intent| intent.outcome).collect()
    }

    /// Puts a gate table and a histogram on the screen.
    pub(super) fn survey(&mut self, clients: &[(&str, [u64; 5])]) {
        let window = self.app.shared.range();
        self.reply(Reply::Survey(Ok(survey(clients, window, self.clock.now()))));
        let step = Duration::from_secs(6);
        let series = [("2xx", 7), ("3xx", 0), ("4xx", 3), ("5xx", 1)].map(|(class, base)| HitSeries {
            fields: vec![("status".to_owned(), class.to_owned())],
            timestamps: (0..50)
                .map(|bucket| Timestamp::from_second(window.start.as_second() + bucket * 6).unwrap())
                .collect(),
            values: (0..50).map(|bucket| base * (1 + bucket * 7 % 11)).collect(),
        });
        self.reply(Reply::Histogram { window, step, series: Ok(series.into()) });
    }
}

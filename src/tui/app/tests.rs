//! The console driven by scripted keys on a screen in memory: the real update, tasks, journal, policy, judge and
//! rehearsal, and a clock that moves only when told to. The tables it shows are given to it as replies.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{App, Event};
use crate::detect::assess::Scored;
use crate::detect::gates::{GateLimits, passed};
use crate::detect::groups::{Alike, Cohort, Covering, Habit, Member, Share, innocent_share};
use crate::detect::ranges::exemption;
use crate::detect::replay::Action;
use crate::detect::score::{Kind, Part};
use crate::detect::{ClientStats, Survey, Suspect, WindowTotals};
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::{Clock, Engine, EngineSettings};
use crate::journal::{Actor, Journal, Outcome};
use crate::judge::offline::Offline;
use crate::judge::{Opinion, Verdict};
use crate::logs::files::{self, FileSource};
use crate::logs::{HitSeries, SourceError, Window};
use crate::text::Lang;
use crate::text::escape::is_dangerous;
use crate::tui::effect::{Effect, Reply, Request, Slot};
use crate::tui::keymap::Chord;
use crate::tui::overlays::Overlay;
use crate::tui::runtime::{self, Tasks};
use crate::tui::theme::Depth;
use crate::tui::work::Services;
use crate::tui::{ExitReason, TuiOptions, picture};

/// 2026-03-02 09:06:00 UTC.
const START: i64 = 1_772_442_360_000;

/// A clock that is moved by hand; milliseconds.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// The console under test.
struct Bench {
    app: App,
    tasks: Tasks,
    screen: Terminal<TestBackend>,
    clock: Arc<Hands>,
    journal: Arc<Journal>,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn open(size: (u16, u16), lang: Lang) -> Self {
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
    fn event(&mut self, event: Event) {
        let effects = self.app.update(event, self.clock.now());
        drop(self.tasks.apply(effects));
    }

    fn reply(&mut self, reply: Reply) {
        self.event(Event::Reply(reply));
    }

    /// Waits until nothing is at work.
    async fn settle(&mut self) {
        while self.tasks.in_flight() > 0 {
            let reply = self.tasks.next().await;
            self.reply(reply);
        }
    }

    fn pass(&mut self, milliseconds: i64) {
        self.clock.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Presses keys as a person does: half a second apart, each having its effect before the next.
    async fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.pass(500);
            self.event(Event::Terminal(TerminalEvent::Key(Chord::parse(key).unwrap().event())));
            self.settle().await;
        }
    }

    /// Keys that come all at once.
    async fn rush(&mut self, keys: &str) {
        for key in keys.chars() {
            let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
            self.event(Event::Terminal(TerminalEvent::Key(key)));
        }
        self.settle().await;
    }

    async fn paste(&mut self, text: &str) {
        self.event(Event::Terminal(TerminalEvent::Paste(text.to_owned())));
        self.settle().await;
    }

    fn shown(&mut self) -> String {
        let Self { app, screen, .. } = self;
        screen.draw(|frame| app.draw(frame)).unwrap();
        picture::text(self.screen.backend().buffer())
    }

    /// The acts in the journal on an address.
    fn acts(&self, target: &str) -> Vec<Option<Outcome>> {
        let intents = self.journal.intents_of(net(target), 10).unwrap();
        intents.into_iter().map(|intent| intent.outcome).collect()
    }

    /// Puts a gate table and a histogram on the screen.
    fn survey(&mut self, clients: &[(&str, [u64; 5])]) {
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

fn net(text: &str) -> IpNet {
    crate::config::value::network(text).unwrap()
}

fn share(habit: Habit, members: f64, people: f64) -> Share {
    Share { habit, members, people: Some(people) }
}

/// Members `first`, `first + 1`, … of a prefix.
fn members(prefix: &str, count: u8, score: f64, action: Action, now: Timestamp) -> Vec<Member> {
    let member = |number: u8| {
        let last = now - jiff::SignedDuration::from_secs(i64::from(number) * 7);
        let client = format!("{prefix}.{}", number * 3 + 1).parse().unwrap();
        Member { client, score, action, requests: 4 + u32::from(number % 3), last }
    };
    (0..count).map(member).collect()
}

/// A fleet that guesses passwords from everywhere.
fn guessers(now: Timestamp) -> Cohort {
    let template = "/api/auth/token\u{1b}[2J".to_owned();
    let mut all = members("198.51.100", 9, 0.973, Action::Act, now);
    all.extend(members("192.0.2", 5, 0.62, Action::Ask, now));
    all.extend(members("203.0.113", 2, 0.31, Action::Watch, now));
    Cohort {
        detector: "cohort:action".to_owned(),
        alike: Alike::Action { writes: true, template, outcome: "refused".to_owned() },
        innocent_share: 0.018,
        people: 1,
        members: all,
        median_requests: 5,
        people_median_requests: 31,
        shares: vec![share(Habit::OneThing, 1.0, 0.02), share(Habit::NoAssets, 1.0, 0.04)],
        prefixes: vec![covering("198.51.100.0/27", 9, 0), covering("192.0.2.0/28", 5, 3)],
    }
}

/// Scrapers that share an agent.
fn scrapers(now: Timestamp) -> Cohort {
    Cohort {
        detector: "cohort:agent".to_owned(),
        alike: Alike::Agent { agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned() },
        innocent_share: 0.09,
        people: 4,
        members: members("203.0.113", 7, 0.71, Action::Ask, now),
        median_requests: 12,
        people_median_requests: 31,
        shares: vec![share(Habit::SameAgent, 1.0, 0.03), share(Habit::NoReferer, 0.86, 0.05)],
        prefixes: Vec::new(),
    }
}

fn covering(prefix: &str, members: u32, others: u32) -> Covering {
    Covering { prefix: net(prefix), members, others, innocent_share: innocent_share(members, others) }
}

/// The score of a client that passes these gates: the more, the surer.
fn score(gates: &[crate::detect::gates::GateHit]) -> Option<Box<Scored>> {
    let part = |kind, detector: &str, weight, value| Part { kind, detector: detector.to_owned(), weight, value };
    let parts = vec![
        part(Kind::Probing, "probing:missing-paths", 4.0, 12.0),
        part(Kind::Burst, "burst:minute", 3.0, 140.0),
        part(Kind::Rule, "rule:dot-file", 1.5, 1.0),
    ];
    let (probability, action) = match gates.len() {
        0 => return None,
        1 => (0.55, Some(Action::Ask)),
        _ => (0.974, Some(Action::Act)),
    };
    Some(Box::new(Scored { probability, action, parts, conclusive: false, cohort: None }))
}

/// A survey of clients with requests, 4xx, 499, 5xx and paths.
fn survey(clients: &[(&str, [u64; 5])], window: Window, now: Timestamp) -> Survey {
    let clients: Vec<Suspect> = clients
        .iter()
        .map(|(client, [requests, s4xx, s499, s5xx, paths])| {
            let stats = ClientStats {
                client: client.parse().unwrap(),
                requests: *requests,
                s2xx: requests - s4xx - s5xx,
                s3xx: 0,
                s4xx: *s4xx,
                s499: *s499,
                s5xx: *s5xx,
                paths: *paths,
                bytes: requests * 1234,
                first_seen: Some(window.start),
                last_seen: Some(now),
            };
            let gates = passed(&stats, &GateLimits::default());
            Suspect {
                target: stats.client.into(),
                exempt: exemption(stats.client, &[], &[]),
                score: score(&gates),
                gates,
                stats,
            }
        })
        .collect();
    let cohorts = vec![guessers(now), scrapers(now)];
    let totals = WindowTotals { requests: 12_345, clients: 321 };
    Survey {
        window,
        totals,
        clients,
        cohorts,
        gaps: Vec::new(),
        partial_scores: false,
        query: String::new(),
        cut: false,
    }
}

const CLIENTS: &[(&str, [u64; 5])] = &[
    ("203.0.113.66", [1_234_567, 1_200_000, 0, 3, 412]),
    ("198.51.100.23", [477, 455, 0, 0, 1]),
    ("192.0.2.77", [1_940, 744, 744, 811, 1]),
    ("2001:db8:5:7:1a2b::9", [66, 0, 0, 0, 28]),
    ("10.0.0.7", [900, 880, 0, 0, 70]),
];

#[tokio::test]
async fn a_ban_takes_a_key_of_its_own_and_a_pause_before_it() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("b enter").await;
    assert!(bench.app.overlays.is_empty(), "Enter takes the safe answer");
    // What was on its way when the form opened, what comes too fast, and what is pasted: none of it bans.
    bench.pass(500);
    bench.rush("bB").await;
    bench.pass(50);
    bench.rush("B").await;
    bench.pass(400);
    bench.rush("xB").await;
    bench.paste("B").await;
    bench.press("b y enter").await;
    assert_eq!(bench.acts("192.0.2.77"), []);
    assert!(bench.app.overlays.is_empty());

    bench.press("b B").await;
    assert!(bench.app.overlays.is_empty(), "it closes when it is done");
    assert_eq!(bench.acts("192.0.2.77"), [Some(Outcome::Rehearsed)]);
    let screen = bench.shown();
    assert!(screen.contains("rehearsed: ban 192.0.2.77 for 4h; nothing was sent"), "{screen}");
    assert!(screen.contains("□ rehearsed"), "{screen}");

    bench.press("3").await;
    assert!(bench.shown().contains("192.0.2.77"), "{}", bench.shown());
    bench.press("u U").await;
    assert_eq!(bench.app.shared.decisions.len(), 0);
    assert!(bench.shown().contains("Nothing is banned."), "{}", bench.shown());
}

#[tokio::test]
async fn a_range_is_typed_once_more_and_never_pasted() {
    let mut bench = Bench::open((100, 30), Lang::En).await;
    bench.survey(CLIENTS);
    // The field of the target comes after the safe answer; the new text replaces the old.
    bench.press("b tab ctrl+u").await;
    bench.paste("192.0.2.0/24").await;
    bench.press("enter B").await;
    assert_eq!(bench.acts("192.0.2.0/24"), [], "not before it was typed");
    bench.press("backtab").await;
    bench.paste("192.0.2.0/24").await;
    bench.press("enter B").await;
    assert_eq!(bench.acts("192.0.2.0/24"), [], "pasting does not count");
    bench.press("backtab").await;
    bench.pass(500);
    bench.rush("192.0.2.0/24").await;
    bench.press("enter B").await;
    assert_eq!(bench.acts("192.0.2.0/24"), [Some(Outcome::Rehearsed)], "{}", bench.shown());
}

#[tokio::test]
async fn the_policys_refusals_are_shown_with_their_rule_and_nothing_can_be_confirmed() {
    let mut bench = Bench::open((100, 30), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("b tab ctrl+u").await;
    bench.rush("10.0.0.0/7").await;
    bench.press("enter B").await;
    let screen = bench.shown();
    assert!(screen.contains("The policy refuses:") && screen.contains("10.0.0.0/8"), "{screen}");
    assert!(screen.contains("wider than /24"), "{screen}");
    assert!(matches!(bench.app.overlays.last(), Some(Overlay::Ban(_))));
    assert_eq!(bench.acts("10.0.0.0/7"), []);
}

#[tokio::test]
async fn a_plan_older_than_a_minute_is_made_again() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("b").await;
    let made = |bench: &Bench| match bench.app.overlays.last() {
        Some(Overlay::Ban(form)) => form.confirmable(bench.clock.now()).map(|plan| plan.made_at()).ok(),
        _ => None,
    };
    let first = made(&bench).unwrap();
    bench.pass(70_000);
    assert_eq!(made(&bench), None, "a stale plan cannot be confirmed");
    bench.event(Event::Tick);
    bench.settle().await;
    assert!(made(&bench).unwrap() > first);
}

#[tokio::test]
async fn the_selection_stays_on_its_client_through_a_refresh() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("j j").await;
    let client = bench.app.suspects.current().unwrap().stats.client;
    let mut other: Vec<_> = CLIENTS.to_vec();
    other.reverse();
    other.insert(0, ("192.0.2.200", [5_000, 0, 0, 5_000, 900]));
    other.insert(0, ("192.0.2.201", [5_000, 0, 0, 4_000, 900]));
    bench.survey(&other);
    assert_eq!(bench.app.suspects.current().unwrap().stats.client, client);
    // A client that is gone leaves the selection where it was on the screen.
    other.retain(|(one, _)| one.parse::<std::net::IpAddr>().unwrap() != client);
    bench.survey(&other);
    assert!(bench.app.suspects.current().is_some());
}

#[tokio::test]
async fn a_failure_keeps_the_last_table_and_says_where_it_belongs() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    let error = SourceError::Unreachable { url: "http://logs:9428".to_owned(), cause: "refused\u{1b}[2J".to_owned() };
    bench.reply(Reply::Survey(Err(error)));
    let screen = bench.shown();
    assert!(screen.contains("http://logs:9428 does not answer") && screen.contains("192.0.2.77"), "{screen}");
}

#[tokio::test]
async fn filter_sort_and_columns_by_keys_alone() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("/").await;
    bench.rush("EXEMPT").await;
    let screen = bench.shown();
    assert!(screen.contains("10.0.0.7") && !screen.contains("203.0.113.66"), "{screen}");
    bench.press("esc").await;
    assert!(bench.shown().contains("203.0.113.66"));
    // The cursor stands on the first column; three to the right are the requests.
    bench.press("right right right s home").await;
    assert_eq!(bench.app.suspects.current().map(|suspect| suspect.stats.requests), Some(1_234_567));
    bench.press("s home").await;
    assert_eq!(bench.app.suspects.current().map(|suspect| suspect.stats.requests), Some(66));
}

#[tokio::test]
async fn hostile_text_reaches_no_cell_of_the_screen() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    let evil = "a\u{1b}]52;c;AA\u{7}\u{202e}\u{9b}2J\nb\u{200b}";
    let verdict = Verdict {
        target: net("192.0.2.77"),
        opinion: Opinion::Yes,
        confidence: 0.9,
        category: evil.to_owned(),
        reason: evil.to_owned(),
        cites: vec![evil.to_owned()],
        cites_unknown: vec![evil.to_owned()],
        judge: evil.to_owned(),
        note: Some(evil.to_owned()),
        prompt: String::new(),
        raw: evil.to_owned(),
        took: Duration::from_secs(3),
        at: bench.clock.now(),
    };
    bench.press("enter").await;
    bench.reply(Reply::Judging(crate::judge::JudgeProgress::Answer(evil.to_owned())));
    bench.reply(Reply::Judged(Ok(Box::new(verdict))));
    bench.press("b tab tab tab tab").await;
    bench.paste(evil).await;
    bench.shown();
    for cell in bench.screen.backend().buffer().content() {
        assert!(!cell.symbol().chars().any(is_dangerous), "{:?}", cell.symbol());
    }
}

#[tokio::test]
async fn every_screen_can_be_drawn_at_every_size_in_both_languages() {
    for lang in [Lang::En, Lang::Ko] {
        let mut bench = Bench::open((80, 24), lang).await;
        bench.survey(CLIENTS);
        for keys in ["", "enter", "b", "esc esc 3", "1 ?", "esc :", "esc t", "esc w", "esc /", "esc a", "2"] {
            bench.press(keys).await;
            for size in
                [(1, 1), (20, 5), (59, 16), (60, 15), (60, 16), (80, 24), (109, 24), (110, 30), (200, 50), (250, 8)]
            {
                bench.screen.backend_mut().resize(size.0, size.1);
                bench.event(Event::Terminal(TerminalEvent::Resize(size.0, size.1)));
                bench.shown();
            }
        }
    }
}

#[tokio::test]
async fn the_keys_go_to_what_is_in_sight() {
    let mut bench = Bench::open((160, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("enter tab").await;
    assert!(bench.app.dossier.is_some() && !bench.app.in_dossier, "beside the view, the view may have the keys");
    bench.event(Event::Terminal(TerminalEvent::Resize(80, 24)));
    assert!(bench.app.in_dossier, "over the view, the panel has them");
    bench.press("3").await;
    assert!(bench.app.dossier.is_none(), "another view is not brought up behind the panel");
}

#[tokio::test]
async fn a_command_that_cannot_run_says_why() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.press("u").await;
    assert!(bench.shown().contains("no decision in force covers this address"), "{}", bench.shown());
    bench.press("ctrl+c").await;
    assert_eq!(bench.app.exit, Some(ExitReason::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn starting_replaces_and_late_replies_are_dropped() {
    let bench = Bench::open((80, 24), Lang::En).await;
    let mut tasks = bench.tasks;
    let slow = Effect::after(Duration::from_secs(60), Slot::Decisions, Request::Health);
    tasks.apply(vec![slow.clone(), Effect::start(Slot::Decisions, Request::Decisions)]);
    assert_eq!(tasks.in_flight(), 1);
    assert!(matches!(tasks.next().await, Reply::Decisions(_)));
    assert_eq!(tasks.in_flight(), 0);
    // One that has answered already, but whose answer was not taken yet, is late too.
    tasks.apply(vec![Effect::start(Slot::Decisions, Request::Decisions)]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    tasks.apply(vec![Effect::start(Slot::Decisions, Request::Health)]);
    assert!(matches!(tasks.next().await, Reply::Health(_)));
    tasks.apply(vec![slow, Effect::Cancel(Slot::Decisions)]);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(tasks.ready().is_none());
}

/// Pictures of the screens in text: what a person sees, in both languages, narrow and wide.
#[tokio::test]
async fn the_screens_look_as_they_did() {
    for (lang, code) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        for size in [(80, 24), (120, 40), (200, 50)] {
            let mut bench = Bench::open(size, lang).await;
            bench.survey(CLIENTS);
            let name = |screen: &str| format!("{screen}-{code}-{}x{}", size.0, size.1);
            insta::assert_snapshot!(name("suspects"), bench.shown());
            bench.press("b").await;
            insta::assert_snapshot!(name("ban"), bench.shown());
            bench.press("esc ?").await;
            insta::assert_snapshot!(name("help"), bench.shown());
            bench.press("esc 4").await;
            insta::assert_snapshot!(name("cohorts"), bench.shown());
            bench.press("b home space").await;
            insta::assert_snapshot!(name("ban-many"), bench.shown());
        }
    }
}

#[tokio::test]
async fn live_and_rehearsal_are_told_in_words() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    assert!(bench.shown().contains("REHEARSAL"));
    bench.app.shared.basics.live = true;
    bench.press("b").await;
    let screen = bench.shown();
    assert!(screen.contains(" LIVE ") && screen.contains("ban for real"), "{screen}");
}

#[tokio::test]
async fn what_is_banned_already_is_not_chosen_and_a_plan_of_many_grows_old_too() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4 b").await;
    let many = |bench: &Bench| match bench.app.overlays.last() {
        Some(Overlay::BanMany(form)) => form.confirmable(bench.clock.now()),
        _ => panic!("no form"),
    };
    assert!(many(&bench).is_ok());
    bench.pass(70_000);
    assert!(many(&bench).is_err(), "stale plans cannot be confirmed");
    bench.event(Event::Tick);
    bench.settle().await;
    assert!(many(&bench).is_ok());
    // Closing the form leaves nothing behind.
    bench.press("q").await;
    assert!(bench.app.overlays.is_empty());
    assert_eq!(bench.acts("198.51.100.1"), []);
    bench.survey(CLIENTS);
    bench.press("b B").await;
    let screen = bench.shown();
    assert!(screen.contains("done 14, failed 0") && screen.contains("[ Close ]"), "{screen}");
    assert!(!screen.contains("[ Cancel ]") && !screen.contains("rehearse the ban"), "{screen}");
    bench.press("esc").await;
    assert_eq!(bench.acts("198.51.100.1"), [Some(Outcome::Rehearsed)]);
    assert_eq!(bench.acts("203.0.113.1"), [], "one to watch is not chosen by itself");
    assert_eq!(bench.app.shared.decisions.len(), 14);
}

#[tokio::test]
async fn closing_the_form_of_many_while_it_sends_stops_after_the_one_in_flight_and_says_so() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4 b").await;
    let key = |chord: &str| Event::Terminal(TerminalEvent::Key(Chord::parse(chord).unwrap().event()));
    bench.pass(500);
    bench.event(key("B"));
    assert!(bench.shown().contains("[ Stop ]"), "{}", bench.shown());
    bench.pass(500);
    bench.event(key("esc"));
    assert!(bench.shown().contains("stopped: 1 sent, 13 not sent"), "{}", bench.shown());
    bench.settle().await;
    assert!(bench.shown().contains("; stopped: 1 sent, 13 not sent"), "{}", bench.shown());
    assert_eq!(bench.app.shared.decisions.len(), 1);
}

#[tokio::test]
async fn members_are_walked_filtered_and_opened_by_keys_alone() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4 enter /").await;
    bench.rush("192.0.2").await;
    bench.press("enter down").await;
    let screen = bench.shown();
    assert!(screen.contains("▸ 192.0.2.4") && !screen.contains("198.51.100.1 "), "{screen}");
    assert!(!screen.contains('\u{1b}') && screen.contains("token\\x1b[2J"), "{screen}");
    bench.press("enter").await;
    assert!(bench.shown().contains("Dossier 192.0.2.4"), "{}", bench.shown());
    bench.press("esc esc down").await;
    assert!(bench.shown().contains("send the agent Mozilla"), "{}", bench.shown());
}

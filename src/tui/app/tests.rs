//! The console driven by scripted keys on a screen in memory: the real update, tasks, journal, policy, judge and
//! rehearsal, and a clock that moves only when told to. The tables it shows are given to it as replies.

mod bench;
mod cohorts;
mod surveys;

use std::time::Duration;

use crossterm::event::Event as TerminalEvent;

use super::Event;
use crate::engine::Clock;
use crate::journal::Outcome;
use crate::judge::{Opinion, Verdict};
use crate::logs::SourceError;
use crate::text::Lang;
use crate::text::escape::is_dangerous;
use crate::tui::ExitReason;
use crate::tui::effect::{Effect, Reply, Request, Slot};
use crate::tui::keymap::Chord;
use crate::tui::overlays::Overlay;
use bench::Bench;
use surveys::{CLIENTS, net};

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
        asks_only: false,
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

#[tokio::test]
async fn in_a_range_that_is_long_over_a_time_of_day_tells_more_than_an_age() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    let shared = &mut bench.app.shared;
    let before = |minutes: i64| shared.now - jiff::SignedDuration::from_mins(minutes);
    let (recent, long_ago, then) = (before(5), before(400 * 24 * 60), before(400 * 24 * 60 + 12));
    assert_eq!(shared.when(recent), "5m");
    shared.window_end = Some(long_ago);
    assert_eq!(shared.when(then), then.strftime("%H:%M").to_string());
    shared.window = Duration::from_secs(7 * 86_400);
    assert_eq!(shared.when(then), then.strftime("%m-%d").to_string());
}

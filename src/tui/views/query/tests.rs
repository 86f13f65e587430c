//! The Query view by its events alone: what it asks for, what it makes of what comes back, what it shows.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Size};

use super::message::{Ending, Failure};
use super::rows::Columns;
use super::*;
use crate::detect::gates::GateLimits;
use crate::library::LibraryError;
use crate::logs::Row;
use crate::logs::{SourceError, SourceInfo};
use crate::policy::Remedy;
use crate::text::Lang;
use crate::tui::app::Basics;
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane as _, Pointer, Typed};
use crate::tui::picture::text;
use crate::tui::theme::{self, Depth, Role};

fn shared(lang: Lang) -> Shared {
    let basics = Basics {
        lang,
        themes: theme::shipped().to_vec(),
        theme: "dark".to_owned(),
        depth: Depth::True,
        zone: TimeZone::UTC,
        window: Duration::from_secs(300),
        window_end: None,
        refresh: Duration::from_secs(10),
        mouse: true,
        live: false,
        source: SourceInfo {
            kind: "files",
            label: "shop.log".to_owned(),
            identity: "/srv/shop.log".to_owned(),
            hosts: Vec::new(),
            is_remote: false,
        },
        enforcer: "rehearsal".to_owned(),
        judge: "offline".to_owned(),
        gates: GateLimits::default(),
        baselines: Arc::default(),
        max_innocent_share: 0.05,
        rules: crate::detect::rules::RuleSet::shipped(),
        ban_duration: Duration::from_secs(3600),
        remedy: Remedy::Ban,
    };
    Shared::new(basics, now(), Size { width: 80, height: 24 })
}

fn now() -> Timestamp {
    "2026-03-02T09:06:00Z".parse().unwrap()
}

fn view(text: &str) -> (QueryView, Shared) {
    let shared = shared(Lang::En);
    let mut view = QueryView::new(&shared);
    view.editor.replace_all(text);
    (view, shared)
}

fn rows(rows: &[&[(&str, &str)]]) -> Reply {
    let rows: Vec<Row> = rows.iter().map(|row| row.iter().copied().collect()).collect();
    Reply::Batch { columns: Columns::of(&rows), rows: Arc::new(rows) }
}

fn ended(ending: Ending) -> Reply {
    Reply::Ended { ending, took: Duration::from_millis(420) }
}

/// The requests among effects.
fn requests(effects: &[Effect]) -> Vec<&Request> {
    let request = |effect| match effect {
        &Effect::Start { request: effect::Request::Query(ref request), .. } => Some(request),
        _ => None,
    };
    effects.iter().filter_map(request).collect()
}

fn screen(view: &mut QueryView, shared: &Shared, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view.draw(frame, frame.area(), &Paint { shared, focused: true })).unwrap();
    terminal.backend().buffer().clone()
}

fn key(code: KeyCode) -> Typed {
    Typed::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn type_text(view: &mut QueryView, shared: &mut Shared, text: &str) {
    for character in text.chars() {
        view.text(&key(KeyCode::Char(character)), shared);
    }
}

#[test]
fn running_asks_for_the_text_over_the_range_and_shows_what_comes() {
    let (mut view, mut shared) = view("status:404");
    let effects = view.run(&mut shared);
    let window = Window::ending(now(), Duration::from_secs(300));
    assert_eq!(requests(&effects), [&Request::Run { text: "status:404".to_owned(), window }]);
    assert!(view.is_running());
    shared.now = now() + jiff::SignedDuration::from_secs(3);
    view.reply(rows(&[&[("_time", "t1"), ("path", "/서울")], &[("_time", "t2"), ("path", "/b")]]), &mut shared);
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("running 3.00s · 2 rows so far"), "{shown}");
    assert!(shown.contains("/서울") && shown.contains("/b"), "{shown}");
    // Nobody asked for an order: the newest first.
    let effects = view.reply(ended(Ending::Whole), &mut shared);
    let [Request::Order { rows, sorting }] = requests(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((rows.len(), &*sorting.field, sorting.descending), (2, "_time", true));
    view.reply(Reply::Ordered { sorting: sorting.clone(), order: vec![1, 0] }, &mut shared);
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("2 rows · 0.42s · _time ▼"), "{shown}");
    assert!(shown.find("t2") < shown.find("t1"), "{shown}");
}

#[test]
fn how_far_the_source_has_come_is_shown_and_asked_only_while_something_goes_on() {
    use crate::logs::{Doing, Progress};
    let (mut view, mut shared) = view("* | stats count()");
    assert!(view.tick(&mut shared).is_empty());
    view.run(&mut shared);
    assert_eq!(requests(&view.tick(&mut shared)), [&Request::Progress]);
    let progress = |doing, bytes| Reply::Progress(Some(Progress { doing, bytes, of_bytes: 1 << 30, rows: 1_000 }));
    view.reply(progress(Doing::Reading, 1 << 28), &mut shared);
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("25% of 1.0 GiB, about 4,000 rows"), "{shown}");
    view.reply(ended(Ending::Whole), &mut shared);
    assert_eq!(requests(&view.tick(&mut shared)), [&Request::Progress]);
    view.reply(progress(Doing::Indexing, 1 << 29), &mut shared);
    assert!(text(&screen(&mut view, &shared, (80, 24))).contains("indexing 50% of 1.0 GiB, 1,000 rows"));
    assert_eq!(requests(&view.tick(&mut shared)), [&Request::Progress]);
    view.reply(Reply::Progress(None), &mut shared);
    assert!(view.tick(&mut shared).is_empty());
    assert!(!text(&screen(&mut view, &shared, (80, 24))).contains("indexing"));
}

#[test]
fn a_query_that_sorts_is_left_in_its_order() {
    let (mut view, mut shared) = view("* | sort by (bytes)");
    view.run(&mut shared);
    view.reply(rows(&[&[("_time", "t1")]]), &mut shared);
    assert!(view.reply(ended(Ending::Whole), &mut shared).is_empty());
}

#[test]
fn a_partial_answer_is_marked_with_what_went_wrong() {
    let (mut view, mut shared) = view("*");
    view.run(&mut shared);
    view.reply(rows(&[&[("a", "1")]]), &mut shared);
    let error = SourceError::CutOff { cause: "reset \u{1b}[2J".to_owned(), rows_before: 1 };
    view.reply(ended(Ending::Failed(Failure(Arc::new(error)))), &mut shared);
    let shown = text(&screen(&mut view, &shared, (160, 24)));
    assert!(shown.contains("1 row · 0.42s · PARTIAL: the connection was cut after 1 rows: reset \\x1b[2J"), "{shown}");
}

#[test]
fn cancelling_stops_the_task_keeps_the_rows_and_the_history() {
    let (mut view, mut shared) = view("* | limit 5");
    view.run(&mut shared);
    view.reply(rows(&[&[("a", "1")]]), &mut shared);
    shared.now = now() + jiff::SignedDuration::from_secs(2);
    let effects = view.leave(&mut shared);
    assert!(effects.contains(&Effect::Cancel(effect::Slot::Query(Slot::Run))));
    let [Request::Note(note)] = requests(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((note.text.as_str(), note.rows, note.took), ("* | limit 5", 1, Duration::from_secs(2)));
    assert!(!view.is_running() && view.has_rows());
    assert!(text(&screen(&mut view, &shared, (80, 24))).contains("1 row · 2.00s · cancelled"));
    // The second time it leaves the editor.
    view.leave(&mut shared);
    assert_eq!(view.context(), Context::QueryResults);
}

#[test]
fn sorting_goes_up_down_and_back_and_a_late_order_is_not_taken() {
    let (mut view, mut shared) = view("*");
    view.run(&mut shared);
    view.reply(rows(&[&[("n", "2")], &[("n", "10")], &[("n", "1")]]), &mut shared);
    view.reply(ended(Ending::Whole), &mut shared);
    let shown = |view: &mut QueryView| -> Vec<String> {
        let text = text(&screen(view, &self::shared(Lang::En), (40, 20)));
        text.lines()
            .skip(8)
            .filter_map(|line| line.trim_matches([' ', '▸']).parse::<u32>().ok().map(|n| n.to_string()))
            .collect()
    };
    for (expected_sort, order, expected) in [
        (Some(false), vec![2, 0, 1], ["1", "2", "10"]),
        (Some(true), vec![1, 0, 2], ["10", "2", "1"]),
        (None, vec![], ["2", "10", "1"]),
    ] {
        let effects = view.sort();
        match (&requests(&effects)[..], expected_sort) {
            ([Request::Order { sorting, .. }], Some(descending)) => {
                assert_eq!(sorting.descending, descending);
                let late = Sorting { descending: !descending, ..sorting.clone() };
                view.reply(Reply::Ordered { sorting: late, order: vec![0, 1, 2] }, &mut shared);
                view.reply(Reply::Ordered { sorting: sorting.clone(), order }, &mut shared);
            }
            ([], None) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(shown(&mut view), expected);
    }
}

#[test]
fn a_cell_becomes_a_filter_and_the_query_runs_again() {
    let (mut view, mut shared) = view("* | limit 5");
    view.reply(Reply::Names(Ok(vec![crate::logs::ValueHits { value: "path".to_owned(), hits: 1 }])), &mut shared);
    view.run(&mut shared);
    view.reply(rows(&[&[("path", "/a\" | delete x")]]), &mut shared);
    view.reply(ended(Ending::Whole), &mut shared);
    let effects = view.refine(true, &mut shared);
    let [Request::Run { text, .. }] = requests(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(text, r#"!path:="/a\" | delete x" | limit 5"#);
    view.undo(false);
    view.undo(false);
    assert_eq!(view.editor.text(), "* | limit 5", "it can be undone");
}

#[test]
fn a_row_opens_beside_the_table_where_there_is_room_and_over_it_where_not() {
    let (mut view, mut shared) = view("*");
    view.run(&mut shared);
    view.reply(rows(&[&[("path", "/a"), ("status", "404")]]), &mut shared);
    view.reply(ended(Ending::Whole), &mut shared);
    let effects = view.open_row();
    let [Request::Detail(row)] = requests(&effects)[..] else { panic!("{effects:?}") };
    view.reply(Reply::Detail(detail::lines(row)), &mut shared);
    assert_eq!(view.context(), Context::QueryRow);
    assert_eq!(view.copied(Extent::Row, &shared).as_deref(), Some(r#"{"path":"/a","status":"404"}"#));
    let narrow = text(&screen(&mut view, &shared, (80, 24)));
    assert!(narrow.contains("\"path\": \"/a\",") && !narrow.contains("▸"), "{narrow}");
    shared.size.width = 140;
    let wide = text(&screen(&mut view, &shared, (140, 30)));
    assert!(wide.contains("\"path\": \"/a\",") && wide.contains("▸ /a"), "{wide}");
    view.close_row();
    assert_eq!(view.context(), Context::QueryResults);
}

#[test]
fn saving_asks_before_it_replaces() {
    let (mut view, mut shared) = view("status:404");
    view.open_save();
    type_text(&mut view, &mut shared, "missing");
    let effects = view.confirm(false, &mut shared);
    let [Request::Save { name, text, replace, .. }] = requests(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((name.as_str(), text.as_str(), *replace), ("missing", "status:404", false));
    // Replacing is possible only once it is known that there is something to replace.
    assert!(view.confirm(true, &mut shared).is_empty());
    view.reply(Reply::Saved(Err(LibraryError::Exists { path: "/q/missing.logsql".into() })), &mut shared);
    assert!(text_of(&mut view, &shared).contains("is there already"));
    let effects = view.confirm(true, &mut shared);
    assert!(matches!(requests(&effects)[..], [Request::Save { replace: true, .. }]));
}

fn text_of(view: &mut QueryView, shared: &Shared) -> String {
    text(&screen(view, shared, (100, 30)))
}

#[test]
fn the_shelf_finds_by_a_few_letters_and_opens_into_the_editor() {
    let (mut view, mut shared) = view("x");
    view.open_shelf();
    let listing = crate::library::Listing { queries: crate::library::shipped().to_vec(), problems: Vec::new() };
    let record = QueryRecord { text: "bytes:>5".to_owned(), at: now(), took: Duration::ZERO, rows: 3, error: None };
    view.reply(Reply::Shelf { listing, history: Ok(vec![record]) }, &mut shared);
    assert!(text_of(&mut view, &shared).contains("16 of 16"));
    type_text(&mut view, &mut shared, "slow");
    let shown = text_of(&mut view, &shared);
    assert!(shown.contains("▸ library Slow requests"), "{shown}");
    view.confirm(false, &mut shared);
    assert!(view.editor.text().starts_with("duration:>=1"), "{}", view.editor.text());
    assert_eq!(view.context(), Context::QueryEditor);
}

#[test]
fn the_range_is_chosen_from_the_list_or_typed() {
    let (mut view, mut shared) = view("*");
    view.open_range(&shared);
    view.step(Step::Down, &mut shared);
    view.confirm(false, &mut shared);
    assert_eq!(view.range, Range::Last(Duration::from_secs(900)));
    view.open_range(&shared);
    type_text(&mut view, &mut shared, "yesterdy");
    view.confirm(false, &mut shared);
    assert!(text_of(&mut view, &shared).contains("no time range"), "{}", text_of(&mut view, &shared));
    view.text(&key(KeyCode::Backspace), &mut shared);
    type_text(&mut view, &mut shared, "ay");
    view.confirm(false, &mut shared);
    assert!(matches!(view.range, Range::Between(_)) && view.overlay.is_none());
    // From now on the console's window is no longer followed.
    view.window_changed(&mut shared);
    assert!(matches!(view.range, Range::Between(_)));
}

#[test]
fn what_stands_under_the_cursor_is_told_and_goes_with_the_next_key() {
    let (mut view, mut shared) = view("* | sort by (a) limit 5");
    view.editor.jump(5);
    view.hover(&mut shared);
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("sort, order") && shown.contains("pipe"), "{shown}");
    assert!(shown.contains("Sorts rows by fields"), "{shown}");
    assert_eq!(view.context(), Context::QueryEditor);
    view.text(&key(KeyCode::Right), &mut shared);
    assert!(!text(&screen(&mut view, &shared, (80, 24))).contains("sort, order"));
    // Leaving hides it and nothing else.
    view.hover(&mut shared);
    view.leave(&mut shared);
    assert!(view.hint.is_none() && view.focus == Focus::Editor);
}

#[test]
fn the_form_of_what_is_written_stands_in_the_frame() {
    let (mut view, mut shared) = view("* | ");
    type_text(&mut view, &mut shared, "stats quantile(0.9, ");
    let buffer = screen(&mut view, &shared, (80, 24));
    let shown = text(&buffer);
    let line =
        shown.lines().position(|line| line.contains("quantile(phi, field, …)")).unwrap_or_else(|| panic!("{shown}"));
    assert!(shown.lines().nth(line).unwrap().starts_with("╰"), "{shown}");
    let marked = shared.theme.style(Role::Match).bg;
    let at: String = (0..80)
        .map(|x| &buffer[(x, u16::try_from(line).unwrap())])
        .filter(|cell| marked.is_some() && Some(cell.bg) == marked)
        .map(|cell| cell.symbol().to_owned())
        .collect();
    assert!(at == "field" || marked.is_none(), "{at}");
}

#[test]
fn a_key_mends_what_is_wrong() {
    let (mut view, mut shared) = view("* | hed 5");
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("F4 write `head`"), "{shown}");
    view.apply_fix(&mut shared);
    assert_eq!(view.editor.text(), "* | head 5");
    assert!(!view.can_fix());
    view.undo(false);
    view.undo(false);
    assert_eq!(view.editor.text(), "* | hed 5");
}

#[test]
fn a_field_is_renamed_everywhere_or_it_is_said_why_not() {
    let (mut view, mut shared) = view("status:404 | stats by (status) count() n | sort by (n)");
    view.editor.jump(2);
    view.open_rename(&mut shared);
    assert_eq!(view.context(), Context::QueryRename);
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("another name for status (2×)"), "{shown}");
    for _ in 0.."status".len() {
        view.text(&key(KeyCode::Backspace), &mut shared);
    }
    type_text(&mut view, &mut shared, "_time");
    view.confirm(false, &mut shared);
    assert!(text(&screen(&mut view, &shared, (80, 24))).contains("server's own"));
    for _ in 0.."_time".len() {
        view.text(&key(KeyCode::Backspace), &mut shared);
    }
    type_text(&mut view, &mut shared, "code");
    view.confirm(false, &mut shared);
    assert_eq!(view.editor.text(), "code:404 | stats by (code) count() n | sort by (n)");
    assert_eq!(view.context(), Context::QueryEditor);
}

#[test]
fn a_query_that_ships_is_rewritten_for_the_source_and_it_is_said() {
    let (mut view, mut shared) = view("x");
    let map =
        crate::logs::FieldMap { remote_addr: Some("ClientHost".to_owned()), ..crate::logs::FieldMap::canonical() };
    view.reply(Reply::Fields(Ok(Box::new(map))), &mut shared);
    view.open_shelf();
    let listing = crate::library::Listing { queries: crate::library::shipped().to_vec(), problems: Vec::new() };
    view.reply(Reply::Shelf { listing, history: Ok(Vec::new()) }, &mut shared);
    type_text(&mut view, &mut shared, "top-talkers");
    view.confirm(false, &mut shared);
    assert!(view.editor.text().starts_with("ClientHost:*"), "{}", view.editor.text());
    assert!(!view.editor.text().contains("remote_addr"), "{}", view.editor.text());
    assert!(shared.notice.as_ref().is_some_and(|said| said.text.contains("remote_addr → ClientHost")));
}

#[test]
fn completion_shows_the_form_of_what_is_selected() {
    let (mut view, mut shared) = view("* | ");
    type_text(&mut view, &mut shared, "so");
    let shown = text(&screen(&mut view, &shared, (80, 24)));
    assert!(shown.contains("sort by (field desc, …)"), "{shown}");
    view.switch(&mut shared);
    assert_eq!(view.editor.text(), "* | sort");
}

#[test]
fn hostile_text_is_visible_in_the_editor() {
    let (mut view, mut shared) = view("");
    view.text(&Typed::Paste("a\u{1b}[2J\u{202e}\tb\r\nc".to_owned()), &mut shared);
    view.text(&key(KeyCode::Char('\u{200b}')), &mut shared);
    assert_eq!(view.editor.text(), "a\\x1b[2J\\u{202e}    b\nc\\u{200b}");
}

#[test]
fn what_is_wrong_is_marked_under_its_own_cells() {
    let (mut view, shared) = view("서울 | limit wrong");
    let buffer = screen(&mut view, &shared, (60, 20));
    let invalid = shared.theme.style(Role::SyntaxInvalid).fg;
    let marked: String =
        (0..60).filter(|x| Some(buffer[(*x, 1)].fg) == invalid).map(|x| buffer[(x, 1)].symbol().to_owned()).collect();
    assert_eq!(marked, "wrong", "{}", text(&buffer));
    assert!(text(&buffer).contains("▲"), "{}", text(&buffer));
}

#[test]
fn a_press_puts_the_cursor_between_wide_characters() {
    let (mut view, mut shared) = view("서울 abc");
    screen(&mut view, &shared, (60, 20));
    // The frame takes the first column and line; `울` covers the columns 3 and 4.
    view.pointer(Pointer::Press(Position { x: 3, y: 1 }), &mut shared);
    assert_eq!(view.editor.cursor(), "서".len());
    view.pointer(Pointer::Press(Position { x: 7, y: 1 }), &mut shared);
    assert_eq!(view.editor.cursor(), "서울 a".len());
}

#[test]
fn the_query_at_first_is_in_order() {
    assert!(language::diagnostics(AT_FIRST, true).is_empty());
}

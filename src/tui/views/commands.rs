//! Commands that every list and text has: steps, filter, sorting.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::effect::Effect;
use crate::tui::keymap::Context;
use crate::tui::keymap::Context::{
    Anywhere, BanField, BanList, Choice, Cohorts, Costs, Culprits, Decisions, Events, Filter as FilterLine, Help, Lift,
    Members, Palette, QueryLibrary, QueryRange, Suspects,
};
use crate::tui::pane::Step;
use crate::tui::views::ViewId;
use crate::tui::widgets::filter::Filter;

crate::text::words! {
    up { en: "up", ko: "위로" }
    down { en: "down", ko: "아래로" }
    page_up { en: "a page up", ko: "한 쪽 위로" }
    page_down { en: "a page down", ko: "한 쪽 아래로" }
    first { en: "to the start", ko: "처음으로" }
    last { en: "to the end", ko: "끝으로" }
    left { en: "column to the left", ko: "왼쪽 열" }
    right { en: "column to the right", ko: "오른쪽 열" }
    sort { en: "sort", ko: "정렬" }
    filter { en: "filter", ko: "필터" }
    keep { en: "keep the filter", ko: "필터 유지" }
    drop_filter { en: "drop the filter", ko: "필터 지우기" }
}

const fn step(
    id: &'static str,
    keys: &'static [(Context, &'static str)],
    label: Words,
    run: fn(&mut App) -> Vec<Effect>,
) -> Command {
    Command { id, keys, label, section: Section::Move, footer: 0, enabled: always, run }
}

/// The table.
pub const COMMANDS: &[Command] = &[
    step(
        "list.up",
        &[
            (Anywhere, "up"),
            (Anywhere, "k"),
            (Choice, "up"),
            (Choice, "k"),
            (Help, "up"),
            (Help, "k"),
            (Palette, "up"),
            (QueryLibrary, "up"),
            (QueryRange, "up"),
            (Lift, "up"),
            (BanField, "up"),
            (BanList, "up"),
            (BanList, "k"),
        ],
        up,
        |app| app.with_top(|pane, shared| pane.step(Step::Up, shared)),
    ),
    step(
        "list.down",
        &[
            (Anywhere, "down"),
            (Anywhere, "j"),
            (Choice, "down"),
            (Choice, "j"),
            (Help, "down"),
            (Help, "j"),
            (Palette, "down"),
            (QueryLibrary, "down"),
            (QueryRange, "down"),
            (Lift, "down"),
            (BanField, "down"),
            (BanList, "down"),
            (BanList, "j"),
        ],
        down,
        |app| app.with_top(|pane, shared| pane.step(Step::Down, shared)),
    ),
    step(
        "list.page-up",
        &[
            (Anywhere, "pgup"),
            (Anywhere, "ctrl+b"),
            (Help, "pgup"),
            (Palette, "pgup"),
            (QueryLibrary, "pgup"),
            (BanList, "pgup"),
        ],
        page_up,
        |app| app.with_top(|pane, shared| pane.step(Step::PageUp, shared)),
    ),
    step(
        "list.page-down",
        &[
            (Anywhere, "pgdn"),
            (Anywhere, "ctrl+f"),
            (Help, "pgdn"),
            (Palette, "pgdn"),
            (QueryLibrary, "pgdn"),
            (BanList, "pgdn"),
        ],
        page_down,
        |app| app.with_top(|pane, shared| pane.step(Step::PageDown, shared)),
    ),
    step("list.first", &[(Anywhere, "home"), (Anywhere, "g"), (Help, "home")], first, |app| {
        app.with_top(|pane, shared| pane.step(Step::First, shared))
    }),
    step("list.last", &[(Anywhere, "end"), (Anywhere, "G"), (Help, "end")], last, |app| {
        app.with_top(|pane, shared| pane.step(Step::Last, shared))
    }),
    step("list.left", &[(Anywhere, "left"), (Anywhere, "h")], left, |app| {
        app.with_top(|pane, shared| pane.step(Step::Left, shared))
    }),
    step("list.right", &[(Anywhere, "right"), (Anywhere, "l")], right, |app| {
        app.with_top(|pane, shared| pane.step(Step::Right, shared))
    }),
    Command {
        id: "list.sort",
        keys: &[
            (Suspects, "s"),
            (Decisions, "s"),
            (Cohorts, "s"),
            (Members, "s"),
            (Events, "s"),
            (Culprits, "s"),
            (Costs, "s"),
        ],
        label: sort,
        section: Section::Move,
        footer: 41,
        enabled: always,
        run: |app| {
            let App { shared, suspects, decisions, cohorts, events, costs, view, .. } = app;
            match view {
                ViewId::Suspects if costs.on => costs.sort(),
                ViewId::Decisions => decisions.sort(shared),
                ViewId::Cohorts => cohorts.sort(shared),
                ViewId::Events => events.sort(shared),
                _ => suspects.sort(shared),
            }
            Vec::new()
        },
    },
    Command {
        id: "list.filter",
        keys: &[
            (Suspects, "/"),
            (Decisions, "/"),
            (Cohorts, "/"),
            (Members, "/"),
            (Events, "/"),
            (Culprits, "/"),
            (Costs, "/"),
        ],
        label: filter,
        section: Section::Move,
        footer: 40,
        enabled: always,
        run: |app| {
            filter_of(app).open();
            Vec::new()
        },
    },
    Command {
        id: "list.keep-filter",
        keys: &[(FilterLine, "enter")],
        label: keep,
        section: Section::Move,
        footer: 1,
        enabled: always,
        run: |app| {
            filter_of(app).keep();
            Vec::new()
        },
    },
    Command {
        id: "list.drop-filter",
        keys: &[
            (FilterLine, "esc"),
            (Suspects, "esc"),
            (Decisions, "esc"),
            (Cohorts, "esc"),
            (Events, "esc"),
            (Costs, "esc"),
        ],
        label: drop_filter,
        section: Section::Move,
        footer: 2,
        enabled: |app| {
            let filter = match app.view {
                ViewId::Decisions => &app.decisions.list.filter,
                ViewId::Cohorts => app.cohorts.filter(),
                ViewId::Events => app.events.filter(),
                ViewId::Suspects if app.costs.on => &app.costs.list.filter,
                _ => &app.suspects.list.filter,
            };
            if filter.is_on() { Ok(()) } else { Err(no_filter) }
        },
        run: |app| {
            filter_of(app).drop_it();
            let App { shared, suspects, decisions, cohorts, events, costs, view, .. } = app;
            match view {
                ViewId::Suspects if costs.on => costs.arrange(),
                ViewId::Decisions => decisions.listed(shared),
                ViewId::Cohorts => cohorts.listed(shared),
                ViewId::Events => events.arrange(shared),
                _ => suspects.resort(shared),
            }
            Vec::new()
        },
    },
];

/// The filter of the list in front.
fn filter_of(app: &mut App) -> &mut Filter {
    match app.view {
        ViewId::Decisions => &mut app.decisions.list.filter,
        ViewId::Cohorts => app.cohorts.filter_mut(),
        ViewId::Events => app.events.filter_mut(),
        ViewId::Suspects if app.costs.on => &mut app.costs.list.filter,
        _ => &mut app.suspects.list.filter,
    }
}

crate::text::words! {
    no_filter { en: "there is no filter", ko: "필터가 없습니다" }
}

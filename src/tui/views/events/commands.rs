//! The commands of the events.

use crate::detect::baseline::event::State;
use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::keymap::Context::{Culprits, Events};

crate::text::words! {
    who { en: "who", ko: "원인" }
    back { en: "to the events", ko: "이벤트로" }
    open { en: "dossier", ko: "조서" }
    acknowledge { en: "acknowledge", ko: "확인함" }
    resolve { en: "resolve", ko: "해소" }
    nothing_selected { en: "no event is selected", ko: "선택한 이벤트가 없습니다" }
    acknowledged_already { en: "this event is acknowledged or resolved already", ko: "이미 확인했거나 해소된 이벤트입니다" }
    resolved_already { en: "this event is resolved already", ko: "이미 해소된 이벤트입니다" }
    nobody { en: "no client explains this event", ko: "이 이벤트의 원인으로 꼽힌 클라이언트가 없습니다" }
}

fn state(app: &App) -> Result<State, Words> {
    app.events.current().map(|event| event.state).ok_or(nothing_selected as Words)
}

fn client(app: &App) -> Result<std::net::IpAddr, Words> {
    state(app)?;
    app.events.current_client().ok_or(nobody as Words)
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "events.who",
        keys: &[(Events, "enter")],
        label: who,
        section: Section::Events,
        footer: 10,
        enabled: |app| client(app).map(|_| ()),
        run: |app| {
            app.events.in_who = true;
            Vec::new()
        },
    },
    Command {
        id: "events.acknowledge",
        keys: &[(Events, "a"), (Culprits, "a")],
        label: acknowledge,
        section: Section::Events,
        footer: 12,
        enabled: |app| if state(app)? == State::Open { Ok(()) } else { Err(acknowledged_already) },
        run: |app| app.events.settle(false),
    },
    Command {
        id: "events.resolve",
        keys: &[(Events, "x"), (Culprits, "x")],
        label: resolve,
        section: Section::Events,
        footer: 13,
        enabled: |app| if state(app)? == State::Resolved { Err(resolved_already) } else { Ok(()) },
        run: |app| app.events.settle(true),
    },
    Command {
        id: "events.open",
        keys: &[(Culprits, "enter")],
        label: open,
        section: Section::Events,
        footer: 10,
        enabled: |app| client(app).map(|_| ()),
        run: |app| match client(app) {
            Ok(client) => app.open_dossier(client, None, false),
            Err(_) => Vec::new(),
        },
    },
    Command {
        id: "events.back",
        keys: &[(Culprits, "esc")],
        label: back,
        section: Section::Events,
        footer: 11,
        enabled: always,
        run: |app| {
            app.events.in_who = false;
            Vec::new()
        },
    },
];

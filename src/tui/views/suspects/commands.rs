//! The commands of the gate table.

use crate::engine::Scope;
use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::keymap::Context::{Dossier, Suspects};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::ban::BanForm;

crate::text::words! {
    open { en: "dossier", ko: "조서" }
    explain { en: "explain", ko: "판정" }
    ban { en: "ban", ko: "차단" }
    pause { en: "pause", ko: "멈춤" }
    all { en: "all clients", ko: "모든 주소" }
    nobody_selected { en: "no client is selected", ko: "선택한 주소가 없습니다" }
}

fn selected(app: &App) -> Result<(), Words> {
    if app.suspects.current().is_some() { Ok(()) } else { Err(nobody_selected) }
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "suspects.open",
        keys: &[(Suspects, "enter")],
        label: open,
        section: Section::Suspects,
        footer: 10,
        enabled: selected,
        run: |app| app.open_selected(),
    },
    Command {
        id: "suspects.explain",
        keys: &[(Suspects, "e")],
        label: explain,
        section: Section::Suspects,
        footer: 11,
        enabled: selected,
        run: |app| app.explain_selected(),
    },
    Command {
        id: "ban.open",
        keys: &[(Suspects, "b"), (Dossier, "b"), (crate::tui::keymap::Context::Decisions, "b")],
        label: ban,
        section: Section::Decisions,
        footer: 12,
        enabled: always,
        run: |app| {
            let (form, effects) = BanForm::open(app);
            app.overlays.push(Overlay::Ban(Box::new(form)));
            effects
        },
    },
    Command {
        id: "suspects.pause",
        keys: &[(Suspects, "p")],
        label: pause,
        section: Section::Suspects,
        footer: 45,
        enabled: always,
        run: |app| {
            app.suspects.paused = !app.suspects.paused;
            Vec::new()
        },
    },
    Command {
        id: "suspects.all",
        keys: &[(Suspects, "a")],
        label: all,
        section: Section::Suspects,
        footer: 42,
        enabled: always,
        run: |app| {
            app.suspects.scope = if app.suspects.scope == Scope::All { Scope::Passing } else { Scope::All };
            app.suspects.refresh(&mut app.shared)
        },
    },
];

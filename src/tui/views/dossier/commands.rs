//! The commands of the dossier.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::keymap::Context::{Decisions, Dossier, QueryResults, Suspects};

crate::text::words! {
    close { en: "close", ko: "닫기" }
    explain { en: "ask the judge", ko: "판정 요청" }
    stop { en: "stop the judge", ko: "판정 중단" }
    switch { en: "other pane", ko: "다른 창" }
    not_judging { en: "the judge is not at work", ko: "판정 중이 아닙니다" }
    judging { en: "the judge is at work", ko: "판정 중입니다" }
    no_dossier { en: "no dossier is open", ko: "열린 조서가 없습니다" }
    not_beside { en: "the dossier covers the view here", ko: "조서가 화면을 덮고 있습니다" }
}

fn is_judging(app: &App) -> bool {
    app.dossier.as_ref().is_some_and(super::Dossier::is_judging)
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "dossier.explain",
        keys: &[(Dossier, "e")],
        label: explain,
        section: Section::Dossier,
        footer: 10,
        enabled: |app| if is_judging(app) { Err(judging) } else { Ok(()) },
        run: |app| {
            let App { shared, dossier, .. } = app;
            dossier.as_mut().map(|panel| panel.explain(shared)).unwrap_or_default()
        },
    },
    Command {
        id: "dossier.stop",
        keys: &[(Dossier, "x")],
        label: stop,
        section: Section::Dossier,
        footer: 9,
        enabled: |app| if is_judging(app) { Ok(()) } else { Err(not_judging) },
        run: |app| app.dossier.as_mut().map(super::Dossier::cancel).unwrap_or_default(),
    },
    Command {
        id: "dossier.close",
        keys: &[(Dossier, "esc")],
        label: close,
        section: Section::Dossier,
        footer: 14,
        enabled: always,
        run: App::close_dossier,
    },
    Command {
        id: "dossier.switch",
        keys: &[(Dossier, "tab"), (Suspects, "tab"), (Decisions, "tab"), (QueryResults, "backtab")],
        label: switch,
        section: Section::Dossier,
        footer: 15,
        enabled: |app| match &app.dossier {
            None => Err(no_dossier as Words),
            Some(_) if !app.shared.is_wide() => Err(not_beside),
            Some(_) => Ok(()),
        },
        run: |app| {
            app.in_dossier = !app.in_dossier;
            Vec::new()
        },
    },
];

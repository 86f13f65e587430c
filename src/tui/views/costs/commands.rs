//! The commands of the cost table.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::keymap::Context::{Costs, Suspects};

crate::text::words! {
    by_cost { en: "by cost", ko: "비용 순" }
    by_gates { en: "by gates and score", ko: "게이트·점수 순" }
    open { en: "dossier", ko: "조서" }
    nobody_selected { en: "no client is selected", ko: "선택한 주소가 없습니다" }
}

fn selected(app: &App) -> Result<std::net::IpAddr, Words> {
    app.costs.current().map(|client| client.cost.spent.client).ok_or(nobody_selected as Words)
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "costs.show",
        keys: &[(Suspects, "c")],
        label: by_cost,
        section: Section::Suspects,
        footer: 31,
        enabled: always,
        run: |app| {
            app.costs.on = true;
            app.costs.refresh(&app.shared)
        },
    },
    Command {
        id: "costs.leave",
        keys: &[(Costs, "c")],
        label: by_gates,
        section: Section::Suspects,
        footer: 11,
        enabled: always,
        run: |app| {
            app.costs.on = false;
            Vec::new()
        },
    },
    Command {
        id: "costs.open",
        keys: &[(Costs, "enter")],
        label: open,
        section: Section::Suspects,
        footer: 10,
        enabled: |app| selected(app).map(|_| ()),
        run: |app| match selected(app) {
            Ok(client) => app.open_dossier(client, None, false),
            Err(_) => Vec::new(),
        },
    },
];

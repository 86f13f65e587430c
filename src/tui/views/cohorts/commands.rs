//! The commands of the cohorts.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::keymap::Context::{CohortShares, Cohorts, Members};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::ban_many::BanMany;
use crate::tui::views::cohorts::Focus;

crate::text::words! {
    members { en: "members", ko: "구성원" }
    switch { en: "other pane", ko: "다른 창" }
    back { en: "to the cohorts", ko: "집단 목록으로" }
    open { en: "dossier", ko: "조서" }
    ban { en: "ban them", ko: "집단 차단" }
    nothing_selected { en: "no cohort is selected", ko: "선택한 집단이 없습니다" }
    nobody_selected { en: "no member is selected", ko: "선택한 구성원이 없습니다" }
}

fn selected(app: &App) -> Result<(), Words> {
    if app.cohorts.current(&app.shared).is_some() { Ok(()) } else { Err(nothing_selected) }
}

fn member_selected(app: &App) -> Result<(), Words> {
    if app.cohorts.current_member(&app.shared).is_some() { Ok(()) } else { Err(nobody_selected) }
}

/// Whether a dossier lies beside the view.
fn is_beside(app: &App) -> bool {
    app.dossier.is_some() && app.shared.is_wide()
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "cohorts.members",
        keys: &[(Cohorts, "enter"), (CohortShares, "enter")],
        label: members,
        section: Section::Cohorts,
        footer: 10,
        enabled: member_selected,
        run: |app| {
            app.cohorts.focus = Focus::Members;
            Vec::new()
        },
    },
    Command {
        id: "cohorts.back",
        keys: &[(Members, "esc"), (CohortShares, "esc")],
        label: back,
        section: Section::Cohorts,
        footer: 13,
        enabled: always,
        run: |app| {
            app.cohorts.focus = Focus::List;
            Vec::new()
        },
    },
    Command {
        id: "cohorts.switch",
        keys: &[(Cohorts, "tab"), (CohortShares, "tab"), (Members, "tab")],
        label: switch,
        section: Section::Cohorts,
        footer: 11,
        enabled: |app| if is_beside(app) { Ok(()) } else { selected(app) },
        run: |app| {
            // From the list to what they share, to the members, to a dossier beside them, and round again.
            let is_in_view = app.cohorts.next_pane(&app.shared);
            app.in_dossier = is_beside(app) && !is_in_view;
            Vec::new()
        },
    },
    Command {
        id: "cohorts.open",
        keys: &[(Members, "enter")],
        label: open,
        section: Section::Cohorts,
        footer: 10,
        enabled: member_selected,
        run: |app| match app.cohorts.current_member(&app.shared).map(|member| member.client) {
            Some(client) => app.open_dossier(client, None, false),
            None => Vec::new(),
        },
    },
    Command {
        id: "cohorts.ban",
        keys: &[(Cohorts, "b"), (CohortShares, "b"), (Members, "b")],
        label: ban,
        section: Section::Cohorts,
        footer: 12,
        enabled: selected,
        run: |app| {
            let Some(cohort) = app.cohorts.current(&app.shared) else { return Vec::new() };
            let (form, effects) = BanMany::open(cohort, &app.shared);
            app.overlays.push(Overlay::BanMany(Box::new(form)));
            effects
        },
    },
];

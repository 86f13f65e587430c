//! The commands of the decisions.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words};
use crate::tui::keymap::Context::{Decisions, Dossier, Suspects};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::lift::LiftForm;
use crate::tui::views::ViewId;

crate::text::words! {
    lift { en: "unban", ko: "차단 해제" }
    open { en: "dossier", ko: "조서" }
    nothing_selected { en: "no decision is selected", ko: "선택한 차단이 없습니다" }
    not_banned { en: "no decision in force covers this address", ko: "이 주소에 적용 중인 차단이 없습니다" }
    no_address { en: "this decision is not on a single address", ko: "단일 주소에 대한 차단이 아닙니다" }
}

/// The decisions that could be lifted from where one is.
pub fn liftable(app: &App) -> Vec<crate::enforce::ActiveDecision> {
    let shared = &app.shared;
    if app.in_dossier
        && let Some(dossier) = &app.dossier
    {
        return shared.decisions_on(dossier.client().into()).cloned().collect();
    }
    match app.view {
        ViewId::Decisions => app.decisions.current(shared).cloned().into_iter().collect(),
        _ => match app.suspects.current() {
            Some(suspect) => shared.decisions_on(suspect.target).cloned().collect(),
            None => Vec::new(),
        },
    }
}

fn can_lift(app: &App) -> Result<(), Words> {
    match liftable(app).is_empty() {
        false => Ok(()),
        true if app.view == ViewId::Decisions && !app.in_dossier => Err(nothing_selected),
        true => Err(not_banned),
    }
}

/// The single address of the selected decision.
fn address(app: &App) -> Result<std::net::IpAddr, Words> {
    let decision = app.decisions.current(&app.shared).ok_or(nothing_selected as Words)?;
    let target = decision.target.filter(|target| target.prefix_len() == target.max_prefix_len());
    target.map(|target| target.addr()).ok_or(no_address as Words)
}

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "lift.open",
        keys: &[(Decisions, "u"), (Suspects, "u"), (Dossier, "u")],
        label: lift,
        section: Section::Decisions,
        footer: 13,
        enabled: can_lift,
        run: |app| {
            let form = LiftForm::new(liftable(app), &app.shared);
            app.overlays.push(Overlay::Lift(form));
            Vec::new()
        },
    },
    Command {
        id: "decisions.open",
        keys: &[(Decisions, "enter")],
        label: open,
        section: Section::Decisions,
        footer: 10,
        enabled: |app| address(app).map(|_| ()),
        run: |app| match address(app) {
            Ok(client) => app.open_dossier(client, None, false),
            Err(_) => Vec::new(),
        },
    },
];

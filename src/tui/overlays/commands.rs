//! The commands of forms and lists on top.

use super::Overlay;
use super::choice::Answer;
use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::effect::Effect;
use crate::tui::keymap::Context::{self, BanButtons, BanField, BanList, Choice, Help, Lift, Palette};

crate::text::words! {
    close { en: "close", ko: "닫기" }
    take { en: "take it", ko: "선택" }
    run_it { en: "run", ko: "실행" }
    next_field { en: "next field", ko: "다음 칸" }
    last_field { en: "field before", ko: "이전 칸" }
    back_to_answer { en: "to the answer", ko: "답으로" }
    ban { en: "ban", ko: "차단" }
    toggle { en: "choose or not", ko: "선택/해제" }
    toggle_all { en: "all or none", ko: "모두 선택/해제" }
    lift { en: "unban", ko: "차단 해제" }
    no_form { en: "no form is open", ko: "열린 양식이 없습니다" }
}

/// Declares a command with its usual shape.
const fn command(
    id: &'static str,
    keys: &'static [(Context, &'static str)],
    label: Words,
    footer: u8,
    run: fn(&mut App) -> Vec<Effect>,
) -> Command {
    Command { id, keys, label, section: Section::Forms, footer, enabled: always, run }
}

/// The table.
pub const COMMANDS: &[Command] = &[
    command(
        "form.close",
        &[
            (BanButtons, "esc"),
            (BanButtons, "enter"),
            (BanButtons, "q"),
            (BanList, "esc"),
            (BanList, "enter"),
            (BanList, "q"),
            (BanField, "esc"),
            (Lift, "esc"),
            (Lift, "enter"),
            (Lift, "q"),
            (Choice, "esc"),
            (Choice, "q"),
            (Help, "esc"),
            (Help, "q"),
            (Help, "?"),
            (Palette, "esc"),
        ],
        close,
        2,
        App::close_top,
    ),
    command("form.take", &[(Choice, "enter")], take, 1, take_choice),
    command("palette.run", &[(Palette, "enter")], run_it, 1, run_chosen),
    command(
        "form.next",
        &[(BanField, "tab"), (BanButtons, "tab"), (BanButtons, "down"), (BanList, "tab")],
        next_field,
        3,
        |app| {
            if let Some(Overlay::BanMany(form)) = app.overlays.last_mut() {
                form.move_focus();
            }
            with_ban(app, |form| form.move_focus(true))
        },
    ),
    command(
        "form.before",
        &[(BanField, "backtab"), (BanButtons, "backtab"), (BanButtons, "up")],
        last_field,
        0,
        |app| {
            if let Some(Overlay::BanMany(form)) = app.overlays.last_mut() {
                form.back();
            }
            with_ban(app, |form| form.move_focus(false))
        },
    ),
    command("form.answer", &[(BanField, "enter")], back_to_answer, 1, |app| {
        if let Some(Overlay::BanMany(form)) = app.overlays.last_mut() {
            form.back();
        }
        with_ban(app, |form| form.focus = super::ban::Focus::Cancel)
    }),
    Command {
        id: "ban.confirm",
        keys: &[(BanButtons, "B"), (BanList, "B")],
        label: ban,
        section: Section::Decisions,
        footer: 1,
        enabled: |app| match app.overlays.last() {
            Some(Overlay::Ban(form)) => form.confirmable(app.shared.now).map(|_| ()),
            Some(Overlay::BanMany(form)) => form.confirmable(app.shared.now),
            _ => Err(no_form),
        },
        run: |app| {
            let now = app.shared.now;
            let confirmed = match app.overlays.last_mut() {
                Some(Overlay::Ban(form)) => form.confirm(now),
                Some(Overlay::BanMany(form)) => form.confirm(now),
                _ => return Vec::new(),
            };
            match confirmed {
                Ok(act) => app.act(act),
                Err(why) => {
                    app.shared.inform(why(app.shared.lang));
                    Vec::new()
                }
            }
        },
    },
    command("ban.toggle", &[(BanList, "space")], toggle, 3, |app| match app.overlays.last_mut() {
        Some(Overlay::BanMany(form)) => form.toggle(),
        _ => Vec::new(),
    }),
    command("ban.toggle-all", &[(BanList, "a")], toggle_all, 4, |app| match app.overlays.last_mut() {
        Some(Overlay::BanMany(form)) => form.toggle_all(),
        _ => Vec::new(),
    }),
    command("lift.confirm", &[(Lift, "U")], lift, 1, |app| {
        let Some(Overlay::Lift(form)) = app.overlays.last_mut() else { return Vec::new() };
        match form.confirm() {
            Ok(act) => app.act(act),
            Err(why) => {
                app.shared.inform(why(app.shared.lang));
                Vec::new()
            }
        }
    }),
];

fn with_ban(app: &mut App, change: impl FnOnce(&mut super::ban::BanForm)) -> Vec<Effect> {
    if let Some(Overlay::Ban(form)) = app.overlays.last_mut() {
        change(form);
    }
    Vec::new()
}

/// Takes what is under the cursor of a choice.
fn take_choice(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Choice(choice)) = app.overlays.pop() else { return Vec::new() };
    match choice.answer() {
        Some(Answer::Window(window)) => app.set_window(window),
        Some(Answer::Theme(slug)) => {
            app.shared.set_theme(&slug);
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Closes the palette and runs what was under its cursor.
fn run_chosen(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = app.overlays.pop() else { return Vec::new() };
    match palette.chosen() {
        Some(command) => app.run(command),
        None => Vec::new(),
    }
}

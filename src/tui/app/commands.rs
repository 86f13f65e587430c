//! The commands of the console itself: views, window, refresh, help, palette, theme, language, mouse, leaving.

use super::App;
use crate::text::Lang;
use crate::tui::ExitReason;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context::{Always, Anywhere};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::choice::Choice;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::palette::Palette;
use crate::tui::pane::Extent;
use crate::tui::views::ViewId;

crate::text::words! {
    view_suspects { en: "suspects", ko: "용의자" }
    view_query { en: "query", ko: "쿼리" }
    view_decisions { en: "decisions", ko: "차단 목록" }
    view_cohorts { en: "cohorts", ko: "집단" }
    view_events { en: "events", ko: "이벤트" }
    window { en: "window", ko: "구간" }
    longer { en: "longer window", ko: "구간 늘리기" }
    shorter { en: "shorter window", ko: "구간 줄이기" }
    refresh { en: "read again", ko: "새로 고침" }
    copy_cell { en: "copy", ko: "복사" }
    copy_row { en: "copy the row", ko: "행 복사" }
    help { en: "help", ko: "도움말" }
    palette { en: "all commands", ko: "모든 명령" }
    theme { en: "choose a theme", ko: "테마 선택" }
    language { en: "한국어로 바꾸기", ko: "switch to English" }
    mouse { en: "mouse on or off", ko: "마우스 켜기/끄기" }
    repaint { en: "draw the screen anew", ko: "화면 다시 그리기" }
    suspend { en: "suspend to the shell", ko: "셸로 잠시 나가기" }
    quit { en: "quit", ko: "종료" }
    interrupt { en: "quit at once", ko: "즉시 종료" }
    dismiss { en: "dismiss the message", ko: "메시지 지우기" }
    no_longer { en: "there is no longer window", ko: "더 긴 구간이 없습니다" }
    no_shorter { en: "there is no shorter window", ko: "더 짧은 구간이 없습니다" }
    no_message { en: "there is no message", ko: "메시지가 없습니다" }
}

/// The lengths of window to choose from, in seconds.
pub const WINDOWS: &[u64] = &[60, 300, 900, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600];

/// Declares a command with its usual shape.
const fn command(
    id: &'static str,
    keys: &'static [(crate::tui::keymap::Context, &'static str)],
    label: Words,
    footer: u8,
    run: fn(&mut App) -> Vec<Effect>,
) -> Command {
    Command { id, keys, label, section: Section::Console, footer, enabled: always, run }
}

/// The table.
pub const COMMANDS: &[Command] = &[
    command("console.suspects", &[(Anywhere, "1"), (Always, "alt+1")], view_suspects, 0, |app| {
        app.show(ViewId::Suspects)
    }),
    command("console.query", &[(Anywhere, "2"), (Always, "alt+2")], view_query, 0, |app| app.show(ViewId::Query)),
    command("console.decisions", &[(Anywhere, "3"), (Always, "alt+3")], view_decisions, 0, |app| {
        app.show(ViewId::Decisions)
    }),
    command("console.events", &[(Anywhere, "5"), (Always, "alt+5")], view_events, 0, |app| app.show(ViewId::Events)),
    command("console.cohorts", &[(Anywhere, "4"), (Always, "alt+4")], view_cohorts, 0, |app| app.show(ViewId::Cohorts)),
    command("console.window", &[(Anywhere, "w")], window, 50, |app| {
        app.overlays.push(Overlay::Choice(Choice::window(&app.shared)));
        Vec::new()
    }),
    Command {
        id: "console.longer",
        keys: &[(Anywhere, "+")],
        label: longer,
        section: Section::Console,
        footer: 0,
        enabled: |app| app.neighbour(true).map(|_| ()).ok_or(no_longer as Words),
        run: |app| app.step_window(true),
    },
    Command {
        id: "console.shorter",
        keys: &[(Anywhere, "-")],
        label: shorter,
        section: Section::Console,
        footer: 0,
        enabled: |app| app.neighbour(false).map(|_| ()).ok_or(no_shorter as Words),
        run: |app| app.step_window(false),
    },
    command("console.refresh", &[(Anywhere, "r"), (Anywhere, "f5")], refresh, 60, |app| app.refresh()),
    command("console.copy", &[(Anywhere, "y")], copy_cell, 70, |app| app.copy(Extent::Cell)),
    command("console.copy-row", &[(Anywhere, "Y")], copy_row, 0, |app| app.copy(Extent::Row)),
    command("console.help", &[(Anywhere, "?"), (Always, "f1")], help, 90, |app| {
        let context = app.context();
        app.overlays.retain(|overlay| !matches!(overlay, Overlay::Help(_)));
        app.overlays.push(Overlay::Help(Help::new(context)));
        Vec::new()
    }),
    command("console.palette", &[(Anywhere, ":"), (Always, "f2")], palette, 91, |app| {
        if !matches!(app.overlays.last(), Some(Overlay::Palette(_))) {
            let palette = Palette::new(app);
            app.overlays.push(Overlay::Palette(palette));
        }
        Vec::new()
    }),
    command("console.theme", &[(Anywhere, "t")], theme, 0, |app| {
        app.overlays.push(Overlay::Choice(Choice::theme(&app.shared)));
        Vec::new()
    }),
    command("console.language", &[(Anywhere, "L")], language, 0, |app| {
        let App { shared, dossier, .. } = app;
        shared.lang = if shared.lang == Lang::En { Lang::Ko } else { Lang::En };
        dossier.as_mut().map(|panel| panel.retold(shared)).unwrap_or_default()
    }),
    command("console.mouse", &[(Anywhere, "M")], mouse, 0, |app| {
        app.shared.mouse = !app.shared.mouse;
        vec![Effect::Mouse(app.shared.mouse)]
    }),
    command("console.repaint", &[(Always, "ctrl+l")], repaint, 0, |_| vec![Effect::Repaint]),
    command("console.suspend", &[(Always, "ctrl+z")], suspend, 0, |_| vec![Effect::Suspend]),
    command("console.quit", &[(Anywhere, "q")], quit, 0, |app| {
        app.exit = Some(ExitReason::Quit);
        Vec::new()
    }),
    command("console.interrupt", &[(Always, "ctrl+c")], interrupt, 0, |app| {
        app.exit = Some(ExitReason::Interrupted);
        Vec::new()
    }),
    Command {
        id: "console.dismiss",
        keys: &[(Anywhere, "del")],
        label: dismiss,
        section: Section::Console,
        footer: 0,
        enabled: |app| if app.shared.notice.is_some() { Ok(()) } else { Err(no_message) },
        run: |app| {
            app.shared.notice = None;
            Vec::new()
        },
    },
];

impl App {
    /// The next longer or shorter window to choose from.
    fn neighbour(&self, longer: bool) -> Option<std::time::Duration> {
        let now = self.shared.window.as_secs();
        let found = if longer {
            WINDOWS.iter().find(|seconds| **seconds > now)
        } else {
            WINDOWS.iter().rev().find(|seconds| **seconds < now)
        };
        found.map(|seconds| std::time::Duration::from_secs(*seconds))
    }

    fn step_window(&mut self, longer: bool) -> Vec<Effect> {
        match self.neighbour(longer) {
            Some(window) => self.set_window(window),
            None => Vec::new(),
        }
    }

    /// Takes another length of window and reads again what lies in it.
    pub(in crate::tui) fn set_window(&mut self, window: std::time::Duration) -> Vec<Effect> {
        self.shared.window = window;
        let mut effects = self.suspects.refresh(&mut self.shared);
        effects.extend(self.query.window_changed(&mut self.shared));
        if self.costs.on {
            effects.extend(self.costs.refresh(&self.shared));
        }
        effects
    }

    /// Reads again what is in front.
    fn refresh(&mut self) -> Vec<Effect> {
        let mut effects = vec![Effect::start(Slot::Health, Request::Health)];
        if self.in_dossier
            && let Some(dossier) = &mut self.dossier
        {
            effects.extend(dossier.reload(&self.shared));
            return effects;
        }
        effects.extend(match self.view {
            ViewId::Suspects if self.costs.on => self.costs.refresh(&self.shared),
            ViewId::Suspects | ViewId::Cohorts => self.suspects.refresh(&mut self.shared),
            ViewId::Decisions => self.decisions.refresh(&mut self.shared),
            ViewId::Events => self.events.watch(&self.shared),
            ViewId::Query => self.query.run(&mut self.shared),
        });
        effects
    }
}

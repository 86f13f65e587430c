//! The commands of the Query view.

use crate::tui::app::App;
use crate::tui::commands::{Command, Section, Words, always};
use crate::tui::effect::Effect;
use crate::tui::keymap::Context::{
    Dossier, QueryEditor, QueryLibrary, QueryName, QueryRange, QueryRename, QueryResults, QueryRow,
};
use crate::tui::views::ViewId;

/// The table.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "query.run",
        // tmux sends Ctrl+Enter as Enter, so running has keys of its own.
        // Outside of the editor F5 reads again what is in front, which is the same.
        keys: &[
            (QueryEditor, "f5"),
            (QueryEditor, "ctrl+r"),
            (QueryEditor, "ctrl+enter"),
            (QueryResults, "ctrl+r"),
            (QueryRow, "ctrl+r"),
        ],
        label: say::run,
        section: Section::Query,
        footer: 1,
        enabled: |app| if app.query.can_run() { Ok(()) } else { Err(say::nothing_to_run as Words) },
        run: |app| app.query.run(&mut app.shared),
    },
    Command {
        id: "query.leave",
        keys: &[(QueryEditor, "esc")],
        label: say::leave,
        section: Section::Query,
        footer: 3,
        enabled: always,
        run: |app| app.query.leave(&mut app.shared),
    },
    Command {
        id: "query.cancel",
        keys: &[(QueryResults, "esc")],
        label: say::cancel,
        section: Section::Query,
        footer: 0,
        enabled: |app| if app.query.is_running() { Ok(()) } else { Err(say::nothing_runs as Words) },
        run: |app| app.query.cancel(&mut app.shared),
    },
    Command {
        id: "query.switch",
        keys: &[(QueryEditor, "tab"), (QueryResults, "tab"), (QueryRow, "tab")],
        label: say::switch,
        section: Section::Query,
        footer: 2,
        enabled: always,
        run: |app| app.query.switch(&mut app.shared),
    },
    Command {
        id: "query.edit",
        keys: &[(QueryResults, "e"), (QueryRow, "e")],
        label: say::edit,
        section: Section::Query,
        footer: 6,
        enabled: always,
        run: |app| {
            app.query.edit();
            Vec::new()
        },
    },
    Command {
        id: "query.complete",
        keys: &[(QueryEditor, "ctrl+space")],
        label: say::complete,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| app.query.complete(&app.shared),
    },
    Command {
        id: "query.hover",
        keys: &[(QueryEditor, "f3"), (QueryEditor, "alt+h")],
        label: say::hover,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| quietly(|| app.query.hover(&mut app.shared)),
    },
    Command {
        id: "query.fix",
        keys: &[(QueryEditor, "f4"), (QueryEditor, "alt+x")],
        label: say::fix,
        section: Section::Query,
        footer: 0,
        enabled: |app| if app.query.can_fix() { Ok(()) } else { Err(say::nothing_to_fix as Words) },
        run: |app| quietly(|| app.query.apply_fix(&mut app.shared)),
    },
    Command {
        id: "query.rename",
        keys: &[(QueryEditor, "f6"), (QueryEditor, "alt+r")],
        label: say::rename,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| quietly(|| app.query.open_rename(&mut app.shared)),
    },
    Command {
        id: "query.range",
        keys: &[(QueryEditor, "ctrl+t"), (QueryResults, "ctrl+t")],
        label: say::range,
        section: Section::Query,
        footer: 4,
        enabled: always,
        run: |app| quietly(|| app.query.open_range(&app.shared)),
    },
    Command {
        id: "query.open",
        keys: &[(QueryEditor, "ctrl+o"), (QueryResults, "ctrl+o")],
        label: say::open,
        section: Section::Query,
        footer: 5,
        enabled: always,
        run: |app| app.query.open_shelf(),
    },
    Command {
        id: "query.save",
        keys: &[(QueryEditor, "ctrl+s"), (QueryResults, "ctrl+s")],
        label: say::save,
        section: Section::Query,
        footer: 7,
        enabled: |app| if app.query.can_run() { Ok(()) } else { Err(say::nothing_to_run as Words) },
        run: |app| quietly(|| app.query.open_save()),
    },
    Command {
        id: "query.tidy",
        keys: &[(QueryEditor, "alt+f")],
        label: say::tidy,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| quietly(|| app.query.tidy(&mut app.shared)),
    },
    Command {
        id: "query.undo",
        keys: &[(QueryEditor, "ctrl+u")],
        label: say::undo,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| quietly(|| app.query.undo(false)),
    },
    Command {
        id: "query.redo",
        keys: &[(QueryEditor, "alt+u")],
        label: say::redo,
        section: Section::Query,
        footer: 0,
        enabled: always,
        run: |app| quietly(|| app.query.undo(true)),
    },
    Command {
        id: "query.row",
        keys: &[(QueryResults, "enter")],
        label: say::row,
        section: Section::Query,
        footer: 3,
        enabled: on_row,
        run: |app| app.query.open_row(),
    },
    Command {
        id: "query.row.close",
        keys: &[(QueryRow, "esc"), (QueryRow, "enter")],
        label: say::close,
        section: Section::Query,
        footer: 2,
        enabled: always,
        run: |app| quietly(|| app.query.close_row()),
    },
    Command {
        id: "query.sort",
        keys: &[(QueryResults, "s")],
        label: say::sort,
        section: Section::Query,
        footer: 4,
        enabled: on_row,
        run: |app| app.query.sort(),
    },
    Command {
        id: "query.include",
        keys: &[(QueryResults, "i")],
        label: say::include,
        section: Section::Query,
        footer: 5,
        enabled: on_row,
        run: |app| app.query.refine(false, &mut app.shared),
    },
    Command {
        id: "query.exclude",
        keys: &[(QueryResults, "x")],
        label: say::exclude,
        section: Section::Query,
        footer: 5,
        enabled: on_row,
        run: |app| app.query.refine(true, &mut app.shared),
    },
    Command {
        id: "query.rows",
        keys: &[(Dossier, "o")],
        label: say::rows_of,
        section: Section::Dossier,
        footer: 13,
        enabled: |app| match app.dossier.as_ref().and_then(|panel| panel.rows_query()) {
            Some(_) => Ok(()),
            None => Err(say::not_read as Words),
        },
        run: |app| {
            let App { query, dossier, shared, .. } = app;
            let mut effects = match dossier.as_ref().and_then(|panel| panel.rows_query()) {
                Some((text, window)) => query.open(text, window, shared),
                None => Vec::new(),
            };
            effects.extend(app.show(ViewId::Query));
            effects.extend(app.close_dossier());
            effects
        },
    },
    Command {
        id: "query.confirm",
        keys: &[(QueryLibrary, "enter"), (QueryName, "enter"), (QueryRange, "enter"), (QueryRename, "enter")],
        label: say::confirm,
        section: Section::Query,
        footer: 1,
        enabled: always,
        run: |app| app.query.confirm(false, &mut app.shared),
    },
    Command {
        id: "query.replace",
        keys: &[(QueryName, "ctrl+r")],
        label: say::replace,
        section: Section::Query,
        footer: 2,
        enabled: always,
        run: |app| app.query.confirm(true, &mut app.shared),
    },
    Command {
        id: "query.field",
        keys: &[(QueryName, "tab"), (QueryName, "up"), (QueryName, "down")],
        label: say::field,
        section: Section::Query,
        footer: 3,
        enabled: always,
        run: |app| quietly(|| app.query.next_field()),
    },
    Command {
        id: "query.close",
        keys: &[(QueryLibrary, "esc"), (QueryName, "esc"), (QueryRange, "esc"), (QueryRename, "esc")],
        label: say::close,
        section: Section::Query,
        footer: 4,
        enabled: always,
        run: |app| quietly(|| app.query.close_overlay()),
    },
];

/// Runs what has no effects.
fn quietly(act: impl FnOnce()) -> Vec<Effect> {
    act();
    Vec::new()
}

fn on_row(app: &App) -> Result<(), Words> {
    if app.view == ViewId::Query && app.query.has_rows() { Ok(()) } else { Err(say::no_rows) }
}

mod say {
    crate::text::words! {
        run { en: "run", ko: "실행" }
        leave { en: "cancel, or to the table", ko: "취소 또는 표로" }
        cancel { en: "stop the query", ko: "쿼리 중단" }
        switch { en: "editor / table", ko: "편집기 / 표" }
        edit { en: "edit", ko: "편집" }
        complete { en: "complete", ko: "자동 완성" }
        hover { en: "what stands here", ko: "여기 설명" }
        fix { en: "mend it", ko: "고치기" }
        rename { en: "rename the field", ko: "필드 이름 바꾸기" }
        nothing_to_fix { en: "there is nothing that a key could mend", ko: "키로 고칠 수 있는 문제가 없습니다" }
        range { en: "time range", ko: "시간 범위" }
        open { en: "open", ko: "열기" }
        save { en: "save", ko: "저장" }
        tidy { en: "tidy up", ko: "정리" }
        undo { en: "undo", ko: "되돌리기" }
        redo { en: "redo", ko: "다시 하기" }
        row { en: "row", ko: "행 보기" }
        close { en: "close", ko: "닫기" }
        sort { en: "sort by column", ko: "열로 정렬" }
        rows_of { en: "its rows in Query", ko: "쿼리에서 행 보기" }
        not_read { en: "the dossier has no rows yet", ko: "조서에 아직 행이 없습니다" }
        include { en: "only this value", ko: "이 값만" }
        exclude { en: "without this value", ko: "이 값 제외" }
        confirm { en: "take", ko: "선택" }
        replace { en: "replace the older one", ko: "이전 것 바꾸기" }
        field { en: "other field", ko: "다른 칸" }
        nothing_to_run { en: "the query is empty", ko: "쿼리가 비어 있습니다" }
        nothing_runs { en: "no query is running", ko: "실행 중인 쿼리가 없습니다" }
        no_rows { en: "there are no rows yet: F5 runs the query", ko: "아직 행이 없습니다. F5로 실행하세요" }
    }
}

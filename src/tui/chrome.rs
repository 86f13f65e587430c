//! What surrounds every view: the tabs above, the status line and the keys below, and the word that a screen is too
//! small. The keys come from the command table.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::app::{App, Shared};
use super::effect::Health;
use super::labels;
use super::pane::Paint;
use super::theme::Role;
use super::views::ViewId;
use super::widgets::frame::{self, Parts};
use super::{commands, keymap};
use crate::config::duration;
use crate::text::width::{cut, width};

crate::text::words! {
    small { en: "This terminal is too small.", ko: "터미널이 너무 작습니다." }
    waiting { en: "sending…", ko: "보내는 중…" }
    model { en: "model", ko: "모델" }
}

crate::text::sentences! {
    needed(width: u16, height: u16, has_width: u16, has_height: u16) {
        en: "gatewatch needs {width}×{height}, this is {has_width}×{has_height}. Make it larger, or leave with q.",
        ko: "gatewatch에는 {width}×{height}이(가) 필요한데 지금은 {has_width}×{has_height}입니다. 키우거나 q로 종료하세요.",
    }
    until(time: &str) { en: "until {time}", ko: "{time}까지" }
}

/// The smallest screen that can be drawn on.
const SMALLEST: (u16, u16) = (60, 16);

/// Whether a screen is too small.
pub const fn is_too_small(area: Rect) -> bool {
    area.width < SMALLEST.0 || area.height < SMALLEST.1
}

/// Says that the screen is too small, wherever it fits.
pub fn too_small(frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let words =
        format!("{} {}", small(shared.lang), needed(shared.lang, SMALLEST.0, SMALLEST.1, area.width, area.height));
    let lines = crate::text::width::wrap(&words, usize::from(area.width));
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        frame.buffer_mut().set_string(area.x, y, cut(&line, usize::from(area.width)), shared.theme.style(Role::Text));
    }
}

/// Where views are drawn: all but the tabs and the two lines below.
pub const fn body(area: Rect) -> Rect {
    Rect { x: area.x, y: area.y + 1, width: area.width, height: area.height.saturating_sub(3) }
}

/// All but the status line and the keys: where forms and lists are drawn.
pub const fn above(area: Rect) -> Rect {
    Rect { x: area.x, y: area.y, width: area.width, height: area.height.saturating_sub(2) }
}

/// Draws tabs, status line and keys.
pub fn draw(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    let paint = Paint { shared: &app.shared, focused: true };
    let row = |y: u16| Rect { y, height: 1, ..area };
    tabs(frame, row(area.y), app, &paint);
    status(frame, row(area.bottom() - 2), &paint);
    keys(frame, row(area.bottom() - 1), app, &paint);
}

/// Columns before the first tab.
const BRAND: &str = " gatewatch  ";

/// Cells that window and clock want on the right of the tabs.
const RIGHT: usize = 15;

/// What stands before the first tab: the name gives way where tabs, window and clock need the room.
fn brand(shared: &Shared) -> &'static str {
    let tabs: usize = ViewId::ALL.iter().map(|view| width(view.label(shared.lang)) + 5).sum();
    if width(BRAND) + tabs + RIGHT <= usize::from(shared.size.width) { BRAND } else { "" }
}

/// The tabs with the columns where they lie.
fn tab_places(shared: &Shared) -> impl Iterator<Item = (ViewId, String, u16, u16)> {
    let mut x = u16::try_from(width(brand(shared))).unwrap_or(0);
    ViewId::ALL.iter().map(move |view| {
        let label = format!(" {} {} ", view.key(), view.label(shared.lang));
        let from = x;
        x += u16::try_from(width(&label)).unwrap_or(0) + 1;
        (*view, label, from, x - 1)
    })
}

/// The tab at a place on the screen.
pub fn tab_at(place: Position, shared: &Shared) -> Option<ViewId> {
    tab_places(shared).find(|(_, _, from, to)| place.y == 0 && (*from..*to).contains(&place.x)).map(|(view, ..)| view)
}

fn tabs(frame: &mut Frame<'_>, area: Rect, app: &App, paint: &Paint<'_>) {
    let buffer = frame.buffer_mut();
    buffer.set_style(area, paint.style(Role::Status));
    buffer.set_string(area.x, area.y, brand(paint.shared), paint.style(Role::Status).patch(paint.style(Role::Title)));
    let mut end = 0;
    for (view, label, from, to) in tab_places(paint.shared) {
        let role = if view == app.view { Role::TabActive } else { Role::Status };
        if to <= area.right() {
            buffer.set_string(from, area.y, label, paint.style(role));
            end = to;
        }
    }
    let shared = paint.shared;
    let clock = shared.time_of_day(shared.now);
    let note = match shared.window_end {
        Some(end) => format!("{} {}", duration::show(shared.window), until(shared.lang, &shared.date_and_time(end))),
        None => duration::show(shared.window),
    };
    let right = format!("{note} │ {clock} ");
    let x = area.right().saturating_sub(u16::try_from(width(&right)).unwrap_or(0));
    if x > end {
        buffer.set_string(x, area.y, right, paint.style(Role::Status));
    }
}

/// The word that says whether acts are real, in its role.
pub fn mode(shared: &Shared) -> (&'static str, &'static str, Role) {
    if shared.basics.live {
        (labels::live(shared.lang), labels::live_means(shared.lang), Role::Live)
    } else {
        (labels::rehearsal(shared.lang), labels::rehearsal_means(shared.lang), Role::Rehearsal)
    }
}

/// Where an act goes: to the LAPI of this name, or nowhere.
pub fn whither(shared: &Shared) -> String {
    let (_, means, _) = mode(shared);
    if shared.basics.live { format!("{means} · {}", shared.basics.enforcer) } else { means.to_owned() }
}

fn status(frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
    let buffer = frame.buffer_mut();
    buffer.set_style(area, paint.style(Role::Status));
    let shared = paint.shared;
    let (word, means, role) = mode(shared);
    let mut parts: Parts<'_> = vec![(Cow::Owned(format!(" {word} ")), role), (Cow::Borrowed(" "), Role::Status)];
    if shared.acting > 0 {
        parts.push((Cow::Borrowed(waiting(shared.lang)), Role::Warning));
        parts.push((Cow::Borrowed(" "), Role::Status));
    }
    match &shared.notice {
        Some(notice) => {
            let (mark, role) = if notice.failure { ("✗ ", Role::Error) } else { ("✓ ", Role::Ok) };
            parts.push((Cow::Borrowed(mark), role));
            parts.push((Cow::Borrowed(notice.text.as_str()), if notice.failure { role } else { Role::Status }));
        }
        None => {
            parts.push((Cow::Borrowed(means), Role::Status));
            let room = usize::from(area.width).saturating_sub(parts_width(&parts));
            let named = servers(shared, true);
            parts.extend(if parts_width(&named) <= room { named } else { servers(shared, false) });
        }
    }
    // Roles that have no ground of their own stand on the status line's.
    let ground = paint.style(Role::Status);
    let mut x = area.x;
    for (text, role) in &parts {
        let shown = cut(text, usize::from(area.right().saturating_sub(x)));
        buffer.set_string(x, area.y, &shown, ground.patch(paint.style(*role)));
        x += u16::try_from(width(&shown)).unwrap_or(0);
    }
}

/// Whether a server is well.
type IsWell = fn(&Health) -> bool;

/// Source, LAPI and model, each with a mark for how it is; with their full names, or short.
fn servers(shared: &Shared, named: bool) -> Parts<'_> {
    let health = shared.health.as_deref();
    let mark = |ok: IsWell| match health {
        None => ("… ", Role::Muted),
        Some(health) if ok(health) => ("✓ ", Role::Ok),
        Some(_) => ("✗ ", Role::Error),
    };
    let basics = &shared.basics;
    let mut parts: Parts<'_> = Vec::new();
    let source = basics.source.label.as_str();
    let source = source.rsplit_once("://").map_or(source, |(_, rest)| rest);
    let with = |word: &'static str, name: &str| if named { format!("{word} {name}") } else { word.to_owned() };
    let entries: [(IsWell, String); 3] = [
        (|health| health.source.is_ok(), cut(source, if named { 40 } else { 22 }).into_owned()),
        (|health| health.enforcer.is_ok(), with("LAPI", &basics.enforcer)),
        (|health| health.judge.is_ok(), with(model(shared.lang), &basics.judge)),
    ];
    for (ok, name) in entries {
        parts.push((Cow::Borrowed(" │ "), Role::Muted));
        let (mark, role) = mark(ok);
        parts.push((Cow::Borrowed(mark), role));
        parts.push((Cow::Owned(name), Role::Status));
    }
    parts
}

fn keys(frame: &mut Frame<'_>, area: Rect, app: &App, paint: &Paint<'_>) {
    let context = app.context();
    let lang = paint.lang();
    let last = app_help(context, paint);
    let room = usize::from(area.width).saturating_sub(parts_width(&last) + 1);
    let mut parts: Parts<'_> = Vec::new();
    let mut taken = 0;
    for command in commands::reachable(context) {
        if command.footer == 0 || command.id == HELP || (command.enabled)(app).is_err() {
            continue;
        }
        let Some(chord) = keymap::shown(command, context) else { continue };
        let (key, label) = (format!(" {chord}"), format!(" {} ", (command.label)(lang)));
        let wide = width(&key) + width(&label);
        if taken + wide > room {
            break;
        }
        taken += wide;
        parts.push((Cow::Owned(key), Role::Key));
        parts.push((Cow::Owned(label), Role::Muted));
    }
    frame::line(frame.buffer_mut(), area, &parts, paint);
    let wide = u16::try_from(parts_width(&last)).unwrap_or(0).min(area.width);
    let right = Rect { x: area.right() - wide, width: wide, ..area };
    frame::line(frame.buffer_mut(), right, &last, paint);
}

/// The command that always stands at the right end.
const HELP: &str = "console.help";

fn app_help(context: keymap::Context, paint: &Paint<'_>) -> Parts<'static> {
    let help = commands::all().find(|command| command.id == HELP);
    let Some((command, chord)) = help.and_then(|command| Some((command, keymap::shown(command, context)?))) else {
        return Vec::new();
    };
    vec![
        (Cow::Owned(chord.to_string()), Role::Key),
        (Cow::Owned(format!(" {} ", (command.label)(paint.lang()))), Role::Muted),
    ]
}

fn parts_width(parts: &Parts<'_>) -> usize {
    parts.iter().map(|(text, _)| width(text)).sum()
}

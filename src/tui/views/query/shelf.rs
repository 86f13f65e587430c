//! The list of queries to open: one's own, those that ship, and those that were run before, found by typing a few
//! letters of name, description or text.

use std::borrow::Cow;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::answer::rows_in_words;
use super::language;
use crate::journal::QueryRecord;
use crate::library::Listing;
use crate::text::width::{Align, cut, fit};
use crate::text::{Lang, Say as _, escape};
use crate::tui::app::Shared;
use crate::tui::pane::{Paint, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::widgets::frame;
use crate::tui::widgets::input::Input;

/// Where a query comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Own,
    Ships,
    Earlier,
}

/// A query that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    origin: Origin,
    title: String,
    about: String,
    text: String,
    /// The file's name, which is the same in both languages; empty for an earlier one.
    slug: String,
}

/// The list.
#[derive(Debug, Default)]
pub struct Shelf {
    input: Input,
    entries: Vec<Entry>,
    /// The entries that fit what was typed, best first.
    found: Vec<usize>,
    selected: usize,
    offset: usize,
    /// What could not be read.
    problem: Option<String>,
    loaded: bool,
    list: Rect,
}

impl Shelf {
    /// Takes in what the library and the journal hold.
    pub fn fill(&mut self, listing: &Listing, history: Result<Vec<QueryRecord>, String>, shared: &Shared) {
        let lang = shared.lang;
        let saved = listing.queries.iter().map(|query| Entry {
            origin: if query.ships() { Origin::Ships } else { Origin::Own },
            title: query.name(lang).to_owned(),
            about: query.description(lang).to_owned(),
            text: query.text.clone(),
            slug: query.slug.clone(),
        });
        self.entries = saved.collect();
        self.problem = listing.problems.first().map(|problem| problem.say(lang));
        match history {
            Ok(records) => self.entries.extend(records.into_iter().map(|record| earlier(record, shared))),
            Err(error) => self.problem = Some(error),
        }
        self.loaded = true;
        self.search();
    }

    /// The text of the selected query, and whether it is one of those that ship.
    pub fn chosen(&self) -> Option<(&str, bool)> {
        let entry = self.found.get(self.selected).map(|number| &self.entries[*number])?;
        Some((entry.text.as_str(), entry.origin == Origin::Ships))
    }

    /// Types into the search, or moves.
    pub fn take(&mut self, typed: &Typed) {
        if self.input.take(typed) {
            self.search();
        }
    }

    /// Moves the selection.
    pub fn step(&mut self, step: Step) {
        let page = usize::from(self.list.height).max(1);
        let last = self.found.len().saturating_sub(1);
        self.selected = match step {
            Step::Up => self.selected.saturating_sub(1),
            Step::Down => self.selected + 1,
            Step::PageUp => self.selected.saturating_sub(page),
            Step::PageDown => self.selected + page,
            Step::First => 0,
            Step::Last => last,
            Step::Left | Step::Right => self.selected,
        }
        .min(last);
    }

    /// Selects what the mouse was pressed on; `true` where it was selected already.
    pub fn press(&mut self, position: Position) -> bool {
        if !self.list.contains(position) {
            return false;
        }
        let line = self.offset + usize::from(position.y - self.list.y);
        let again = line == self.selected;
        self.selected = line.min(self.found.len().saturating_sub(1));
        again && line < self.found.len()
    }

    /// Finds the entries that hold what was typed, the best match first; all of them where nothing was typed.
    fn search(&mut self) {
        let pattern = Pattern::parse(self.input.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let hay = format!("{} {} {} {}", entry.title, entry.slug, entry.about, entry.text);
            if let Some(score) = pattern.score(Utf32Str::new(&hay, &mut buffer), &mut matcher) {
                scored.push((score, number));
            }
        }
        // A name that is meant weighs more than letters strewn over a text.
        let typed = self.input.text().to_lowercase();
        let named = |number: &usize| !typed.is_empty() && self.entries[*number].title.to_lowercase().contains(&typed);
        scored.sort_by_key(|(score, number)| (!named(number), std::cmp::Reverse(*score), *number));
        self.found = scored.into_iter().map(|(_, number)| number).collect();
        self.selected = 0;
        self.offset = 0;
    }

    /// Draws it over the view: what is typed, the list, the selected query's text.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let buffer = frame.buffer_mut();
        let size = (area.width.saturating_sub(4).min(110), area.height.saturating_sub(2).max(8));
        let place = frame::centred(buffer, area, size, paint);
        let note = say::found(lang, self.found.len(), self.entries.len());
        let inner = frame::pane(buffer, place, paint, say::title(lang), &note);
        let [input, list, rule, text] = layout(inner);
        let after = frame::line(buffer, input, &[(Cow::Borrowed("› "), Role::Key)], paint);
        let field = Rect { x: after, width: input.right().saturating_sub(after), ..input };
        self.input.draw(buffer, field, paint, Role::Text);
        if self.input.text().is_empty() && field.width > 2 {
            let hint = Rect { x: field.x + 1, width: field.width - 1, ..field };
            frame::line(buffer, hint, &[(Cow::Borrowed(say::hint(lang)), Role::Muted)], paint);
        }
        self.list = list;
        self.draw_list(buffer, list, paint);
        let problem = self.problem.clone().unwrap_or_default();
        frame::line(buffer, rule, &[(Cow::Owned(problem), Role::Error)], paint);
        let chosen = self.chosen().map(|(text, _)| language::coloured(text)).unwrap_or_default();
        for (line, y) in chosen.iter().zip(text.top()..text.bottom()) {
            frame::line(buffer, Rect { y, height: 1, ..text }, line, paint);
        }
    }

    fn draw_list(&mut self, buffer: &mut ratatui::buffer::Buffer, list: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        let height = usize::from(list.height).max(1);
        self.offset = self.offset.min(self.selected).max((self.selected + 1).saturating_sub(height));
        if self.found.is_empty() && list.height > 0 {
            let words = if self.loaded { say::nothing(lang) } else { say::loading(lang) };
            frame::line(buffer, list, &[(Cow::Borrowed(words), Role::Muted)], paint);
        }
        for (line, y) in (self.offset..self.found.len()).zip(list.top()..list.bottom()) {
            let entry = &self.entries[self.found[line]];
            let row = Rect { y, height: 1, ..list };
            let selected = line == self.selected;
            let title = usize::from(list.width) * 2 / 5;
            let parts = [
                (Cow::Borrowed(if selected { "▸ " } else { "  " }), Role::Strong),
                (Cow::Owned(fit(origin(entry.origin, lang), 8, Align::Left)), Role::Muted),
                (Cow::Owned(fit(&entry.title, title, Align::Left)), Role::Text),
                (Cow::Borrowed("  "), Role::Text),
                (cut(&entry.about, usize::from(list.width)), Role::Muted),
            ];
            frame::line(buffer, row, &parts, paint);
            if selected {
                buffer.set_style(row, paint.style(Role::Selection));
            }
        }
    }
}

fn layout(inner: Rect) -> [Rect; 4] {
    use ratatui::layout::{Constraint, Layout};
    let text = (inner.height / 3).min(9);
    let parts = [Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1), Constraint::Length(text)];
    Layout::vertical(parts).areas(inner)
}

fn earlier(record: QueryRecord, shared: &Shared) -> Entry {
    let mut about = format!(
        "{} · {}",
        shared.date_and_time(record.at),
        rows_in_words(usize::try_from(record.rows).unwrap_or(usize::MAX), shared.lang)
    );
    if let Some(error) = &record.error {
        about.push_str(&format!(" · {}", escape::visible(error)));
    }
    let title = record.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Entry { origin: Origin::Earlier, title, about, text: record.text, slug: String::new() }
}

const fn origin(origin: Origin, lang: Lang) -> &'static str {
    match origin {
        Origin::Own => say::own(lang),
        Origin::Ships => say::ships(lang),
        Origin::Earlier => say::earlier(lang),
    }
}

mod say {
    crate::text::words! {
        title { en: "Open a query", ko: "쿼리 열기" }
        hint { en: "type to search names, descriptions and texts", ko: "이름, 설명, 본문에서 찾을 글자를 입력" }
        nothing { en: "nothing found", ko: "찾은 것이 없음" }
        loading { en: "reading…", ko: "읽는 중…" }
        own { en: "own", ko: "내 것" }
        ships { en: "library", ko: "기본" }
        earlier { en: "earlier", ko: "기록" }
    }
    crate::text::sentences! {
        found(found: usize, all: usize) { en: "{found} of {all}", ko: "{all}개 중 {found}개" }
    }
}

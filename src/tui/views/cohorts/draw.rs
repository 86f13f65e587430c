//! How the cohorts look: the list above; below it what the selected one shares, beside its members or in turns with
//! them.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Cohorts, Column, Focus, MemberColumn, Places};
use crate::config::duration;
use crate::detect::groups::{Cohort, Member};
use crate::detect::memory::SPAN;
use crate::text::number::{clock, count, percent};
use crate::text::width::{Align, fit, wrap};
use crate::text::{Lang, Say as _};
use crate::tui::app::Shared;
use crate::tui::commands::key_of;
use crate::tui::pane::{Paint, Pane as _};
use crate::tui::theme::Role;
use crate::tui::views::suspects::{centre, columns::action_role};
use crate::tui::widgets::frame::{self, Parts};
use crate::tui::widgets::table::{self, Cell, Table, probability};

crate::text::words! {
    title { en: "Cohorts", ko: "집단" }
    members { en: "members", ko: "구성원" }
    innocent { en: "innocent", ko: "무고" }
    alike { en: "they …", ko: "공통점" }
    prefixes { en: "prefixes", ko: "대역" }
    client { en: "client", ko: "주소" }
    score { en: "score", ko: "점수" }
    state { en: "state", ko: "상태" }
    requests { en: "reqs", ko: "요청" }
    last { en: "last", ko: "최근" }
    banned { en: "banned", ko: "차단됨" }
    rehearsed { en: "rehearsed", ko: "차단 예행" }
    shared_title { en: "What they share", ko: "구성원의 공통점" }
    members_title { en: "Members", ko: "구성원" }
    of_them { en: "them", ko: "구성원" }
    of_people { en: "people", ko: "방문자" }
    instead_title { en: "What the site's people do instead", ko: "일반 방문자는 대신" }
    prefix_title { en: "Prefixes that cover them", ko: "구성원을 덮는 대역" }
    last_hour { en: "in the last hour", ko: "지난 1시간" }
    none { en: "No cohort acts as one in this time.", ko: "이 시간 동안 하나처럼 행동한 집단이 없습니다." }
    none_hint { en: "many addresses that do the same, each too little to stand out, would show here", ko: "각자는 눈에 띄지 않지만 똑같이 행동하는 여러 주소가 여기에 표시됩니다" }
    nothing_passes { en: "No row passes the filter.", ko: "필터에 맞는 행이 없습니다." }
    no_prefix { en: "none covers three or more of them", ko: "셋 이상을 덮는 대역 없음" }
    no_people_too { en: "the same is true of none of the site's people", ko: "일반 방문자 중 같은 공통점을 가진 사람은 없음" }
    too_many { en: "too many innocents to ban unattended", ko: "무고한 주소가 많아 무인 차단 불가" }
}

crate::text::sentences! {
    in_the_last(time: &str) { en: "in the last {time}", ko: "지난 {time}" }
    in_the_time_until(time: &str, until: &str) { en: "in the {time} until {until}", ko: "{until}까지 {time}" }
    in_the_hour(until: &str) { en: "in the hour until {until}", ko: "{until}까지 1시간" }
    at_most(share: &str) { en: "≤ {share}", ko: "{share} 이하" }
    pace(members: &str, people: &str) {
        en: "half of them sent at most {members} requests; half of the people {people}",
        ko: "구성원 절반은 요청 {members}건 이하, 일반 방문자 절반은 {people}건 이하",
    }
    people_too(people: &str) {
        en: "the same is true of {people} of the site's people",
        ko: "일반 방문자 중 {people}명이 같은 공통점을 가짐",
    }
    covering(members: &str, others: &str, share: &str) {
        en: "{members} of them, {others} others, ~{share} innocent",
        ko: "구성원 {members}, 다른 주소 {others}, 무고 약 {share}",
    }
}

/// From so many columns on, the members lie beside what they share.
const WIDE: u16 = 100;

impl Cohorts {
    pub(super) fn draw_view(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let is_wide = area.width >= WIDE;
        let rows = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
        // Where room is short, the list has more of it while it has the keys.
        let most = if !is_wide && self.focus == Focus::List { area.height / 2 } else { area.height / 3 };
        let high = rows.saturating_add(3).clamp(5, most.max(5)).min(area.height);
        let above = Rect { height: high, ..area };
        let below = Rect { y: area.y + high, height: area.height - high, ..area };
        self.places = Places { list: above, ..Places::default() };
        let focused = |focus: Focus| Paint { focused: paint.focused && self.focus == focus, ..*paint };
        let (list, shares, members) = (focused(Focus::List), focused(Focus::Shares), focused(Focus::Members));
        self.draw_list(buffer, above, &list);
        if below.height < 3 {
            return;
        }
        if self.current(paint.shared).is_none() {
            frame::pane(buffer, below, &shares, shared_title(paint.lang()), "");
            return;
        }
        if is_wide {
            let wide = below.width / 2;
            self.draw_shares(buffer, Rect { width: wide, ..below }, &shares, "");
            self.draw_members(buffer, Rect { x: below.x + wide, width: below.width - wide, ..below }, &members);
        } else if self.focus == Focus::Members {
            self.draw_members(buffer, below, &members);
        } else {
            let note = self.current(paint.shared).map_or_else(String::new, |cohort| members_name(cohort, paint.lang()));
            let key = key_of("cohorts.members", self.context()).map_or_else(String::new, |key| key.to_string());
            self.draw_shares(buffer, below, &shares, &format!("{key} {note}"));
        }
    }

    fn draw_shares(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>, note: &str) {
        self.places.shares = area;
        let Some(cohort) = self.current(paint.shared) else { return };
        let inner = frame::pane(buffer, area, paint, shared_title(paint.lang()), note);
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let lines = lines(cohort, paint.shared, usize::from(inner.width));
        self.shares.fit(lines.len(), inner.height);
        for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(self.shares.offset)) {
            frame::line(buffer, Rect { y, height: 1, ..inner }, line, paint);
        }
        self.shares.mark(buffer, area, paint);
    }

    fn draw_list(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (lang, all) = (paint.lang(), &paint.shared.cohorts);
        let name = format!("{} {}", title(lang), count(all.len() as u64));
        // Detection looks back further than a short window, and says so.
        let (window, end) = (paint.shared.window, paint.shared.window_end);
        let long = (window > SPAN).then(|| duration::show(window));
        let end = end.map(|end| paint.shared.date_and_time(end));
        let span = match (long, end) {
            (Some(long), Some(end)) => in_the_time_until(lang, &long, &end),
            (Some(long), None) => in_the_last(lang, &long),
            (None, Some(end)) => in_the_hour(lang, &end),
            (None, None) => last_hour(lang).to_owned(),
        };
        let mut inner = frame::pane(buffer, area, paint, &name, &span);
        if self.list.filter.is_on() && inner.height > 1 {
            self.list.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        if self.list.len() == 0 {
            let lines: &[(&str, Role)] = if all.is_empty() {
                &[(none(lang), Role::Ok), (none_hint(lang), Role::Muted)]
            } else {
                &[(nothing_passes(lang), Role::Muted)]
            };
            centre(buffer, inner, lines, paint);
            return;
        }
        let columns = [
            table::Column::number(members(lang), 8, 0),
            table::Column::number(innocent(lang), 9, 1),
            table::Column::words(alike(lang), 30, 120, 0),
            table::Column::words(prefixes(lang), 18, 24, 2),
        ];
        let table = Table { columns: &columns, rows: self.list.len(), sort: self.list.sorted_by(Column::ALL) };
        let mut state = std::mem::take(&mut self.list.table);
        table.draw(buffer, inner, &mut state, paint, |row, column| {
            match self.list.at(row).and_then(|index| all.get(index)) {
                Some(cohort) => cell(Column::ALL[column], cohort, lang),
                None => Cell::default(),
            }
        });
        self.list.table = state;
    }

    fn draw_members(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let lang = paint.lang();
        self.places.members = area;
        let Some(cohort) = self.current(paint.shared) else { return };
        let name = members_name(cohort, lang);
        let mut inner = frame::pane(buffer, area, paint, &name, "");
        if self.members.filter.is_on() && inner.height > 1 {
            self.members.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        let columns = [
            table::Column::words(client(lang), 15, 39, 0),
            table::Column::words(score(lang), 10, 10, 0),
            table::Column::words(state(lang), 16, 18, 2),
            table::Column::number(requests(lang), 6, 1),
            table::Column::number(last(lang), 5, 3),
        ];
        let sort = self.members.sorted_by(MemberColumn::ALL);
        let table = Table { columns: &columns, rows: self.members.len(), sort };
        let mut state = std::mem::take(&mut self.members.table);
        table.draw(buffer, inner, &mut state, paint, |row, column| {
            match self.members.at(row).and_then(|index| cohort.members.get(index)) {
                Some(member) => member_cell(MemberColumn::ALL[column], member, paint.shared),
                None => Cell::default(),
            }
        });
        self.members.table = state;
    }
}

/// The heading of the members.
fn members_name(cohort: &Cohort, lang: Lang) -> String {
    format!("{} {}", members_title(lang), count(cohort.members.len() as u64))
}

fn cell(column: Column, cohort: &Cohort, lang: Lang) -> Cell<'static> {
    match column {
        Column::Members => Cell::new(count(cohort.members.len() as u64), Role::Strong),
        Column::Innocent => Cell::new(at_most(lang, &percent(cohort.innocent_share)), Role::Text),
        Column::Alike => Cell::new(cohort.alike.say(lang), Role::Text),
        Column::Prefixes => match cohort.prefixes.first() {
            Some(first) if cohort.prefixes.len() == 1 => Cell::new(first.prefix.to_string(), Role::Text),
            Some(first) => Cell::new(format!("{} +{}", first.prefix, cohort.prefixes.len() - 1), Role::Text),
            None => Cell::new("–", Role::Muted),
        },
    }
}

fn member_cell(column: MemberColumn, member: &Member, shared: &Shared) -> Cell<'static> {
    let lang = shared.lang;
    match column {
        MemberColumn::Client => Cell::new(member.client.to_string(), Role::Strong),
        MemberColumn::Score => {
            let role = action_role(member.action);
            Cell::new(format!("{} {}", probability(member.score), member.action.label(lang)), role)
        }
        MemberColumn::State => match shared.decision_for(member.client) {
            Some(decision) if decision.simulated => Cell::new(format!("□ {}", rehearsed(lang)), Role::Warning),
            Some(decision) => {
                let left = clock(shared.until(decision.until));
                Cell::new(format!("■ {} {left}", banned(lang)), Role::Danger)
            }
            None => Cell::default(),
        },
        MemberColumn::Requests => Cell::new(count(u64::from(member.requests)), Role::Text),
        MemberColumn::Last => Cell::new(shared.when(member.last), Role::Muted),
    }
}

/// What the members share against what people do, what people do instead, and the prefixes.
fn lines(cohort: &Cohort, shared: &Shared, width: usize) -> Vec<Parts<'static>> {
    let lang = shared.lang;
    let one = |text: String, role: Role| -> Parts<'static> { vec![(Cow::Owned(text), role)] };
    let mut lines: Vec<Parts<'static>> = Vec::new();
    let say = |lines: &mut Vec<Parts<'static>>, words: &str, role: Role| {
        lines.extend(wrap(words, width).into_iter().map(|line| one(line, role)));
    };
    say(&mut lines, &cohort.alike.say(lang), Role::Strong);
    let wide = width.saturating_sub(16);
    let head = format!("{}{}", " ".repeat(wide), fit(of_them(lang), 8, Align::Right));
    lines.push(one(format!("{head}{}", fit(of_people(lang), 8, Align::Right)), Role::Muted));
    for share in &cohort.shares {
        let people = share.people.map_or_else(|| "–".to_owned(), percent);
        lines.push(vec![
            (Cow::Owned(fit(share.habit.label(lang), wide, Align::Left)), Role::Text),
            (Cow::Owned(fit(&percent(share.members), 8, Align::Right)), Role::Gate),
            (Cow::Owned(fit(&people, 8, Align::Right)), Role::Ok),
        ]);
    }
    let whole = |number: u32| count(u64::from(number));
    say(&mut lines, &pace(lang, &whole(cohort.median_requests), &whole(cohort.people_median_requests)), Role::Muted);
    match cohort.people {
        0 => say(&mut lines, no_people_too(lang), Role::Muted),
        people => say(&mut lines, &people_too(lang, &whole(people)), Role::Muted),
    }
    let instead: Vec<&str> =
        cohort.shares.iter().filter(|share| share.people.is_some()).map(|share| share.habit.instead(lang)).collect();
    if !instead.is_empty() {
        lines.push(one(instead_title(lang).to_owned(), Role::Title));
        say(&mut lines, &instead.join("; "), Role::Text);
    }
    lines.push(one(prefix_title(lang).to_owned(), Role::Title));
    if cohort.prefixes.is_empty() {
        say(&mut lines, no_prefix(lang), Role::Muted);
    }
    for one in &cohort.prefixes {
        let refused = one.innocent_share > shared.basics.max_innocent_share;
        let words = covering(lang, &whole(one.members), &whole(one.others), &percent(one.innocent_share));
        lines.push(vec![
            (Cow::Owned(format!("{}  ", one.prefix)), Role::Strong),
            (Cow::Owned(words), if refused { Role::Warning } else { Role::Ok }),
        ]);
        if refused {
            lines.push(vec![(Cow::Owned(format!("  {}", too_many(lang))), Role::Muted)]);
        }
    }
    lines
}

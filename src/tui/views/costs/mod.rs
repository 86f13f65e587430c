//! What clients cost: bytes and request time against their share of the requests, in the place of the gate table.
//! Suspects by cost stand first; bans nobody itself.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub mod commands;

use crate::engine::costs::{Costs, Priced};
use crate::logs::SourceError;
use crate::text::number::{age, bytes, count, factor, percent};
use crate::text::{Lang, Say as _};
use crate::tui::app::Shared;
use crate::tui::effect::{Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::labels;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::theme::Role;
use crate::tui::views::suspects::{centre, warn};
use crate::tui::widgets::frame;
use crate::tui::widgets::listing::Listing;
use crate::tui::widgets::table::{self, Cell, Table};

crate::text::words! {
    title { en: "Clients by cost", ko: "비용 순 클라이언트" }
    client { en: "client", ko: "주소" }
    reqs { en: "reqs", ko: "요청" }
    sent { en: "bytes", ko: "바이트" }
    of_bytes { en: "bytes%", ko: "바이트%" }
    seconds { en: "seconds", ko: "초" }
    of_time { en: "time%", ko: "시간%" }
    of_requests { en: "reqs%", ko: "요청%" }
    times { en: "a client", ko: "배수" }
    why { en: "why", ko: "이유" }
    suspect { en: "suspect", ko: "용의자" }
    nothing { en: "No requests in this window.", ko: "이 구간에는 요청이 없습니다." }
    nothing_passes { en: "No row passes the filter.", ko: "필터에 맞는 행이 없습니다." }
    unknown {
        en: "This log tells neither bytes nor request time; name their fields in the settings.",
        ko: "이 로그에는 바이트도 처리 시간도 없습니다. 설정에서 필드를 지정하세요.",
    }
}

crate::text::sentences! {
    looked(age: &str) { en: "{age} ago", ko: "{age} 전" }
    suspects(many: usize) { en: "suspects {many}", ko: "용의자 {many}" }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Who.
    Client,
    /// Requests.
    Requests,
    /// Their share of all.
    OfRequests,
    /// Bytes sent to it.
    Bytes,
    /// Their share.
    OfBytes,
    /// Request time.
    Seconds,
    /// Its share.
    OfTime,
    /// How many times the mean client's cost.
    Times,
    /// What that amounts to.
    Why,
}

impl Column {
    const ALL: &'static [Self] = &[
        Self::Client,
        Self::Requests,
        Self::OfRequests,
        Self::Bytes,
        Self::OfBytes,
        Self::Seconds,
        Self::OfTime,
        Self::Times,
        Self::Why,
    ];

    /// `longest` is the width of the longest address.
    fn shape(self, lang: Lang, longest: u16) -> table::Column {
        match self {
            Self::Client => table::Column::words(client(lang), 15, longest.clamp(15, 41), 0),
            Self::Requests => table::Column::number(reqs(lang), 8, 3),
            Self::OfRequests => table::Column::number(of_requests(lang), 6, 0),
            Self::Bytes => table::Column::number(sent(lang), 9, 4),
            Self::OfBytes => table::Column::number(of_bytes(lang), 7, 0),
            Self::Seconds => table::Column::number(seconds(lang), 8, 5),
            Self::OfTime => table::Column::number(of_time(lang), 6, 0),
            Self::Times => table::Column::number(times(lang), 9, 1),
            Self::Why => table::Column::words(why(lang), 12, 90, 2),
        }
    }
}

/// The table.
pub struct CostTable {
    /// Whether it stands in the place of the gate table.
    pub on: bool,
    /// The costs; `Some(None)` where the log tells none.
    costs: Option<Option<Costs>>,
    came: Option<Timestamp>,
    failed: Option<String>,
    /// The clients as they are shown.
    pub list: Listing<Column, IpAddr>,
}

impl Default for CostTable {
    fn default() -> Self {
        let list = Listing::new(Column::Times, true);
        Self { on: false, costs: None, came: None, failed: None, list }
    }
}

impl CostTable {
    /// Reads the costs again.
    pub fn refresh(&self, shared: &Shared) -> Vec<Effect> {
        vec![Effect::start(Slot::Costs, Request::Costs(shared.range()))]
    }

    /// The costs came, or not; what was there before stays where it failed.
    pub fn priced(&mut self, costs: Result<Option<Costs>, SourceError>, shared: &Shared) {
        match costs {
            Ok(costs) => (self.costs, self.came, self.failed) = (Some(costs), Some(shared.now), None),
            Err(error) => self.failed = Some(error.say(shared.lang)),
        }
        self.arrange();
    }

    fn clients(&self) -> &[Priced] {
        self.costs.as_ref().and_then(Option::as_ref).map_or(&[], |costs| &costs.clients)
    }

    /// Puts the rows in order again and keeps the selection on its client.
    pub fn arrange(&mut self) {
        let clients = self.costs.as_ref().and_then(Option::as_ref).map_or(&[][..], |costs| &costs.clients);
        self.list.arrange(
            clients.len(),
            |filter, index| filter.passes(&clients[index].cost.spent.client.to_string()),
            |column, one, other| compare(column, &clients[one], &clients[other]),
            |one, other| clients[one].cost.spent.client.cmp(&clients[other].cost.spent.client),
            |index| clients[index].cost.spent.client,
        );
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self) {
        self.list.turn(Column::ALL, |column| column != Column::Client);
        self.arrange();
    }

    /// The client that is selected.
    pub fn current(&self) -> Option<&Priced> {
        self.clients().get(self.list.current()?)
    }

    fn key(&self) -> Vec<IpAddr> {
        self.clients().iter().map(|client| client.cost.spent.client).collect()
    }
}

fn compare(column: Column, one: &Priced, other: &Priced) -> Ordering {
    let (a, b) = (&one.cost, &other.cost);
    match column {
        Column::Client => a.spent.client.cmp(&b.spent.client),
        Column::Requests | Column::OfRequests => a.spent.requests.cmp(&b.spent.requests),
        Column::Bytes | Column::OfBytes => a.spent.bytes.total_cmp(&b.spent.bytes),
        Column::Seconds | Column::OfTime => a.spent.seconds.total_cmp(&b.spent.seconds),
        // Suspects before everybody else, whatever the others cost.
        Column::Times | Column::Why => {
            one.is_suspect().cmp(&other.is_suspect()).then(a.times_a_client.total_cmp(&b.times_a_client))
        }
    }
}

fn cell(column: Column, client: &Priced, shared: &Shared) -> Cell<'static> {
    let (lang, cost, spent) = (shared.lang, &client.cost, &client.cost.spent);
    let role = |role: Role| if client.exempt.is_some() { Role::Muted } else { role };
    match column {
        Column::Client => {
            let mut parts = vec![(spent.client.to_string().into(), role(Role::Strong))];
            if shared.decision_for(spent.client).is_some() {
                parts.push((" ■".into(), Role::Danger));
            }
            Cell { parts }
        }
        Column::Requests => Cell::new(count(spent.requests), role(Role::Text)),
        Column::OfRequests => Cell::new(percent(cost.of_requests), role(Role::Text)),
        Column::Bytes => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
            let whole = spent.bytes.max(0.0) as u64;
            Cell::new(bytes(whole), role(Role::Text))
        }
        Column::OfBytes => Cell::new(percent(cost.of_bytes), role(Role::Gate)),
        Column::Seconds => Cell::new(format!("{:.1}", spent.seconds), role(Role::Text)),
        Column::OfTime => Cell::new(percent(cost.of_time), role(Role::Gate)),
        Column::Times => Cell::new(factor(cost.times_a_client), role(Role::Text)),
        Column::Why => match &client.exempt {
            Some(exemption) => Cell::new(format!("({})", exemption.label(lang)), Role::Muted),
            None if cost.is_suspect => {
                let parts =
                    vec![(format!("{} ", suspect(lang)).into(), Role::Danger), (cost.say(lang).into(), Role::Text)];
                Cell { parts }
            }
            None => Cell::default(),
        },
    }
}

impl Pane for CostTable {
    fn context(&self) -> Context {
        if self.list.filter.is_editing() { Context::Filter } else { Context::Costs }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        let clients = self.key();
        self.list.step(step, |index| clients[index]);
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, _shared: &mut Shared) -> Vec<Effect> {
        if self.list.filter.is_editing() && self.list.filter.take(typed) {
            self.arrange();
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, _shared: &mut Shared) -> Vec<Effect> {
        let clients = self.key();
        if self.list.pointer(pointer, |index| clients[index]) {
            self.sort();
        }
        Vec::new()
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        let client = self.current()?;
        let text = |column: Column| cell(column, client, shared).text();
        match extent {
            Extent::Cell => Column::ALL.get(self.list.table.column).copied().map(text),
            Extent::Row => Some(Column::ALL.iter().map(|column| text(*column)).collect::<Vec<_>>().join("\t")),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_table(frame.buffer_mut(), area, paint);
    }
}

impl CostTable {
    fn draw_table(&mut self, buffer: &mut Buffer, area: Rect, paint: &Paint<'_>) {
        let (shared, lang) = (paint.shared, paint.lang());
        let many = self.clients().iter().filter(|client| client.is_suspect()).count();
        let name = format!("{} {} · {}", title(lang), self.clients().len(), suspects(lang, many));
        let note = match self.came {
            Some(at) => looked(lang, &age(shared.since(at), lang)),
            None => labels::reading(lang).to_owned(),
        };
        let mut inner = frame::pane(buffer, area, paint, &name, &note);
        if let Some(failed) = &self.failed {
            let taken = warn(buffer, inner, failed, paint);
            inner = Rect { y: inner.y + taken, height: inner.height.saturating_sub(taken), ..inner };
        }
        if self.list.filter.is_on() && inner.height > 1 {
            self.list.filter.draw(buffer, Rect { y: inner.bottom() - 1, height: 1, ..inner }, paint);
            inner.height -= 1;
        }
        if self.list.len() == 0 {
            let words = match &self.costs {
                None if self.failed.is_some() => return,
                None => labels::reading(lang),
                Some(None) => unknown(lang),
                Some(Some(costs)) if costs.clients.is_empty() => nothing(lang),
                Some(Some(_)) => nothing_passes(lang),
            };
            centre(buffer, inner, &[(words, Role::Muted)], paint);
            return;
        }
        let longest = self.clients().iter().map(|client| client.cost.spent.client.to_string().len() + 2).max();
        let longest = u16::try_from(longest.unwrap_or(0)).unwrap_or(0);
        let columns: Vec<_> = Column::ALL.iter().map(|column| column.shape(lang, longest)).collect();
        let table = Table { columns: &columns, rows: self.list.len(), sort: self.list.sorted_by(Column::ALL) };
        let mut state = std::mem::take(&mut self.list.table);
        table.draw(buffer, inner, &mut state, paint, |row, column| {
            match self.list.at(row).and_then(|index| self.clients().get(index)) {
                Some(client) => cell(Column::ALL[column], client, shared),
                None => Cell::default(),
            }
        });
        self.list.table = state;
    }
}

#[cfg(test)]
mod tests;

//! The cohorts of the window: a list, and of the one that is selected what its members share, what the site's people
//! do instead, the prefixes that cover them, and the members. On a narrow screen the last two take turns. Shows what
//! the survey found; bans nobody itself.

use std::cmp::Ordering;
use std::net::IpAddr;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

pub mod commands;
mod draw;

use crate::detect::groups::{Alike, Cohort, Member};
use crate::text::Say as _;
use crate::tui::app::Shared;
use crate::tui::effect::Effect;
use crate::tui::keymap::Context;
use crate::tui::pane::{Extent, Paint, Pane, Pointer, Step, Typed};
use crate::tui::widgets::filter::Filter;
use crate::tui::widgets::listing::Listing;
use crate::tui::widgets::scroll::Scroll;

/// A column of the cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// How many members.
    Members,
    /// The largest share of innocents.
    Innocent,
    /// In what they are alike.
    Alike,
    /// Prefixes that cover members.
    Prefixes,
}

/// A column of the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberColumn {
    /// The address.
    Client,
    /// The probability of an attack.
    Score,
    /// Banned already.
    State,
    /// Requests.
    Requests,
    /// How long ago the last one was.
    Last,
}

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list.
    #[default]
    List,
    /// What the members share.
    Shares,
    /// The members.
    Members,
}

/// Where the panes were last drawn; one that was not has no area.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    list: Rect,
    shares: Rect,
    members: Rect,
}

/// The view.
pub struct Cohorts {
    list: Listing<Column, Alike>,
    members: Listing<MemberColumn, IpAddr>,
    /// What has the keys.
    pub focus: Focus,
    /// Of which cohort the members and what they share are.
    of: Option<Alike>,
    shares: Scroll,
    places: Places,
}

impl Default for Cohorts {
    fn default() -> Self {
        Self {
            list: Listing::new(Column::Members, true),
            members: Listing::new(MemberColumn::Score, true),
            focus: Focus::List,
            of: None,
            shares: Scroll::default(),
            places: Places::default(),
        }
    }
}

impl Cohorts {
    /// The cohorts may be others: puts them and the members in order and keeps the selections.
    pub fn listed(&mut self, shared: &Shared) {
        let all = &shared.cohorts;
        self.list.arrange(
            all.len(),
            |filter, index| filter.passes(&all[index].alike.say(shared.lang)),
            |column, one, other| compare(column, &all[one], &all[other]),
            |one, other| all[one].alike.cmp(&all[other].alike),
            |index| all[index].alike.clone(),
        );
        self.arrange_members(shared);
    }

    fn arrange_members(&mut self, shared: &Shared) {
        let of = self.current(shared).map(|cohort| cohort.alike.clone());
        if of != self.of {
            self.of = of;
            self.members.restart();
            self.shares = Scroll::default();
        }
        let members = self.current(shared).map_or(&[][..], |cohort| &cohort.members);
        self.members.arrange(
            members.len(),
            |filter, index| filter.passes(&members[index].client.to_string()),
            |column, one, other| compare_members(column, &members[one], &members[other], shared),
            |one, other| members[one].client.cmp(&members[other].client),
            |index| members[index].client,
        );
        if self.of.is_none() || (members.is_empty() && self.focus == Focus::Members) {
            self.focus = Focus::List;
        }
    }

    /// Gives the keys to the next pane. Says whether there was one; else they are the list's again.
    pub(super) fn next_pane(&mut self, shared: &Shared) -> bool {
        let has_members = self.current_member(shared).is_some();
        self.focus = match self.focus {
            Focus::List if self.of.is_some() => Focus::Shares,
            Focus::Shares if has_members => Focus::Members,
            Focus::List | Focus::Shares | Focus::Members => Focus::List,
        };
        self.focus != Focus::List
    }

    /// The cohort that is selected.
    pub fn current<'a>(&self, shared: &'a Shared) -> Option<&'a Cohort> {
        shared.cohorts.get(self.list.current()?)
    }

    /// The member that is selected.
    pub fn current_member<'a>(&self, shared: &'a Shared) -> Option<&'a Member> {
        self.current(shared)?.members.get(self.members.current()?)
    }

    /// Sorts by the column under the cursor; a second time the other way round.
    pub fn sort(&mut self, shared: &Shared) {
        if self.focus == Focus::Members {
            self.members.turn(MemberColumn::ALL, |column| column != MemberColumn::Client);
        } else {
            self.list.turn(Column::ALL, |column| column != Column::Alike);
        }
        self.listed(shared);
    }

    /// The filter of the list that has the keys.
    pub const fn filter(&self) -> &Filter {
        if matches!(self.focus, Focus::Members) { &self.members.filter } else { &self.list.filter }
    }

    /// The same, to be changed.
    pub const fn filter_mut(&mut self) -> &mut Filter {
        if matches!(self.focus, Focus::Members) { &mut self.members.filter } else { &mut self.list.filter }
    }

    /// Gives the keys to the pane that lies at a place.
    fn reach(&mut self, place: Position, shared: &Shared) {
        let Places { list, shares, members } = self.places;
        self.focus = match self.focus {
            _ if list.contains(place) => Focus::List,
            _ if shares.contains(place) && self.of.is_some() => Focus::Shares,
            _ if members.contains(place) && self.current_member(shared).is_some() => Focus::Members,
            known => known,
        };
    }
}

impl Column {
    /// All, from left to right.
    const ALL: &'static [Self] = &[Self::Members, Self::Innocent, Self::Alike, Self::Prefixes];
}

impl MemberColumn {
    /// All, from left to right.
    const ALL: &'static [Self] = &[Self::Client, Self::Score, Self::State, Self::Requests, Self::Last];
}

fn compare(column: Column, one: &Cohort, other: &Cohort) -> Ordering {
    match column {
        Column::Members => one.members.len().cmp(&other.members.len()),
        Column::Innocent => one.innocent_share.total_cmp(&other.innocent_share),
        Column::Alike => one.alike.cmp(&other.alike),
        Column::Prefixes => one.prefixes.len().cmp(&other.prefixes.len()),
    }
}

fn compare_members(column: MemberColumn, one: &Member, other: &Member, shared: &Shared) -> Ordering {
    match column {
        MemberColumn::Client => one.client.cmp(&other.client),
        MemberColumn::Score => one.score.total_cmp(&other.score),
        MemberColumn::State => {
            let banned = |member: &Member| shared.decision_for(member.client).is_some();
            banned(one).cmp(&banned(other))
        }
        MemberColumn::Requests => one.requests.cmp(&other.requests),
        MemberColumn::Last => one.last.cmp(&other.last),
    }
}

/// What tells cohorts apart.
fn key(shared: &Shared) -> impl Fn(usize) -> Alike {
    |index| shared.cohorts.get(index).map_or(Alike::Depth { pages: 0 }, |cohort| cohort.alike.clone())
}

/// What tells members apart.
fn member_key(cohort: Option<&Cohort>) -> impl Fn(usize) -> IpAddr {
    move |index| {
        let nobody = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        cohort.and_then(|cohort| cohort.members.get(index)).map_or(nobody, |member| member.client)
    }
}

impl Pane for Cohorts {
    fn context(&self) -> Context {
        match self.filter().is_editing() {
            true => Context::Filter,
            false => match self.focus {
                Focus::List => Context::Cohorts,
                Focus::Shares => Context::CohortShares,
                Focus::Members => Context::Members,
            },
        }
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        match self.focus {
            Focus::List => {
                self.list.step(step, key(shared));
                self.arrange_members(shared);
            }
            Focus::Shares => self.shares.step(step),
            Focus::Members => {
                let cohort = self.current(shared);
                self.members.step(step, member_key(cohort));
            }
        }
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.filter().is_editing() && self.filter_mut().take(typed) {
            self.listed(shared);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, shared: &mut Shared) -> Vec<Effect> {
        let (Pointer::Press(place) | Pointer::Scroll(place, _)) = pointer;
        self.reach(place, shared);
        let heading = match self.focus {
            Focus::List => self.list.pointer(pointer, key(shared)),
            Focus::Shares => {
                self.shares.pointer(pointer);
                false
            }
            Focus::Members => {
                let cohort = self.current(shared);
                self.members.pointer(pointer, member_key(cohort))
            }
        };
        if heading {
            self.sort(shared);
        } else if self.focus == Focus::List {
            self.arrange_members(shared);
        }
        Vec::new()
    }

    fn tick(&mut self, _shared: &mut Shared) -> Vec<Effect> {
        Vec::new()
    }

    fn copied(&self, extent: Extent, shared: &Shared) -> Option<String> {
        match extent {
            Extent::Cell if self.focus == Focus::Members => {
                self.current_member(shared).map(|member| member.client.to_string())
            }
            Extent::Cell => self.current(shared).map(|cohort| cohort.alike.say(shared.lang)),
            Extent::Row => {
                let members = self.current(shared)?.members.iter().map(|member| member.client.to_string());
                Some(members.collect::<Vec<_>>().join("\n"))
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_view(frame.buffer_mut(), area, paint);
    }
}

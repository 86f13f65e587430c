//! The form that bans many at once: every target with what it would have stopped and what the policy says of it, the
//! ranges that cover some of them with the innocents in each, and what became of each once it was sent. Guarded as the
//! form for one is (see [`super::guard`]): what is confirmed are the plans that are shown, by value. They are carried
//! out one after another, and closing the form ends that after the one in flight.

use std::collections::VecDeque;
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

mod draw;

use super::guard::{Guard, fresh, is_stale, range_of};
use crate::detect::groups::Cohort;
use crate::detect::replay::Action;
use crate::engine::many::PreparedMany;
use crate::policy::{Plan, Proposal, Remedy, Ruling};
use crate::text::Lang;
use crate::text::Say as _;
use crate::text::number::percent;
use crate::tui::app::Shared;
use crate::tui::commands::Words;
use crate::tui::effect::{Act, Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::pane::{Paint, Pane, Pointer, Step, Typed};
use crate::tui::widgets::table::TableState;

/// So long choosing rests before the plans are made.
const REST: Duration = Duration::from_millis(250);
/// At most so many targets in one form.
pub const MOST: usize = 200;

crate::text::words! {
    no_plan { en: "the policy has agreed to none of these plans", ko: "정책이 허용한 계획이 없습니다" }
    still_planning { en: "the plans are still being made", ko: "계획을 만드는 중입니다" }
    sending_already { en: "they are being sent", ko: "보내는 중입니다" }
    all_sent { en: "they were sent", ko: "이미 보냈습니다" }
}

crate::text::sentences! {
    stopped(sent: usize, left: usize) {
        en: "stopped: {sent} sent, {left} not sent",
        ko: "중지함: {sent}건은 보냈고 {left}건은 보내지 않았습니다",
    }
}

/// What became of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// Nothing yet.
    Open,
    /// It is its turn, or it is in flight.
    Sending,
    /// It was done.
    Done,
    /// It failed.
    Failed(String),
}

/// A target.
#[derive(Debug)]
struct Item {
    target: IpNet,
    /// Whether it is to be banned.
    chosen: bool,
    /// The probability of an attack of a client; of a range the share of innocents in it.
    score: Option<f64>,
    innocent: Option<f64>,
    requests: u64,
    seen: Timestamp,
    reason: String,
    fate: Fate,
}

/// The form.
pub struct BanMany {
    title: String,
    items: Vec<Item>,
    left_out: usize,
    remedy: Remedy,
    duration: Duration,
    /// Where one is in the list.
    table: TableState,
    /// Whether the field has the keys in which a range is typed.
    typing: bool,
    /// Against bursts of keys, pastes and slips.
    pub guard: Guard,
    prepared: Option<PreparedMany>,
    planning: bool,
    /// Plans whose turn has not come.
    queue: VecDeque<Plan>,
    /// The target in flight.
    in_flight: Option<IpNet>,
    began: bool,
}

impl BanMany {
    /// The form for a cohort, and the effects that make its plans.
    pub fn open(cohort: &Cohort, shared: &Shared) -> (Self, Vec<Effect>) {
        let banned = |target: IpNet| shared.decisions_on(target).any(|decision| !decision.simulated);
        // The reason is stored at the server for everybody, so it is in English whatever the screen speaks.
        let alike = cohort.alike.say(Lang::En);
        let ranges = cohort.prefixes.iter().map(|covering| Item {
            target: covering.prefix,
            chosen: false,
            score: None,
            innocent: Some(covering.innocent_share),
            requests: 0,
            seen: shared.now,
            reason: format!(
                "{} of {} seen in it act as one: they {alike} (innocent share about {})",
                covering.members,
                covering.members + covering.others,
                percent(covering.innocent_share)
            ),
            fate: Fate::Open,
        });
        let members = cohort.members.iter().map(|member| Item {
            target: member.client.into(),
            chosen: member.action >= Action::Ask && !banned(member.client.into()),
            score: Some(member.score),
            innocent: None,
            requests: u64::from(member.requests),
            seen: member.last,
            reason: format!(
                "score {}: one of {} that act as one: they {alike}",
                percent(member.score),
                cohort.members.len()
            ),
            fate: Fate::Open,
        });
        let mut items: Vec<Item> = ranges.chain(members).collect();
        let left_out = items.len().saturating_sub(MOST);
        items.truncate(MOST);
        let mut form = Self {
            title: cohort.alike.say(shared.lang),
            items,
            left_out,
            remedy: shared.basics.remedy.clone(),
            duration: shared.basics.ban_duration,
            table: TableState::default(),
            typing: false,
            guard: Guard::new(shared.now),
            prepared: None,
            planning: false,
            queue: VecDeque::new(),
            in_flight: None,
            began: false,
        };
        let effects = form.plan(Duration::ZERO);
        (form, effects)
    }

    /// The targets that would be banned: those chosen, but for addresses in a range that is.
    fn effective(&self) -> impl Iterator<Item = &Item> {
        let ranges: Vec<IpNet> =
            self.items.iter().filter(|item| item.chosen).filter_map(|item| range_of(item.target)).collect();
        self.items.iter().filter(move |item| {
            let covered = ranges.iter().any(|range| *range != item.target && range.contains(&item.target));
            item.chosen && !covered
        })
    }

    /// The widest range that is chosen: it has to be typed.
    fn range(&self) -> Option<IpNet> {
        self.effective().filter_map(|item| range_of(item.target)).min_by_key(|range| range.prefix_len())
    }

    /// Drops the plans and has them made from what is chosen, after a rest.
    fn plan(&mut self, rest: Duration) -> Vec<Effect> {
        self.prepared = None;
        let proposals: Vec<Proposal> = self
            .effective()
            .map(|item| Proposal {
                target: item.target,
                remedy: self.remedy.clone(),
                duration: self.duration,
                detector: "cohort".to_owned(),
                reason: item.reason.clone(),
                events_count: item.requests,
                events: Vec::new(),
                first_seen: item.seen,
                last_seen: item.seen,
            })
            .collect();
        self.planning = !proposals.is_empty();
        if proposals.is_empty() {
            return vec![Effect::Cancel(Slot::Plan)];
        }
        vec![Effect::after(rest, Slot::Plan, Request::Plans(proposals))]
    }

    /// The policy has ruled.
    pub fn prepared(&mut self, prepared: PreparedMany) {
        self.planning = false;
        self.prepared = Some(prepared);
    }

    fn ruling(&self, target: IpNet) -> Option<&Ruling> {
        let prepared = self.prepared.as_ref()?;
        prepared.each.iter().find(|one| one.target == target).map(|one| &one.ruling)
    }

    /// The plans that are shown and fresh.
    fn plans(&self, now: Timestamp) -> Vec<&Plan> {
        let each = self.prepared.iter().flat_map(|prepared| &prepared.each);
        each.filter_map(|one| fresh(&one.ruling, now)).collect()
    }

    /// Why they cannot be confirmed now.
    pub fn confirmable(&self, now: Timestamp) -> Result<(), Words> {
        if self.in_flight.is_some() {
            return Err(sending_already);
        }
        if self.began {
            return Err(all_sent);
        }
        if self.planning {
            return Err(still_planning);
        }
        if self.plans(now).is_empty() {
            let stale = self.prepared.iter().flat_map(|prepared| &prepared.each).any(|one| is_stale(&one.ruling, now));
            return Err(if stale { still_planning } else { no_plan });
        }
        Ok(())
    }

    /// Begins to carry out the plans that are shown.
    pub fn confirm(&mut self, now: Timestamp) -> Result<Act, Words> {
        self.confirmable(now)?;
        self.guard.allows(self.range())?;
        self.queue = self.plans(now).into_iter().cloned().collect();
        self.began = true;
        for plan in &self.queue {
            if let Some(item) = self.items.iter_mut().find(|item| item.target == plan.target()) {
                item.fate = Fate::Sending;
            }
        }
        self.next().ok_or(no_plan as Words)
    }

    /// The next plan whose turn it is.
    fn next(&mut self) -> Option<Act> {
        let plan = self.queue.pop_front();
        self.in_flight = plan.as_ref().map(Plan::target);
        plan.map(|plan| Act::Enforce(Box::new(plan)))
    }

    /// Whether it waits for an act on this target.
    pub fn waits_for(&self, target: Option<IpNet>) -> bool {
        target.is_some() && self.in_flight == target
    }

    /// What became of the act in flight; gives the next one.
    pub fn ended(&mut self, outcome: &Result<String, String>) -> Option<Act> {
        let target = self.in_flight.take()?;
        if let Some(item) = self.items.iter_mut().find(|item| item.target == target) {
            item.fate = match outcome {
                Ok(_) => Fate::Done,
                Err(words) => Fate::Failed(words.clone()),
            };
        }
        self.next()
    }

    /// It is closed: what has not been sent yet is not, and that is said.
    pub fn closed(&self, shared: &mut Shared) {
        if !self.queue.is_empty() {
            let sent = self.items.iter().filter(|item| item.fate != Fate::Open).count() - self.queue.len();
            let words = stopped(shared.lang, sent, self.queue.len());
            shared.with_outcome = Some(words.clone());
            shared.inform(words);
        }
    }

    /// Chooses the target under the cursor, or not.
    pub fn toggle(&mut self) -> Vec<Effect> {
        if self.began {
            return Vec::new();
        }
        if let Some(item) = self.items.get_mut(self.table.selected) {
            item.chosen = !item.chosen;
        }
        self.guard.again.clear();
        self.plan(REST)
    }

    /// Chooses all clients, or none where all are chosen.
    pub fn toggle_all(&mut self) -> Vec<Effect> {
        if self.began {
            return Vec::new();
        }
        let clients = |item: &&mut Item| range_of(item.target).is_none();
        let all = self.items.iter_mut().filter(clients).all(|item| item.chosen);
        self.items.iter_mut().filter(clients).for_each(|item| item.chosen = !all);
        self.guard.again.clear();
        self.plan(REST)
    }

    /// Goes to the field in which a range is typed, or back to the list.
    pub fn move_focus(&mut self) {
        self.typing = !self.typing && self.range().is_some();
    }

    /// Goes back to the list.
    pub fn back(&mut self) {
        self.typing = false;
    }
}

impl Pane for BanMany {
    fn context(&self) -> Context {
        if self.typing { Context::BanField } else { Context::BanList }
    }

    fn step(&mut self, step: Step, _shared: &mut Shared) -> Vec<Effect> {
        if self.typing {
            self.typing = false;
        } else {
            self.table.step(step, self.items.len());
        }
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, _shared: &mut Shared) -> Vec<Effect> {
        if self.typing && !self.began {
            self.guard.take(typed);
        }
        Vec::new()
    }

    fn pointer(&mut self, pointer: Pointer, _shared: &mut Shared) -> Vec<Effect> {
        match pointer {
            Pointer::Scroll(_, step) => self.table.step(step, self.items.len()),
            Pointer::Press(place) => {
                if let Some(crate::tui::widgets::table::Hit::Row(row, _)) = self.table.at(place, self.items.len()) {
                    self.table.selected = row;
                }
            }
        }
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let mut each = self.prepared.iter().flat_map(|prepared| &prepared.each);
        if !self.began && each.any(|one| is_stale(&one.ruling, shared.now)) {
            shared.dirty = true;
            return self.plan(Duration::ZERO);
        }
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_form(frame.buffer_mut(), area, paint);
    }
}

//! The ban form: target, type, duration, reason; what it would have stopped; what the policy says; whether it is real.
//! The safe answer has the focus. What is confirmed is the plan that is shown, by value: every edit drops it until the
//! policy has ruled anew, and a plan that is older than a minute is made again.

use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

mod draw;

use super::guard::{Guard, is_stale, range_of, type_it};
use crate::config::{duration, value};
use crate::detect::{ClientStats, Suspect};
use crate::engine::Prepared;
use crate::policy::{Plan, Proposal, Remedy};
use crate::text::number::{factor, percent};
use crate::tui::app::{App, Shared};
use crate::tui::commands::Words;
use crate::tui::effect::{Act, Effect, Request, Slot};
use crate::tui::keymap::Context;
use crate::tui::pane::{Paint, Pane, Step, Typed};
use crate::tui::views::ViewId;
use crate::tui::widgets::input::Input;

/// So long typing rests before the plan is made.
const REST: Duration = Duration::from_millis(250);
/// Durations to step through with the arrows.
const DURATIONS: &[&str] = &["1h", "4h", "12h", "24h", "7d", "30d"];
/// Types to step through with the arrows.
const REMEDIES: &[&str] = &["ban", "captcha", "profile"];

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The safe answer.
    Cancel,
    /// The target's field.
    Target,
    /// The type's field.
    Remedy,
    /// The duration's field.
    Duration,
    /// The reason's field.
    Reason,
    /// The field in which a range is typed once more.
    Again,
}

crate::text::words! {
    no_plan { en: "the policy has not agreed to this plan", ko: "정책이 이 계획을 허용하지 않았습니다" }
    still_planning { en: "the plan is still being made", ko: "계획을 만드는 중입니다" }
    sending_already { en: "it is being sent", ko: "보내는 중입니다" }
    by_hand { en: "banned by hand", ko: "수동 차단" }
    wrong_target { en: "not an address or range", ko: "주소나 대역이 아닙니다" }
    wrong_duration { en: "such as 4h, 90m, 7d", ko: "예: 4h, 90m, 7d" }
    wrong_remedy { en: "ban, captcha, profile or a type's name", ko: "ban, captcha, profile 또는 유형 이름" }
}

/// The form.
pub struct BanForm {
    target: Input,
    remedy: Input,
    duration: Input,
    reason: Input,
    /// Where the keys go.
    pub focus: Focus,
    /// Against bursts of keys, pastes and slips.
    pub guard: Guard,
    /// Who was selected when it opened, and with which numbers.
    suspect: Option<(IpNet, ClientStats)>,
    /// What found it.
    found_by: String,
    prepared: Option<Prepared>,
    planning: bool,
    sending: Option<Plan>,
    failed: Option<String>,
}

impl BanForm {
    /// The form for what is selected, and the effects that make its plan.
    pub fn open(app: &App) -> (Self, Vec<Effect>) {
        let shared = &app.shared;
        let panel = app.dossier.as_ref().filter(|_| app.in_dossier);
        let suspect = match (panel, app.view) {
            (Some(panel), _) => panel.suspect(),
            // Where the costs stand in the table's place, its selection is out of sight.
            (None, ViewId::Suspects) if !app.costs.on => app.suspects.current(),
            _ => None,
        };
        let decision = app.decisions.current(shared).filter(|_| app.view == ViewId::Decisions && panel.is_none());
        let target = match (suspect, panel, decision) {
            (Some(suspect), ..) => Some(suspect.target),
            (None, Some(panel), _) => Some(IpNet::from(panel.client())),
            (None, None, Some(decision)) => decision.target,
            (None, None, None) => None,
        };
        let reason = suspect.map_or_else(|| by_hand(shared.lang).to_owned(), |suspect| reason_for(suspect, shared));
        let remedy = match &shared.basics.remedy {
            Remedy::ServerProfile => "profile".to_owned(),
            other => other.as_str().to_owned(),
        };
        let mut form = Self {
            target: Input::new(target.map(|target| value::show_network(&target)).unwrap_or_default()),
            remedy: Input::new(remedy),
            duration: Input::new(duration::show(shared.basics.ban_duration)),
            reason: Input::new(reason),
            focus: if target.is_some() { Focus::Cancel } else { Focus::Target },
            guard: Guard::new(shared.now),
            suspect: suspect.map(|suspect| (suspect.target, suspect.stats.clone())),
            found_by: suspect.map_or_else(String::new, |suspect| suspect.found_by().to_owned()),
            prepared: None,
            planning: false,
            sending: None,
            failed: None,
        };
        let effects = form.plan(Duration::ZERO, shared.now);
        (form, effects)
    }

    /// The target as written.
    fn written_target(&self) -> Option<IpNet> {
        value::network(self.target.text().trim())
    }

    fn written_remedy(&self) -> Option<Remedy> {
        value::from_text(self.remedy.text()).ok()
    }

    fn written_duration(&self) -> Option<Duration> {
        duration::parse(self.duration.text())
    }

    /// The proposal as the fields have it.
    fn proposal(&self, now: Timestamp) -> Option<Proposal> {
        let target = self.written_target()?;
        let stats = self.suspect.as_ref().filter(|(selected, _)| *selected == target).map(|(_, stats)| stats);
        Some(Proposal {
            target,
            remedy: self.written_remedy()?,
            duration: self.written_duration()?,
            detector: if stats.is_some() { self.found_by.clone() } else { "manual".to_owned() },
            reason: self.reason.text().trim().to_owned(),
            // Filled in with what the source knows of the last hour, where that is more.
            events_count: stats.map_or(0, |stats| stats.requests),
            events: Vec::new(),
            first_seen: stats.and_then(|stats| stats.first_seen).unwrap_or(now),
            last_seen: stats.and_then(|stats| stats.last_seen).unwrap_or(now),
        })
    }

    /// Drops the plan and has it made from the fields, after a rest.
    fn plan(&mut self, rest: Duration, now: Timestamp) -> Vec<Effect> {
        self.prepared = None;
        match self.proposal(now) {
            Some(proposal) => {
                self.planning = true;
                vec![Effect::after(rest, Slot::Plan, Request::Plan(Box::new(proposal)))]
            }
            None => {
                self.planning = false;
                vec![Effect::Cancel(Slot::Plan)]
            }
        }
    }

    /// The policy has ruled.
    pub fn prepared(&mut self, prepared: Prepared) {
        self.planning = false;
        self.prepared = Some(prepared);
    }

    /// The plan that is shown, where the policy made one.
    fn shown_plan(&self) -> Option<&Plan> {
        self.prepared.as_ref().and_then(|prepared| prepared.ruling.plan())
    }

    /// The range that has to be typed once more.
    fn range(&self) -> Option<IpNet> {
        self.written_target().and_then(range_of)
    }

    /// Why it cannot be confirmed now.
    pub fn confirmable(&self, now: Timestamp) -> Result<&Plan, Words> {
        if self.sending.is_some() {
            return Err(sending_already);
        }
        if self.planning {
            return Err(still_planning);
        }
        let plan = self.shown_plan().ok_or(no_plan as Words)?;
        if !plan.is_fresh(now) {
            return Err(still_planning);
        }
        if !self.guard.is_typed(self.range()) {
            return Err(type_it);
        }
        Ok(plan)
    }

    /// Carries out the plan that is shown.
    pub fn confirm(&mut self, now: Timestamp) -> Result<Act, Words> {
        let plan = self.confirmable(now)?.clone();
        self.guard.allows(self.range())?;
        self.sending = Some(plan.clone());
        self.failed = None;
        Ok(Act::Enforce(Box::new(plan)))
    }

    /// Whether it waits for an act on this target.
    pub fn waits_for(&self, target: Option<IpNet>) -> bool {
        self.sending.as_ref().is_some_and(|plan| Some(plan.target()) == target)
    }

    /// The act failed: the plan has to be made anew before it can be tried again.
    pub fn failed(&mut self, words: &str) {
        self.sending = None;
        self.failed = Some(words.to_owned());
    }

    /// Moves the focus through the fields.
    pub fn move_focus(&mut self, forward: bool) {
        let mut order = vec![Focus::Cancel, Focus::Target, Focus::Remedy, Focus::Duration, Focus::Reason];
        if self.range().is_some() {
            order.push(Focus::Again);
        }
        let at = order.iter().position(|focus| *focus == self.focus).unwrap_or(0);
        let next = if forward { at + 1 } else { at + order.len() - 1 };
        self.focus = order[next % order.len()];
    }

    fn field(&mut self) -> Option<&mut Input> {
        match self.focus {
            Focus::Cancel => None,
            Focus::Target => Some(&mut self.target),
            Focus::Remedy => Some(&mut self.remedy),
            Focus::Duration => Some(&mut self.duration),
            Focus::Reason => Some(&mut self.reason),
            Focus::Again => Some(&mut self.guard.again),
        }
    }

    /// Steps through what a field commonly holds.
    fn step_preset(&mut self, forward: bool) -> bool {
        let presets = match self.focus {
            Focus::Remedy => REMEDIES,
            Focus::Duration => DURATIONS,
            _ => return false,
        };
        let Some(field) = self.field() else { return false };
        let last = presets.len() - 1;
        let next = match presets.iter().position(|preset| *preset == field.text().trim()) {
            Some(at) if forward => (at + 1).min(last),
            Some(at) => at.saturating_sub(1),
            None => 0,
        };
        *field = Input::new(presets[next]);
        true
    }
}

/// Why this suspect: the verdict's category and the gates it passed.
fn reason_for(suspect: &Suspect, shared: &Shared) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(verdict) = shared.verdict_on(suspect.stats.client) {
        parts.push(format!("{} ({})", verdict.category, percent(verdict.confidence)));
    }
    // The reason is stored at the server for everybody, so it is in English whatever the screen speaks.
    let gate = |hit: &crate::detect::gates::GateHit| {
        format!("{} {}", hit.gate.label(crate::text::Lang::En), factor(hit.factor()))
    };
    parts.extend(suspect.gates.iter().map(gate));
    if let Some(score) = suspect.score.as_ref().filter(|score| score.action.is_some()) {
        let detectors: Vec<&str> = score.detectors().take(3).collect();
        parts.push(format!("score {} by {}", percent(score.probability), detectors.join(" ")));
    }
    if parts.is_empty() {
        return by_hand(crate::text::Lang::En).to_owned();
    }
    format!("{} of {} requests", parts.join(", "), suspect.stats.requests)
}

impl Pane for BanForm {
    fn context(&self) -> Context {
        if self.focus == Focus::Cancel { Context::BanButtons } else { Context::BanField }
    }

    fn step(&mut self, step: Step, shared: &mut Shared) -> Vec<Effect> {
        let forward = step == Step::Down;
        if self.sending.is_none() && self.step_preset(forward) {
            return self.plan(REST, shared.now);
        }
        self.move_focus(forward);
        Vec::new()
    }

    fn text(&mut self, typed: &Typed, shared: &mut Shared) -> Vec<Effect> {
        if self.sending.is_some() {
            return Vec::new();
        }
        if self.focus == Focus::Again {
            self.guard.take(typed);
            return Vec::new();
        }
        if self.field().is_some_and(|field| field.take(typed)) {
            self.guard.again.clear();
            return self.plan(REST, shared.now);
        }
        Vec::new()
    }

    fn tick(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let stale = self.prepared.as_ref().is_some_and(|prepared| is_stale(&prepared.ruling, shared.now));
        if stale && self.sending.is_none() {
            shared.dirty = true;
            return self.plan(Duration::ZERO, shared.now);
        }
        Vec::new()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, paint: &Paint<'_>) {
        self.draw_form(frame.buffer_mut(), area, paint);
    }
}

//! One unattended cycle: reconcile → survey → judge → policy → enforcer → journal. A part that fails is reported and
//! the rest goes on. A model that is down never bans by itself, a decision that cannot be looked up is never made
//! twice, and an act that has begun is always ended.
//!
//! Suspects have their turn by their scores. Only where the settings say `policy.trust_score`, one whose score leads
//! to acting is not judged but goes to the policy at once, and so do, before all others, the ranges that cover such
//! members of a cohort; the caps, the circuit breaker and the largest share of innocents hold for all of them.

mod scores;

use std::future::Future;

use ipnet::IpNet;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::act::UNATTENDED;
use super::events::Watched;
use super::report::{Case, Failure, Fate, Opined, Step, millis};
use super::{ActError, Clock, Engine, Report, Scope};
use crate::detect::Suspect;
use crate::detect::replay::Action;
use crate::enforce::ActiveDecision;
use crate::journal::{Actor, JournalError};
use crate::judge::{JudgeError, Opinion, Verdict, offline};
use crate::logs::Window;
use crate::policy::{Plan, Ruling, Situation};
use crate::text::Say;

/// So many former verdicts are looked through for one that still counts.
const VERDICTS: usize = 20;

impl Engine {
    /// Runs one cycle. `cancel` drops what is being read or judged and ends the cycle after the act in flight; the
    /// report says what was left.
    pub async fn cycle(&self, clock: &dyn Clock, cancel: &CancellationToken) -> Report {
        let begun = Instant::now();
        let mut cycle = Cycle {
            engine: self,
            clock,
            cancel,
            actor: Actor { user: UNATTENDED.to_owned(), from: String::new() },
            report: self.blank_report(clock.now()),
            new_bans: 0,
            clients_hit: 0,
            banned_ranges: Vec::new(),
            judge_is_down: None,
            trusts_scores: false,
        };
        cycle.run().await;
        cycle.watch().await;
        cycle.retrain().await;
        cycle.report.took_ms = millis(begun.elapsed());
        cycle.report
    }

    fn blank_report(&self, now: Timestamp) -> Report {
        Report {
            started: now,
            took_ms: 0,
            window: Window::ending(self.settings.window_end.unwrap_or(now), self.settings.window),
            source: self.source.info().label,
            judge: self.judge.name(),
            enforcer: self.enforcer.label(),
            live: self.enforcer.is_live(),
            totals: None,
            cut: false,
            survey_ms: 0,
            reconciled: Vec::new(),
            cases: Vec::new(),
            cohorts: Vec::new(),
            series: Watched::default(),
            failures: Vec::new(),
            stopped: false,
        }
    }
}

/// A cycle under way.
struct Cycle<'a> {
    engine: &'a Engine,
    clock: &'a dyn Clock,
    cancel: &'a CancellationToken,
    actor: Actor,
    report: Report,
    new_bans: usize,
    /// Clients that the bans so far hit.
    clients_hit: u64,
    /// Ranges that were banned in this cycle.
    banned_ranges: Vec<IpNet>,
    /// What the judge said when it could not be reached: it is not asked again in this cycle.
    judge_is_down: Option<String>,
    /// Whether a score may stand for a verdict.
    trusts_scores: bool,
}

impl Cycle<'_> {
    async fn run(&mut self) {
        let unsettled = self.reconcile().await;
        let begun = Instant::now();
        let engine = self.engine;
        let survey = self.unless_stopped(engine.survey(self.report.window, Scope::Passing)).await;
        self.report.survey_ms = millis(begun.elapsed());
        let survey = match survey {
            Some(Ok(survey)) => survey,
            Some(Err(error)) => return self.fail(Step::Survey, None, &error),
            None => return,
        };
        (self.report.totals, self.report.cut) = (Some(survey.totals), survey.cut);
        for gap in &survey.gaps {
            let (step, target, message) = (Step::Detection, None, gap.clone());
            self.report.failures.push(Failure { step, target, message });
        }
        self.trusts_scores = engine.settings.trust_score && !survey.partial_scores;
        self.report.cohorts.clone_from(&survey.cohorts);
        let in_force = match self.unless_stopped(engine.decisions(self.clock.now())).await {
            Some(Ok(decisions)) => decisions,
            Some(Err(error)) => {
                self.fail(Step::Decisions, None, &error);
                Vec::new()
            }
            None => Vec::new(),
        };
        if self.trusts_scores {
            self.act_on_ranges(&survey, &unsettled, &in_force).await;
        }
        let mut judged = 0;
        for suspect in &survey.clients {
            let begun = Instant::now();
            let mut verdict = None;
            let by_score = self.trusts_scores && suspect.action() == Some(Action::Act);
            let fate = match self.before_judging(suspect.target, &unsettled, &in_force).await {
                Some(fate) => fate,
                None if by_score => self.act_on_score(suspect).await,
                None if judged >= engine.settings.max_candidates => Fate::Waiting,
                None => {
                    judged += 1;
                    self.judge_and_act(suspect, &mut verdict).await
                }
            };
            self.report.cases.push(Case {
                target: suspect.target,
                stats: suspect.stats.clone(),
                gates: suspect.gates.clone(),
                score: suspect.score.clone(),
                verdict: verdict.as_ref().map(Opined::from),
                fate,
                took_ms: millis(begun.elapsed()),
            });
        }
    }

    /// Looks at the series. What fails there is said, and keeps nobody from being banned.
    async fn watch(&mut self) {
        let engine = self.engine;
        if engine.settings.baselines.rules.is_empty() || self.cancel.is_cancelled() {
            return;
        }
        let (window, now) = (self.report.window, self.clock.now());
        if let Some(mut watched) = self.unless_stopped(engine.watch_series(window, now)).await {
            for message in std::mem::take(&mut watched.failures) {
                self.report.failures.push(Failure { step: Step::Series, target: None, message });
            }
            self.report.series = watched;
        }
    }

    /// Trains the isolation forest again where it is due.
    async fn retrain(&mut self) {
        let (engine, now) = (self.engine, self.clock.now());
        if self.cancel.is_cancelled() || !engine.settings.forest.is_due(now) {
            return;
        }
        match self.unless_stopped(engine.retrain_forest(now)).await {
            Some(Ok(Some(trained))) => tracing::info!(clients = trained.model.clients, "the forest was trained again"),
            Some(Err(error)) => self.fail(Step::Forest, None, &error),
            Some(Ok(None)) | None => {}
        }
    }

    /// Settles what a former run left open. Gives the targets of which it is still not known how it ended: they are
    /// left alone, because acting on them could ban twice.
    async fn reconcile(&mut self) -> Vec<IpNet> {
        match self.engine.reconcile(self.clock.now()).await {
            Ok(settled) => self.report.reconciled = settled,
            Err(error) => self.fail(Step::Reconcile, None, &error),
        }
        match self.engine.journal.run(|journal| journal.open_intents()).await {
            Ok(open) => open.into_iter().filter_map(|intent| intent.target).collect(),
            Err(error) => {
                self.fail(Step::Journal, None, &error);
                Vec::new()
            }
        }
    }

    /// What becomes of a suspect that need not be judged.
    async fn before_judging(
        &mut self,
        target: IpNet,
        unsettled: &[IpNet],
        in_force: &[ActiveDecision],
    ) -> Option<Fate> {
        if self.cancel.is_cancelled() {
            self.report.stopped = true;
            return Some(Fate::Stopped);
        }
        let refusals = self.engine.settings.rules.of_target(target);
        if !refusals.is_empty() {
            return Some(Fate::Protected { refusals });
        }
        if let Some(by) = self.banned_ranges.iter().find(|range| range.contains(&target)) {
            return Some(Fate::Covered { by: *by });
        }
        if unsettled.iter().any(|open| open.contains(&target)) {
            return Some(Fate::Unsettled);
        }
        if let Some(decision) = in_force.iter().find(|decision| keeps_out(decision, target)) {
            return Some(Fate::InForce { decision: Box::new(decision.clone()) });
        }
        match self.handled(target).await {
            Ok(at) => at.map(|at| Fate::Handled { at }),
            Err(error) => {
                self.fail(Step::Journal, Some(target), &error);
                Some(Fate::Undecided { why: error.say(self.engine.settings.lang) })
            }
        }
    }

    /// When a target was last dealt with for good within the time of dedup: acted on with success, or judged so that
    /// nothing followed. A yes that failed to become a ban does not count, nor does a verdict that no model gave,
    /// because it stood in for one that was down.
    async fn handled(&self, target: IpNet) -> Result<Option<Timestamp>, JournalError> {
        let settings = &self.engine.settings;
        let since = Window::ending(self.clock.now(), settings.rules.dedup).start;
        let live = self.engine.enforcer.is_live();
        let (trust_offline, enough) = (settings.trust_offline, settings.rules.min_confidence);
        let counts = move |verdict: &Verdict| {
            let may_act = verdict.opinion == Opinion::Yes && verdict.confidence >= enough && !verdict.asks_only;
            verdict.at >= since && (verdict.is_by_model() || trust_offline) && !may_act
        };
        let find = self.engine.journal.run(move |journal| {
            let settled = journal.settled_since(target, since, live)?.map(|intent| intent.at);
            let judged =
                journal.verdicts_of(target, VERDICTS)?.iter().find(|verdict| counts(verdict)).map(|one| one.at);
            Ok(settled.max(judged))
        });
        find.await
    }

    async fn judge_and_act(&mut self, suspect: &Suspect, kept: &mut Option<Verdict>) -> Fate {
        let lang = self.engine.settings.lang;
        if let Some(why) = &self.judge_is_down {
            return Fate::Undecided { why: why.clone() };
        }
        let engine = self.engine;
        let (window, now) = (self.report.window, self.clock.now());
        let work = async {
            let dossier = engine.dossier(suspect, window, now).await;
            let verdict = engine.explain(&dossier, now, None).await;
            (dossier, verdict)
        };
        let Some((dossier, verdict)) = self.unless_stopped(work).await else { return Fate::Stopped };
        for gap in &dossier.gaps {
            let (step, target, message) = (Step::Dossier, Some(suspect.target), gap.clone());
            self.report.failures.push(Failure { step, target, message });
        }
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(error) => {
                self.fail(Step::Judge, Some(suspect.target), &error);
                if matches!(error, JudgeError::Unreachable { .. } | JudgeError::NoSuchModel { .. }) {
                    self.judge_is_down = Some(error.say(lang));
                }
                return Fate::Undecided { why: error.say(lang) };
            }
        };
        if !verdict.is_by_model() && engine.judge.name() != offline::NAME {
            let message = verdict.note.clone().unwrap_or_default();
            self.report.failures.push(Failure { step: Step::Judge, target: Some(suspect.target), message });
        }
        let reason = format!("{}: {}", verdict.category, verdict.reason);
        let proposal = engine.proposal(&dossier, suspect.found_by(), reason);
        let situation = match self.situation_of(suspect.target, &verdict).await {
            Ok(situation) => situation,
            Err(fate) => {
                *kept = Some(verdict);
                return fate;
            }
        };
        *kept = Some(verdict);
        match engine.propose(proposal, &situation, self.clock.now()) {
            Ruling::Ignore(refusals) => Fate::Spared { refusals },
            Ruling::Ask(plan) | Ruling::Act(plan) => self.act(plan, 1).await,
        }
    }

    /// What the policy has to know of one that was judged.
    async fn situation_of(&mut self, target: IpNet, verdict: &Verdict) -> Result<Situation, Fate> {
        let counts = verdict.is_by_model() || (self.engine.settings.trust_offline && !verdict.asks_only);
        let groundless = verdict.is_groundless();
        let verdict = counts.then_some((verdict.opinion, verdict.confidence));
        let situation = Situation { verdict, groundless, ..self.reach(1) };
        // Only a ban needs to know more; a no is a no whatever the servers say.
        if !matches!(verdict, Some((Opinion::Yes, _))) {
            return Ok(situation);
        }
        self.with_past(target, situation).await
    }

    /// How far this cycle has gone, a ban that hits so many clients more counted in.
    fn reach(&self, more: u64) -> Situation {
        Situation {
            unattended: true,
            new_bans_so_far: self.new_bans,
            clients_in_window: self.report.totals.map_or(0, |totals| totals.clients),
            clients_hit: self.clients_hit + more,
            ..Situation::default()
        }
    }

    /// What is in force and what was done already. Where the enforcer or the journal cannot say, there is no ruling.
    async fn with_past(&mut self, target: IpNet, mut situation: Situation) -> Result<Situation, Fate> {
        let engine = self.engine;
        let settings = &engine.settings;
        let now = self.clock.now();
        let active = engine.enforcer.active(Some(target.addr()), now).await;
        let active = active.map_err(|error| self.no_ruling(Step::Decisions, target, &error))?;
        let covering = active.iter().filter(|decision| keeps_out(decision, target));
        situation.in_force_until = covering.map(|decision| decision.until).max();
        let (since, live) = (Window::ending(now, settings.rules.dedup).start, engine.enforcer.is_live());
        let settled = engine.journal.run(move |journal| journal.settled_since(target, since, live)).await;
        let settled = settled.map_err(|error| self.no_ruling(Step::Journal, target, &error))?;
        situation.last_acted = settled.map(|intent| intent.at);
        Ok(situation)
    }

    fn no_ruling(&mut self, step: Step, target: IpNet, error: &dyn Say) -> Fate {
        self.fail(step, Some(target), error);
        Fate::Undecided { why: error.say(self.engine.settings.lang) }
    }

    /// Carries a plan out, whatever is cancelled meanwhile.
    async fn act(&mut self, plan: Plan, clients: u64) -> Fate {
        if self.cancel.is_cancelled() {
            self.report.stopped = true;
            return Fate::Stopped;
        }
        let acted = self.engine.carry_out(&plan, &self.actor, self.clock.now()).await;
        let target = plan.target();
        let plan = Box::new(plan);
        match acted {
            Ok(enforced) => {
                self.new_bans += 1;
                self.clients_hit += clients;
                if target.prefix_len() < target.max_prefix_len() {
                    self.banned_ranges.push(target);
                }
                if enforced.rehearsal {
                    Fate::Rehearsed { plan }
                } else {
                    Fate::Enforced { plan, decisions: enforced.decisions }
                }
            }
            Err(error) => {
                let unclear = error.is_unclear();
                // It may be in force, so it counts against the caps.
                self.new_bans += usize::from(unclear);
                self.clients_hit += if unclear { clients } else { 0 };
                let step = if matches!(error, ActError::Enforcer(_)) { Step::Enforce } else { Step::Journal };
                self.fail(step, Some(target), &error);
                Fate::Failed { plan, why: error.say(self.engine.settings.lang), unclear }
            }
        }
    }

    fn fail(&mut self, step: Step, target: Option<IpNet>, error: &dyn Say) {
        let message = error.say(self.engine.settings.lang);
        tracing::warn!(?step, ?target, message, "a part of the cycle failed");
        self.report.failures.push(Failure { step, target, message });
    }

    /// The result of work that may be dropped at any time; `None` where the cycle was told to stop meanwhile.
    async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let done = self.cancel.run_until_cancelled(work).await;
        self.report.stopped |= done.is_none();
        done
    }
}

/// Whether a decision covers all of a target and bouncers heed it.
fn keeps_out(decision: &ActiveDecision, target: IpNet) -> bool {
    !decision.simulated && decision.target.is_some_and(|range| range.contains(&target))
}

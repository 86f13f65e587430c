//! What an unattended cycle does on scores alone, where the settings let it: members of cohorts by the range that covers
//! them, and single clients. Everything passes the policy; no rule of it is set aside.

use ipnet::IpNet;
use tokio::time::Instant;

use super::Cycle;
use crate::detect::groups::{Cohort, Covering, innocent_share};
use crate::detect::replay::Action;
use crate::detect::{ClientStats, Survey, Suspect};
use crate::enforce::ActiveDecision;
use crate::engine::report::{Case, Fate, millis};
use crate::policy::{Proposal, Refusal, Ruling, Situation};
use crate::text::{Lang, Say as _, number};

/// A range that covers members of a cohort whose scores lead to acting.
struct Range {
    target: IpNet,
    /// Such members.
    members: u32,
    /// Others in it: those whose scores do not lead to acting count as innocent.
    others: u32,
    requests: u64,
    reason: String,
}

impl Cycle<'_> {
    /// Brings the ranges of the cohorts before the policy, those with the most members first.
    pub(super) async fn act_on_ranges(&mut self, survey: &Survey, unsettled: &[IpNet], in_force: &[ActiveDecision]) {
        let mut ranges: Vec<Range> = survey.cohorts.iter().flat_map(ranges).collect();
        ranges.sort_by_key(|range| (std::cmp::Reverse(range.members), range.target));
        for range in ranges {
            let begun = Instant::now();
            let fate = match self.before_judging(range.target, unsettled, in_force).await {
                Some(fate) => fate,
                None => self.act_on_range(&range).await,
            };
            self.report.cases.push(Case {
                target: range.target,
                stats: of_range(&range),
                gates: Vec::new(),
                score: None,
                verdict: None,
                fate,
                took_ms: millis(begun.elapsed()),
            });
        }
    }

    async fn act_on_range(&mut self, range: &Range) -> Fate {
        let share = innocent_share(range.members, range.others);
        let clients = u64::from(range.members) + u64::from(range.others);
        let situation = Situation { by_score: true, innocent_share: Some(share), ..self.reach(clients) };
        let (engine, window) = (self.engine, self.report.window);
        let stopped = engine.stopped(range.target, window.end).await.unwrap_or_default();
        let proposal = Proposal {
            target: range.target,
            remedy: engine.settings.remedy.clone(),
            duration: engine.settings.ban_duration,
            detector: "cohort".to_owned(),
            reason: range.reason.clone(),
            events_count: range.requests,
            events: stopped.events,
            first_seen: window.start,
            last_seen: window.end,
        };
        self.rule_and_act(proposal, situation, clients).await
    }

    /// Brings a client whose score leads to acting before the policy.
    pub(super) async fn act_on_score(&mut self, suspect: &Suspect) -> Fate {
        let cap = self.engine.settings.rules.max_new_bans;
        if self.new_bans >= cap {
            // Said before its dossier is read, which would be for nothing.
            return Fate::Spared { refusals: vec![Refusal::Cap { cap }] };
        }
        let situation = Situation { by_score: true, ..self.reach(1) };
        let (engine, window, now) = (self.engine, self.report.window, self.clock.now());
        let Some(dossier) = self.unless_stopped(engine.dossier(suspect, window, now)).await else {
            return Fate::Stopped;
        };
        let proposal = engine.proposal(&dossier, suspect.found_by(), reason(suspect));
        self.rule_and_act(proposal, situation, 1).await
    }

    async fn rule_and_act(&mut self, proposal: Proposal, situation: Situation, clients: u64) -> Fate {
        let situation = match self.with_past(proposal.target, situation).await {
            Ok(situation) => situation,
            Err(fate) => return fate,
        };
        match self.engine.propose(proposal, &situation, self.clock.now()) {
            Ruling::Ignore(refusals) => Fate::Spared { refusals },
            Ruling::Ask(plan) | Ruling::Act(plan) => self.act(plan, clients).await,
        }
    }
}

/// The reason is stored at the server for everybody, so it is in English whatever the report speaks.
fn reason(suspect: &Suspect) -> String {
    let Some(score) = &suspect.score else { return String::new() };
    let detectors: Vec<&str> = score.detectors().take(4).collect();
    format!("score {}: {}", number::percent(score.probability), detectors.join(", "))
}

/// The ranges of a cohort that cover members whose scores lead to acting.
fn ranges(cohort: &Cohort) -> Vec<Range> {
    let of = |covering: &Covering| {
        let inside = cohort.members.iter().filter(|member| covering.prefix.contains(&member.client));
        let (mut sure, mut unsure, mut requests) = (0, 0, 0);
        for member in inside {
            if member.action == Action::Act {
                sure += 1
            } else {
                unsure += 1
            }
            requests += u64::from(member.requests);
        }
        let reason = format!(
            "{sure} clients of {} act as one: they {} (innocent share at most {})",
            covering.prefix,
            cohort.alike.say(Lang::En),
            number::percent(innocent_share(sure, covering.others + unsure)),
        );
        let others = covering.others + unsure;
        Range { target: covering.prefix, members: sure, others, requests, reason }
    };
    cohort.prefixes.iter().map(of).filter(|range| range.members > 1).collect()
}

/// A range's line in the report: only its requests are known.
fn of_range(range: &Range) -> ClientStats {
    ClientStats { requests: range.requests, ..ClientStats::none(range.target.network()) }
}

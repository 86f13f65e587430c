//! Where each reply goes: to the view that asked, and to what all views share.

use ipnet::IpNet;

use super::App;
use crate::text::Say as _;
use crate::tui::effect::{Act, Effect, Reply, Request, Slot};
use crate::tui::labels;
use crate::tui::overlays::Overlay;

impl App {
    /// Takes a reply.
    pub(super) fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        let shared = &mut self.shared;
        match reply {
            Reply::Survey(survey) => {
                if let Ok(survey) = &survey {
                    shared.cohorts.clone_from(&survey.cohorts);
                    self.cohorts.listed(shared);
                }
                self.suspects.surveyed(survey, shared)
            }
            Reply::Histogram { window, step, series } => {
                self.suspects.counted(window, step, series, shared);
                Vec::new()
            }
            Reply::Events { events, failures } => self.events.listed(events, failures, shared),
            Reply::Costs(costs) => {
                self.costs.priced(costs, shared);
                Vec::new()
            }
            Reply::Chart(id, chart) => {
                self.events.charted(id, chart, shared);
                Vec::new()
            }
            Reply::Dossier(dossier) => match &mut self.dossier {
                Some(panel) => panel.read(dossier, shared),
                None => Vec::new(),
            },
            Reply::Judging(progress) => {
                if let Some(panel) = &mut self.dossier {
                    panel.judging(progress);
                }
                Vec::new()
            }
            Reply::Judged(verdict) => {
                if let Ok(verdict) = &verdict {
                    shared.verdicts.insert(verdict.target, (**verdict).clone());
                }
                if let Some(panel) = &mut self.dossier {
                    panel.judged(verdict, shared);
                }
                self.suspects.resort(&self.shared);
                Vec::new()
            }
            Reply::Decisions(decisions) => {
                shared.decisions_at = Some(shared.now);
                match decisions {
                    Ok(decisions) => {
                        shared.decisions = decisions;
                        shared.decisions_failed = None;
                    }
                    Err(error) => shared.decisions_failed = Some(error.say(shared.lang)),
                }
                self.decisions.listed(shared);
                Vec::new()
            }
            Reply::Verdicts(Ok(verdicts)) => {
                shared.verdicts.extend(verdicts.into_iter().map(|verdict| (verdict.target, verdict)));
                self.suspects.resort(shared);
                Vec::new()
            }
            Reply::Verdicts(Err(error)) => {
                shared.fail(error.say(shared.lang));
                Vec::new()
            }
            Reply::Plan(prepared) => {
                if let Some(Overlay::Ban(form)) = self.overlays.last_mut() {
                    form.prepared(*prepared);
                }
                Vec::new()
            }
            Reply::Plans(prepared) => {
                if let Some(Overlay::BanMany(form)) = self.overlays.last_mut() {
                    form.prepared(*prepared);
                }
                Vec::new()
            }
            Reply::Health(health) => {
                shared.health = Some(health);
                Vec::new()
            }
            Reply::Copied(way) => {
                match way {
                    Ok(way) => shared.inform(way.say(shared.lang)),
                    Err(message) => shared.fail(message),
                }
                Vec::new()
            }
            Reply::Query(reply) => self.query.reply(reply, shared),
            Reply::Broken(slot, message) => {
                match slot {
                    None => shared.acting = shared.acting.saturating_sub(1),
                    Some(Slot::Query(slot)) => self.query.broken(slot, shared.now),
                    Some(_) => {}
                }
                self.broken(&message);
                Vec::new()
            }
            Reply::Enforced(..) | Reply::Lifted(..) => self.acted(reply),
        }
    }

    /// An act has ended: its outcome is said, shown in the form that is still open, and the list is read again.
    fn acted(&mut self, reply: Reply) -> Vec<Effect> {
        let shared = &mut self.shared;
        shared.acting = shared.acting.saturating_sub(1);
        let lang = shared.lang;
        let (target, said) = match &reply {
            Reply::Enforced(plan, Ok(enforced)) => (Some(plan.target()), Ok(labels::enforced(lang, plan, enforced))),
            Reply::Enforced(plan, Err(error)) => {
                (Some(plan.target()), Err(labels::not_enforced(lang, plan.target(), &error.say(lang))))
            }
            Reply::Lifted(decision, Ok(true)) => {
                (decision.target, Ok(labels::lifted(lang, &decision.value, decision.id)))
            }
            Reply::Lifted(decision, Ok(false)) => {
                (decision.target, Ok(labels::gone(lang, &decision.value, decision.id)))
            }
            Reply::Lifted(decision, Err(error)) => {
                (decision.target, Err(labels::not_lifted(lang, &decision.value, &error.say(lang))))
            }
            _ => return Vec::new(),
        };
        self.finish(target, said)
    }

    /// Closes the form that waited for the act where it went well; shows the failure in it otherwise.
    fn finish(&mut self, target: Option<IpNet>, said: Result<String, String>) -> Vec<Effect> {
        let more = self.shared.with_outcome.take();
        let more = more.map_or_else(String::new, |more| format!("; {more}"));
        for overlay in &mut self.overlays {
            if let Overlay::BanMany(form) = overlay
                && form.waits_for(target)
                && let Some(next) = form.ended(&said)
            {
                return self.act(next);
            }
        }
        match &said {
            Ok(words) => {
                self.overlays.retain(|overlay| !overlay.waits_for(target));
                self.shared.inform(format!("{words}{more}"));
            }
            Err(words) => {
                for overlay in self.overlays.iter_mut().filter(|overlay| overlay.waits_for(target)) {
                    overlay.failed(words);
                }
                self.shared.fail(format!("{words}{more}"));
            }
        }
        vec![Effect::start(Slot::Decisions, Request::Decisions)]
    }

    /// Begins an act.
    pub(in crate::tui) fn act(&mut self, act: Act) -> Vec<Effect> {
        self.shared.acting += 1;
        vec![Effect::Act(act)]
    }

    /// Copies what is under the cursor.
    pub(in crate::tui) fn copy(&mut self, extent: crate::tui::pane::Extent) -> Vec<Effect> {
        let text = self.with_top(|pane, shared| pane.copied(extent, shared));
        match text.filter(|text| !text.is_empty()) {
            Some(text) => vec![Effect::start(Slot::Copy, Request::Copy(text))],
            None => {
                self.shared.inform(labels::nothing_to_copy(self.shared.lang));
                Vec::new()
            }
        }
    }
}

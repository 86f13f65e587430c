//! What a request means: calls of the engine, one function a request. Cancelled by drop at any await. Nothing here
//! knows the screen.

use std::sync::Arc;

use ipnet::IpNet;
use tokio::sync::mpsc;

use super::clipboard;
use super::effect::{Act, Health, Reply, Request};
use super::runtime::{Envelope, Origin};
use super::views::query;
use crate::detect::baseline::Event;
use crate::engine::{Clock, Engine};
use crate::journal::{Actor, Journal, JournalError};
use crate::judge::{Dossier, Verdict};
use crate::policy::Proposal;
use crate::text::Lang;

/// What tasks work with.
#[derive(Clone)]
pub struct Services {
    /// The investigation.
    pub engine: Engine,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who sits at the keyboard.
    pub actor: Actor,
    /// Where the user's own queries lie.
    pub queries_dir: Option<std::path::PathBuf>,
}

/// The way for replies before the last one.
pub struct Sink {
    origin: Origin,
    sender: mpsc::Sender<Envelope>,
}

impl Sink {
    pub(super) const fn new(origin: Origin, sender: mpsc::Sender<Envelope>) -> Self {
        Self { origin, sender }
    }

    /// Sends a reply while the task goes on. Waits where the console is behind.
    pub async fn send(&self, reply: Reply) {
        // The receiver is gone only where the console has ended.
        let _ = self.sender.send(Envelope { origin: self.origin, reply, last: false }).await;
    }
}

/// Carries a request out.
pub async fn perform(request: Request, services: Services, sink: Sink) -> Reply {
    let engine = &services.engine;
    match request {
        Request::Survey { window, scope } => Reply::Survey(engine.survey(window, scope).await),
        Request::Histogram { window, step } => {
            Reply::Histogram { window, step, series: engine.histogram(window, step, None).await }
        }
        Request::Dossier { client, known, window, lang } => {
            let suspect = match known {
                Some(suspect) => *suspect,
                None => match engine.suspect(client, window).await {
                    Ok(suspect) => suspect,
                    Err(error) => return Reply::Dossier(Err(error)),
                },
            };
            Reply::Dossier(Ok(Box::new(engine.speaking(lang).dossier(&suspect, window, services.clock.now()).await)))
        }
        Request::Judge(dossier, lang) => judge(&services, &dossier, lang, &sink).await,
        Request::Decisions => Reply::Decisions(engine.decisions(services.clock.now()).await),
        Request::Verdicts(targets) => {
            Reply::Verdicts(engine.journal.run(move |journal| newest(journal, targets)).await)
        }
        Request::Plan(proposal) => plan(&services, proposal).await,
        Request::Plans(proposals) => {
            Reply::Plans(Box::new(engine.prepare_many(proposals, services.clock.as_ref()).await))
        }
        Request::Health => {
            let (source, judge, enforcer) =
                tokio::join!(engine.source.status(), engine.judge.status(), engine.enforcer.status());
            Reply::Health(Box::new(Health { source, judge, enforcer }))
        }
        Request::Copy(text) => Reply::Copied(clipboard::copy(&text).await),
        Request::WatchSeries(window) => {
            let watched = engine.watch_series(window, services.clock.now()).await;
            Reply::Events { events: events(engine).await, failures: Some(watched.failures) }
        }
        Request::Events => Reply::Events { events: events(engine).await, failures: None },
        Request::SettleEvent { id, resolve } => settle_event(&services, id, resolve).await,
        Request::Costs(window) => Reply::Costs(engine.costs(window).await),
        Request::Chart(event, window) => Reply::Chart(event.id, engine.chart(&event, window).await),
        Request::Query(request) => Reply::Query(query::work::perform(request, services, sink).await),
    }
}

/// Acts.
pub async fn act(act: Act, services: Services) -> Reply {
    let (engine, actor, now) = (&services.engine, &services.actor, services.clock.now());
    match act {
        Act::Enforce(plan) => {
            let outcome = engine.carry_out(&plan, actor, now).await;
            Reply::Enforced(plan, outcome)
        }
        Act::Lift(decision) => {
            let outcome = engine.lift(&decision, actor, now).await;
            Reply::Lifted(decision, outcome)
        }
    }
}

/// The judge's answer, its progress sent on while it works.
async fn judge(services: &Services, dossier: &Dossier, lang: Lang, sink: &Sink) -> Reply {
    let (progress, mut heard) = mpsc::unbounded_channel();
    let engine = services.engine.speaking(lang);
    let answer = engine.explain(dossier, services.clock.now(), Some(progress));
    tokio::pin!(answer);
    loop {
        tokio::select! {
            biased;
            Some(step) = heard.recv() => sink.send(Reply::Judging(step)).await,
            verdict = &mut answer => return Reply::Judged(verdict.map(Box::new)),
        }
    }
}

/// Whom and what it would have hit in the last hour, and the policy's ruling. Where the source cannot tell, the policy
/// rules without it and the form says so: a source that is down must not keep a person from banning.
async fn plan(services: &Services, proposal: Box<Proposal>) -> Reply {
    Reply::Plan(Box::new(services.engine.prepare(*proposal, services.clock.as_ref()).await))
}

/// At most so many events are listed.
const EVENTS: usize = 500;

/// The journal's events, the newest first.
async fn events(engine: &Engine) -> Result<Vec<Event>, JournalError> {
    engine.journal.run(|journal| journal.events(true, EVENTS)).await
}

/// Acknowledges or resolves an event for the person at the keyboard.
async fn settle_event(services: &Services, id: i64, resolve: bool) -> Reply {
    let (by, now) = (services.actor.user.clone(), services.clock.now());
    let settle = move |journal: &Journal| {
        if resolve { journal.resolve_event(id, &by, now) } else { journal.acknowledge_event(id, &by, now) }
    };
    match services.engine.journal.run(settle).await {
        Ok(_) => Reply::Events { events: events(&services.engine).await, failures: None },
        Err(error) => Reply::Events { events: Err(error), failures: None },
    }
}

/// The newest verdict of each target that has one.
fn newest(journal: &Journal, targets: Vec<IpNet>) -> Result<Vec<Verdict>, JournalError> {
    let mut found = Vec::new();
    for target in targets {
        found.extend(journal.verdicts_of(target, 1)?);
    }
    Ok(found)
}

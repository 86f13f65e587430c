//! Runs effects as tasks and brings their replies back. A slot holds one task: starting replaces, dropping cancels,
//! and a late reply of an older generation is thrown away. Acts lie in no slot; the console waits for them before it
//! leaves. Knows nothing of what is shown.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::effect::{Act, Effect, Reply, Slot};
use super::work::{self, Services, Sink};

mod run;

pub(super) use run::basics;
pub use run::run;

/// Replies that may wait before a task that sends more has to wait too.
const WAITING: usize = 256;

/// Where a reply comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A slot's task, with the generation it was started as.
    Slot(Slot, u64),
    /// An act.
    Act,
}

/// A reply on its way.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) origin: Origin,
    pub(super) reply: Reply,
    /// Whether the task is done with it.
    pub(super) last: bool,
}

/// A task in a slot. Dropping it aborts the task.
struct Running {
    generation: u64,
    _task: AbortOnDropHandle<()>,
}

/// The tasks at work.
pub struct Tasks {
    services: Services,
    running: HashMap<Slot, Running>,
    acts: usize,
    generation: u64,
    sender: mpsc::Sender<Envelope>,
    receiver: mpsc::Receiver<Envelope>,
}

impl Tasks {
    /// Nothing is running yet.
    pub fn new(services: Services) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { services, running: HashMap::new(), acts: 0, generation: 0, sender, receiver }
    }

    /// Begins, replaces or cancels. Gives back the effects that are the terminal's. Has to be called inside a tokio
    /// runtime.
    pub fn apply(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Start { slot, request, after } => {
                    self.generation += 1;
                    let generation = self.generation;
                    let origin = Origin::Slot(slot, generation);
                    let (services, sink) = (self.services.clone(), Sink::new(origin, self.sender.clone()));
                    let work = async move {
                        if !after.is_zero() {
                            tokio::time::sleep(after).await;
                        }
                        work::perform(request, services, sink).await
                    };
                    let task = tokio::spawn(deliver(work, origin, self.sender.clone()));
                    self.running.insert(slot, Running { generation, _task: AbortOnDropHandle::new(task) });
                }
                Effect::Cancel(slot) => {
                    self.running.remove(&slot);
                }
                Effect::Act(act) => self.act(act),
                other => rest.push(other),
            }
        }
        rest
    }

    /// An act runs on whatever happens to the screen.
    fn act(&mut self, act: Act) {
        self.acts += 1;
        drop(tokio::spawn(deliver(work::act(act, self.services.clone()), Origin::Act, self.sender.clone())));
    }

    /// The next reply that still counts. Waits for ever where nothing runs.
    pub async fn next(&mut self) -> Reply {
        loop {
            // `self` holds a sender, so the channel never closes.
            let Some(envelope) = self.receiver.recv().await else { return std::future::pending().await };
            if let Some(reply) = self.accept(envelope) {
                return reply;
            }
        }
    }

    /// A reply that is there already.
    pub fn ready(&mut self) -> Option<Reply> {
        while let Ok(envelope) = self.receiver.try_recv() {
            if let Some(reply) = self.accept(envelope) {
                return Some(reply);
            }
        }
        None
    }

    fn accept(&mut self, envelope: Envelope) -> Option<Reply> {
        match envelope.origin {
            Origin::Act => {
                self.acts -= usize::from(envelope.last);
            }
            Origin::Slot(slot, generation) => {
                if self.running.get(&slot).is_none_or(|running| running.generation != generation) {
                    return None;
                }
                if envelope.last {
                    self.running.remove(&slot);
                }
            }
        }
        Some(envelope.reply)
    }

    /// How many tasks and acts are at work: a test waits until there is none.
    pub fn in_flight(&self) -> usize {
        self.running.len() + self.acts
    }

    /// How many acts are at work.
    pub const fn acting(&self) -> usize {
        self.acts
    }
}

/// Runs a task and sends what it returns; a panic in it becomes a reply too, so that nobody waits for ever.
async fn deliver(work: impl Future<Output = Reply>, origin: Origin, sender: mpsc::Sender<Envelope>) {
    let reply = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(reply) => reply,
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Reply::Broken(origin.slot(), words)
        }
    };
    // The receiver is gone only where the console has ended.
    let _ = sender.send(Envelope { origin, reply, last: true }).await;
}

impl Origin {
    /// The slot; `None` for an act.
    const fn slot(self) -> Option<Slot> {
        match self {
            Self::Slot(slot, _) => Some(slot),
            Self::Act => None,
        }
    }
}

//! The stream of requests: actors act in the order of time, and what they send is given out in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

use super::{Actor, Message, Plan, Population, Request, random};

/// Labelled requests in the order of time, from the plan's start up to but without its end.
pub struct Traffic {
    end: Timestamp,
    actors: Vec<(&'static Population, Box<dyn Actor>)>,
    queue: BinaryHeap<Reverse<Entry>>,
    /// Numbers entries, so that equal instants keep the order in which they were made.
    made: u64,
    sent: Vec<Message>,
}

/// Something that happens at an instant.
struct Entry {
    at: Timestamp,
    number: u64,
    actor: usize,
    what: What,
}

enum What {
    /// The actor acts.
    Turn,
    /// What it sent earlier is logged.
    Send(Box<Message>),
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl Traffic {
    /// Everybody of the plan takes their place.
    pub fn new(plan: &Plan) -> Self {
        let mut traffic = Self {
            end: plan.end.unwrap_or(Timestamp::MAX),
            actors: Vec::new(),
            queue: BinaryHeap::new(),
            made: 0,
            sent: Vec::new(),
        };
        for population in &plan.populations {
            let numbers = |stream| random::generator(plan.seed, population.name, stream);
            for (at, actor) in (population.actors)(plan, &numbers) {
                traffic.actors.push((population, actor));
                traffic.push(at, traffic.actors.len() - 1, What::Turn);
            }
        }
        traffic
    }

    fn push(&mut self, at: Timestamp, actor: usize, what: What) {
        if at < self.end {
            self.queue.push(Reverse(Entry { at, number: self.made, actor, what }));
            self.made += 1;
        }
    }

    fn turn(&mut self, at: Timestamp, number: usize) {
        let mut sent = std::mem::take(&mut self.sent);
        let next = self.actors[number].1.act(at, &mut sent);
        for mut message in sent.drain(..) {
            // Nobody sends into the past: the order of time holds whatever an actor does.
            message.at = message.at.max(at);
            self.push(message.at, number, What::Send(Box::new(message)));
        }
        self.sent = sent;
        if let Some(next) = next {
            self.push(next.max(at), number, What::Turn);
        }
    }
}

impl Iterator for Traffic {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        loop {
            let Reverse(entry) = self.queue.pop()?;
            match entry.what {
                What::Turn => self.turn(entry.at, entry.actor),
                What::Send(message) => return Some(labelled(*message, self.actors[entry.actor].0)),
            }
        }
    }
}

fn labelled(message: Message, population: &'static Population) -> Request {
    let Message { at, client, method, uri, status, bytes, duration, referer, user_agent } = message;
    Request { at, client, method, uri, status, bytes, duration, referer, user_agent, population }
}

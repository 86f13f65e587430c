//! What the texts of targets to come tell, worked out on all cores while the requests before them are taken in.

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::targets::{self, Reading};
use super::window::{MOST_TARGETS, Traffic};
use crate::detect::rules::{Matched, RuleSet, normal};

/// Everything that a target's text tells.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) matched: Matched,
    /// The number of the item that it names, where it names one by number.
    pub(super) number: Option<u32>,
    /// Whether the site's owner says that it is sensitive.
    pub(super) is_listed: bool,
}

/// Targets that nobody asked for so far, in the order in which they come, with what they tell once that is known.
#[derive(Debug)]
pub struct Foresight<'t, 'r> {
    rules: &'r RuleSet,
    new: Vec<&'t str>,
    read: Vec<Read>,
}

impl Default for Foresight<'_, '_> {
    fn default() -> Self {
        Self { rules: RuleSet::shipped(), new: Vec::new(), read: Vec::new() }
    }
}

impl Foresight<'_, '_> {
    /// So many new targets are worth sharing out among the cores.
    const WORTH_SHARING: usize = 64;

    /// Works out what the targets tell.
    pub fn work_out(&mut self) {
        let rules = self.rules;
        if self.new.len() >= Self::WORTH_SHARING {
            let told = self.new.par_iter().map_init(Paths::default, |paths, target| paths.read(rules, target));
            told.collect_into_vec(&mut self.read);
        }
    }
}

/// What paths told that were read before: most new targets are known paths with new queries.
#[derive(Debug, Default)]
pub(super) struct Paths(HashMap<String, (Reading, Matched)>);

impl Paths {
    /// Everything that a target's text tells.
    pub(super) fn read(&mut self, rules: &RuleSet, sent: &str) -> Read {
        let normal = normal::target(sent);
        let read = || (targets::read(&normal), rules.path(normal.path()));
        let feed;
        let (reading, of_path) = if targets::is_feed(&normal) {
            feed = read();
            &feed
        } else {
            self.0.entry_ref(normal.path_and_mark()).or_insert_with(read)
        };
        Read {
            reading: reading.clone(),
            matched: rules.normal_target(sent, &normal, of_path),
            number: targets::number(&normal),
            is_listed: rules.limits().lists(normal.path()),
        }
    }
}

impl<'r> Traffic<'r> {
    /// The targets that are not known yet, of those that come next.
    pub fn foresee<'t>(&self, targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
        let mut met = HashSet::new();
        let unknown = targets.filter(|target| self.target_names.known(target).is_none() && met.insert(*target));
        Foresight { rules: self.rules, new: unknown.take(self.room()).collect(), read: Vec::new() }
    }

    /// Keeps what was worked out, of so many targets as there is room for. They get the numbers that they would have got
    /// had they come alone.
    pub fn foreseen(&mut self, foresight: Foresight<'_, '_>) {
        for (text, read) in foresight.new.into_iter().zip(foresight.read).take(self.room()) {
            if self.target_names.number(text).1 {
                let target = self.target_of(read);
                self.targets.push(target);
            }
        }
    }

    /// For so many more targets.
    fn room(&self) -> usize {
        MOST_TARGETS.saturating_sub(self.targets.len())
    }
}

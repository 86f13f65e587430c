//! What the texts of targets to come tell, worked out on all cores while the requests before them are taken in.

use hashbrown::HashSet;
use rayon::prelude::*;

use super::targets::{self, Reading};
use super::window::{MOST_TARGETS, Traffic};
use crate::detect::rules::{Matched, RuleSet, normal};

/// Everything that a target's text tells.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) matched: Matched,
    /// Whether the site's owner says that it is sensitive.
    pub(super) is_listed: bool,
}

/// Reads a target's text.
pub(super) fn read(rules: &RuleSet, sent: &str) -> Read {
    let normal = normal::target(sent);
    Read {
        reading: targets::read(&normal),
        matched: rules.normal_target(sent, &normal),
        is_listed: rules.limits().lists(normal.path()),
    }
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
            self.new.par_iter().map(|target| read(rules, target)).collect_into_vec(&mut self.read);
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

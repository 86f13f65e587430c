//! How templates end. Where each user or project has its own names in front (`/ann/shop/issues/new`), no two clients
//! need share a template, and what they do is told by the end.

use hashbrown::HashMap;

use super::window::{Action, Outcome, hash};

/// So many segments are an end.
const SEGMENTS: usize = 2;
/// An end that fewer templates share says no more than they do.
const LEAST_TEMPLATES: u32 = 4;

/// The end of a template that has more in front of it.
pub fn tail(template: &str) -> Option<&str> {
    let at = template.rmatch_indices('/').nth(SEGMENTS - 1)?.0;
    (at > 0).then(|| &template[at..])
}

/// By action: a number of its end, its method and its outcome.
#[derive(Debug, Clone, Default)]
pub(super) struct Tails {
    all: Vec<Option<u64>>,
    sharing: HashMap<u64, u32>,
    /// Those that actions of several templates share, when that was looked at last.
    shared: Vec<Option<u64>>,
}

impl Tails {
    /// Notes the next action, whose template's text this is.
    pub(super) fn push(&mut self, action: Action, template: &str) {
        let outcome = match action.outcome {
            Outcome::Fine => 0_u8,
            Outcome::Refused => 1,
            Outcome::Broken => 2,
            Outcome::Taken => 3,
        };
        let tail = tail(template).map(|tail| hash(tail.bytes().chain([outcome, u8::from(action.writes)])));
        tail.into_iter().for_each(|tail| *self.sharing.entry(tail).or_default() += 1);
        self.all.push(tail);
    }

    /// Looks at which are shared by now.
    pub(super) fn finish(&mut self) {
        let is_shared = |tail: &u64| self.sharing.get(tail).is_some_and(|actions| *actions >= LEAST_TEMPLATES);
        self.shared = self.all.iter().map(|tail| tail.filter(is_shared)).collect();
    }

    /// An action's, where actions of several templates shared it when that was looked at last.
    pub(super) fn of(&self, action: u32) -> Option<u64> {
        self.shared.get(action as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_what_many_templates_share() {
        assert_eq!(tail("/ann/shop/issues/new"), Some("/issues/new"));
        assert_eq!(tail("/issues/new"), None, "there is nothing in front");
        let texts = ["/a/x/issues/new", "/b/y/issues/new", "/c/z/issues/new", "/d/w/issues/new", "/about/us/team"];
        let mut tails = Tails::default();
        for (template, text) in (0..).zip(texts) {
            tails.push(Action { template, writes: true, outcome: Outcome::Taken }, text);
        }
        tails.finish();
        assert!(tails.of(0).is_some() && (0..4).all(|action| tails.of(action) == tails.of(0)));
        assert_eq!(tails.of(4), None);
    }
}

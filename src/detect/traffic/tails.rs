//! How templates begin and end. Where each user or project has its own names in front (`/ann/shop/issues/new`), or each
//! code that is tried is a name of its own (`/coupon/redeem/x7k2m`), no two clients need share a template, and what they
//! do is told by the rest.

use hashbrown::HashMap;

use super::window::{Action, Outcome, hash};

/// So many segments are an end.
const SEGMENTS: usize = 2;
/// A part that fewer templates share says no more than they do.
const LEAST_TEMPLATES: u32 = 4;

/// The end of a template that has more in front of it.
pub fn tail(template: &str) -> Option<&str> {
    let at = template.rmatch_indices('/').nth(SEGMENTS - 1)?.0;
    (at > 0).then(|| &template[at..])
}

/// The beginning of a template, up to the name that it ends with: a folder within another one.
pub fn head(template: &str) -> Option<&str> {
    let (head, _) = template.rsplit_once('/')?;
    (head.rfind('/')? > 0).then_some(head)
}

/// By action: a number of the part that it shares with others, its method and its outcome.
#[derive(Debug, Clone, Default)]
pub(super) struct Sharing {
    all: Vec<Option<u64>>,
    sharing: HashMap<u64, u32>,
    /// Those that actions of several templates share, when that was looked at last.
    shared: Vec<Option<u64>>,
}

impl Sharing {
    /// Notes the next action, with the part of its template that others may share.
    pub(super) fn push(&mut self, action: Action, part: Option<&str>) {
        let outcome = match action.outcome {
            Outcome::Fine => 0_u8,
            Outcome::Refused => 1,
            Outcome::Broken => 2,
            Outcome::Taken => 3,
        };
        let part = part.map(|part| hash(part.bytes().chain([outcome, u8::from(action.writes)])));
        part.into_iter().for_each(|part| *self.sharing.entry(part).or_default() += 1);
        self.all.push(part);
    }

    /// Looks at which are shared by now.
    pub(super) fn finish(&mut self) {
        let is_shared = |part: &u64| self.sharing.get(part).is_some_and(|actions| *actions >= LEAST_TEMPLATES);
        self.shared = self.all.iter().map(|part| part.filter(is_shared)).collect();
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
        let mut tails = Sharing::default();
        for (template, text) in (0..).zip(texts) {
            tails.push(Action { template, writes: true, outcome: Outcome::Taken }, tail(text));
        }
        tails.finish();
        assert!(tails.of(0).is_some() && (0..4).all(|action| tails.of(action) == tails.of(0)));
        assert_eq!(tails.of(4), None);
        assert_eq!(head("/coupon/redeem/x7k2m"), Some("/coupon/redeem"));
        assert_eq!(head("/redeem/x7k2m"), None, "a folder of the site's root may hold anything");
    }
}

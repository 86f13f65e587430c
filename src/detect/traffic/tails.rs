//! How templates end. Where each user or project has its own names in front (`/ann/shop/issues/new`), no two clients
//! need share a template, and what they do is told by the end.

use hashbrown::HashMap;

use super::window::{Action, Outcome};

/// So many segments are an end.
const SEGMENTS: usize = 2;
/// An end that fewer templates share says no more than they do.
const LEAST_TEMPLATES: u32 = 4;

/// The end of a template that has more in front of it.
pub fn tail(template: &str) -> Option<&str> {
    let at = template.rmatch_indices('/').nth(SEGMENTS - 1)?.0;
    (at > 0).then(|| &template[at..])
}

/// By action: a number of its end, its method and its outcome, where actions of several templates share them.
pub(super) fn of<'t>(actions: &[Action], text: impl Fn(u32) -> &'t str) -> Vec<Option<u64>> {
    let hash = |action: &Action| {
        let outcome = match action.outcome {
            Outcome::Fine => 0_u8,
            Outcome::Refused => 1,
            Outcome::Broken => 2,
            Outcome::Taken => 3,
        };
        tail(text(action.template)).map(|tail| {
            let bytes = tail.bytes().chain([outcome, u8::from(action.writes)]);
            bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
        })
    };
    let hashes: Vec<Option<u64>> = actions.iter().map(hash).collect();
    let mut sharing: HashMap<u64, u32> = HashMap::new();
    hashes.iter().flatten().for_each(|tail| *sharing.entry(*tail).or_default() += 1);
    let is_shared = |tail: &u64| sharing.get(tail).is_some_and(|actions| *actions >= LEAST_TEMPLATES);
    hashes.into_iter().map(|tail| tail.filter(is_shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_what_many_templates_share() {
        assert_eq!(tail("/ann/shop/issues/new"), Some("/issues/new"));
        assert_eq!(tail("/issues/new"), None, "there is nothing in front");
        let texts = ["/a/x/issues/new", "/b/y/issues/new", "/c/z/issues/new", "/d/w/issues/new", "/about/us/team"];
        let actions: Vec<Action> =
            (0..5).map(|template| Action { template, writes: true, outcome: Outcome::Taken }).collect();
        let tails = of(&actions, |template| texts[template as usize]);
        assert!(tails[0].is_some() && tails[..4].iter().all(|tail| *tail == tails[0]));
        assert_eq!(tails[4], None);
    }
}

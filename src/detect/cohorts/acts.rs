//! What a client's actions amount to.

use super::keys::OFTEN;
use crate::detect::traffic::window::Action;
use crate::detect::traffic::{ClientProfile, TargetKind, Theme, Traffic};

/// From so many different targets on, a program that is refused most of them walks through them.
pub(super) const WALK: usize = 4;

/// A spread of the gaps' logarithms below this is a clock's.
pub(in crate::detect) const CLOCK: f32 = 0.35;

/// A page or a file that was there and only read, and is not dear to make.
pub(super) fn is_plain_visit(traffic: &Traffic<'_>, action: Action) -> bool {
    let (kind, theme) = traffic.template_facts(action.template);
    let is_read = matches!(kind, TargetKind::Page | TargetKind::Download);
    !action.writes && action.outcome.is_fine() && is_read && theme != Theme::Search
}

/// Whether an open page may do it by itself, again and again: it does not sign in or pay, nor fetch files.
pub(super) fn may_go_on(traffic: &Traffic<'_>, action: Action) -> bool {
    let (kind, theme) = traffic.template_facts(action.template);
    kind != TargetKind::Download && action.outcome.is_fine() && (!action.writes || theme == Theme::Plain)
}

/// Whether all that a program does, three times and more, is to sign in, to buy or to write something.
pub(super) fn is_narrow(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let actions = client.actions();
    let times: u32 = actions.iter().map(|(_, count)| count).sum();
    if client.more_actions || times < 3 || times < client.requests {
        return false;
    }
    actions.iter().filter_map(|(number, _)| traffic.action_of(*number)).all(|action| {
        match traffic.template_facts(action.template).1 {
            Theme::Login | Theme::Writing | Theme::Purchase => action.writes,
            Theme::Search | Theme::Plain => false,
        }
    })
}

/// Whether all a program did was to fail at something worth attacking, or to walk through what it is refused.
pub(super) fn only_harm(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let refused = u32::try_from(client.missing.len()).unwrap_or(u32::MAX).max(client.denied);
    if client.targets.len() >= WALK && refused * 10 >= client.requests * 6 {
        return true;
    }
    // A key that has expired is refused too: by the clock, as the job that holds it runs.
    let by_the_clock = client.gap_spread().is_some_and(|spread| spread < CLOCK);
    if client.denied == client.requests && client.requests >= OFTEN && !by_the_clock {
        return true;
    }
    !client.more_actions
        && !client.actions().is_empty()
        && client.actions().iter().filter_map(|(number, _)| traffic.action_of(*number)).all(|action| {
            let (_, theme) = traffic.template_facts(action.template);
            !action.outcome.is_fine() && (action.writes || theme != Theme::Plain)
        })
}

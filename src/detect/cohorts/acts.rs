//! What a client's actions amount to.

use super::keys::{Key, OFTEN};
use crate::detect::traffic::window::{Action, Outcome};
use crate::detect::traffic::{ClientProfile, TargetKind, Theme, Traffic};

/// From so many different targets on, a program that is refused most of them walks through them.
pub(super) const WALK: usize = 4;

/// Whoever did nothing for so many milliseconds after an attempt to sign in has given up.
const GIVEN_UP_MS: i64 = 120_000;

/// A spread of the gaps' logarithms below this is a clock's.
pub(in crate::detect) const CLOCK: f32 = 0.35;

/// A page or a file that was there and only read, and is not dear to make. Who looks at the front page looks for
/// nothing that is hidden, whatever the answer.
pub(super) fn is_plain_visit(traffic: &Traffic<'_>, action: Action) -> bool {
    let (kind, theme) = traffic.template_facts(action.template);
    let is_read = matches!(kind, TargetKind::Page | TargetKind::Download);
    let is_front_page = action.outcome == Outcome::Refused && traffic.templates.text(action.template) == "/";
    !action.writes && (action.outcome.is_fine() || is_front_page) && is_read && theme != Theme::Search
}

/// What is not there and not worth attacking: other sites' links may lead to it.
pub(super) fn is_dead_link(traffic: &Traffic<'_>, action: Action) -> bool {
    let theme = traffic.template_facts(action.template).1;
    action.outcome == Outcome::Refused && !action.writes && theme == Theme::Plain
}

/// Whether all that a client did was to pay a few visits to pages.
pub(super) fn only_visits(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let actions = client.actions();
    let visits: u32 = actions.iter().map(|(_, count)| count).sum();
    let mut visited = actions.iter().filter_map(|(number, _)| traffic.action_of(*number));
    !client.more_actions && visits < OFTEN && visited.all(|action| is_plain_visit(traffic, action))
}

/// Whether an attempt to sign in failed and a later one did not: a person's fingers, where it is not tried often.
pub(super) fn got_in_at_last(traffic: &Traffic<'_>, client: &ClientProfile, tried: Action) -> bool {
    let (_, theme) = traffic.template_facts(tried.template);
    let got_in = |action: Action| {
        let refused_before = tried.outcome == Outcome::Refused && action.outcome == Outcome::Fine;
        action.template == tried.template && action.writes && (action.outcome == Outcome::Taken || refused_before)
    };
    let (fails, others) = (tried.outcome != Outcome::Taken, client.actions());
    let goes_on = client.requests > client.login_tries + 1;
    theme == Theme::Login && tried.writes && fails && goes_on && client.login_tries < OFTEN && {
        others.iter().filter_map(|(number, _)| traffic.action_of(*number)).any(got_in)
    }
}

/// Whether an open page may do it by itself, again and again: it does not sign in or pay, nor fetch files.
pub(super) fn may_go_on(traffic: &Traffic<'_>, action: Action) -> bool {
    let (kind, theme) = traffic.template_facts(action.template);
    // Nor does it ask whether names are taken that nobody types.
    let by_itself = if action.writes { matches!(theme, Theme::Plain | Theme::Search) } else { theme != Theme::Writing };
    kind != TargetKind::Download && action.outcome.is_fine() && by_itself
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

/// How a client that bears an app's name goes about: whether it takes thing after thing and does nothing else.
pub(super) fn of_app(traffic: &Traffic<'_>, client: &ClientProfile) -> Option<Key> {
    let app = traffic.agent_app(client.agent).filter(|_| client.requests > OFTEN)?;
    if client.writes + client.assets > 0 {
        return Some(Key::Fully(app));
    }
    let distinct = u32::try_from(client.targets.len()).unwrap_or(u32::MAX);
    let takes = client.interfaces == client.requests && distinct * 10 >= client.requests * 8;
    takes.then_some(Key::Bare(app))
}

/// Whether all a program did was to fail at something worth attacking, or to walk through what it is refused.
pub(super) fn only_harm(traffic: &Traffic<'_>, client: &ClientProfile) -> bool {
    let refused = u32::try_from(client.missing.len()).unwrap_or(u32::MAX).max(client.denied);
    if client.targets.len() >= WALK && refused * 10 >= client.requests * 6 {
        return true;
    }
    // With what an app asks for before it signs in, and no attempt that succeeds. Somebody who mistypes goes on trying.
    let gave_up = traffic.last_ms.saturating_sub(client.last_ms) > GIVEN_UP_MS;
    let never_in = client.login_tries > 0 && client.login_refused == client.login_tries;
    if never_in && gave_up && client.requests <= 2 * client.login_tries {
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

//! Clients in step: they ask for the same thing in the same beat, and at the same moments. An open page asks in time
//! too, but each began when it was opened: the moments of those that are not in step say how many are by chance.

use smallvec::SmallVec;

use super::count::Cell;
use super::keys::{Key, OFTEN};
use crate::detect::traffic::{ClientProfile, Theme, Traffic};

/// So many of the windows that moments fall into make a period; each is two of them wide, so that every two moments
/// that are near each other share one.
const MOMENTS: u8 = 20;
/// The part of a period that one window leaves out, in windows.
const ELSEWHERE: f64 = 9.0;
/// Periods within so much of each other, as a factor, are one.
const SAME_PERIOD: f32 = 1.08;
/// How many scripts that call themselves browsers may keep the same timetable.
const BY_TIMETABLE: f64 = 3.0;
/// What begins at a full minute comes within so many milliseconds after it, or a little before.
const AFTER_MINUTE_MS: i64 = 8_000;
const BEFORE_MINUTE_MS: i64 = 2_000;
const MINUTE_MS: i64 = 60_000;
/// A beat as slow as this is no page's that waits.
const SLOW_MS: f32 = 100_000.0;

/// The cells of a client's beat: those of its period, and those of its moments in that.
pub(super) fn keys(client: &ClientProfile, last_ms: i64) -> impl Iterator<Item = Key> {
    let beat = client.beat.steady().zip(main_action(client));
    beat.into_iter().flat_map(move |((period, _, at_ms), action)| {
        let moment = moment(period, last_ms - at_ms);
        periods(period).into_iter().flat_map(move |period| {
            let before = (moment + MOMENTS - 1) % MOMENTS;
            [Key::Beat(action, period), Key::Step(action, period, moment), Key::Step(action, period, before)]
        })
    })
}

/// The cells of the form that a client sends again and again in an even beat, to have or to hold one thing: a person
/// decides on that each time, a program does it by the clock. What comes more often may be a page that waits in a queue.
pub(super) fn timed(traffic: &Traffic<'_>, client: &ClientProfile) -> impl Iterator<Item = Key> {
    let form = client.form_beat().steady().filter(|(period, ..)| *period >= SLOW_MS);
    let form = form.and_then(|(period, beats, _)| {
        let forms = client.actions().iter().filter_map(|(number, count)| {
            let action = traffic.action_of(*number)?;
            let is_purchase = traffic.template_facts(action.template).1 == Theme::Purchase;
            let takes = takes_something(traffic.templates.text(action.template));
            (action.writes && is_purchase && takes).then_some((action.template, *count))
        });
        let forms: SmallVec<[(u32, u32); 6]> = forms.collect();
        let times = |template: u32| forms.iter().filter(|(form, _)| *form == template).map(|(_, count)| count).sum();
        let most = forms.iter().map(|(template, _)| (times(*template), *template)).max();
        most.filter(|(times, _): &(u32, _)| *times >= OFTEN && times * 2 >= beats)
            .map(|(_, template)| (template, period))
    });
    form.into_iter().flat_map(|(template, period)| periods(period).map(|period| Key::Timed(template, period)))
}

/// Whether a form is about one thing, or puts something into a cart: others may only ask how things stand.
fn takes_something(template: &str) -> bool {
    let template = template.trim_end_matches(['?', '/']);
    template.contains('{')
        || ["/items", "/item", "/lines", "/add", "/hold", "/reserve"].iter().any(|end| template.ends_with(end))
}

/// What a client makes its rounds by: the template of the things that it comes back to, where it is one.
pub(super) fn rounds(traffic: &Traffic<'_>, client: &ClientProfile) -> Option<Key> {
    let ([first, second], _) = client.rounds()?.stops()?;
    let template = |target: u32| traffic.target(target).map(|target| target.template);
    template(first).filter(|one| template(second) == Some(*one)).map(Key::Rounds)
}

/// What most of a client's requests ask for.
fn main_action(client: &ClientProfile) -> Option<u32> {
    let (action, count) = client.actions().iter().max_by_key(|(_, count)| *count)?;
    (count * 2 >= client.requests).then_some(*action)
}

/// The two classes that a period falls into: every two that are near each other share one.
fn periods(period_ms: f32) -> [u8; 2] {
    let steps = period_ms.max(1.0).ln() / SAME_PERIOD.ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most, saturating")]
    let class = |steps: f32| steps as u8;
    // An odd class is half a step off an even one.
    [class(steps) & 0x7f, (class(steps + 0.5) & 0x7f) | 0x80]
}

/// When in its period a client asked last, seen from the end of the traffic.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a part of one, in twenty steps"
)]
fn moment(period_ms: f32, ago_ms: i64) -> u8 {
    let part = (ago_ms as f32).rem_euclid(period_ms) / period_ms;
    ((part * f32::from(MOMENTS)) as u8).min(MOMENTS - 1)
}

/// How many innocents may share a client's moments: as many as would by chance, were all who keep this beat apart,
/// and those who keep a timetable.
pub(super) fn expected(client: &ClientProfile, beat: &Cell, step: &Cell) -> f64 {
    let all = |cell: &Cell| cell.people + cell.quiet + cell.programs;
    let by_chance = f64::from(all(beat).saturating_sub(all(step))) / ELSEWHERE;
    by_chance + 0.1 + if keeps_timetable(client) { BY_TIMETABLE } else { 0.0 }
}

/// Whether a client asks at full minutes, as cron does.
fn keeps_timetable(client: &ClientProfile) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "a period within hours")]
    let keeps = |(period, _, at_ms): (f32, u32, i64)| {
        let (period, second) = (period.round() as i64, at_ms.rem_euclid(MINUTE_MS));
        let off = period.rem_euclid(MINUTE_MS);
        let of_minutes = period > MINUTE_MS / 2 && off.min(MINUTE_MS - off) <= BEFORE_MINUTE_MS;
        of_minutes && !(AFTER_MINUTE_MS..MINUTE_MS - BEFORE_MINUTE_MS).contains(&second)
    };
    client.beat.steady().is_some_and(keeps)
}

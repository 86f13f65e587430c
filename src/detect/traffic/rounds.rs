//! Whether a client comes back to several things, each after the same long time: it makes its rounds.

use serde::{Deserialize, Serialize};

use super::client::is_overflow;
use super::intern::{Interner, Renumbering};

/// How many things are watched for a client's return.
const STOPS: usize = 3;

/// One thing that a client may come back to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Stop {
    target: u32,
    /// When it was asked for last, in seconds of Unix time.
    last: u32,
    /// Seconds from one time to the next; 0 before the second.
    period: u16,
    /// How many times in a row it came back after the period.
    returns: u8,
}

impl Default for Stop {
    fn default() -> Self {
        Self { target: Interner::OVERFLOW, last: 0, period: 0, returns: 0 }
    }
}

/// The first few things that a client asked for, with how it came back to them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Rounds {
    stops: [Stop; STOPS],
}

impl Rounds {
    /// What is shown again within so many milliseconds was reloaded, or is a page that waits for something.
    pub const LEAST_MS: i64 = 100_000;
    /// Fewer returns than this may be chance.
    const LEAST_RETURNS: u8 = 3;
    /// Nobody who comes back after so many seconds, times the period, has left out a round.
    const MOST_LEFT_OUT: u32 = 3;
    /// What was not asked for again for so many seconds makes room.
    const GIVEN_UP: u32 = 1_800;

    /// Notes that a target was asked for.
    pub fn note(&mut self, target: u32, at_ms: i64) {
        let Ok(now) = u32::try_from(at_ms / 1_000) else { return };
        if is_overflow(target) {
            return;
        }
        if let Some(stop) = self.stops.iter_mut().find(|stop| stop.target == target) {
            stop.returned(now);
            return;
        }
        let is_free = |stop: &&mut Stop| {
            is_overflow(stop.target) || stop.returns == 0 && now.saturating_sub(stop.last) > Self::GIVEN_UP
        };
        if let Some(stop) = self.stops.iter_mut().find(is_free) {
            *stop = Stop { target, last: now, ..Stop::default() };
        }
    }

    /// Two things that it came back to again and again after the same time, and that time in seconds.
    pub fn stops(&self) -> Option<([u32; 2], u16)> {
        let mut steady = self.stops.iter().filter(|stop| stop.returns >= Self::LEAST_RETURNS);
        let (first, second) = (steady.next()?, steady.next()?);
        first.is_like(second.period).then_some(([first.target, second.target], first.period))
    }

    /// Gives the targets other numbers.
    pub fn renumber(&mut self, targets: &Renumbering) {
        self.stops.iter_mut().for_each(|stop| stop.target = targets.of(stop.target));
    }
}

impl Stop {
    fn returned(&mut self, now: u32) {
        let gap = now.saturating_sub(self.last);
        if i64::from(gap) * 1_000 < Rounds::LEAST_MS {
            self.last = now;
            return;
        }
        let rounds = if self.period == 0 { 0 } else { (gap + u32::from(self.period) / 2) / u32::from(self.period) };
        let each = u16::try_from(gap.checked_div(rounds).unwrap_or(gap)).unwrap_or(u16::MAX);
        if (1..=Rounds::MOST_LEFT_OUT).contains(&rounds) && self.is_like(each) {
            self.returns = self.returns.saturating_add(1);
        } else {
            (self.period, self.returns) = (each, 1);
        }
        self.last = now;
    }

    /// Whether a time is about the period: a thirtieth more or less, or a few seconds.
    fn is_like(&self, seconds: u16) -> bool {
        self.period.abs_diff(seconds) <= (self.period / 30).max(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(visits: &[(u32, i64)]) -> Option<u16> {
        let mut rounds = Rounds::default();
        visits.iter().for_each(|(target, second)| rounds.note(*target, 1_772_442_000_000 + second * 1_000));
        rounds.stops().map(|(_, period)| period)
    }

    #[test]
    fn who_makes_rounds_comes_back_to_each_thing_after_the_same_time() {
        let mut visits = Vec::new();
        for round in 0..6_i64 {
            for (place, target) in (0..).zip([7, 8, 9, 10, 11]) {
                // One of them is left out now and then, and the steps between them are not even.
                if (round + place) % 5 != 3 {
                    visits.push((target, round * 600 + place * 5 + round * place % 3));
                }
            }
        }
        assert!(after(&visits).is_some_and(|period| (594..=606).contains(&period)), "{:?}", after(&visits));
    }

    #[test]
    fn one_page_that_is_shown_anew_and_somebody_who_comes_back_are_no_rounds() {
        let refreshed: Vec<(u32, i64)> = (0..12).map(|nth| (7, nth * 300)).collect();
        assert_eq!(after(&refreshed), None, "one page");
        let polled: Vec<(u32, i64)> = (0..60).flat_map(|nth| [(7, nth * 30), (8, nth * 30)]).collect();
        assert_eq!(after(&polled), None, "a page that waits");
        let person = [(7, 0), (8, 40), (7, 150), (9, 300), (8, 900), (7, 1_500), (8, 1_640), (7, 2_900), (8, 3_500)];
        assert_eq!(after(&person), None);
    }
}

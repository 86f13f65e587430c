//! How a client goes on: whether one page leads it to the next and how even its pauses are, and the beat in which it
//! asks again. All of it is of requests that somebody or something decided on; what a page loads does not count.

use serde::{Deserialize, Serialize};

use super::client::ClientProfile;
use super::intern::Interner;
use super::intervals::Intervals;

/// How a client came by a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The referer names a page that it had asked for.
    Led,
    /// It names a page of another site.
    Sent,
    /// It names no page at all, as with an address that was typed, or that a program took from its list.
    Unled,
    /// It had asked for this page before.
    Again,
    /// It names a page of the site that it was not seen to ask for: one out of a cache, or none.
    Unknown,
}

impl Origin {
    /// How a client came by a page that it asks for. `is_again` is whether it had asked for it before, `is_own` whether
    /// the referer is a page of the site.
    pub(super) fn of(targets: &Interner, client: &ClientProfile, is_again: bool, referer: &str, is_own: bool) -> Self {
        if is_again {
            return Self::Again;
        }
        let Some(path) = path_of(referer) else { return Self::Unled };
        match is_own {
            false => Self::Sent,
            true if has_asked_for(targets, client, path) => Self::Led,
            true => Self::Unknown,
        }
    }
}

/// Whether a referer names a page that a client had asked for. Every site has a front page: that tells nothing.
pub(super) fn was_shown(targets: &Interner, client: &ClientProfile, referer: &str) -> bool {
    path_of(referer).is_some_and(|path| path.len() > 1 && has_asked_for(targets, client, path))
}

/// What a referer names on its host; `None` where it is none.
fn path_of(referer: &str) -> Option<&str> {
    let (_, named) = referer.split_once("://")?;
    Some(named.find('/').map_or("/", |at| &named[at..]))
}

fn has_asked_for(targets: &Interner, client: &ClientProfile, path: &str) -> bool {
    targets.known(path).is_some_and(|page| client.targets.contains(page))
}

/// A client's way from page to page.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Walk {
    last_ms: i64,
    /// Pauses between pages.
    pauses: Intervals,
    is_under_way: bool,
    led: u16,
    unled: u16,
    again: u16,
}

impl Walk {
    /// A page within so many milliseconds of the one before was opened with it, by a script on it or a redirect.
    const TOGETHER_MS: i64 = 2_500;
    /// Who writes something reads, thinks and types; a browser that fills in a form by itself is still clicked at.
    const HASTE_MS: i64 = 7_000;
    /// Fewer pauses than this tell nothing of how even they are.
    const LEAST_PAUSES: u32 = 4;

    /// Notes a page that was asked for.
    pub fn page(&mut self, origin: Origin, at_ms: i64) {
        if self.is_under_way && at_ms - self.last_ms < Self::TOGETHER_MS {
            self.last_ms = self.last_ms.max(at_ms);
            return;
        }
        if self.is_under_way {
            self.pauses.add(at_ms - self.last_ms);
            let count = match origin {
                Origin::Led | Origin::Sent => Some(&mut self.led),
                Origin::Unled => Some(&mut self.unled),
                Origin::Again => Some(&mut self.again),
                Origin::Unknown => None,
            };
            if let Some(count) = count {
                *count = count.saturating_add(1);
            }
        }
        (self.is_under_way, self.last_ms) = (true, at_ms);
    }

    /// Whether a form that is sent now is sent in haste: sooner after the page than anybody fills one in.
    pub fn in_haste(&self, at_ms: i64) -> bool {
        self.is_under_way && at_ms - self.last_ms < Self::HASTE_MS
    }

    /// Halves every count.
    pub fn fade(&mut self) {
        for count in [&mut self.led, &mut self.unled, &mut self.again] {
            *count = count.div_ceil(2);
        }
        self.pauses.fade();
    }

    /// The standard deviation of log10 of the pauses between pages; `None` of fewer than four.
    pub fn spread(&self) -> Option<f32> {
        self.pauses.spread(Self::LEAST_PAUSES)
    }

    /// How many pauses there were.
    pub fn pauses(&self) -> u32 {
        self.pauses.count()
    }

    /// Whether hardly a page led it to the next: it comes by most of those that are new to it as by the first.
    pub fn is_unled(&self) -> bool {
        let others = u32::from(self.led) + u32::from(self.again);
        // Twice may be chance where a page did lead on.
        self.unled > if others == 0 { 1 } else { 2 } && u32::from(self.unled) >= others
    }

    /// Whether no page ever led it to another, nor to the same again.
    pub fn is_never_led(&self) -> bool {
        self.unled > 0 && self.led == 0 && self.unled >= self.again
    }

    /// Whether pages led it to most of those that were new to it.
    pub fn is_led(&self) -> bool {
        self.led >= 3 && self.led > self.unled
    }

    /// Whether a page led it to another, ever.
    pub fn was_led(&self) -> bool {
        self.led > 0
    }
}

/// The beat in which a client asks again: the gap that most of its gaps are like.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Beat {
    last_ms: i64,
    period_ms: f32,
    /// How many more gaps were like the period than unlike it.
    beats: u32,
}

impl Beat {
    /// What comes within so many milliseconds of the request before belongs to it.
    const TOGETHER_MS: i64 = 5_000;
    /// Fewer beats than this may be chance.
    const LEAST_BEATS: u32 = 5;
    /// A log that tells whole seconds makes two gaps differ by as much.
    const SECOND_MS: f32 = 1_500.0;

    /// Notes a request.
    #[expect(clippy::cast_precision_loss, reason = "gaps within hours")]
    pub fn note(&mut self, at_ms: i64) {
        let gap = at_ms - self.last_ms;
        if self.period_ms == 0.0 && self.last_ms == 0 {
            self.last_ms = at_ms;
            return;
        }
        if gap < Self::TOGETHER_MS {
            return;
        }
        self.last_ms = at_ms;
        let gap = gap as f32;
        if self.beats > 0 && (gap - self.period_ms).abs() <= (self.period_ms * 0.1).max(Self::SECOND_MS) {
            self.beats += 1;
            self.period_ms += (gap - self.period_ms) / self.beats.min(64) as f32;
        } else if self.beats > 1 {
            self.beats -= 1;
        } else {
            (self.period_ms, self.beats) = (gap, 1);
        }
    }

    /// The period in milliseconds, the number of beats, and the instant of the last; `None` where there is no beat.
    pub fn steady(&self) -> Option<(f32, u32, i64)> {
        (self.beats >= Self::LEAST_BEATS).then_some((self.period_ms, self.beats, self.last_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(pauses: &[i64], origin: Origin) -> Walk {
        let mut walk = Walk::default();
        let mut at = 1_000;
        walk.page(Origin::Unled, at);
        for pause in pauses {
            at += pause;
            walk.page(origin, at);
        }
        walk
    }

    #[test]
    fn a_timers_pauses_are_even_and_a_readers_are_not() {
        let timer = walk(&[7_000, 9_500, 11_000, 8_200, 12_000], Origin::Unled);
        assert!(timer.spread().unwrap() < 0.12 && timer.is_unled() && !timer.was_led());
        let reader = walk(&[4_000, 95_000, 12_000, 31_000, 240_000], Origin::Led);
        assert!(reader.spread().unwrap() > 0.4 && !reader.is_unled() && reader.was_led());
        assert_eq!(walk(&[200, 300, 9_000], Origin::Led).spread(), None, "tabs opened at once");
    }

    #[test]
    fn pages_shown_again_and_again_are_no_walk_through_new_ones() {
        let mut kiosk = walk(&[30_000; 3], Origin::Unled);
        (0..9).for_each(|turn| kiosk.page(Origin::Again, 200_000 + turn * 30_000));
        assert!(!kiosk.is_unled());
    }

    #[test]
    fn a_beat_outlives_a_page_that_was_opened_in_between() {
        let mut beat = Beat::default();
        let mut at = 10_000;
        for nth in 0..12 {
            beat.note(at);
            if nth == 6 {
                beat.note(at + 41_000);
            }
            at += 60_000 + i64::from(nth % 3) * 200;
        }
        let (period, beats, last) = beat.steady().unwrap();
        assert!((59_500.0..61_000.0).contains(&period) && beats >= 7, "{period} {beats}");
        assert!(last < at);
        let mut person = Beat::default();
        [0, 31_000, 40_000, 125_000, 300_000, 310_000, 500_000, 900_000].iter().for_each(|at| person.note(*at));
        assert_eq!(person.steady(), None);
    }
}

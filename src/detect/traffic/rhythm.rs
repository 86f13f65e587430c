//! When a client comes: how many requests in a minute, and the order and timing of its first steps.

use serde::{Deserialize, Serialize};

/// The requests of the last sixty seconds, by the second. One that is late counts as now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Recent {
    /// How many came so far while there are few, and the second in which the first of them came.
    few: u32,
    second: i64,
    /// By the second modulo sixty, once there are many.
    #[expect(clippy::box_collection, reason = "hardly any client sends so many: one word instead of three")]
    ring: Option<Box<Vec<u32>>>,
}

impl Recent {
    /// As long as there are so few, their seconds are not kept apart: most clients never send more.
    const FEW: u32 = 12;

    /// Adds one, and gives how many came in the sixty seconds up to it.
    pub(super) fn add(&mut self, at_ms: i64) -> u32 {
        let now = at_ms.div_euclid(1000);
        let Some(ring) = self.ring.as_deref_mut() else {
            // Those before count as if they had come with the first, so never more than there were.
            if self.few == 0 || now - self.second >= 60 {
                (self.few, self.second) = (0, now);
            }
            self.few += 1;
            if self.few > Self::FEW {
                let mut ring = vec![0; 60];
                ring[slot(self.second)] += self.few - 1;
                ring[slot(now.max(self.second))] += 1;
                self.second = now.max(self.second);
                // Seconds between the first and now stand empty.
                self.ring = Some(Box::new(ring));
            }
            return self.few;
        };
        let now = now.max(self.second);
        for second in self.second + 1..=now.min(self.second + 60) {
            ring[slot(second)] = 0;
        }
        self.second = now;
        ring[slot(now)] += 1;
        ring.iter().sum()
    }
}

fn slot(second: i64) -> usize {
    usize::try_from(second.rem_euclid(60)).unwrap_or(0)
}

/// The order and the timing of a client's first steps, as a hash: people who take the same steps take their
/// own time over them, programs that share a script do not.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Rhythm {
    hash: u64,
    first: u64,
    last: u64,
    last_ms: i64,
    steps: u8,
    varied: bool,
    pauses: u8,
}

impl Rhythm {
    /// How many steps are looked at.
    const STEPS: u8 = 6;
    /// A step within so many milliseconds of the one before was taken by the browser, not by a person.
    const THOUGHT_MS: i64 = 2_500;

    /// Notes a step: what was asked for, as a hash of its text, whether it sends something in, and when.
    pub fn step(&mut self, what: u64, writes: bool, at_ms: i64) {
        // An open page that says again and again that it is still there takes no step.
        if self.steps >= Self::STEPS || writes && self.steps > 0 && self.last == what {
            return;
        }
        self.last = what;
        if self.steps > 0 {
            let gap = (at_ms - self.last_ms).max(0);
            if gap >= Self::THOUGHT_MS {
                self.pauses += 1;
            }
            self.mix(u64::from(pause(gap)));
        }
        self.mix(what);
        // One page that is loaded again and again in time may do that by itself.
        if self.steps == 0 {
            self.first = what;
        }
        self.varied |= self.first != what;
        (self.last_ms, self.steps) = (at_ms, self.steps + 1);
    }

    fn mix(&mut self, value: u64) {
        self.hash = (self.hash.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// The hash, where there are enough steps and pauses for it to say something.
    pub fn hash(&self) -> Option<u64> {
        (self.varied && self.steps >= 3 && self.pauses >= 2).then_some(self.hash)
    }

    /// How many steps it holds.
    pub fn steps(&self) -> u8 {
        self.steps
    }
}

/// Puts the pauses that people who write programs choose (5, 10, 15, 20, 30, 60 s) in the middle of their classes.
const MIDDLE: f64 = 0.28;

/// A pause by its length, a quarter longer each time: a timer's jitter stays within one, two people's do not.
fn pause(gap_ms: i64) -> u32 {
    if gap_ms < Rhythm::THOUGHT_MS {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "gaps are far below 2^53")]
    let steps = (gap_ms as f64 / 1000.0).ln() / 1.25_f64.ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
    let whole = (steps - MIDDLE).round() as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_script_has_one_rhythm_and_people_have_each_their_own() {
        let walk = |gaps: [i64; 3]| {
            let mut rhythm = Rhythm::default();
            let mut at = 0;
            rhythm.step(1, false, at);
            for (what, gap) in (2..).zip(gaps) {
                at += gap;
                rhythm.step(what, false, at);
            }
            rhythm.hash()
        };
        assert_eq!(walk([20_000, 20_000, 20_000]), walk([20_400, 19_800, 20_100]));
        assert_ne!(walk([20_000, 20_000, 20_000]), walk([8_000, 41_000, 17_000]));
        assert_eq!(walk([200, 300, 100]), None, "what a page loads by itself");
    }
}

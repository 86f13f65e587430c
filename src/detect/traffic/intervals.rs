//! How long and how even the times between things are: mean and deviation of their logarithms, in twelve bytes.

use serde::{Deserialize, Serialize};

/// Intervals: their number, and the mean and the sum of squared deviations of log10(ms + 1), kept up to date one by one
/// (Welford 1962).
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Intervals {
    count: u32,
    mean: f32,
    squares: f32,
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests, and logarithms that need no precision")]
impl Intervals {
    /// Notes an interval in milliseconds.
    pub fn add(&mut self, ms: i64) {
        let value = ((ms + 1) as f32).log10();
        self.count = self.count.saturating_add(1);
        let delta = value - self.mean;
        self.mean += delta / self.count as f32;
        self.squares += delta * (value - self.mean);
    }

    /// How many there were.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The mean of their log10 in milliseconds.
    pub fn mean(&self) -> f32 {
        self.mean
    }

    /// The standard deviation of their log10: near zero for a clock, one and more for a person. `None` of fewer than
    /// `least`.
    pub fn spread(&self, least: u32) -> Option<f32> {
        (self.count >= least).then(|| (self.squares / self.count as f32).max(0.0).sqrt())
    }

    /// Halves what they weigh against those to come.
    pub fn fade(&mut self) {
        self.count = self.count.div_ceil(2);
        self.squares /= 2.0;
    }
}

//! Random numbers for the simulation: seeded generators, each independent of the others, and a few shapes.

use std::time::Duration;

use jiff::SignedDuration;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::seconds;

/// The generator number `stream` of `name` under `seed`: the same three give the same numbers, any other gives
/// numbers that have nothing to do with them.
pub(super) fn generator(seed: u64, name: &str, stream: u64) -> ChaCha8Rng {
    // FNV-1a: fixed for ever, unlike the standard library's hasher.
    let name = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mut generator = ChaCha8Rng::seed_from_u64(seed ^ name);
    generator.set_stream(stream);
    generator
}

/// A waiting time with this mean: exponential, cut at five times the mean, in whole milliseconds.
pub(super) fn wait(rng: &mut ChaCha8Rng, mean_seconds: f64) -> SignedDuration {
    let uniform: f64 = rng.random();
    let drawn = (-(1.0 - uniform).ln() * mean_seconds).min(5.0 * mean_seconds);
    seconds((drawn * 1000.0).round() / 1000.0)
}

/// How long a server takes: at least `floor`, usually little more, in whole milliseconds.
pub(super) fn latency(rng: &mut ChaCha8Rng, floor: Duration) -> Duration {
    let more = wait(rng, floor.as_secs_f64()).unsigned_abs();
    Duration::from_millis(u64::try_from((floor + more).as_millis()).unwrap_or(u64::MAX))
}

/// One of a list.
pub(super) fn pick<T: Copy>(rng: &mut ChaCha8Rng, list: &[T]) -> T {
    list[rng.random_range(0..list.len())]
}

/// A size around `about`, from half of it to half more.
pub(super) fn size(rng: &mut ChaCha8Rng, about: u64) -> u64 {
    rng.random_range(about / 2..=about + about / 2)
}

/// Ranks by Zipf's law: rank `n` is drawn with a weight of 1/n.
pub(super) struct Zipf {
    cumulative: Vec<f64>,
}

impl Zipf {
    /// Over so many ranks, at least one.
    pub(super) fn new(ranks: u32) -> Self {
        let mut sum = 0.0;
        let cumulative = (1..=ranks.max(1))
            .map(|rank| {
                sum += 1.0 / f64::from(rank);
                sum
            })
            .collect();
        Self { cumulative }
    }

    /// A rank from 0 on.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> usize {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let point = rng.random::<f64>() * total;
        self.cumulative.partition_point(|sum| *sum <= point).min(self.cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generator_is_fixed_by_seed_name_and_stream() {
        let first = |seed, name, stream| generator(seed, name, stream).random::<u64>();
        assert_eq!(first(1, "a", 0), first(1, "a", 0));
        assert_ne!(first(1, "a", 0), first(2, "a", 0));
        assert_ne!(first(1, "a", 0), first(1, "b", 0));
        assert_ne!(first(1, "a", 0), first(1, "a", 1));
    }

    #[test]
    fn zipf_draws_low_ranks_most() {
        let (zipf, mut rng) = (Zipf::new(100), generator(1, "zipf", 0));
        let mut counts = [0_u32; 100];
        for _ in 0..20_000 {
            counts[zipf.draw(&mut rng)] += 1;
        }
        // The weight of rank 1 is twice that of rank 2 and ten times that of rank 10.
        assert!(counts[0] > counts[1] * 3 / 2 && counts[0] < counts[1] * 5 / 2, "{counts:?}");
        assert!(counts[0] > counts[9] * 7 && counts[0] < counts[9] * 14, "{counts:?}");
        assert!(counts.iter().all(|count| *count > 0));
    }
}

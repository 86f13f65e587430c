//! When the next cycle begins: at the next multiple of the interval on the clock, counted from 1970-01-01 UTC, so that
//! `5m` means :00, :05, :10. A cycle that takes longer than the interval skips what it has missed.

use std::time::Duration;

use jiff::Timestamp;

use super::Stop;
use crate::engine::Clock;

/// The wall clock may be set meanwhile, or the machine sleep: it is looked at again after this long.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The first instant after `now` that is a multiple of `every`, which is taken as a second at least.
pub fn next(now: Timestamp, every: Duration) -> Timestamp {
    let every = i128::try_from(every.max(Duration::from_secs(1)).as_nanos()).unwrap_or(i128::MAX);
    let nanos = now.as_nanosecond();
    let next = nanos.checked_sub(nanos.rem_euclid(every)).and_then(|last| last.checked_add(every));
    next.and_then(|next| Timestamp::from_nanosecond(next).ok()).unwrap_or(Timestamp::MAX)
}

/// Waits for the next cycle's time; false where it was told to stop first.
pub(super) async fn wait(clock: &dyn Clock, every: Duration, stop: &Stop) -> bool {
    let begins = next(clock.now(), every);
    loop {
        if stop.token().is_cancelled() {
            return false;
        }
        let Ok(left) = Duration::try_from(begins.duration_since(clock.now())) else { return true };
        if left.is_zero() {
            return true;
        }
        let nap = tokio::time::sleep(left.min(LOOK_AGAIN));
        if stop.token().run_until_cancelled(nap).await.is_none() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn cycles_stand_on_the_clock() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        for (now, every, expected) in [
            ("2026-11-21T10:03:17.5Z", minutes(5), "2026-11-21T10:05:00Z"),
            ("2026-11-21T10:05:00Z", minutes(5), "2026-11-21T10:10:00Z"),
            ("2026-11-21T23:59:59Z", minutes(60), "2026-11-22T00:00:00Z"),
            ("2026-11-21T10:03:17.5Z", Duration::ZERO, "2026-11-21T10:03:18Z"),
            ("1969-12-31T23:58:00Z", minutes(5), "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(next(at(now), every), at(expected), "{now}");
        }
        assert_eq!(next(at("2026-11-21T10:00:00Z"), Duration::MAX), Timestamp::MAX);
    }

    proptest! {
        #[test]
        fn the_next_is_later_and_no_more_than_an_interval_away(second in 0..4_000_000_000_i64, every in 1..100_000_u64) {
            let now = Timestamp::from_second(second).unwrap();
            let next = next(now, Duration::from_secs(every));
            prop_assert!(next > now && next.duration_since(now).as_secs() <= every as i64);
            prop_assert_eq!(next.as_second() % every as i64, 0);
        }
    }
}

//! When the state is written down between swaps: after each call that may have changed it, as long as
//! that costs less than a fixed part of the time. Pure; time is a parameter.

use std::time::{Duration, Instant};

/// Of 100 parts of the time, snapshots take at most these many for long.
const PERCENT: u32 = 2;

/// What may be used at once after a pause: a state that is quickly written down is written after every
/// call, however fast they come.
const SAVED_UP: Duration = Duration::from_millis(200);

/// How much time snapshots may still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cadence {
    left: Duration,
    /// What was taken beyond what was there.
    owed: Duration,
    at: Option<Instant>,
}

impl Default for Cadence {
    fn default() -> Self {
        Self { left: SAVED_UP, owed: Duration::ZERO, at: None }
    }
}

impl Cadence {
    /// How long to wait until a snapshot may be taken; zero: now.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        let since = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.at = Some(now);
        let earned = since * PERCENT / 100;
        let paid = earned.min(self.owed);
        self.owed -= paid;
        self.left = (self.left + (earned - paid)).min(SAVED_UP);
        self.owed * 100 / PERCENT
    }

    /// A snapshot took this long.
    pub(super) fn took(&mut self, time: Duration) {
        let paid = time.min(self.left);
        self.left -= paid;
        self.owed += time - paid;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Snapshots that take so long, asked for so often, for an hour: how many are taken, and how much
    /// of the time they cost.
    fn an_hour(takes: Duration, every: Duration) -> (u32, Duration) {
        let start = Instant::now();
        let (mut cadence, mut now, mut taken) = (Cadence::default(), start, 0);
        while now < start + Duration::from_secs(3600) {
            if cadence.wait(now).is_zero() {
                cadence.took(takes);
                taken += 1;
                now += takes;
            }
            now += every;
        }
        (taken, takes * taken)
    }

    #[test]
    fn what_costs_little_is_always_taken_and_what_costs_much_is_spaced_out() {
        let (ms, hour) = (Duration::from_millis, Duration::from_secs(3600));
        for (takes, every, all) in [
            (Duration::from_micros(100), ms(16), true),
            (Duration::from_micros(100), ms(1000), true),
            (ms(5), ms(16), false),
            (ms(100), ms(16), false),
            (ms(2000), ms(100), false),
            (ms(2000), Duration::from_secs(120), true),
        ] {
            let (taken, cost) = an_hour(takes, every);
            let calls = hour.as_nanos() / (takes + every).as_nanos();
            assert_eq!(u128::from(taken) + 1 >= calls, all, "{takes:?} every {every:?}: {taken} of {calls}");
            // Beyond two parts in a hundred there is at most what was saved up, and one snapshot.
            assert!(cost <= hour * PERCENT / 100 + SAVED_UP + takes, "{takes:?} every {every:?}: {cost:?}");
            assert!(taken > 0, "{takes:?}");
        }
    }

    #[test]
    fn the_wait_ends_when_it_says() {
        let start = Instant::now();
        let mut cadence = Cadence::default();
        assert!(cadence.wait(start).is_zero());
        cadence.took(Duration::from_millis(500));
        let wait = cadence.wait(start);
        assert_eq!(wait, Duration::from_secs(15));
        assert!(!cadence.wait(start + wait / 2).is_zero());
        assert!(cadence.wait(start + wait).is_zero());
    }
}

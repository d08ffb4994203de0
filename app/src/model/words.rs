//! Times, sizes and numbers as people read them.

use std::time::Duration;

use exuvia_runtime::ids::Timestamp;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A duration in microseconds, with about three digits.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{:.1} ms", micros as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => format!("{:.2} s", micros as f64 / 1e6),
        _ => format!("{} min {} s", micros / 60_000_000, micros / 1_000_000 % 60),
    }
}

/// How long ago something was, in the largest unit that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// Less than a minute.
    Now,
    /// Whole minutes.
    Minutes(u64),
    /// Whole hours.
    Hours(u64),
    /// Whole days.
    Days(u64),
    /// There is no present to count from ([`super::moment::NO_PRESENT`]): the moment itself.
    At(Timestamp),
}

/// How long ago something was. A time to come (the clock was set back) counts as now.
#[must_use]
pub fn past(then: Timestamp, now: Timestamp) -> Past {
    if now == super::moment::NO_PRESENT {
        return Past::At(then);
    }
    match now.0.saturating_sub(then.0) {
        0..MINUTE => Past::Now,
        past @ MINUTE..HOUR => Past::Minutes(past / MINUTE),
        past @ HOUR..DAY => Past::Hours(past / HOUR),
        past => Past::Days(past / DAY),
    }
}

/// When the first of these ages will read differently.
#[must_use]
pub fn next_age_change(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> Option<Duration> {
    let until = |then: Timestamp| {
        let Some(past) = now.0.checked_sub(then.0) else { return then.0 - now.0 + MINUTE };
        let step = match past {
            0..HOUR => MINUTE,
            HOUR..DAY => HOUR,
            _ => DAY,
        };
        step - past % step
    };
    times.map(until).min().map(Duration::from_millis)
}

/// A size in bytes.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.0} KiB", bytes as f64 / 1_024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// `1 file`, `2 files`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_about_three_digits() {
        for (micros, text) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_234, "1.2 ms"),
            (45_678, "45 ms"),
            (1_240_000, "1.24 s"),
            (59_994_000, "59.99 s"),
            (125_000_000, "2 min 5 s"),
        ] {
            assert_eq!(duration(micros), text);
        }
    }

    #[test]
    fn ages_and_their_next_change() {
        let now = Timestamp(10 * DAY);
        for (ago, text, next) in [
            (0, Past::Now, MINUTE),
            (59_000, Past::Now, 1_000),
            (MINUTE, Past::Minutes(1), MINUTE),
            (HOUR - 1, Past::Minutes(59), 1),
            (HOUR, Past::Hours(1), HOUR),
            (3 * DAY + HOUR, Past::Days(3), 23 * HOUR),
        ] {
            let then = Timestamp(now.0 - ago);
            assert_eq!(past(then, now), text);
            assert_eq!(next_age_change([then].into_iter(), now), Some(Duration::from_millis(next)), "{text:?}");
        }
        assert_eq!(past(Timestamp(now.0 + 5), now), Past::Now);
        assert_eq!(past(Timestamp(7), super::super::moment::NO_PRESENT), Past::At(Timestamp(7)));
        assert_eq!(next_age_change(std::iter::empty(), now), None);
    }

    #[test]
    fn sizes_and_counts() {
        assert_eq!([bytes(12), bytes(2_048), bytes(1_572_864)], ["12 B", "2 KiB", "1.5 MiB"]);
        assert_eq!([count(0, "file"), count(1, "file"), count(2, "file")], ["0 files", "1 file", "2 files"]);
    }
}

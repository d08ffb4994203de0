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

/// The time of day `HH:MM:SS` on a clock that is ahead of UTC by this many seconds.
#[must_use]
pub fn clock(at: Timestamp, utc_offset: i32) -> String {
    let seconds =
        (i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX).saturating_add(utc_offset.into())).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
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

/// A point in time in UTC: `2026-11-22 20:34:48 UTC`. The user's own time zone is not asked for: the
/// crates that know it are heavy, and beside it stands how long ago it was.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    format!("{} {} UTC", super::moment::date(at), clock(at, 0))
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
    fn points_in_time_are_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_700_000_000, "2023-11-14 22:13:20 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(Timestamp(seconds * 1_000)), text);
        }
    }

    #[test]
    fn the_clock_is_the_users() {
        // 2023-11-14 22:13:20 UTC.
        let at = Timestamp(1_700_000_000_999);
        for (offset, text) in
            [(0, "22:13:20"), (3_600, "23:13:20"), (2 * 3_600, "00:13:20"), (-9 * 3_600 - 1_800, "12:43:20")]
        {
            assert_eq!(clock(at, offset), text);
        }
        assert_eq!(clock(Timestamp(0), -1), "23:59:59");
    }

    #[test]
    fn sizes_and_counts() {
        assert_eq!([bytes(12), bytes(2_048), bytes(1_572_864)], ["12 B", "2 KiB", "1.5 MiB"]);
        assert_eq!([count(0, "file"), count(1, "file"), count(2, "file")], ["0 files", "1 file", "2 files"]);
    }
}

//! Moments as dates and times of day, for figures: an age would be another one tomorrow. In UTC,
//! the same on every machine.

use exuvia_runtime::ids::Timestamp;

/// In place of the present where nothing may depend on it: ages are then shown as moments.
pub const NO_PRESENT: Timestamp = Timestamp(u64::MAX);

/// Year, month and day (proleptic Gregorian calendar), as Howard Hinnant's `civil_from_days` has them.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years that begin in March end with the leap day. An era is 400 years; day 0 is 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, of_month)
}

/// `2026-11-22`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    let (year, month, day) = civil(at.0 / 86_400_000);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `11-22 14:03`, for a row among others.
#[must_use]
pub fn short(at: Timestamp) -> String {
    let (_, month, day) = civil(at.0 / 86_400_000);
    format!("{month:02}-{day:02} {}", clock(at))
}

/// `2026-11-22 14:03 UTC`.
#[must_use]
pub fn long(at: Timestamp) -> String {
    format!("{} {} UTC", date(at), clock(at))
}

fn clock(at: Timestamp) -> String {
    let minutes = at.0 / 60_000 % 1_440;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_calendars() {
        // As `date -u -d @SECONDS` has them.
        for (seconds, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_704_067_199, "2023-12-31 23:59 UTC"),
            (1_795_377_829, "2026-11-22 20:03 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(long(Timestamp(seconds * 1_000)), text);
        }
        assert_eq!(short(Timestamp(1_795_377_829_000)), "11-22 20:03");
        assert_eq!(date(Timestamp(1_795_377_829_000)), "2026-11-22");
    }
}

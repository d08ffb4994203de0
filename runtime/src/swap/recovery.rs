//! Which version goes on after a fault. Pure.

use std::time::Duration;

use crate::ids::VersionNumber;

/// After this many faults in a row nothing is started again by itself.
pub const FAULTS_IN_A_ROW: usize = 3;

/// Faults further apart than this are not in a row.
pub const APART: Duration = Duration::from_secs(60);

/// Counts faults that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FaultRow(usize);

impl FaultRow {
    /// One more, so long after the one before. Whether it is not the first in a row.
    pub fn add(&mut self, since_last: Option<Duration>) -> bool {
        self.0 = if since_last.is_some_and(|since| since < APART) { self.0 + 1 } else { 1 };
        self.0 > 1
    }

    /// Whether there were more of them than anything but a loop explains.
    pub fn is_loop(self) -> bool {
        self.0 > FAULTS_IN_A_ROW
    }

    /// The user did something: what comes is not a loop.
    pub fn clear(&mut self) {
        self.0 = 0;
    }
}

/// Why nothing is started again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// [`FAULTS_IN_A_ROW`] was reached.
    TooManyInARow,
    /// Every good version has been tried.
    NoneLeft,
}

/// The versions to try, in this order, until one starts. `good` are the versions that outlived
/// their probation. After the first fault the version itself comes first, if it is good; after
/// each further one in a row only older versions are left, one try less each time.
///
/// # Errors
/// There is nothing to try.
pub fn candidates(
    row: FaultRow,
    faulted: VersionNumber,
    good: &[VersionNumber],
) -> Result<Vec<VersionNumber>, Stopped> {
    let tries = (FAULTS_IN_A_ROW + 1).saturating_sub(row.0.max(1));
    if tries == 0 {
        return Err(Stopped::TooManyInARow);
    }
    let is_left = |version: &VersionNumber| if row.0 <= 1 { *version <= faulted } else { *version < faulted };
    let mut left: Vec<VersionNumber> = good.iter().copied().filter(is_left).collect();
    left.sort();
    left.reverse();
    left.truncate(tries);
    if left.is_empty() { Err(Stopped::NoneLeft) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_itself_first_then_older_ones_then_stop() {
        for (faults, faulted, good, expected) in [
            (1, 5, &[1, 3, 5][..], Ok(&[5, 3, 1][..])),
            (1, 5, &[1, 2, 3, 4, 5], Ok(&[5, 4, 3])),
            (2, 5, &[1, 2, 3, 4, 5], Ok(&[4, 3])),
            (3, 4, &[1, 2, 3, 4, 5], Ok(&[3])),
            (4, 3, &[1, 2, 3, 4, 5], Err(Stopped::TooManyInARow)),
            (1, 5, &[1, 3], Ok(&[3, 1])),
            (2, 5, &[5], Err(Stopped::NoneLeft)),
            (1, 5, &[], Err(Stopped::NoneLeft)),
            (1, 3, &[1, 3, 5], Ok(&[3, 1])),
        ] {
            let versions = |numbers: &[u32]| numbers.iter().copied().map(VersionNumber).collect::<Vec<_>>();
            let found = candidates(FaultRow(faults), VersionNumber(faulted), &versions(good));
            assert_eq!(found, expected.map(versions), "{faults} faults, v{faulted} of {good:?}");
        }
    }

    /// What happens as faults follow each other: no good version is skipped on the way back.
    #[test]
    fn one_version_back_per_crash() {
        let good: Vec<VersionNumber> = (1..=5).map(VersionNumber).collect();
        let (mut row, mut running, mut ran) = (FaultRow::default(), VersionNumber(5), Vec::new());
        loop {
            row.add(Some(Duration::ZERO));
            match candidates(row, running, &good) {
                Ok(next) => running = next[0],
                Err(stopped) => break assert_eq!(stopped, Stopped::TooManyInARow),
            }
            ran.push(running.0);
        }
        assert_eq!(ran, [5, 4, 3]);
    }

    #[test]
    fn faults_far_apart_are_not_in_a_row() {
        let mut row = FaultRow::default();
        row.add(None);
        row.add(Some(Duration::from_secs(1)));
        assert_eq!(row, FaultRow(2));
        row.add(Some(APART));
        assert_eq!(row, FaultRow(1));
        row.clear();
        assert_eq!(row, FaultRow(0));
        let loops: Vec<bool> = (0..5)
            .map(|_| {
                row.add(Some(Duration::ZERO));
                row.is_loop()
            })
            .collect();
        assert_eq!(loops, [false, false, false, true, true]);
    }
}

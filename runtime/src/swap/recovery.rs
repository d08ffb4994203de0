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
    /// One more, so long after the one before.
    pub fn add(&mut self, since_last: Option<Duration>) {
        self.0 = if since_last.is_some_and(|since| since < APART) { self.0 + 1 } else { 1 };
    }

    /// The user did something: what comes is not a loop.
    pub fn clear(&mut self) {
        self.0 = 0;
    }
}

/// The version to start, or `None`: stop and say so. `good` are the versions that outlived
/// their probation; the one that faulted is tried first if it is among them, then one older
/// version for each further fault.
#[must_use]
pub fn choose(row: FaultRow, faulted: VersionNumber, good: &[VersionNumber]) -> Option<VersionNumber> {
    if row.0 > FAULTS_IN_A_ROW {
        return None;
    }
    let mut candidates: Vec<VersionNumber> = good.iter().copied().filter(|version| *version <= faulted).collect();
    candidates.sort();
    candidates.into_iter().rev().nth(row.0.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_back_per_crash_up_to_the_cap() {
        for (faults, faulted, good, expected) in [
            (1, 5, &[1, 3, 5][..], Some(5)),
            (2, 5, &[1, 3, 5], Some(3)),
            (3, 5, &[1, 3, 5], Some(1)),
            (4, 5, &[1, 3, 5], None),
            (1, 5, &[1, 3], Some(3)),
            (2, 5, &[5], None),
            (1, 5, &[], None),
            (1, 3, &[1, 3, 5], Some(3)),
        ] {
            let good: Vec<_> = good.iter().copied().map(VersionNumber).collect();
            assert_eq!(choose(FaultRow(faults), VersionNumber(faulted), &good), expected.map(VersionNumber));
        }
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
    }
}

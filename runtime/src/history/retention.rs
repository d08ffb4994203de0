//! What is pruned: a pure function.

use crate::ids::VersionNumber;

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// At most this many versions.
    pub versions: usize,
    /// At most this many bytes of artifacts.
    pub bytes: u64,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { versions: 50, bytes: 1 << 30 }
    }
}

/// A version as the policy sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub number: VersionNumber,
    /// Size of its artifact in bytes.
    pub bytes: u64,
    /// Never removed: it is active, last good, kept by the user, or in use elsewhere. It still
    /// counts.
    pub protected: bool,
}

/// The versions to remove, oldest first, until the rest keeps to the policy.
#[must_use]
pub fn to_remove(held: &[Held], policy: RetentionPolicy) -> Vec<VersionNumber> {
    let mut held = held.to_vec();
    held.sort_by_key(|version| version.number);
    let mut count = held.len();
    let mut bytes: u64 = held.iter().map(|version| version.bytes).sum();
    let mut removed = Vec::new();
    for version in held.iter().filter(|version| !version.protected) {
        if count <= policy.versions && bytes <= policy.bytes {
            break;
        }
        count -= 1;
        bytes -= version.bytes;
        removed.push(version.number);
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_unprotected_go_first() {
        let policy = |versions, bytes| RetentionPolicy { versions, bytes };
        for (held, policy, removed) in [
            (&[][..], policy(2, 100), &[][..]),
            (&[(1, 10, false), (2, 10, false)], policy(2, 100), &[]),
            (&[(1, 10, false), (2, 10, false), (3, 10, false)], policy(2, 100), &[1]),
            (&[(3, 10, false), (1, 10, true), (2, 10, false)], policy(2, 100), &[2]),
            (&[(1, 60, false), (2, 60, false), (3, 60, false)], policy(9, 100), &[1, 2]),
            (&[(1, 60, true), (2, 60, true), (3, 60, true)], policy(1, 1), &[]),
            (&[(1, 500, true), (2, 10, false), (3, 10, false)], policy(9, 100), &[2, 3]),
            (&[(1, 10, false), (2, 10, false)], policy(0, 0), &[1, 2]),
        ] {
            let held: Vec<Held> = held
                .iter()
                .map(|(number, bytes, protected)| Held {
                    number: VersionNumber(*number),
                    bytes: *bytes,
                    protected: *protected,
                })
                .collect();
            let removed: Vec<VersionNumber> = removed.iter().copied().map(VersionNumber).collect();
            assert_eq!(to_remove(&held, policy), removed, "{held:?}");
        }
    }
}

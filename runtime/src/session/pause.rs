//! Versions that fault one after the other as soon as they are tried, or opened: after some, saves are
//! no longer built by themselves. Pure.

use std::fmt;

use crate::history::record::Standing;
use crate::ids::{Generation, VersionNumber};

/// After this many in a row, each of them another version.
const IN_A_ROW: usize = 5;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// A new version.
    Version(VersionNumber),
    /// What this attempt has built, which faulted while it was opened and so became no version.
    Build(Generation),
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::Build(generation) => generation.fmt(f),
        }
    }
}

/// What follows from a version's probation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// Auto-reload goes off, for this reason.
    Pause(String),
    /// Auto-reload, which went off by itself, goes on.
    Resume,
}

/// What faulted in its probation, or before, since a version was good.
#[derive(Debug, Default)]
pub(super) struct ProbationRow {
    faulted: Vec<Tried>,
    is_paused: bool,
}

impl ProbationRow {
    /// What was built was tried. `is_on`: whether saves are built by themselves.
    pub(super) fn note(&mut self, tried: Tried, standing: &Standing, is_on: bool) -> Turn {
        match standing {
            Standing::Faulted { .. } => {
                self.faulted.push(tried);
                let [first, .., last] = self.faulted[..] else { return Turn::None };
                if self.faulted.len() < IN_A_ROW || !is_on {
                    return Turn::None;
                }
                self.is_paused = true;
                let count = self.faulted.len();
                Turn::Pause(format!(
                    "{count} versions in a row faulted when they were opened or tried ({first} to {last}), so saves are not built by themselves any more; build now to try what is saved (auto-reload goes on with the first version that is good), or switch auto-reload on"
                ))
            }
            // It was not tried, or is being tried: says nothing.
            Standing::Refused | Standing::Probation => Turn::None,
            Standing::Good => {
                self.faulted.clear();
                if std::mem::take(&mut self.is_paused) { Turn::Resume } else { Turn::None }
            }
        }
    }

    /// The user has switched auto-reload: what comes is theirs to judge.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_in_a_row_it_pauses_until_one_is_good() {
        let (good, refused) = (Standing::Good, Standing::Refused);
        let faulted = Standing::Faulted { fault: "SIGSEGV".to_owned() };
        let turns = |standings: &[&Standing], is_on: bool| -> String {
            let mut row = ProbationRow::default();
            let turn = |(number, standing): (usize, &&Standing)| {
                // Every other one is not even opened.
                let tried = match number % 2 {
                    0 => Tried::Version(VersionNumber(u32::try_from(number).unwrap() + 1)),
                    _ => Tried::Build(Generation(number as u64 + 1)),
                };
                match row.note(tried, standing, is_on) {
                    Turn::None => '.',
                    Turn::Pause(why) => {
                        let ends = [
                            "5 versions in a row faulted when they were opened or tried (v1 to v5), so",
                            "5 versions in a row faulted when they were opened or tried (v1 to build 6), so",
                        ];
                        assert!(ends.iter().any(|end| why.starts_with(end)), "{why}");
                        'p'
                    }
                    Turn::Resume => 'r',
                }
            };
            standings.iter().enumerate().map(turn).collect()
        };
        let (f, g, r) = (&faulted, &good, &refused);
        for (standings, is_on, wanted) in [
            (&[f, f, f, f][..], true, "...."),
            (&[f, f, f, f, f], true, "....p"),
            (&[f, f, f, f, g, f], true, "......"),
            (&[f, f, r, f, f, f], true, ".....p"),
            (&[f, f, f, f, f, g, g, f], true, "....pr.."),
            // Off by the user's wish: nothing to switch, neither off nor on.
            (&[f, f, f, f, f, g], false, "......"),
        ] {
            assert_eq!(turns(standings, is_on), wanted, "{standings:?}");
        }
        let mut row = ProbationRow::default();
        for number in 1..=5 {
            row.note(Tried::Version(VersionNumber(number)), f, true);
        }
        row.clear();
        assert_eq!(row.note(Tried::Version(VersionNumber(6)), g, true), Turn::None);
    }
}

//! Versions that fault one after the other as soon as they are tried: after some, saves are no longer
//! built by themselves. Pure.

use crate::history::record::Standing;
use crate::ids::VersionNumber;

/// After this many in a row, each of them another version.
const IN_A_ROW: usize = 5;

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

/// The versions that faulted in their probation since one was good.
#[derive(Debug, Default)]
pub(super) struct ProbationRow {
    faulted: Vec<VersionNumber>,
    is_paused: bool,
}

impl ProbationRow {
    /// A new version was tried. `is_on`: whether saves are built by themselves.
    pub(super) fn note(&mut self, version: VersionNumber, standing: &Standing, is_on: bool) -> Turn {
        match standing {
            Standing::Faulted { .. } => {
                self.faulted.push(version);
                let [first, .., last] = self.faulted[..] else { return Turn::None };
                if self.faulted.len() < IN_A_ROW || !is_on {
                    return Turn::None;
                }
                self.is_paused = true;
                let count = self.faulted.len();
                Turn::Pause(format!(
                    "{count} versions in a row faulted when they were tried ({first} to {last}), so saves are not built by themselves any more; build now to try what is saved (auto-reload goes on with the first version that is good), or switch auto-reload on"
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
                let number = VersionNumber(u32::try_from(number).unwrap() + 1);
                match row.note(number, standing, is_on) {
                    Turn::None => '.',
                    Turn::Pause(why) => {
                        assert!(why.starts_with("5 versions in a row") || why.starts_with("6 versions"), "{why}");
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
            row.note(VersionNumber(number), f, true);
        }
        row.clear();
        assert_eq!(row.note(VersionNumber(6), g, true), Turn::None);
    }
}

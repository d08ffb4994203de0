//! What each attempt cost, stage by stage, and what a save costs in the middle.

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::history::record::{Cause, Durations, Failure, Standing};
use exuvia_runtime::ids::VersionNumber;

use super::advice::slow_phases;
use super::history::{FailureKey, Row};

/// A stage of the way of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// From the first file event to cargo's start.
    Watch,
    /// Waiting for a lock.
    Lock,
    /// Cargo's run.
    Build,
    /// Copy, hash, first look.
    Stage,
    /// Opened and checked.
    Verify,
    /// State carried over, switched.
    Swap,
    /// The pinned calls' first answers.
    Probation,
}

impl Stage {
    /// All of them, in the order of the way.
    pub const ALL: [Self; 7] =
        [Self::Watch, Self::Lock, Self::Build, Self::Stage, Self::Verify, Self::Swap, Self::Probation];

    /// Whether it is cargo's time and not Exuvia's own.
    #[must_use]
    pub fn is_cargos(self) -> bool {
        matches!(self, Self::Lock | Self::Build)
    }

    /// How long it took, in microseconds; `None` where it was not reached.
    #[must_use]
    pub fn of(self, durations: &Durations) -> Option<u64> {
        match self {
            Self::Watch => durations.watch,
            Self::Lock => durations.lock,
            Self::Build => durations.build,
            Self::Stage => durations.stage,
            Self::Verify => durations.verify,
            Self::Swap => durations.swap,
            Self::Probation => durations.probation,
        }
    }
}

/// A part of a replayed compiler's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its work on the source.
    FrontEnd,
    /// Machine code.
    Generation,
    /// The linker.
    Link,
    /// What is left.
    Rest,
}

impl Phase {
    /// Those that are known of a replay which was slow, in their order, in microseconds.
    #[must_use]
    pub fn slow(durations: &Durations) -> Vec<(Self, u64)> {
        let Some(phases) = slow_phases(durations) else { return Vec::new() };
        [
            (Self::FrontEnd, phases.front_end),
            (Self::Generation, phases.generation),
            (Self::Link, phases.link),
            (Self::Rest, phases.rest),
        ]
        .into_iter()
        .filter_map(|(phase, micros)| Some((phase, micros?)))
        .collect()
    }
}

/// The time of all stages that count, in microseconds.
#[must_use]
pub fn total(durations: &Durations, with_build: bool) -> u64 {
    let counts = |stage: &Stage| with_build || !stage.is_cargos();
    Stage::ALL.into_iter().filter(counts).filter_map(|stage| stage.of(durations)).sum()
}

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOf {
    /// A version.
    Version(VersionNumber),
    /// A build that became no version.
    Failure(FailureKey),
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Its version ran.
    Ran,
    /// Its version was refused.
    Refused,
    /// Its version faulted.
    Faulted,
    /// Cargo said no.
    NotBuilt,
    /// The artifact could not be loaded.
    NotLoaded,
}

/// One attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Whose.
    pub of: AttemptOf,
    /// Why it was started.
    pub cause: &'a Cause,
    /// How long its stages took.
    pub durations: &'a Durations,
    /// By which path it was built.
    pub path: &'a BuildPath,
    /// How it ended.
    pub end: AttemptEnd,
}

impl<'a> Attempt<'a> {
    /// The attempt of a row.
    #[must_use]
    pub fn of(row: Row<'a>) -> Self {
        match row {
            Row::Version(row) => Self {
                of: AttemptOf::Version(row.record.number),
                cause: &row.record.cause,
                durations: &row.record.durations,
                path: &row.record.path,
                end: match row.marks.standing {
                    Standing::Good | Standing::Probation => AttemptEnd::Ran,
                    Standing::Refused => AttemptEnd::Refused,
                    Standing::Faulted { .. } => AttemptEnd::Faulted,
                },
            },
            Row::Failure(record) => Self {
                of: AttemptOf::Failure(FailureKey::of(record)),
                cause: &record.cause,
                durations: &record.durations,
                path: &record.path,
                end: match record.failure {
                    Failure::Build { .. } => AttemptEnd::NotBuilt,
                    Failure::Load { .. } => AttemptEnd::NotLoaded,
                },
            },
        }
    }
}

/// What a save costs until the new code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaveToRunning {
    /// How many attempts were counted: those that a save started and that came to run, whatever came later.
    pub counted: usize,
    /// Half of them took no longer, in microseconds.
    pub median: u64,
    /// How long the slow ones took.
    pub slow: Slow,
}

/// How long the slow ones took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slow {
    /// Of few, the slowest one: a twentieth of them is not even one.
    Slowest(u64),
    /// 95 of 100 took no longer.
    P95(u64),
}

/// From this many on, a twentieth of them is at least one.
pub const ENOUGH: usize = 20;

/// Counts the attempts that a save started and that came to run, also those that faulted later. `None` where
/// there are none.
#[must_use]
pub fn save_to_running<'a>(attempts: impl Iterator<Item = &'a Attempt<'a>>, with_build: bool) -> Option<SaveToRunning> {
    let ran = |end| matches!(end, AttemptEnd::Ran | AttemptEnd::Faulted);
    let counts = |attempt: &&Attempt<'_>| ran(attempt.end) && matches!(attempt.cause, Cause::Saved { .. });
    let mut totals: Vec<_> = attempts.filter(counts).map(|attempt| total(attempt.durations, with_build)).collect();
    totals.sort_unstable();
    let slow = if totals.len() < ENOUGH { Slow::Slowest(*totals.last()?) } else { Slow::P95(rank(&totals, 95)?) };
    Some(SaveToRunning { counted: totals.len(), median: rank(&totals, 50)?, slow })
}

/// The smallest value that this many of a hundred do not exceed.
fn rank(sorted: &[u64], percent: usize) -> Option<u64> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

/// Where the axis ends, in microseconds, so that the usual ones can be compared: a bar of more than
/// three times the median (the first build, which builds all dependencies) is cut there.
#[must_use]
pub fn axis(totals: impl Iterator<Item = u64>) -> u64 {
    let mut totals: Vec<_> = totals.filter(|total| *total > 0).collect();
    totals.sort_unstable();
    let limit = rank(&totals, 50).unwrap_or_default().saturating_mul(3);
    let longest = totals.iter().rev().find(|total| **total <= limit).copied().unwrap_or_default();
    // The end is a round number, at least a little beyond the longest bar.
    let step = tick(longest.max(1));
    longest.div_ceil(step).max(1) * step
}

/// The distance of the marks on an axis of this length: 1, 2 or 5 of some power of ten, four to ten
/// of them.
#[must_use]
pub fn tick(length: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [1, 2, 5].map(|digit: u64| digit.saturating_mul(power)) {
            if length / step <= 9 {
                return step;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::{failure, version};
    use exuvia_runtime::history::record::VersionRow;

    fn row(number: u32, micros: u64, change: impl Fn(&mut VersionRow)) -> VersionRow {
        let mut row = version(number, 9);
        row.record.durations = Durations { watch: Some(1), build: Some(micros), swap: Some(2), ..Durations::default() };
        change(&mut row);
        row
    }

    #[test]
    fn a_save_is_counted_when_it_came_to_run() {
        let plain = |_: &mut VersionRow| {};
        let asked = |row: &mut VersionRow| row.record.cause = Cause::Asked;
        let started = |row: &mut VersionRow| row.record.cause = Cause::Start;
        let refused = |row: &mut VersionRow| row.marks.standing = Standing::Refused;
        let faulted = |row: &mut VersionRow| row.marks.standing = Standing::Faulted { fault: "SIGSEGV".to_owned() };
        let (slowest, p95) = (Slow::Slowest as fn(u64) -> Slow, Slow::P95 as fn(u64) -> Slow);
        let saves = |count: u32| (1..=count).map(|n| row(n, u64::from(n) * 10, plain)).collect::<Vec<_>>();
        for (rows, expected, without_build) in [
            (vec![], None, None),
            (vec![row(1, 5, asked), row(2, 5, started), row(3, 5, refused)], None, None),
            (vec![row(1, 5, plain)], Some((1, 8, slowest(8))), Some((1, 3, slowest(3)))),
            (
                vec![row(1, 900, asked), row(2, 10, plain), row(3, 20, faulted)],
                Some((2, 13, slowest(23))),
                Some((2, 3, slowest(3))),
            ),
            (saves(100), Some((100, 503, p95(953))), Some((100, 3, p95(3)))),
            (saves(20), Some((20, 103, p95(193))), Some((20, 3, p95(3)))),
            (saves(19), Some((19, 103, slowest(193))), Some((19, 3, slowest(3)))),
        ] {
            let failed = failure(9, 1);
            let rows: Vec<_> = rows.iter().map(Row::Version).chain([Row::Failure(&failed)]).map(Attempt::of).collect();
            for (with_build, expected) in [(true, expected), (false, without_build)] {
                let expected = expected.map(|(counted, median, slow)| SaveToRunning { counted, median, slow });
                assert_eq!(save_to_running(rows.iter(), with_build), expected, "{} rows", rows.len());
            }
        }
    }

    #[test]
    fn the_axis_is_round_and_leaves_first_builds_out() {
        for (totals, expected) in [
            (vec![], 1),
            (vec![0, 0], 1),
            (vec![7], 7),
            (vec![640_000], 700_000),
            (vec![230_000, 240_000, 250_000, 8_400_000], 250_000),
            (vec![100, 290], 300),
            (vec![1_240_000, 1_010_000], 1_400_000),
        ] {
            assert_eq!(axis(totals.iter().copied()), expected, "{totals:?}");
        }
    }

    #[test]
    fn ticks_are_one_two_or_five() {
        for (length, expected) in [(1, 1), (9, 1), (10, 2), (25, 5), (70, 10), (250_000, 50_000), (1_400_000, 200_000)]
        {
            assert_eq!(tick(length), expected, "{length}");
        }
    }

    #[test]
    fn stages_are_those_of_the_records() {
        let durations = version(1, 0).record.durations;
        let ours: Vec<_> = Stage::ALL.into_iter().map(|stage| stage.of(&durations)).collect();
        assert_eq!(ours, durations.stages().map(|(_, micros)| micros));
        assert_eq!(total(&durations, true), durations.total());
        assert_eq!(total(&durations, false), durations.total() - 640_000);
    }
}

//! What would make a guest's reloads quicker, where they are slow. Pure.

use exuvia_runtime::build::{BuildPath, Phases};
use exuvia_runtime::history::record::{Durations, VersionRow};

/// From this time on, in microseconds, somebody waits for the compiler, and it is told where the time goes.
pub const SLOW: u64 = 1_000_000;

/// So many of the newest replays are looked at.
const REPLAYS: usize = 3;

/// From this part on, of a hundred, it pays to do something about it.
const MOST: u64 = 50;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The compiler works through much source: a smaller crate.
    Split,
    /// Much is linked: a base library.
    BaseLibrary,
    /// Much machine code is made.
    LessCode,
}

/// An advice, and why it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What to do.
    pub remedy: Remedy,
    /// What part of the compiler's time it is about, of a hundred.
    pub percent: u64,
    /// The median of the newest replays, in microseconds.
    pub median: u64,
}

/// Where the time of a slow replay went, as far as that is known.
#[must_use]
pub fn slow_phases(durations: &Durations) -> Option<&Phases> {
    durations.phases.as_ref().filter(|_| durations.build.is_some_and(|build| build > SLOW))
}

/// What the newest of these versions call for. `None` where reloads are quick, or nothing stands out.
#[must_use]
pub fn of<'a>(newest_first: impl Iterator<Item = &'a VersionRow>) -> Option<Advice> {
    let mut has_base = false;
    let mut replays = Vec::with_capacity(REPLAYS);
    for row in newest_first {
        // Each change below the guest is linked whole, also where there is a base library.
        has_base |= row.record.path.base().is_some();
        let is_replay = matches!(row.record.path, BuildPath::Replay { .. });
        if let (true, Some(build)) = (is_replay && replays.len() < REPLAYS, row.record.durations.build) {
            replays.push((build, row.record.durations.phases.unwrap_or_default()));
        }
    }
    let mut builds: Vec<u64> = replays.iter().map(|(build, _)| *build).collect();
    builds.sort_unstable();
    let median = *builds.get(REPLAYS / 2).filter(|median| builds.len() == REPLAYS && **median > SLOW)?;
    let known: Vec<[u64; 3]> = replays.iter().filter_map(|(_, phases)| parts(phases)).collect();
    let sum = |index: usize| known.iter().map(|parts| parts[index]).sum::<u64>();
    let sums = [(Remedy::Split, sum(0)), (Remedy::LessCode, sum(1)), (Remedy::BaseLibrary, sum(2))];
    let all: u64 = sums.iter().map(|(_, micros)| micros).sum();
    let (remedy, most) = sums.into_iter().max_by_key(|(_, micros)| *micros)?;
    let percent = (most * 100).checked_div(all)?;
    let is_done = remedy == Remedy::BaseLibrary && has_base;
    (percent >= MOST && !is_done).then_some(Advice { remedy, percent, median })
}

/// What grows with the crate's source, with its machine code, and with what it is linked to. The graph that is
/// written back, most of the rest, is as large as the source.
fn parts(phases: &Phases) -> Option<[u64; 3]> {
    Some([phases.front_end? + phases.rest?, phases.generation?, phases.link?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::{slow_replay, version};

    #[test]
    fn advice_goes_where_most_of_the_time_goes() {
        let slow = |front_end, generation, link| slow_replay(1, [front_end, generation, link, 100]);
        let unknown = || {
            let mut row = slow(1_500, 100, 100);
            row.record.durations.phases = Some(Phases { generation: Some(0), ..Phases::default() });
            row
        };
        let on_base = || {
            let mut row = slow(400, 100, 1_900);
            let base = row.record.artifact.clone();
            row.record.path = BuildPath::Replay { crates: vec!["g".to_owned()], base: Some(base) };
            row
        };
        let by_cargo = || version(2, 0);
        let split = |percent, median| Some(Advice { remedy: Remedy::Split, percent, median });
        for (name, rows, expected) in [
            ("nothing", vec![], None),
            ("too few", vec![slow(1_500, 100, 300), slow(1_500, 100, 300)], None),
            ("front end", vec![slow(1_500, 100, 300); 3], split(80, 2_000_000)),
            (
                "the newest count",
                [vec![slow(1_500, 100, 300); 3], vec![slow(0, 0, 9_000); 3]].concat(),
                split(80, 2_000_000),
            ),
            ("a quick median", vec![slow(1_500, 100, 300), slow(100, 100, 100), slow(700, 50, 50)], None),
            ("cargo is not asked", vec![slow(1_500, 100, 300), by_cargo(), by_cargo(), slow(1_500, 100, 300)], None),
            ("not known of all", vec![slow(1_500, 100, 300), unknown(), unknown()], split(80, 1_800_000)),
            ("not known", vec![unknown(), unknown(), unknown()], None),
            (
                "generation",
                vec![slow(400, 1_300, 200); 3],
                Some(Advice { remedy: Remedy::LessCode, percent: 65, median: 2_000_000 }),
            ),
            (
                "link",
                vec![slow(400, 100, 1_900); 3],
                Some(Advice { remedy: Remedy::BaseLibrary, percent: 76, median: 2_500_000 }),
            ),
            ("link, on a base library", vec![on_base(), on_base(), on_base()], None),
            (
                "link, with a base library",
                vec![slow(400, 100, 1_900), slow(400, 100, 1_900), slow(400, 100, 1_900), on_base()],
                None,
            ),
            ("nothing stands out", vec![slow(700, 700, 700); 3], None),
        ] {
            assert_eq!(of(rows.iter()), expected, "{name}");
        }
    }

    #[test]
    fn phases_are_told_of_slow_replays_only() {
        let told = |micros| slow_phases(&slow_replay(1, [micros, 0, 0, 100]).record.durations).is_some();
        assert_eq!((told(900), told(901)), (false, true));
    }
}

//! Where the time of a replayed rustc went, as far as it can be seen from outside: by the times of the
//! files that rustc leaves in its incremental folder, and the moment at which it names the linked artifact.
//! Its call is not changed for that, and what stable rustc does not show is not guessed.
//!
//! | phase | from | to |
//! |---|---|---|
//! | front end: parsing, macros, names, types, borrows | start | the first object of this run is begun |
//! | generation of machine code | there | the last object of this run is written |
//! | link | `work-products.bin` is written, the last thing before it | rustc names the artifact |
//! | rest: the dependency graph written back, start and end | | all that is left |
//!
//! Compared by hand with `RUSTC_BOOTSTRAP=1 rustc -Z time-passes`: rustc 1.95, two busy cores, a generated guest of
//! 2,033 lines with 240 serde types, five edits of one constant, 5.2 to 6.5 s each. The end of the front end was told 0.09 to
//! 0.29 s (2 to 7 %) too late: choosing what is to be generated, and making LLVM's input of it, count
//! as front end. Generation was told as 0.04 to 0.08 s where LLVM took 0.09 to 0.14 s. The link was told up to 0.01 s too short
//! (0.46 to 0.61 s). The rest was 0.49 to 0.65 s, of which 0.38 to 0.54 s were the graph; what of that is done while
//! LLVM still works is counted with the generation. Times of files are exact to the kernel's tick (4 ms there).
//!
//! Where the file system has no hard links rustc copies its objects when all are done, and generation is
//! counted with the front end. Times of birth that are not known are replaced by those of the last change.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A replay that was quicker is not looked into: nobody would ask, and looking takes a part of a millisecond.
pub(super) const WORTH: Duration = Duration::from_millis(500);

/// How much earlier than the clock the time of a file may be: the tick of a kernel with 100 of them a second.
const TICK: Duration = Duration::from_millis(10);

/// Where the time of a replay went, in microseconds, over all its crates. `None`: it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Phases {
    /// The compiler's work on the source: parsing, macros, names, types, borrows.
    pub front_end: Option<u64>,
    /// Machine code.
    pub generation: Option<u64>,
    /// The linker.
    pub link: Option<u64>,
    /// What is left: most of it the dependency graph of the crate, which is written back.
    pub rest: Option<u64>,
}

impl Phases {
    /// Names and durations, in their order.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<u64>); 4] {
        [("front end", self.front_end), ("generation", self.generation), ("link", self.link), ("rest", self.rest)]
    }

    /// Both together. What is not known of one is not known of both.
    fn and(self, other: Self) -> Self {
        let sum = |one: Option<u64>, two: Option<u64>| one.zip(two).map(|(one, two)| one + two);
        Self {
            front_end: sum(self.front_end, other.front_end),
            generation: sum(self.generation, other.generation),
            link: sum(self.link, other.link),
            rest: sum(self.rest, other.rest),
        }
    }
}

/// One run of rustc, as it was seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// Its incremental folder and the crate's name, if it has one.
    pub incremental: Option<(PathBuf, String)>,
    pub started: SystemTime,
    /// When it named the linked artifact.
    pub linked: Option<SystemTime>,
    pub ended: SystemTime,
}

/// What a run has written, in microseconds after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Times {
    /// When the first object was begun, and the last one finished.
    objects: Option<(u64, u64)>,
    /// `work-products.bin`.
    products: Option<u64>,
    linked: Option<u64>,
    ended: u64,
}

/// The phases of all runs of a replay; `None` where nothing can be told, or it is not worth it.
pub(super) fn of_replay(runs: &[Seen]) -> Option<Phases> {
    let took = runs.last()?.ended.duration_since(runs.first()?.started).ok()?;
    if took < WORTH {
        return None;
    }
    let each = runs.iter().map(|seen| phases(times(seen)));
    each.reduce(Phases::and).filter(|all| *all != Phases::default())
}

fn phases(times: Times) -> Phases {
    let Some(products) = times.products else { return Phases::default() };
    let link = times.linked.and_then(|linked| linked.checked_sub(products));
    let Some((first, last)) = times.objects else {
        // Where the front end ended is not to be seen without an object.
        return Phases { generation: Some(0), link, ..Phases::default() };
    };
    let Some(generation) = last.checked_sub(first) else { return Phases { link, ..Phases::default() } };
    let rest = link.and_then(|link| times.ended.checked_sub(last.checked_add(link)?));
    Phases { front_end: Some(first), generation: Some(generation), link, rest }
}

fn times(seen: &Seen) -> Times {
    let since = |time: SystemTime| {
        let micros = time.duration_since(seen.started).unwrap_or_default().as_micros();
        u64::try_from(micros).unwrap_or(u64::MAX)
    };
    let mut times = Times { linked: seen.linked.map(since), ended: since(seen.ended), ..Times::default() };
    let earliest = seen.started.checked_sub(TICK).unwrap_or(seen.started);
    let Some((folder, name)) = &seen.incremental else { return times };
    // What cannot be read cannot be told.
    let Ok(Some((session, products))) = session(folder, name, earliest) else { return times };
    times.products = Some(since(products));
    times.objects = objects(&session, earliest).ok().flatten().map(|(first, last)| (since(first), since(last)));
    times
}

/// The folder that a run since `earliest` has left for this crate, and when it wrote its list of products:
/// `<incremental>/<crate>-<hash>/s-<time>-<random>-<hash>`, as rustc's module `rustc_incremental::persist::fs` tells.
fn session(incremental: &Path, name: &str, earliest: SystemTime) -> io::Result<Option<(PathBuf, SystemTime)>> {
    let prefix = format!("{name}-");
    let mut found: Option<(PathBuf, SystemTime)> = None;
    for entry in std::fs::read_dir(incremental)?.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(&prefix) {
            continue;
        }
        for session in std::fs::read_dir(entry.path()).into_iter().flatten().flatten() {
            let path = session.path();
            let written = path.join("work-products.bin").metadata().and_then(|products| products.modified());
            let written = written.ok().filter(|written| *written >= earliest);
            found = match (written, found) {
                (Some(written), found) if found.as_ref().is_none_or(|(_, other)| *other < written) => {
                    Some((path, written))
                }
                (_, found) => found,
            };
        }
    }
    Ok(found)
}

/// When the first object since `earliest` was begun, and when the last one was finished. Objects of earlier runs
/// lie there, too, with the times that they had.
fn objects(session: &Path, earliest: SystemTime) -> io::Result<Option<(SystemTime, SystemTime)>> {
    let mut span: Option<(SystemTime, SystemTime)> = None;
    for entry in std::fs::read_dir(session)?.flatten() {
        if Path::new(&entry.file_name()).extension().is_none_or(|extension| extension != "o") {
            continue;
        }
        let Some((begun, written)) = entry.metadata().ok().and_then(|object| lifetime(&object, earliest)) else {
            continue;
        };
        span = Some(span.map_or((begun, written), |(first, last)| (first.min(begun), last.max(written))));
    }
    Ok(span)
}

fn lifetime(object: &Metadata, earliest: SystemTime) -> Option<(SystemTime, SystemTime)> {
    let written = object.modified().ok().filter(|written| *written >= earliest)?;
    let begun = object.created().ok().filter(|begun| (earliest..=written).contains(begun));
    Some((begun.unwrap_or(written), written))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(front_end: Option<u64>, generation: Option<u64>, link: Option<u64>, rest: Option<u64>) -> Phases {
        Phases { front_end, generation, link, rest }
    }

    #[test]
    fn phases_are_told_as_far_as_they_were_seen() {
        let all = Times { objects: Some((3_660, 3_740)), products: Some(4_536), linked: Some(4_863), ended: 4_934 };
        for (times, expected) in [
            (all, told(Some(3_660), Some(80), Some(327), Some(867))),
            (Times { products: None, ..all }, told(None, None, None, None)),
            (Times { objects: None, ..all }, told(None, Some(0), Some(327), None)),
            (Times { linked: None, ..all }, told(Some(3_660), Some(80), None, None)),
            // The clock was set back.
            (Times { linked: Some(4_000), ..all }, told(Some(3_660), Some(80), None, None)),
            (Times { ended: 3_800, ..all }, told(Some(3_660), Some(80), Some(327), None)),
        ] {
            assert_eq!(phases(times), expected, "{times:?}");
            let known = phases(times).named().into_iter().filter_map(|(_, micros)| micros).sum::<u64>();
            assert!(expected.rest.is_none() || known == times.ended, "they add up: {times:?}");
        }
    }

    #[test]
    fn crates_are_added_up() {
        let one = told(Some(1), Some(2), Some(3), Some(4));
        let two = told(Some(10), Some(0), None, Some(40));
        assert_eq!(one.and(two), told(Some(11), Some(2), None, Some(44)));
    }

    fn at(path: &Path, time: SystemTime) {
        std::fs::write(path, "").unwrap();
        std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    /// A folder as rustc leaves it, with files of this run and of earlier ones.
    #[test]
    fn only_what_this_run_has_written_counts() {
        let folder = tempfile::tempdir().unwrap();
        let started = SystemTime::now() - Duration::from_secs(60);
        let after = |micros: u64| started + Duration::from_micros(micros);
        let sessions = ["g-1/s-old-x", "g-1/s-new-x", "g_core-1/s-new-x", "g-2/s-other-profile"]
            .map(|path| folder.path().join(path));
        for session in &sessions {
            std::fs::create_dir_all(session).unwrap();
        }
        let [old, new, other, profile] = &sessions;
        at(&old.join("work-products.bin"), started - Duration::from_secs(1));
        at(&profile.join("work-products.bin"), started - Duration::from_secs(2));
        at(&other.join("work-products.bin"), after(900_000));
        at(&new.join("work-products.bin"), after(800_000));
        at(&new.join("reused.o"), started - Duration::from_secs(1));
        at(&new.join("dep-graph.bin"), after(799_000));
        at(&new.join("one.o"), after(600_000));
        at(&new.join("two.o"), after(700_000));
        let seen = |incremental: Option<&str>| Seen {
            incremental: incremental.map(|name| (folder.path().to_owned(), name.to_owned())),
            started,
            linked: Some(after(850_000)),
            ended: after(860_000),
        };
        // They were born long after `started`: the time of the last change counts.
        let expected = told(Some(600_000), Some(100_000), Some(50_000), Some(110_000));
        assert_eq!(of_replay(&[seen(Some("g"))]), Some(expected));
        assert_eq!(of_replay(&[seen(None)]), None, "not incremental");
        assert_eq!(of_replay(&[seen(Some("gone"))]), None);
        let quick = Seen { ended: after(499_000), ..seen(Some("g")) };
        assert_eq!(of_replay(&[quick]), None, "it is not worth a look");
    }
}

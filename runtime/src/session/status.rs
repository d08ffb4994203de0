//! The status line: a pure function of facts, and its words.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::history::record::SourceHashes;
use crate::ids::{Generation, VersionNumber};

/// How what runs relates to what is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "source")]
pub enum SourceState {
    /// The saved files are those that the running version was built from.
    Same,
    /// The saved files are those of another kept version.
    At {
        /// That version.
        at: VersionNumber,
    },
    /// These files differ from what the running version was built from.
    Changed {
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Running {
    /// The active version.
    pub version: VersionNumber,
    /// How it relates to the saved files.
    #[serde(flatten)]
    pub source: SourceState,
}

/// What the session is doing or what its last attempt came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Phase {
    /// Nothing is going on.
    Idle,
    /// Finding the guest, reading its history.
    Opening,
    /// Cargo runs.
    Building {
        /// The attempt.
        generation: Generation,
    },
    /// A version is being staged, verified or swapped in.
    Activating,
    /// The latest attempt's build failed.
    BuildFailed,
    /// The latest attempt's artifact could not be loaded.
    LoadFailed,
    /// The latest version was refused.
    Refused {
        /// That version.
        refused: VersionNumber,
    },
    /// A version faulted.
    Faulted {
        /// That version.
        faulted: VersionNumber,
    },
    /// Faults or errors came too often; nothing is started again by itself.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// The status, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// What is going on.
    #[serde(flatten)]
    pub phase: Phase,
    /// What runs, if anything does.
    pub running: Option<Running>,
}

/// A colour's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What is saved runs.
    Good,
    /// Something is going on.
    Busy,
    /// What runs is not what is saved, or goes on after a fault.
    Attention,
    /// Something failed, or nothing runs after a fault.
    Bad,
}

/// How the active version relates to the files as they are saved now. `built_from`: hashes that are known to build to
/// each kept version.
pub(super) fn source_state(
    active: VersionNumber,
    saved: &SourceHashes,
    built_from: &BTreeMap<VersionNumber, Vec<SourceHashes>>,
) -> SourceState {
    let of = |version: &VersionNumber| built_from.get(version).map_or(&[][..], Vec::as_slice);
    if of(&active).contains(saved) {
        return SourceState::Same;
    }
    if let Some((at, _)) = built_from.iter().rev().find(|(_, sources)| sources.contains(saved)) {
        return SourceState::At { at: *at };
    }
    let files = match of(&active).last() {
        Some(built) => differing(&built.0, &saved.0),
        None => saved.0.keys().cloned().collect(),
    };
    SourceState::Changed { files }
}

/// The keys whose values differ, or that only one side has.
pub fn differing<K: Ord + Clone, V: PartialEq>(left: &BTreeMap<K, V>, right: &BTreeMap<K, V>) -> Vec<K> {
    let mut keys: Vec<K> =
        left.iter().filter(|(key, value)| right.get(key) != Some(value)).map(|(key, _)| key.clone()).collect();
    keys.extend(right.keys().filter(|key| !left.contains_key(key)).cloned());
    keys.sort();
    keys
}

impl Status {
    /// The status in words.
    #[must_use]
    pub fn text(&self) -> String {
        let running = self.running.as_ref().map(|running| running.version);
        let still = running.map_or("nothing loaded yet".to_owned(), |version| format!("still running {version}"));
        match &self.phase {
            Phase::Opening => "opening".to_owned(),
            Phase::Building { .. } => match running {
                Some(version) => format!("building, running {version}"),
                None => "building, nothing loaded yet".to_owned(),
            },
            Phase::Activating => match running {
                Some(version) => format!("activating, running {version}"),
                None => "activating".to_owned(),
            },
            Phase::BuildFailed => format!("build failed, {still}"),
            Phase::LoadFailed => format!("load failed, {still}"),
            Phase::Refused { refused } => format!("{refused} refused, {still}"),
            Phase::Faulted { faulted } => match running {
                Some(version) if version == *faulted => format!("{faulted} faulted, started again"),
                Some(version) => format!("{version} runs; {faulted} faulted"),
                None => format!("{faulted} faulted, nothing is running"),
            },
            Phase::Stopped { reason } => format!("stopped: {reason}"),
            Phase::Idle => match &self.running {
                None => "nothing loaded yet".to_owned(),
                Some(running) => running.text(),
            },
        }
    }

    /// The colour that goes with it.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match &self.phase {
            Phase::Opening | Phase::Building { .. } | Phase::Activating => Tone::Busy,
            // What goes on after a fault is good: only versions that outlived their probation do.
            Phase::Faulted { .. } if self.running.is_some() => Tone::Attention,
            Phase::BuildFailed
            | Phase::LoadFailed
            | Phase::Refused { .. }
            | Phase::Faulted { .. }
            | Phase::Stopped { .. } => Tone::Bad,
            Phase::Idle => match &self.running {
                Some(Running { source: SourceState::Same, .. }) => Tone::Good,
                _ => Tone::Attention,
            },
        }
    }
}

impl Running {
    fn text(&self) -> String {
        let version = self.version;
        match &self.source {
            SourceState::Same => format!("running {version} = saved source"),
            SourceState::At { at } => format!("running {version}, source is at {at}"),
            SourceState::Changed { files } if files.len() == 1 => format!("running {version}, 1 file changed since"),
            SourceState::Changed { files } => format!("running {version}, {} files changed since", files.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::record::ContentHash;

    fn sources(files: &[(&str, &str)]) -> SourceHashes {
        SourceHashes(files.iter().map(|(path, hash)| (PathBuf::from(path), ContentHash((*hash).to_owned()))).collect())
    }

    fn text(phase: Phase, active: Option<u32>, saved: &[(&str, &str)]) -> String {
        let v1 = sources(&[("src/lib.rs", "one"), ("src/a.rs", "a")]);
        let v2 = sources(&[("src/lib.rs", "two"), ("src/a.rs", "a")]);
        let same_as_v2 = sources(&[("src/lib.rs", "two, comment"), ("src/a.rs", "a")]);
        let built_from = [(VersionNumber(1), vec![v1]), (VersionNumber(2), vec![v2, same_as_v2])].into();
        let running = active.map(VersionNumber).map(|version| {
            let source = source_state(version, &sources(saved), &built_from);
            Running { version, source }
        });
        Status { phase, running }.text()
    }

    #[test]
    fn the_words_follow_from_the_facts() {
        let at_v2 = &[("src/lib.rs", "two"), ("src/a.rs", "a")][..];
        let like_v2 = &[("src/lib.rs", "two, comment"), ("src/a.rs", "a")];
        let one_off = &[("src/lib.rs", "three"), ("src/a.rs", "a")];
        let two_off = &[("src/lib.rs", "three"), ("src/a.rs", "a"), ("src/new.rs", "n")];
        let refused = Phase::Refused { refused: VersionNumber(3) };
        let faulted = Phase::Faulted { faulted: VersionNumber(2) };
        let stopped = Phase::Stopped { reason: "3 faults in a row".to_owned() };
        let building = Phase::Building { generation: Generation(4) };
        for (phase, active, saved, words) in [
            (Phase::Idle, None, at_v2, "nothing loaded yet"),
            (Phase::Idle, Some(2), at_v2, "running v2 = saved source"),
            (Phase::Idle, Some(2), like_v2, "running v2 = saved source"),
            (Phase::Idle, Some(1), at_v2, "running v1, source is at v2"),
            (Phase::Idle, Some(1), like_v2, "running v1, source is at v2"),
            (Phase::Idle, Some(2), one_off, "running v2, 1 file changed since"),
            (Phase::Idle, Some(1), two_off, "running v1, 2 files changed since"),
            (building.clone(), Some(2), one_off, "building, running v2"),
            (building, None, one_off, "building, nothing loaded yet"),
            (Phase::BuildFailed, Some(2), one_off, "build failed, still running v2"),
            (Phase::BuildFailed, None, one_off, "build failed, nothing loaded yet"),
            (Phase::LoadFailed, Some(2), one_off, "load failed, still running v2"),
            (refused, Some(2), one_off, "v3 refused, still running v2"),
            (faulted.clone(), Some(1), at_v2, "v1 runs; v2 faulted"),
            (faulted.clone(), Some(2), at_v2, "v2 faulted, started again"),
            (faulted, None, at_v2, "v2 faulted, nothing is running"),
            (stopped, None, at_v2, "stopped: 3 faults in a row"),
        ] {
            assert_eq!(text(phase, active, saved), words);
        }
    }

    #[test]
    fn a_fault_is_bad_only_while_nothing_runs() {
        let running = |version| Some(Running { version: VersionNumber(version), source: SourceState::Same });
        for (running, tone) in [(None, Tone::Bad), (running(1), Tone::Attention), (running(2), Tone::Attention)] {
            let status = Status { phase: Phase::Faulted { faulted: VersionNumber(2) }, running };
            assert_eq!(status.tone(), tone, "{}", status.text());
        }
    }

    #[test]
    fn a_removed_file_counts_as_changed() {
        assert_eq!(text(Phase::Idle, Some(1), &[("src/lib.rs", "one")]), "running v1, 1 file changed since");
    }
}

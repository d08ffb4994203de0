//! The rows of the history, as they are kept in files and shown in panels.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::states::LeftState;
use crate::build::diagnostic::Diagnostic;
use crate::build::{BuildPath, Phases, Selection};
use crate::call::Answer;
use crate::ids::{Generation, Timestamp, VersionNumber};
use crate::load::{ExportRecord, StampRecord};
use crate::session::Retirement;
use crate::swap::verdict::Verdict;

/// Why a build was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Cause {
    /// The session's first build.
    Start,
    /// The user asked for it.
    Asked,
    /// These files differ from what was last built (paths relative to the workspace root where
    /// they lie in it).
    Saved {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

impl Cause {
    /// One line for a row: `start`, `asked` or the file names.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Start => "start".to_owned(),
            Self::Asked => "asked".to_owned(),
            Self::Saved { paths } => {
                let mut names: Vec<_> =
                    paths.iter().filter_map(|p| p.file_name()).map(|n| n.to_string_lossy()).collect();
                names.sort();
                names.dedup();
                names.join(", ")
            }
        }
    }
}

/// A hash of content: 64 hexadecimal digits of BLAKE3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);

impl ContentHash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// The first eight digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

/// The files that a build reads, by path (relative to the workspace root where they lie in it),
/// and their contents' hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceHashes(pub BTreeMap<PathBuf, ContentHash>);

/// The staged artifact of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRecord {
    /// File name inside the version's folder.
    pub file: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// Hash of its content.
    pub hash: ContentHash,
}

/// How long each stage took, in microseconds. `None`: the stage was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Durations {
    /// From the first file event to cargo's start.
    pub watch: Option<u64>,
    /// Time that cargo waited for a lock on the package cache or the build directory.
    pub lock: Option<u64>,
    /// The run of cargo, or of rustc without it; waits for locks not counted.
    pub build: Option<u64>,
    /// Of that, where the time of a replay went that took a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phases: Option<Phases>,
    /// Copy of the artifact, its hash and its first look.
    pub stage: Option<u64>,
    /// Opened beside the active version, table and pinned calls checked.
    pub verify: Option<u64>,
    /// Snapshot of the old, restore into the new, switch.
    pub swap: Option<u64>,
    /// Pinned calls on the new version (its probation).
    pub probation: Option<u64>,
}

impl Durations {
    /// Stage names and durations in the order of the way of a change.
    #[must_use]
    pub fn stages(&self) -> [(&'static str, Option<u64>); 7] {
        [
            ("watch", self.watch),
            ("lock", self.lock),
            ("build", self.build),
            ("stage", self.stage),
            ("verify", self.verify),
            ("swap", self.swap),
            ("probation", self.probation),
        ]
    }

    /// The sum of what was measured, in microseconds.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.stages().iter().filter_map(|(_, micros)| *micros).sum()
    }
}

/// A version as it was recorded. Written once, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Its number.
    pub number: VersionNumber,
    /// The build attempt that made it, within the session that made it.
    pub generation: Generation,
    /// When its build was finished.
    pub built_at: Timestamp,
    /// Why it was built.
    pub cause: Cause,
    /// What it was built from.
    pub sources: SourceHashes,
    /// What was built.
    pub artifact: ArtifactRecord,
    /// Package, features and profile.
    pub selection: Selection,
    /// By which path it was built.
    #[serde(default)]
    pub path: BuildPath,
    /// How long each stage took.
    pub durations: Durations,
    /// Warnings of its build.
    pub warnings: Vec<Diagnostic>,
    /// What it was built with.
    pub stamp: StampRecord,
    /// What can be called.
    pub exports: Vec<ExportRecord>,
    /// Name of the state's type, for a guest with state.
    pub state_type: Option<String>,
    /// The verdict of its first activation.
    pub verdict: Verdict,
}

/// Where a version stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Standing {
    /// Loaded, and not yet through its probation.
    #[default]
    Probation,
    /// It outlived its probation.
    Good,
    /// It was refused, and never ran.
    Refused,
    /// It faulted last time it ran.
    Faulted {
        /// What happened.
        fault: String,
    },
}

/// A pinned call's answer by one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedResult {
    /// The call as the user wrote it, for example `greet("World")`.
    pub call: String,
    /// What the version answered.
    pub answer: Answer,
}

/// What may still change about a version.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Never pruned.
    pub keep: bool,
    /// Where it stands.
    pub standing: Standing,
    /// The verdict of its latest activation.
    pub last_verdict: Option<Verdict>,
    /// Results of the pinned calls, newest activation.
    pub pinned_results: Vec<PinnedResult>,
    /// The state that it had when it was last left, if that is kept.
    pub left_state: Option<LeftState>,
    /// What the user wrote about it; empty where nothing.
    pub note: String,
    /// What became of its library when it last ended to be the active version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retirement: Option<Retirement>,
}

impl Marks {
    /// The longest note, in characters.
    pub const NOTE: usize = 500;

    /// Takes what another workbench may have marked from the marks as they are kept now: `keep` and
    /// the note are the user's words, the rest is this workbench's own finding.
    pub fn take_users(&mut self, kept: Self) {
        self.keep = kept.keep;
        self.note = kept.note;
    }
}

/// A version's row: what was recorded, and what is marked on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The unchanging part.
    pub record: VersionRecord,
    /// The marks.
    pub marks: Marks,
}

/// Why a generation did not become a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Failure {
    /// Cargo said no.
    Build {
        /// One line: what happened.
        message: String,
        /// The compiler's messages, errors first.
        diagnostics: Vec<Diagnostic>,
        /// The end of what cargo wrote to stderr, where that says more than the diagnostics.
        stderr: String,
    },
    /// Staging, opening or verifying said no.
    Load {
        /// What happened, both sides, and what to do.
        message: String,
    },
}

impl Failure {
    /// One line for a row.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Build { message, .. } | Self::Load { message } => message,
        }
    }
}

/// A generation that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRecord {
    /// The build attempt, within its session.
    pub generation: Generation,
    /// When it failed.
    pub at: Timestamp,
    /// Why it was built.
    pub cause: Cause,
    /// Why it failed.
    pub failure: Failure,
    /// By which path it was to be built.
    #[serde(default)]
    pub path: BuildPath,
    /// How long the stages took that were reached.
    pub durations: Durations,
}

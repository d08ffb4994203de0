//! What the host can be asked for, and what it finds out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::build::diagnostic::Diagnostic;
use crate::build::{BuildLock, BuildPath, Project, Selection};
use crate::history::RetentionPolicy;
use crate::history::record::{Cause, Durations, FailedRecord};
use crate::history::states::LeftState;
use crate::ids::{Generation, VersionNumber};
use crate::session::Event;
use crate::watch::SourceTree;

/// How long the runner may take to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// A call, a snapshot, a check.
    pub request: Duration,
    /// Starting the runner, and opening a library (which may be large).
    pub open: Duration,
}

impl Deadlines {
    /// For restoring a state of so many bytes: what is done with each byte takes its time, in a debug
    /// build above all. At most a minute more than for another request.
    pub(super) fn restore(self, bytes: usize) -> Duration {
        let more = Duration::from_micros(4 * bytes as u64);
        self.request + more.min(Duration::from_secs(60))
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { request: Duration::from_secs(2), open: Duration::from_secs(10) }
    }
}

/// How much of the machine the runner may take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerLimits {
    /// Memory of its own, in bytes: what exceeds it cannot be allocated. From the next runner on.
    pub memory: u64,
    /// Libraries of retired versions that cannot be unloaded, in bytes: beyond, a fresh runner takes
    /// over.
    pub kept_mapped: u64,
}

impl Default for RunnerLimits {
    fn default() -> Self {
        Self { memory: 4 << 30, kept_mapped: 512 << 20 }
    }
}

/// A build's artifact, on its way to become a version.
#[derive(Debug)]
pub struct NewArtifact {
    /// The attempt.
    pub generation: Generation,
    /// The file that was made.
    pub artifact: PathBuf,
    /// By which path it was made.
    pub path: BuildPath,
    /// Held until the artifact was staged: the next build may replace it then.
    pub lock: Option<BuildLock>,
    /// Why it was built.
    pub cause: Cause,
    /// What it was built from.
    pub sources: Arc<SourceTree>,
    /// Features and profile that it was built with.
    pub selection: Selection,
    /// The compiler's warnings.
    pub warnings: Vec<Diagnostic>,
    /// Stages so far.
    pub durations: Durations,
}

/// What the host can be asked for.
#[derive(Debug)]
pub enum Job {
    /// Run something while the first build goes on: the last good version of earlier sessions.
    ActivateLastGood,
    /// Stage, verify, swap in, record.
    Artifact(Box<NewArtifact>),
    /// Activate a kept version.
    Activate(VersionNumber),
    /// Activate a kept version with the state that it had when it was left.
    ActivateWithItsState(VersionNumber),
    /// A state is kept with the version.
    StateKept(VersionNumber, LeftState),
    /// A state could not be kept: why.
    StateNotKept(String),
    /// Keep a failed generation.
    Failed(Box<FailedRecord>),
    /// Call an export of the active version.
    Call {
        /// Comes back with the answer.
        id: u64,
        /// The call as written.
        text: String,
    },
    /// Pin a call and evaluate it now.
    Pin(String),
    /// Pin those of the calls that are not pinned yet.
    PinAlso(Vec<String>),
    /// Unpin a call.
    Unpin(String),
    /// Keep a version, or no longer.
    Keep(VersionNumber, bool),
    /// Write a note about a version.
    Note(VersionNumber, String),
    /// Remove a version from the history.
    Remove(VersionNumber),
    /// Tell the active version's state.
    ReadState,
    /// Tell what the runner takes up.
    ReadMemory,
    /// Other limits from now on.
    Limits(RetentionPolicy, Deadlines, RunnerLimits),
    /// The active version in a new runner with fresh state.
    Restart,
    /// The project was read anew.
    Project(Arc<Project>),
    /// A runner has closed its channel.
    RunnerEnded(u32),
    /// End.
    Quit,
}

/// What the host finds out.
#[derive(Debug)]
pub enum News {
    /// To be told to everybody.
    Event(Box<Event>),
    /// The generation's sources build to what this version is.
    SameAs {
        /// The attempt.
        generation: Generation,
        /// The version.
        version: VersionNumber,
    },
    /// What the generation's sources build to ended the runner, or hung, while it was opened: it became no version.
    FaultedAtLoad {
        /// The attempt.
        generation: Generation,
        /// What happened.
        fault: String,
    },
    /// Nothing is started again by itself.
    Stopped(String),
    /// What runs now, as the runner reports it.
    Active(Option<VersionNumber>),
    /// A job is done.
    Idle,
}
